"""Rules of style that a page does not need are left out of it, and no others."""

from __future__ import annotations

import re

import pytest

from bundler.bundle import runtime
from bundler.demo import parts
from bundler.site.used import used
from tests.conftest import OpenPage

PAGE = '<p class="here too" id="place"></p>'
SCRIPT = "root.classList.toggle('soon',!0)"
KEPT = [
    "p{a:b}",
    ".here{a:b}",
    ".soon .too{a:b}",
    "#place>p{a:b}",
    ":is(.here,.gone) p{a:b}",
    "p:not(.gone){a:b}",
    "p:not(.gone,:is(.gone,.away),:nth-child(2)){a:b}",
    '.here:before{content:"}{ .gone"}',
    "@media(width<1px){.here{a:b}}",
    "@supports (a:b){@media(width<1px){p{a:b}}}",
    "@keyframes gone{to{a:b}}",
    ":root{--gone: 1px}",
    ".here:nth-child(2n){a:b}",
    ".here{background:url(.gone)}",
]
LEFT_OUT = [
    ".gone{a:b}",
    ".here .gone{a:b}",
    ".here.gone{a:b}",
    "#gone{a:b}",
    "p:is(.gone,#away){a:b}",
    ":is(p:not(.here),.too):is(.gone,:is(.away)){a:b}",
    ".gone:not(.here){a:b}",
    "@media(width<1px){.gone{a:b}}",
    "@supports (a:b){@media(width<1px){.gone{a:b}.away{a:b}}}",
]
# The selectors of the page, and those of a style sheet: also of the rules within others.
SELECTORS = """(style) => {
  const within = (rules) => [...rules].flatMap((rule) => {
    if (rule.type === CSSRule.KEYFRAMES_RULE) return [];
    return rule.selectorText ? [rule.selectorText] : within(rule.cssRules ?? []);
  });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  return [document.styleSheets[0], sheet].map(({ cssRules }) => within(cssRules));
}"""
MATCHING = "(selectors) => selectors.filter((one) => document.querySelector(one))"
COMMA = re.compile(r", ?(?!(?:[^()]|\([^()]*\))*\))")


@pytest.mark.parametrize("rule", KEPT)
def test_what_can_match_is_kept_as_it_is(rule: str) -> None:
    assert used(rule, PAGE, [SCRIPT]) == rule
    assert used(f".gone{{a:b}}{rule}", f"{PAGE}<style>.gone{{a:b}}{rule}</style>", [SCRIPT]) == rule


@pytest.mark.parametrize("rule", LEFT_OUT)
def test_what_cannot_match_is_left_out(rule: str) -> None:
    assert used(f"p{{a:b}}{rule}.too{{a:b}}", PAGE, [SCRIPT]) == "p{a:b}.too{a:b}"


def test_of_several_selectors_those_are_left_out() -> None:
    assert used(".gone,.here,p:is(.gone,.away),p{a:b}", PAGE, []) == ".here,p{a:b}"


def whole_style() -> str:
    """That of a page with every widget."""
    known = parts.read()
    widgets = [part for role in known.values() for part in role.values()]
    return runtime.bundle_page(widgets, None).style


def test_a_page_that_has_everything_keeps_the_whole_style_sheet() -> None:
    style = whole_style()
    assert used(style, " ".join(re.findall(r"[.#]([\w-]+)", style)), []) == style


@pytest.mark.parametrize("name", ["digits", "wine", "diabetes", "painter", "mood"])
def test_no_rule_that_is_left_out_would_match_anything(name: str, open_page: OpenPage) -> None:
    page = open_page(name)
    kept, whole = (
        {re.sub(r"::[\w-]+", "", one) for rule in rules for one in COMMA.split(rule)}
        for rules in page.evaluate(SELECTORS, whole_style())
    )
    assert kept < whole and len(whole - kept) > 20
    for example in page.locator("[data-example]").all():
        example.click()
    assert page.evaluate(MATCHING, sorted(filter(None, whole - kept))) == []
