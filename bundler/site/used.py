"""The tool's style sheet without the rules for what a page does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WORD = re.compile(r"[\w-]+")
NAME = re.compile(r"[.#]([A-Za-z_][\w-]*)")
# A selector within others, of which the innermost come first.
WITHIN = re.compile(r":([\w-]+)\(([^()]*)\)")
# Of these, one has to match.
ASKS = {"is", "where", "has"}
# At-rules that hold rules of this page.
GROUPS = ("@media", "@supports")
NOWHERE = ".\0"


def used(style: str, page: str, scripts: Iterable[str]) -> str:
    """The rules that can match something: whose classes and ids stand in the page or its scripts.

    The style sheet is one that the bundler has written, and no script puts a name together.
    """
    words = {word for text in (page.replace(style, ""), *scripts) for word in WORD.findall(text)}
    return _kept(style, words)


def _kept(style: str, words: set[str]) -> str:
    kept = []
    for head, body in _blocks(style):
        inner = _kept(body, words) if head.startswith(GROUPS) else body
        wanted = head if head.startswith("@") else ",".join(_matching(head, words))
        if wanted and inner:
            kept.append(f"{wanted}{{{inner}}}")
    return "".join(kept)


def _blocks(style: str) -> Iterator[tuple[str, str]]:
    """Each rule of a style sheet: what stands before its braces, and what within."""
    depth, begin, opened = 0, 0, 0
    for found in re.finditer(r'"(?:\\.|[^"\\])*"|[{}]', style):
        if found[0] == "{":
            opened = opened if depth else found.start()
            depth += 1
        elif found[0] == "}":
            depth -= 1
            if not depth:
                yield style[begin:opened].strip(), style[opened + 1 : found.start()]
                begin = found.end()


def _matching(selectors: str, words: set[str]) -> list[str]:
    return [one for one in _listed(selectors) if _can_match(one, words)]


def _listed(selectors: str) -> Iterator[str]:
    """The selectors between the commas, but for those within parentheses."""
    begin, depth = 0, 0
    for found in re.finditer(r"[(),]", f"{selectors},"):
        depth += {"(": 1, ")": -1, ",": 0}[found[0]]
        if found[0] == "," and not depth:
            yield selectors[begin : found.start()]
            begin = found.end()


def _can_match(selector: str, words: set[str]) -> bool:
    def decide(found: re.Match[str]) -> str:
        return NOWHERE if found[1] in ASKS and not _matching(found[2], words) else ""

    while WITHIN.search(selector):
        selector = WITHIN.sub(decide, selector)
    return NOWHERE not in selector and words.issuperset(NAME.findall(selector))
