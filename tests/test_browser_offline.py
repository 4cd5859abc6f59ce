"""The next visit: everything from the cache, also offline, and where caches do not work."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bundler.ground.own_files import sha256
from tests.conftest import BuildDemo, NewPage
from tests.faulty_host import Fault, FaultyHost, faulty_host
from tests.returning import DIGITS, FORGET_MODEL, LOGIN, WINE, expect_kept, expect_working, visit
from tests.visitor import enter, expect_live, open_ready, site_files


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    """A site of the wine demo that can be changed."""
    return shutil.copytree(build_demo("wine").folder, tmp_path / "wine")


@pytest.fixture
def host(wine: Path) -> Iterator[FaultyHost]:
    with faulty_host(wine) as running:
        running.cache_control = "no-store"
        yield running


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


# All that is kept but the page itself, by the path: the SHA-256.
DIGESTS = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const bytes = await (await cache.match(request)).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
      found[new URL(request.url).pathname] = hex;
    }
  }
  return found;
}"""


def nothing(body: bytes) -> bytes:
    return b""


def another_page(body: bytes) -> bytes:
    return LOGIN


def a_part(body: bytes) -> bytes:
    return body[: len(body) // 2]


def as_many_others(body: bytes) -> bytes:
    return body[::-1]


@pytest.mark.parametrize("cache_control", ["max-age=600", "no-store"])
@pytest.mark.parametrize("change", [nothing, another_page, a_part, as_many_others])
def test_all_that_the_page_can_show_is_kept_whole_before_it_says_so(
    change: Callable[[bytes], bytes], cache_control: str, build_demo: BuildDemo, new_page: NewPage
) -> None:
    page, folder = new_page(), build_demo("digits").folder
    with faulty_host(folder) as host:
        host.cache_control = cache_control
        pictures = sorted(path.name for path in folder.glob("assets/example-*.png"))
        [samples] = [path.name for path in folder.glob("assets/golden-*.json")]
        host.faults = [Fault(name, change=change) for name in (*pictures, samples)]
        url = f"{host.url}?backend=wasm"
        open_ready(page, url)
        expect_kept(page)
        kept = page.evaluate(DIGESTS)
        host.stop()
        files = site_files(folder) & {path.lstrip("/") for path in kept}
        assert {*pictures, samples} <= {path.rsplit("/", 1)[-1] for path in files}
        for path in files:
            assert kept[f"/{path}"] == sha256(folder / path), path
        page.goto("about:blank")
        open_ready(page, url)
        expect_working(page, DIGITS)
        page.locator(".developers > summary").click()
        page.locator("#verify").click()
        expect(page.locator("#checked")).to_contain_text("All 9 samples are answered")


def test_what_was_kept_wrong_by_an_earlier_version_is_kept_anew(
    host: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    visit(page, host.url)
    name = next(path for path in site_files(host.folders[""]) if path.endswith(".bin"))
    page.evaluate(
        """async (name) => {
          const [cache] = await Promise.all((await caches.keys()).map((one) => caches.open(one)));
          await cache.put(name, new Response());
        }""",
        name,
    )
    page.reload()
    expect_kept(page)
    assert page.evaluate(DIGESTS)[f"/{name}"] == sha256(host.folders[""] / name)


def test_what_could_not_be_kept_is_told(host: FaultyHost, new_page: NewPage) -> None:
    page = new_page()
    [samples] = [path.name for path in host.folders[""].glob("assets/golden-*.json")]
    host.faults = [Fault(samples, times=99, status=503)]
    open_ready(page, host.url)
    told = "no: 1 of its files could not be kept"
    expect(page.locator("#offline")).to_have_text(told, timeout=20_000)


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
    expect_working(page, WINE)
    expect_kept(page)
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
    if arrange is not break_caches_later:
        told = "no: this browser keeps nothing for this page"
        expect(page.locator("#offline")).to_have_text(told, timeout=20_000)
    scripts = [one for one in host.asked if one.path.startswith("/assets/page-")]
    assert len(scripts) > 1


def test_without_service_workers_the_page_works(host: FaultyHost, new_page: NewPage) -> None:
    page = new_page(service_workers="block")
    for _ in range(2):
        open_ready(page, host.url)
        expect_working(page, WINE)
    assert page.evaluate("navigator.serviceWorker.controller") is None
