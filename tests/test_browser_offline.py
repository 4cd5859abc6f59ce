"""The next visit: all from the cache, also offline; a changed site is noticed and offered."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests.conftest import DEMOS, BuildDemo, NewPage
from tests.faulty_host import Fault, FaultyHost, faulty_host
from tests.visitor import (
    TOLERANCE,
    enter,
    expect_bars,
    expect_live,
    open_ready,
    page_data,
    predict_example,
    site_files,
)

WINE, DIGITS = "Which grape is it?", "Handwritten digits"

# What a network answers for every address that wants its visitors to log in first.
LOGIN = b"<p>Log in to this network</p>"

# Until the service worker keeps all that the page has loaded.
KEPT = """async () => {
  const { scope } = await navigator.serviceWorker.getRegistration();
  const own = ({ name }) => name.startsWith(scope) && !name.endsWith('sw.js');
  const end = performance.now() + 20_000;
  const isKept = async ({ name }) => Boolean(await caches.match(name));
  for (;;) {
    const loaded = performance.getEntriesByType('resource').filter(own);
    const kept = await Promise.all(loaded.map(isKept));
    if (navigator.serviceWorker.controller && kept.every(Boolean)) return loaded.length;
    if (performance.now() > end) throw new Error(loaded.filter((_, index) => !kept[index])[0].name);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""
# All that is kept, by the name of the cache: addresses.
CACHES = """async () => {
  const rows = (await caches.keys()).map(async (name) => {
    const requests = await (await caches.open(name)).keys();
    return [name, requests.map(({ url }) => new URL(url).pathname)];
  });
  return Object.fromEntries(await Promise.all(rows));
}"""
# What the browser's owner or a full disk can do.
FORGET_MODEL = """async () => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (request.url.endsWith('.bin')) await cache.delete(request);
    }
  }
}"""


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    """A site of the wine demo that can be changed."""
    return shutil.copytree(build_demo("wine").folder, tmp_path / "wine")


@pytest.fixture
def host(wine: Path) -> Iterator[FaultyHost]:
    with faulty_host(wine) as running:
        running.cache_control = "no-store"
        yield running


def visit(page: Page, url: str) -> None:
    """A visit after which everything is kept."""
    open_ready(page, url)
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    assert page.evaluate(KEPT) > 2


def expect_working(page: Page, title: str) -> None:
    """It is this demo, and its model answers like Python."""
    assert page.title() == title
    expect(page.locator("#engine")).to_contain_text("Ready, on")
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    data = page_data(page)
    [output] = data["outputs"]
    stored = np.array(data["examples"][1]["answers"][output["name"]]["data"])
    expect_bars(page, output["options"]["labels"], stored)


@pytest.mark.parametrize("cache_control", ["max-age=600", "no-store"])
@pytest.mark.parametrize(("name", "title"), [("wine", WINE), ("digits", DIGITS)])
def test_the_second_visit_transfers_nothing_and_works_offline(
    name: str, title: str, cache_control: str, build_demo: BuildDemo, new_page: NewPage
) -> None:
    page = new_page()
    with faulty_host({"repo/": build_demo(name).folder}) as host:
        host.cache_control = cache_control
        # The other backends are none of the first visit's business.
        url = f"{host.url}repo/?backend={'wasm' if name == 'digits' else 'cpu'}"
        visit(page, url)
        model = [one for one in host.asked if one.path.endswith(".bin")]
        assert len(model) == 1
        host.asked.clear()
        page.goto("about:blank")
        open_ready(page, url)
        expect_working(page, title)
        assert {one.path for one in host.asked} <= {"/repo/", "/repo/sw.js"}
        host.stop()
        page.goto("about:blank")
        open_ready(page, url)
        expect_working(page, title)


def test_offline_before_anything_was_kept_is_told(host: FaultyHost, new_page: NewPage) -> None:
    page = new_page()
    host.faults = [Fault(".bin", after=100, stalls=True)]
    page.goto(host.url)
    enter(page, "Alcohol", 12.34)
    expect(page.locator("#engine")).to_contain_text("Downloading the model")
    host.stop()
    expect(page.locator("#failure")).to_have_text(
        "The model could not be downloaded. Check your connection and try again."
    )
    host.start()
    page.get_by_role("button", name="Try again").click()
    expect_live(page)
    expect_working(page, WINE)


def test_what_was_lost_from_the_cache_is_told_offline_and_comes_again(
    host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    visit(page, host.url)
    page.evaluate(FORGET_MODEL)
    host.stop()
    page.goto(host.url)
    expect(page.locator("#failure")).to_contain_text("Check your connection and try again.")
    # What comes instead of it is neither used nor kept.
    host.faults = [Fault(".bin", times=2, change=lambda body: LOGIN)]
    host.start()
    name = next(path for path in site_files(host.folders[""]) if path.endswith(".bin"))
    assert page.evaluate("async (name) => (await fetch(name)).text()", name) == LOGIN.decode()
    page.wait_for_timeout(200)
    assert page.evaluate("async (name) => Boolean(await caches.match(name))", name) is False
    page.get_by_role("button", name="Try again").click()
    expect_live(page)
    expect_working(page, WINE)
    host.stop()
    open_ready(page, host.url)
    expect_working(page, WINE)


def change_quota(page: Page, host: FaultyHost) -> None:
    session = page.context.new_cdp_session(page)
    origin = {"origin": host.url.rstrip("/"), "quotaSize": 100}
    session.send("Storage.overrideQuotaForOrigin", origin)


def break_caches(page: Page, host: FaultyHost) -> None:
    refuse = """
      const refuse = async () => { throw new DOMException('no', 'UnknownError'); };
      Object.assign(CacheStorage.prototype, { open: refuse, match: refuse });
    """
    host.programs["sw.js"] = refuse
    page.add_init_script(refuse)


def break_caches_later(page: Page, host: FaultyHost) -> None:
    """They work when the service worker is installed, and then no more."""
    host.programs["sw.js"] = """
      addEventListener('activate', () => {
        CacheStorage.prototype.open = async () => { throw new DOMException('no', 'UnknownError'); };
      });
    """


@pytest.mark.parametrize("arrange", [change_quota, break_caches, break_caches_later])
def test_a_cache_that_does_not_work_is_no_obstacle(
    arrange: Callable[[Page, FaultyHost], None], host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    arrange(page, host)
    for _ in range(2):
        open_ready(page, host.url)
        expect_working(page, WINE)
        if arrange is break_caches_later:
            page.evaluate("navigator.serviceWorker.ready.then(() => {})")
        page.reload()
        expect_working(page, WINE)
    scripts = [one for one in host.asked if one.path.startswith("/assets/page-")]
    assert len(scripts) > 1


def test_without_service_workers_the_page_works(host: FaultyHost, new_page: NewPage) -> None:
    page = new_page(service_workers="block")
    for _ in range(2):
        open_ready(page, host.url)
        expect_working(page, WINE)
    assert page.evaluate("navigator.serviceWorker.controller") is None


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
    page.evaluate(KEPT)
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
        expect(page.locator("#engine")).to_contain_text("Ready, on")
        page.evaluate(KEPT)
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
    if (performance.now() > end) throw new Error('the service worker is there still');
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
