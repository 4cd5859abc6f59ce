"""The floor in real old browsers: `python -m tests.old_browsers`, then `pytest -m old`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import old_browsers
from tests.conftest import BuildDemo, Host
from tests.old_browsers import Tab, opened

pytestmark = pytest.mark.old
Serve = Callable[..., Host]

READY = "document.querySelector('#engine').textContent.includes('Ready')"
SHOWN = "getComputedStyle(document.querySelector('{}')).display !== 'none'"
VERIFY = """(async () => {
  document.querySelector('#verify').click();
  while (document.querySelector('#verify').disabled) await new Promise((r) => setTimeout(r, 20));
  return document.querySelector('#checked').textContent;
})()"""
CHOOSE = """(async () => {
  document.querySelectorAll('[data-example]')[1].click();
  while (document.querySelector('#answer').dataset.origin !== 'device') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return document.querySelectorAll('.example-answer')[1].textContent
    .includes(document.querySelector('.label-name').textContent);
})()"""


def open_site(version: str, tab: Tab, url: str) -> None:
    told = tab.call("Browser.getVersion")["userAgent"]
    assert f"Chrome/{version}." in told
    tab.call("Page.navigate", url=url)


@pytest.fixture(autouse=True)
def here(version: str) -> None:
    if not old_browsers.is_here(version):
        pytest.skip(f"Chromium {version} is not here: {old_browsers.FETCH}")


@pytest.mark.parametrize("name", ["digits", "wine"])
@pytest.mark.parametrize("version", ["94", "103"])
def test_the_oldest_that_are_supported_answer_like_python(
    version: str, name: str, build_demo: BuildDemo, host: Serve, tmp_path: Path
) -> None:
    with opened(version, tmp_path) as tab:
        open_site(version, tab, host(build_demo(name).folder).url)
        tab.wait(f"document.querySelector('#engine') && {READY}")
        assert tab.evaluate(CHOOSE)
        assert " samples are answered like in Python" in tab.evaluate(VERIFY)
        assert tab.evaluate("document.querySelector('#checked').textContent").startswith("All ")
        assert not tab.evaluate(SHOWN.format(".for-old"))


@pytest.mark.parametrize("version", ["92"])
def test_an_older_one_says_so_within_a_second(
    version: str, build_demo: BuildDemo, host: Serve, tmp_path: Path
) -> None:
    with opened(version, tmp_path) as tab:
        open_site(version, tab, host(build_demo("digits").folder).url)
        tab.wait("document.querySelector('.for-old') !== null", 10)
        tab.wait(SHOWN.format(".for-old"), 1)
        told = tab.evaluate("document.querySelector('.for-old h2').textContent")
        assert told == "This browser is too old to run the model"
        assert not tab.evaluate(SHOWN.format(".panes"))
        assert tab.evaluate("document.querySelectorAll('[data-example]').length") == 5
