"""What a README says in plain text: its first paragraph, and what it asks to be cited by.

Of Markdown, links stay, as [text](address); all else that is no text goes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
BIBTEX = re.compile(r"\s*@[A-Za-z]+\s*\{")
# Headings, lists, quotes, tables, rules, markup, footnotes: no prose.
NO_PROSE = re.compile(
    r"\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>|\||[-*_=]{3,}\s*$|<(?!https?:|mailto:)|\[\^)"
)
UNDERLINE = re.compile(r"\s*(?:=+|-+)\s*$")
IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
LINKED_IMAGE = re.compile(r"\[\s*\]\([^()]*\)")
LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^()]*\)")
ADDRESS = re.compile(r"((?:https?://|mailto:)\S+)")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
EMPHASIS = re.compile(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)")
SAFE = ("http://", "https://", "mailto:")
# What the template of model cards has where nobody wrote anything.
UNWRITTEN = re.compile(r"more information (?:is )?needed|<!--|\{\{", re.IGNORECASE)
MOST_LETTERS, LONGEST_PARAGRAPH, LEAST_WORDS = 1 << 16, 1500, 4
LONGEST_CITATION = 4000


def first_paragraph(text: str) -> str | None:
    """The first one of prose."""
    prose, _ = _parts(text)
    for block in re.split(r"\n[ \t]*\n", prose):
        lines = block.strip("\n").splitlines()
        # A heading, or markup, may stand above its paragraph without a line between.
        while lines and NO_PROSE.match(lines[0]) and re.match(r"\s*#{1,6}\s|\s*<", lines[0]):
            lines = lines[1:]
        if not lines or any(NO_PROSE.match(line) or UNDERLINE.match(line) for line in lines):
            continue
        said = plain(" ".join(line.strip() for line in lines))
        if len(said.split()) >= LEAST_WORDS and not UNWRITTEN.search(said):
            return said if len(said) <= LONGEST_PARAGRAPH else f"{said[:LONGEST_PARAGRAPH]}…"
    return None


def citation(text: str) -> str | None:
    """The first block of code that is BibTeX."""
    _, blocks = _parts(text)
    found = next((block for block in blocks if BIBTEX.match(block)), None)
    return found.strip()[:LONGEST_CITATION] if found else None


def plain(text: str) -> str:
    """A line of Markdown without marks; addresses that lead elsewhere than to the web are none."""
    text = LINKED_IMAGE.sub("", IMAGE.sub("", text))
    text = LINK.sub(_link, AUTOLINK.sub(r"\1", text))
    pieces = ADDRESS.split(TAG.sub("", text))
    # Every other piece is an address, in which nothing is a mark.
    pieces[::2] = (EMPHASIS.sub("", one).replace("`", "").replace("\\", "") for one in pieces[::2])
    return " ".join(html.unescape("".join(pieces)).split())


def _link(found: re.Match[str]) -> str:
    return f"[{found[1]}]({found[2]})" if found[2].startswith(SAFE) else found[1]


def _parts(text: str) -> tuple[str, list[str]]:
    """What is written around blocks of code, and these."""
    prose: list[str] = []
    blocks: list[list[str]] = []
    fence = ""
    for line in _without_comments(text[:MOST_LETTERS]).splitlines():
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = ""
            else:
                blocks[-1].append(line)
        elif mark:
            fence = mark[1]
            blocks.append([])
            prose.append("")
        else:
            prose.append(line)
    return "\n".join(prose), ["\n".join(block) for block in blocks]


def _without_comments(text: str) -> str:
    return "".join(_outside(text))


def _outside(text: str) -> Iterator[str]:
    at = 0
    while (begin := text.find("<!--", at)) >= 0:
        yield text[at:begin]
        end = text.find("-->", begin)
        if end < 0:
            return
        at = end + len("-->")
    yield text[at:]
