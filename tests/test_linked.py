"""Links in texts of a card: none leads anywhere but to the web or to a letter."""

from __future__ import annotations

import time

import pytest

from bundler.site import linked

# A text -> its links, by what is read.
LINKS = {
    "See https://a.org/b?c=d#e.": {"https://a.org/b?c=d#e": "https://a.org/b?c=d#e"},
    "(https://a.org/b_(c))": {"https://a.org/b_(c)": "https://a.org/b_(c)"},
    "[a paper](https://a.org/b_(c)), and": {"a paper": "https://a.org/b_(c)"},
    "<https://a.org>; <mailto:me@a.org>": {
        "https://a.org": "https://a.org", "me@a.org": "mailto:me@a.org",
    },
    "[mail](mailto:me@a.org)": {"mail": "mailto:me@a.org"},
    "http://a.org, http://b.org!": {"http://a.org": "http://a.org", "http://b.org": "http://b.org"},
    "plain, f[x](y), a@b.org": {},
    "[x](javascript:alert(1))": {},
    "[x](data:text/html,<script>)": {},
    "[x](//evil.org)": {},
    "[x](JAVASCRIPT:alert(1))": {},
    "[x](vbscript:x) <javascript:x>": {},
    "[x](https:) https:// [y](http:///a)": {},
    "[x](https://[bad)": {},
    "<img src=https://a.org/x.png onerror=x>": {"https://a.org/x.png": "https://a.org/x.png"},
    "[x](mailto:)": {},
}  # fmt: skip


@pytest.mark.parametrize("text", LINKS)
def test_only_addresses_of_the_web_are_links(text: str) -> None:
    found = linked.runs(text)
    assert {run.text: run.href for run in found if run.href} == LINKS[text]


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "[a](" * 20_000, "https://(" * 20_000, "<" * 50_000]
)
def test_no_text_takes_long(text: str) -> None:
    begin = time.process_time()
    linked.runs(text)
    assert time.process_time() - begin < 3
