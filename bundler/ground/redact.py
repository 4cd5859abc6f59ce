"""Addresses without what signs in: users, passwords, tokens, and all behind a question mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^\s'\"<>]*)")
HIDDEN = "***"
# A shorter one would be found in other words as well.
SHORTEST_SECRET = 6


def redact(text: str) -> str:
    """A text whose addresses show nothing but host and path."""
    return ADDRESS.sub(lambda match: match[1] + _plain(match[2]), text)


def _plain(rest: str) -> str:
    base = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority, slash, path = base.partition("/")
    if "@" in authority:
        return authority.rpartition("@")[2] + slash + path
    # A password with a slash in it, which git takes for a path.
    if "@" in path and re.search(r":(?!\d*$)", authority) and not authority.startswith("["):
        return base.rpartition("@")[2]
    return base


def secrets(address: str) -> Iterator[str]:
    """The texts of an address that nobody is to see, as they stand there and as they are meant."""
    try:
        parts = urlsplit(address)
        found = [parts.password, parts.query, *(value for _, value in parse_qsl(parts.query))]
        if parts.scheme.startswith("http") and not parts.password:
            found.append(parts.username)  # a token may stand there alone
    except ValueError:
        return
    for text in filter(None, found):
        yield from {one for one in (text, unquote(text)) if len(one) >= SHORTEST_SECRET}


def hide(text: str, secret: str) -> str:
    """A text without a secret."""
    return text.replace(secret, HIDDEN)
