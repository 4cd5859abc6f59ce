"""What an author's blocks are looked at for: whether the page around them stays what it is.

The policy would refuse what is refused here as well, but only in the visitor's browser, where
nobody reads why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from bundler.ground import layout

VOID = {
    "area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
# Their ends may be left out.
OPTIONAL = {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"}
# By why they have no place in a block.
REFUSED = {
    "script": "scripts of the page's own are in page.js: the policy refuses others",
    "style": "styles are in style.css: the policy refuses others",
    "base": "it would turn all addresses of the page",
    **dict.fromkeys(("html", "head", "body", "frameset"), "the page has its own"),
    # What is within is markup for some, and text for others.
    **dict.fromkeys(
        ("plaintext", "noscript", "xmp", "noembed", "noframes"), "it hides what follows"
    ),
    "iframe": "the policy refuses frames",
    "frame": "the policy refuses frames",
    "object": "the policy refuses it",
    "embed": "the policy refuses it",
}
ASKS = {"src", "srcset", "poster", "data", "background"}
# What is within these is text, up to their end, wherever that stands.
HIDING = re.compile(r"<(?:title|textarea)\b", re.IGNORECASE)
PLAIN = re.compile(r"<(title|textarea)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
COMMENT = re.compile(r"<!--(?!-?>)(?:(?!--).)*-->", re.DOTALL)
FOREIGN = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
INSIDE = re.compile(r"\s*(?:data|blob):", re.IGNORECASE)
# How the page's script looks for what it cannot do without; "?." says that it can.
LOOKS = re.compile(r"(?:find\(document, |byId\(|listen\()'[#.]?([\w-]+)[' ](?!\)\?\.)")
DATA = "tfjs-demo-data"


class _Block(HTMLParser):
    """Reads one block's markup; `problem` is the first thing that is wrong with it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problem = ""
        self.ids: set[str] = set()
        self._open: list[str] = []
        without = COMMENT.sub("", markup)
        if "<!" in without or "<?" in without:
            self._complain("has a comment that does not end, or a <! that is none")
            return
        if len(HIDING.findall(without)) != len(PLAIN.findall(without)):
            self._complain("has a <title> or <textarea> that does not end, or with tags in it")
            return
        self.feed(without)
        # What else is left is text, which may end within "&amp;".
        if "<" in self.rawdata:
            self._complain(f"ends within a tag: {self.rawdata[:40]}")
        self.close()
        if left := [tag for tag in self._open if tag not in OPTIONAL]:
            self._complain(f"leaves <{left[-1]}> open")

    def _complain(self, problem: str) -> None:
        self.problem = self.problem or problem

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in REFUSED:
            self._complain(f"has <{tag}>: {REFUSED[tag]}")
        if tag == "meta" and "http-equiv" in attributes:
            self._complain("has <meta http-equiv>, which is the page's own to say")
        self._check_attributes(tag, attributes)
        names = [*attributes.get("class", "").split(), attributes.get("id", "")]
        self.ids |= set(filter(None, names))
        if tag not in VOID:
            self._open.append(tag)

    def _check_attributes(self, tag: str, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            if name == "style":
                self._complain(
                    f"has <{tag} style>: write it into style.css, for the policy refuses it"
                )
            if name.startswith("on"):
                self._complain(
                    f"has <{tag} {name}>: write it into page.js, for the policy refuses it"
                )
            asks = name in ASKS or (tag == "link" and name == "href")
            if asks and FOREIGN.match(value) and not INSIDE.match(value):
                self._complain(f"asks {value.strip()}: the page asks nobody else for anything")
        if attributes.get("id") == DATA:
            self._complain(f"has the id {DATA}, which is the page's own")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML knows no such tags: <div/> stays open. Within pictures (SVG) it ends.
        self.handle_starttag(tag, attrs)
        if tag not in VOID and {"svg", "math"} & {*self._open}:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open[-1] != tag and self._open[-1] in OPTIONAL:
            self._open.pop()
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in VOID:
            self._complain(f"ends <{tag}>, which it has not begun")


def problem(markup: str, needed: Iterable[str] = ()) -> str:
    """Why a block cannot stand in the page; "" if it can. It has to have what is `needed`."""
    block = _Block(markup)
    missing = sorted(set(needed) - block.ids)
    if block.problem or not missing:
        return block.problem
    names = ", ".join(missing)
    return (
        f"lacks {names}, which the page's script needs: keep all, or begin with {{{{ super() }}}}"
    )


def needed(markup: str, fields: Iterable[str]) -> set[str]:
    """What the page's script finds in one of our blocks; `fields` are the ids of widgets."""
    scripts = sorted((layout.templates() / "runtime" / "page").glob("*.js"))
    looks = {name for path in scripts for name in LOOKS.findall(path.read_text(encoding="utf-8"))}
    return _Block(markup).ids & {*looks, *fields}
