"""Texts of a card with links in them: [text](address), <address>, or the address alone.

Nothing else in them is markup, and no link leads anywhere but to the web or to a letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEMES = ("http", "https", "mailto")
FOUND = re.compile(
    r"\[(?P<words>[^\[\]]{1,300})\]\((?P<named>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)"
    r"|<(?P<framed>(?:https?://|mailto:)[^<>\s]+)>"
    r"|(?P<bare>https?://[^\s<>\"]+)"
)
ENDS = ".,;:!?'…"


@dataclass(frozen=True)
class Run:
    """A piece of a text, and where it leads."""

    text: str
    href: str = ""


def runs(text: str) -> list[Run]:
    """The pieces of a text, in their order."""
    return [run for run in _runs(text) if run.text]


def is_address(address: str) -> bool:
    """Whether it leads to the web or to a letter."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in SCHEMES and bool(parts.hostname)


def _runs(text: str) -> Iterator[Run]:
    at = 0
    for found in FOUND.finditer(text):
        words, address, end = _link(found)
        if not is_address(address):
            continue
        yield Run(text[at : found.start()])
        yield Run(words, address)
        at = end
    yield Run(text[at:])


def _link(found: re.Match[str]) -> tuple[str, str, int]:
    """What is read, where it leads, and where in the text it ends."""
    if found["words"]:
        return found["words"], found["named"], found.end()
    if found["framed"]:
        address = found["framed"]
        return address.removeprefix("mailto:"), address, found.end()
    # A sentence ends after its address, and brackets around it are not of it.
    address = found["bare"].rstrip(ENDS)
    while address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1].rstrip(ENDS)
    return address, address, found.start("bare") + len(address)
