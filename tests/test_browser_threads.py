"""`[build] isolate`: several threads for wasm, on hosts that send no headers of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bundler.site.headers import HEADERS
from tests.conftest import BuildDemo, Host, NewPage
from tests.header_rules import parse, sent
from tests.test_browser_choice import put_before
from tests.visitor import expect_live, open_ready

Serve = Callable[..., Host]


def test_the_page_isolates_itself_and_has_threads(
    isolated: Path, host: Serve, new_page: NewPage
) -> None:
    page, served = new_page(), host(isolated, "/repo/")
    page.goto(served.url)
    for _ in range(400):  # until the page has loaded itself again
        if any("/assets/threads-" in path for path in served.requests):
            break
        page.wait_for_timeout(50)
    expect(page.locator("#engine")).to_have_text("Ready · runs on this device")
    threads = page.evaluate("Math.min(4, navigator.hardwareConcurrency)")
    assert page.evaluate("[tfjsDemoEarly.variant, tfjsDemoEarly.threads]") == ["threads", threads]
    assert page.evaluate("crossOriginIsolated")
    # As many as the backend has made itself, not as it was told.
    assert page.evaluate("tfjsDemo.threads") == threads
    # One reload brings the headers, and no more.
    assert served.requests.count("/repo/") <= 3
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    page.locator(".developers > summary").click()
    page.locator("#verify").click()
    expect(page.locator("#checked")).to_contain_text("All 9 samples are answered like in Python")
    if threads > 1:
        expect(page.locator("#backend-reason")).to_contain_text(f"with {threads} threads")


def open_isolated(page: Page, isolated: Path, host: Serve) -> Host:
    """From a host that sends the headers that isolate a page."""
    rules = parse((isolated / HEADERS).read_text(encoding="utf-8"))
    served = host(isolated, headers=lambda path: sent(rules, path))
    open_ready(page, served.url)
    assert page.evaluate("crossOriginIsolated")
    return served


def test_a_host_with_headers_gives_threads_at_once(
    isolated: Path, host: Serve, new_page: NewPage
) -> None:
    """Without the service worker, and without loading the page again."""
    page = new_page(service_workers="block")
    served = open_isolated(page, isolated, host)
    assert page.evaluate("tfjsDemoEarly.variant") == "threads"
    assert any("/assets/threads-" in path for path in served.requests)
    assert served.requests.count("/") == 1
    page.locator("[data-example]").nth(1).click()
    expect_live(page)


def test_where_workers_are_blocked_one_thread_is_enough(
    isolated: Path, host: Serve, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    open_ready(page, host(isolated).url)
    assert page.evaluate("[tfjsDemoEarly.variant, tfjsDemoEarly.threads]") == ["simd", 1]
    page.locator("[data-example]").nth(1).click()
    expect_live(page)


def test_other_pages_have_no_script_of_threads(build_demo: BuildDemo) -> None:
    assets = build_demo("digits").folder / "assets"
    assert not list(assets.glob("threads-*")) and not list(assets.glob("wasm-threads-*"))


def test_a_frame_is_left_as_it_is(
    isolated: Path, host: Serve, new_page: NewPage, tmp_path: Path
) -> None:
    """Whether a page is isolated is for the page around to decide."""
    served = host(isolated)
    (tmp_path / "index.html").write_text(f'<!doctype html><iframe src="{served.url}?embed">')
    page = new_page()
    page.goto(host(tmp_path).url.replace("127.0.0.1", "localhost"))
    demo = page.frame_locator("iframe")
    expect(demo.locator("#engine")).to_have_text("Ready · runs on this device")
    assert demo.locator("html").evaluate("() => tfjsDemoEarly.threads") == 1
    page.wait_for_timeout(1000)
    assert served.requests.count("/?embed") == 1


def test_isolated_pages_without_shared_memory_have_one_thread(
    isolated: Path, host: Serve, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    page.add_init_script("delete globalThis.SharedArrayBuffer")
    open_isolated(page, isolated, host)
    assert page.evaluate("[tfjsDemoEarly.variant, tfjsDemo.threads]") == ["simd", 1]
    expect(page.locator("#engine")).to_have_text("Ready · runs on this device")


# What a worker's program does where it is to have several threads.
WHERE_MANY = "addEventListener('message', (event) => { if (event.data.threads > 1) { %s } });\n"
# A clock that runs fast, by which threads take a thousand times as long.
SLOW = "const now = performance.now.bind(performance); performance.now = () => 1000 * now();"
FAIL = "WebAssembly.compile = async () => { throw new Error('no shared memory') };"


def test_threads_that_do_not_start_leave_one(
    isolated: Path, host: Serve, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    put_before(page, "wasm", WHERE_MANY % FAIL)
    open_isolated(page, isolated, host)
    expect(page.locator("#engine")).to_have_text("Ready · runs on this device")
    assert page.evaluate("tfjsDemo.threads") == 1
    page.locator("[data-example]").nth(1).click()
    expect_live(page)


def test_one_thread_stays_where_it_is_faster(
    isolated: Path, host: Serve, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    put_before(page, "wasm", WHERE_MANY % SLOW)
    open_isolated(page, isolated, host)
    threads = page.evaluate("tfjsDemoEarly.mostThreads")
    if threads == 1:
        pytest.skip("this machine has one core")
    told = f"WebAssembly with {threads} threads:"
    expect(page.locator("#backend-reason")).to_contain_text(told, timeout=60_000)
    assert page.evaluate("[tfjsDemo.backend, tfjsDemo.threads]") == ["wasm", 1]
    page.reload()
    page.evaluate("tfjsDemo.ready")
    assert page.evaluate("[tfjsDemoEarly.variant, tfjsDemo.threads]") == ["simd", 1]
