"""Addresses within a page that would lead elsewhere once it lies under a sub-path of a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# What a page loads, by element; a link that the visitor follows may lead anywhere.
LOADED = {
    "script": "src", "img": "src srcset", "source": "src srcset", "iframe": "src",
    "video": "src poster", "audio": "src", "track": "src", "embed": "src", "object": "data",
    "link": "href", "base": "href", "form": "action",
}  # fmt: skip
# Links that search engines and chat programs read; the visitor's browser loads none of them.
DESCRIBING = frozenset({"canonical", "alternate", "author", "license", "me"})
EMBEDDED = ("data:", "blob:", "#")
OF_ONE_MACHINE = re.compile(
    r"(https?:)?//(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])(?=[:/?#]|$)|file:",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]*)|@import\s+['\"]([^'\"]*)", re.IGNORECASE)


def wrong_addresses(path: str, text: str) -> Iterator[str]:
    """What is wrong with the addresses in a page or style sheet, in words."""
    if path.endswith(".html"):
        reader = _Reader()
        reader.feed(text)
        found = reader.problems
    else:
        found = _of_style(text) if path.endswith(".css") else []
    yield from dict.fromkeys(found)


def _of_style(text: str) -> list[str]:
    addresses = ("".join(groups).strip() for groups in IN_STYLE.findall(text))
    return list(filter(None, (_loaded(address) for address in addresses)))


def _loaded(address: str) -> str:
    """What is wrong with the address of something that the page loads; "" if nothing."""
    if address.lower().startswith(EMBEDDED):
        return ""
    if ELSEWHERE.match(address):
        return f"it loads {address}, which is not relative to the page"
    return ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        loads = LOADED.get(tag, "").split()
        if tag == "link" and DESCRIBING & set(found.get("rel", "").lower().split()):
            loads = []
        for name, value in found.items():
            if name in loads:
                parts = re.split(r",\s+", value) if name == "srcset" else [value]
                self.problems += filter(None, map(_loaded, map(str.strip, parts)))
            elif name in ("href", "content") and OF_ONE_MACHINE.match(value.strip()):
                self.problems.append(f"it names {value}, which only this machine has")
        if tag == "a" and found.get("href", "").startswith("/"):
            self.problems.append(f"it links to {found['href']}, which is not relative to the page")
        self.problems += _of_style(found.get("style", ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.problems += _of_style(data)
