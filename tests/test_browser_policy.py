"""The page's Content-Security-Policy in a real browser: no demo ever asks for more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import BuildDemo, Host, NewPage
from tests.every import EVERY_DEMO
from tests.visitor import expect_live, open_ready, settle

# Milliseconds for all samples on all backends, on a machine that is busy with other things.
LONGEST = 60_000
LISTEN = """
  window.policyReports = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
    policyReports.push([violatedDirective, blockedURI, sourceFile]));
"""


def watch_policy(page: Page) -> list[str]:
    """Collects what the console says of errors; lets the page collect reports."""
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.context.add_init_script(LISTEN)
    return errors


def use_everything(page: Page, url: str) -> None:
    """Loads the page, predicts, verifies and compares backends."""
    open_ready(page, url)
    page.locator("[data-example]").last.click()
    expect_live(page)
    settle(page)
    page.locator(".developers > summary").click()
    page.get_by_role("button", name="Verify on this device").click()
    expect(page.locator("#checked")).to_contain_text("are answered like in Python", timeout=LONGEST)
    page.get_by_role("button", name="Compare backends").click()
    expect(page.locator("#compared tbody tr")).not_to_have_count(0, timeout=LONGEST)
    expect(page.get_by_role("button", name="Compare backends")).to_be_enabled()


@pytest.mark.parametrize("name", EVERY_DEMO)
def test_no_demo_is_refused_anything(
    name: str,
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
    webgl_browser: Browser,
) -> None:
    page = new_page(within=webgl_browser)
    errors = watch_policy(page)
    use_everything(page, host(build_demo(name).folder).url)
    assert page.evaluate("policyReports") == []
    assert errors == []


def test_what_the_policy_forbids_is_reported(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage
) -> None:
    """So that the test above can fail."""
    page = new_page()
    errors = watch_policy(page)
    open_ready(page, host(build_demo("wine").folder).url)
    page.evaluate(
        """async () => {
          const script = document.createElement('script');
          script.text = 'window.ran = 1';
          document.head.append(script);
          await fetch('https://example.invalid/').catch(() => {});
        }"""
    )
    assert page.evaluate("window.ran") is None
    reported = [directive for directive, *_ in page.evaluate("policyReports")]
    assert reported == ["script-src-elem", "connect-src"]
    assert len(errors) >= 2
