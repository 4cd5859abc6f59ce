"""A changed site is noticed and offered, and other sites of the host are left alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests.conftest import DEMOS, BuildDemo, NewPage
from tests.faulty_host import FaultyHost, faulty_host
from tests.returning import CACHES, DIGITS, FORGET_MODEL, WINE, expect_kept, expect_working, visit
from tests.visitor import TOLERANCE, open_ready, predict_example, site_files


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    """A site of the wine demo that can be changed."""
    return shutil.copytree(build_demo("wine").folder, tmp_path / "wine")


@pytest.fixture
def host(wine: Path) -> Iterator[FaultyHost]:
    with faulty_host(wine) as running:
        running.cache_control = "no-store"
        yield running


def expect_only_files_of(page: Page, folder: Path) -> None:
    """Nothing of an earlier site is kept."""
    kept = {path for paths in page.evaluate(CACHES).values() for path in paths}
    assert len(kept) > 2
    assert {path.removeprefix("/") for path in kept} <= {"", *site_files(folder)}


def test_a_changed_site_is_offered_and_until_then_the_old_one_is_whole(
    wine: Path, host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    visit(page, host.url)
    other = page.context.new_page()
    open_ready(other, host.url)
    old = site_files(wine)
    build(DEMOS / "digits", out=wine)
    assert not [path for path in old & site_files(wine) if path.startswith("model-")]
    # On the next visit the old page is there still, with the model that the host has no more.
    page.goto(host.url)
    notice = page.locator("#update")
    expect_working(page, WINE)
    expect(notice).to_be_visible()
    expect_working(page, WINE)
    notice.get_by_role("button", name="Show it").click()
    expect(page).to_have_title(DIGITS)
    expect_working(page, DIGITS)
    expect(notice).to_be_hidden()
    expect_kept(page)
    expect_only_files_of(page, wine)
    # The other tab is told, keeps what it has, and goes on when its visitor wants it.
    expect(other.locator("#update")).to_be_visible()
    expect_working(other, WINE)
    other.locator("#update").get_by_role("button", name="Show it").click()
    expect(other).to_have_title(DIGITS)
    expect_working(other, DIGITS)


# A clock that can be put on.
CLOCK = """
  window.later = 0;
  const now = performance.now.bind(performance);
  performance.now = () => now() + window.later;
"""


def test_a_page_that_stays_open_learns_of_a_changed_site(
    wine: Path, host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    page.add_init_script(CLOCK)
    visit(page, host.url)
    build(DEMOS / "digits", out=wine)
    # As when the visitor comes back to the tab, soon and some time later.
    come_back = "document.dispatchEvent(new Event('visibilitychange'))"
    host.asked.clear()
    page.evaluate(come_back)
    page.wait_for_timeout(100)
    assert not host.asked
    page.evaluate(f"window.later = 120_000; {come_back}")
    expect(page.locator("#update")).to_be_visible()
    page.get_by_role("button", name="Show it").click()
    expect(page).to_have_title(DIGITS)
    expect_working(page, DIGITS)


def test_an_old_page_that_no_longer_starts_offers_the_new_one(
    wine: Path, host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    visit(page, host.url)
    page.evaluate(FORGET_MODEL)
    build(DEMOS / "digits", out=wine)
    page.goto(host.url)
    expect(page.locator("#failure")).to_contain_text("a file of it is not on the server")
    page.get_by_role("button", name="Show it").click()
    expect(page).to_have_title(DIGITS)
    expect_working(page, DIGITS)


@pytest.mark.parametrize("prefixes", [("one/", "two/"), ("", "sub/")])
def test_two_demos_of_one_host_do_not_meet(
    prefixes: tuple[str, str], wine: Path, build_demo: BuildDemo, new_page: NewPage
) -> None:
    page = new_page()
    sites = dict(zip(prefixes, (wine, build_demo("digits").folder), strict=True))
    with faulty_host(sites) as host:
        first, second = (host.url + prefix for prefix in prefixes)
        visit(page, first)
        visit(page, f"{second}?backend=wasm")
        expect(page.locator("#update")).to_be_hidden()
        kept = page.evaluate(CACHES)
        assert set(kept) == {f"tfjs-demo /{prefix}" for prefix in prefixes}
        for prefix, folder in sites.items():
            paths = {path.removeprefix(f"/{prefix}") for path in kept[f"tfjs-demo /{prefix}"]}
            assert paths <= {"", *site_files(folder)}
        # One of them is changed: the other one is as it was.
        build(DEMOS / "diabetes", out=wine)
        page.goto(first)
        page.get_by_role("button", name="Show it").click()
        expect(page).to_have_title("Diabetes, one year on")
        expect(page.locator("#engine")).to_contain_text("Ready")
        expect_kept(page)
        host.stop()
        open_ready(page, f"{second}?backend=wasm")
        expect_working(page, DIGITS)
        expect(page.locator("#update")).to_be_hidden()
        open_ready(page, first)
        live, stored = predict_example(page)
        assert np.abs(live - stored).max() <= TOLERANCE * np.abs(stored).max()


FREE = """async () => {
  const end = performance.now() + 20_000;
  const left = async () =>
    (await caches.keys()).length + (await navigator.serviceWorker.getRegistrations()).length;
  while (await left()) {
    if (performance.now() > end) throw new Error('not all of it has gone');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""


@pytest.mark.parametrize("status", [200, 404])
def test_where_something_else_stands_now_nothing_is_left(
    status: int, wine: Path, host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    visit(page, host.url)
    shutil.rmtree(wine)
    wine.mkdir()
    if status == 200:
        (wine / "index.html").write_text("<title>A shop</title>")
    page.goto(host.url)
    page.evaluate(FREE)
    answer = page.goto(host.url)
    assert answer
    assert (answer.status, page.title() == "A shop") == (status, status == 200)
