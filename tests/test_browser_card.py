"""The model's card and what stands below it, on phones, by keyboard, copied and read by axe."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests import test_browser_axe as rules
from tests.conftest import DEMOS, BuildDemo, Host, NewPage
from tests.test_browser_snippets import CLIPBOARD

axe = rules.axe

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
WIDTH = 360
README = f"""---
library_name: keras
license: other
license_name: {LONG}
license_link: https://example.org/{LONG}
datasets: [{LONG}, mnist]
base_model: {LONG}/{LONG}
model-index:
- name: x
  results:
  - dataset: {{name: "{LONG}"}}
    metrics:
    - {{type: {LONG}, value: 0.123456789123456789123456789}}
    - {{type: accuracy, value: "{LONG}"}}
---
It was made by [{LONG}](https://example.org/{LONG}), and see https://example.org/{LONG}.

```bibtex
@misc{{{LONG},
  title = {{{LONG}}},
}}
```
"""
CARD = f"""
use = ["{LONG}", "Short."]
limits = "It knows nothing of {LONG}."
authors = ["Ada", {{ name = "{LONG}", url = "https://example.org/" }}]
"{LONG}" = "{LONG}"
"""
# Rows as of a model of twelve outputs and a browser of eight backends, with names of one long word.
MORE_ROWS = """(long) => {
  const add = (body, row, count) => {
    for (let index = 0; index < count; index += 1) {
      const copy = row.cloneNode(true);
      copy.querySelector('th').textContent = index % 2 ? long : 'short';
      body.append(copy);
    }
  };
  for (const body of document.querySelectorAll('.proof tbody')) add(body, body.rows[0], 24);
  const body = document.querySelector('#compared tbody');
  const row = document.createElement('tr');
  const number = '<td class="number">0.00001 %</td>';
  row.innerHTML = `<th scope="row"></th>${number}${number}<td></td>`;
  row.lastChild.textContent = long;
  add(body, row, 8);
  document.querySelector('#compared').hidden = false;
}"""
# What reaches out of the window, or has words that reach out of it.
CUT = """() => [...document.querySelectorAll('.evidence *')].filter((one) => {
  if (one.closest('.visually-hidden, thead, svg') || !one.getClientRects().length) return false;
  const { left, right } = one.getBoundingClientRect();
  const reaches = one.clientWidth && one.scrollWidth > one.clientWidth + 1;
  return left < 0 || right > innerWidth || reaches;
}).map((one) => one.outerHTML.slice(0, 120))"""
OPEN = "document.querySelectorAll('.evidence details').forEach((one) => { one.open = true })"


@pytest.fixture(scope="module", params=["en", "de"])
def site(
    request: pytest.FixtureRequest, build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The wine demo with a card that has all there is, of long words."""
    build_demo("wine")  # its conversion is used again
    folder = tmp_path_factory.mktemp("card") / "wine"
    shutil.copytree(DEMOS / "wine", folder, ignore=shutil.ignore_patterns("site"))
    (folder / "README.md").write_text(README, encoding="utf-8")
    text = (folder / "demo.toml").read_text(encoding="utf-8")
    before, rest = text.split("[card]\n")
    text = f'language = "{request.param}"\n{before}[card]\n{CARD}{rest[rest.index("[[inputs]]") :]}'
    text = text.replace('author = "tfjs-demo"\nlicense = "MIT"\n', "")
    (folder / "demo.toml").write_text(text, encoding="utf-8")
    report = build(folder)
    assert not report.tensorflow
    assert report.notices == []
    return report.folder


@pytest.fixture
def opened(site: Path, host: Callable[..., Host], new_page: NewPage) -> Callable[..., Page]:
    def make(**options: object) -> Page:
        page = new_page(viewport={"width": WIDTH, "height": 740}, **options)
        page.goto(host(site).url)
        page.evaluate("tfjsDemo.ready")
        return page

    return make


def test_nothing_is_cut_on_a_phone(opened: Callable[..., Page]) -> None:
    page = opened()
    assert page.evaluate(CUT) == []
    page.evaluate(OPEN)
    page.evaluate(MORE_ROWS, LONG)
    for width in (WIDTH, 320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) == [], width
    page.evaluate(
        "long => { document.querySelector('.proof td.number').textContent = long.repeat(3) }", LONG
    )
    assert page.evaluate(CUT), "what is cut would be found"


def test_the_card_tells_all_and_links_only_to_the_web(opened: Callable[..., Page]) -> None:
    page = opened()
    terms = page.locator(".model-card dt").count()
    # Use, limits, data; authors, licence, two rows, measures.
    assert terms == 8
    links = page.locator(".model-card a")
    addresses = [link.get_attribute("href") or "" for link in links.all()]
    assert addresses and all(one.startswith("https://example.org/") for one in addresses)
    assert {link.get_attribute("rel") for link in links.all()} == {"nofollow noopener"}
    assert page.locator(".page-foot a").count() == 0


def test_folds_open_by_keyboard(opened: Callable[..., Page]) -> None:
    page = opened()
    for fold in page.locator(".evidence details").all():
        assert fold.get_attribute("open") is None
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        assert fold.get_attribute("open") is not None
        page.keyboard.press("Space")
        assert fold.get_attribute("open") is None
        page.keyboard.press("Enter")
    expect(page.locator("#element-code")).to_contain_text("<tfjs-demo")


@pytest.mark.parametrize("code", ["citation", "api"])
@pytest.mark.parametrize("permission", [True, False])
def test_copying_works_with_and_without_permission(
    code: str, permission: bool, opened: Callable[..., Page]
) -> None:
    page = opened(permissions=CLIPBOARD if permission else [])
    if not permission:
        page.evaluate("delete Navigator.prototype.clipboard")
    # The citation is there without opening anything.
    if code != "citation":
        page.evaluate(OPEN)
    button = page.locator(f"[data-copies={code}-code]")
    expect(button).to_be_enabled()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#copied")).not_to_be_empty()
    where = "navigator.clipboard.readText()" if permission else "getSelection().toString()"
    written = page.locator(f"#{code}-code").text_content() or ""
    assert page.evaluate(where).strip() == written.strip() != ""
    expect(page.locator("#copied")).to_be_empty()


@pytest.mark.parametrize("scheme", rules.SCHEMES)
def test_axe_finds_nothing_in_a_card(scheme: str, axe: str, opened: Callable[..., Page]) -> None:
    page = opened(color_scheme=scheme)
    assert rules.find_violations(page, axe) == []
    page.evaluate(OPEN)
    page.evaluate(MORE_ROWS, LONG)
    assert rules.find_violations(page, axe) == []


def test_tables_are_tables_on_a_phone_too(opened: Callable[..., Page]) -> None:
    page = opened()
    page.evaluate(OPEN)
    table = (
        page.get_by_role("table").filter(has=page.get_by_role("rowheader", name="cultivar")).first
    )
    assert table.get_by_role("row").count() == 3
    assert table.get_by_role("columnheader").count() == 5
    assert table.get_by_role("cell").count() == 8
