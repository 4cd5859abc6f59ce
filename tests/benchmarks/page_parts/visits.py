"""Visits of pages: when they answer, what they load, how long they block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.benchmarks.page_parts.host import Host, Network, Sent, serve

OBSERVE = (Path(__file__).parent / "observe.js").read_text(encoding="utf-8")
# Until a page that works offline has surely answered without a network.
OFFLINE_SECONDS = 30


@dataclass(frozen=True)
class Visit:
    """Milliseconds from the start of the navigation."""

    answered: float
    examples: float | None


@dataclass(frozen=True)
class TwoVisits:
    """A visit with nothing stored and the next one, and what of the model that one fetched."""

    first: Visit
    second: Visit
    second_model_bytes: int


@dataclass(frozen=True)
class Load:
    """What a visit loaded, and the milliseconds of its main thread's longest task.

    `answering_bytes` are the programs that it had when it answered: later it tries others.
    """

    answering_bytes: int
    script_bytes: int
    wasm_bytes: int
    longest_task: float


@dataclass(frozen=True)
class Later:
    """A visit after the browser's cache of files was emptied, and one without a network."""

    model_bytes: int
    works_offline: bool


@contextmanager
def fresh_context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor who never was here."""
    context = browser.new_context()
    context.add_init_script(OBSERVE)
    try:
        yield context
    finally:
        context.close()


def evaluate(page: Page, script: str) -> Any:
    """What a script on the page answers; unlike page functions, no content policy stops it."""
    return page.evaluate(script)


def open_answered(context: BrowserContext, url: str) -> Page:
    """A page that has shown its first answer computed on the device."""
    page = context.new_page()
    page.goto(url, wait_until="commit", timeout=60_000)
    evaluate(page, "benchmark.answered")
    return page


def visit(context: BrowserContext, host: Host) -> Visit:
    """Opens the page, waits until nothing is loaded any more, and closes it."""
    page = open_answered(context, host.url)
    answered, examples = evaluate(page, "[benchmark.seen.answered, benchmark.examplesPainted()]")
    host.wait_until_idle()
    page.close()
    return Visit(answered, examples)


def visit_once(browser: Browser, site: Path, network: Network) -> Visit:
    """One visit with nothing stored."""
    with serve(site, network) as host, fresh_context(browser) as context:
        return visit(context, host)


def visit_twice(browser: Browser, site: Path, network: Network) -> TwoVisits:
    """The second visit finds whatever the first one has stored."""
    with serve(site, network) as host, fresh_context(browser) as context:
        first = visit(context, host)
        host.sent.clear()
        second = visit(context, host)
        return TwoVisits(first, second, model_bytes(host.sent))


def load(browser: Browser, site: Path, side: int) -> Load:
    """A visit on a fast line with ten predictions."""
    with serve(site) as host, fresh_context(browser) as context:
        page = open_answered(context, host.url)
        answering = _script_bytes(host)
        evaluate(page, f"benchmark.predict(10, {side})")
        host.wait_until_idle()
        longest = evaluate(page, "Math.max(0, ...benchmark.seen.tasks)")
        wasm = sum(sent.bytes for sent in host.sent if sent.path.endswith(".wasm"))
        return Load(answering, _script_bytes(host), wasm, longest)


def _script_bytes(host: Host) -> int:
    return sum(sent.bytes for sent in host.sent if sent.is_script)


def come_back_later(browser: Browser, site: Path) -> Later:
    """Visits that cannot lean on the ten minutes for which GitHub Pages lets files be kept."""
    with serve(site) as host, fresh_context(browser) as context:
        visit(context, host)
        _empty_file_cache(context)
        host.sent.clear()
        visit(context, host)
        transferred = model_bytes(host.sent)
        _empty_file_cache(context)
        host.refuses = True
        context.set_offline(True)
        return Later(transferred, _answers_soon(context, host.url))


def model_bytes(files: list[Sent]) -> int:
    """The bytes of the model alone."""
    return sum(sent.bytes for sent in files if sent.is_model)


def _empty_file_cache(context: BrowserContext) -> None:
    """What a service worker has stored stays."""
    page = context.new_page()
    context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.close()


def _answers_soon(context: BrowserContext, url: str) -> bool:
    page = context.new_page()
    limit = f"new Promise((resolve) => setTimeout(resolve, {OFFLINE_SECONDS * 1000}, false))"
    try:
        page.goto(url, wait_until="commit")
        return bool(evaluate(page, f"Promise.race([benchmark.answered.then(() => true), {limit}])"))
    except Error:
        return False
