"""What a visitor does on a page and sees there, whatever the engine: through WebDriver alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    JavascriptException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from tests.engines.browsers import Engine

# Seconds until something that is waited for must be there.
LIMIT = 30
# Milliseconds of a movement of the mouse.
MOVEMENT = 10

ASK = """
const args = [...arguments];
const done = args.pop();
(async () => (EXPRESSION))().then(
  (value) => done({ value: value ?? null }),
  (error) => done({ error: String(error?.message ?? error) }),
);
"""
# What a page says of itself when a test fails.
STATE = """({
  url: location.href,
  title: document.title,
  engine: document.querySelector('#engine')?.textContent,
  failure: document.querySelector('#failure')?.textContent,
  problems: [...document.querySelectorAll('.field-problem')].map((one) => one.textContent),
})"""
# Takes what the probe has kept; pages without an origin have no storage.
SEEN = """(() => {
  try {
    const seen = JSON.parse(sessionStorage.getItem('probe') ?? '[]');
    sessionStorage.removeItem('probe');
    return seen;
  } catch {
    return [];
  }
})()"""


class PageError(Exception):
    """A script in the page failed, or a promise of it was rejected."""


class Visitor:
    """A person before a browser.

    `args` in the expressions of `see`, `ask` and `wait` are what is given besides.
    """

    def __init__(self, driver: WebDriver, engine: Engine) -> None:
        self.driver = driver
        self.engine = engine
        self.errors: list[str] = []
        driver.file_detector = UselessFileDetector()

    def open(self, url: str) -> None:
        """Goes to an address."""
        self.note_errors()
        self.driver.get(url)

    def open_ready(self, url: str) -> None:
        """Goes to a demo's page and waits until its model answers."""
        self.open(url)
        self.wait_ready()

    def wait_ready(self) -> None:
        """Waits until the model of the page, or frame, answers; raises PageError if it cannot."""
        self.wait("window.tfjsDemo")
        self.ask("tfjsDemo.ready.then(() => true)")

    def reload(self) -> None:
        """Loads the page again: geckodriver's own command goes past the service worker."""
        self.see("(window.isOld = true, location.reload())")
        self.wait("window.isOld === undefined && document.readyState === 'complete'")

    def back(self, url: str) -> None:
        """Presses the back button, which leads to this address."""
        self.driver.back()
        end = time.monotonic() + LIMIT
        # A script would be lost with the page that goes, and chromedriver wait for it in vain.
        while self.driver.current_url != url:
            assert time.monotonic() < end, f"{self.driver.current_url} is not {url}"
            time.sleep(0.03)

    def see(self, expression: str, *args: Any) -> Any:
        """What JavaScript says at once."""
        code = f"const args = [...arguments]; return ({expression})"
        return self.driver.execute_script(code, *args)

    def ask(self, expression: str, *args: Any) -> Any:
        """What a promise of the page's brings; raises PageError where it is rejected."""
        code = ASK.replace("EXPRESSION", expression)
        found = self.driver.execute_async_script(code, *args)
        if "error" in found:
            raise PageError(found["error"])
        return found["value"]

    def wait(self, expression: str, *args: Any, limit: float = LIMIT) -> None:
        """Waits until JavaScript says something true, also across loads."""
        end = time.monotonic() + limit
        while True:
            try:
                found = self.see(
                    f"(() => {{ try {{ return !!({expression}) }} catch {{}} }})()", *args
                )
            except JavascriptException:  # the page goes
                found = None
            if found:
                return
            if time.monotonic() > end:
                raise AssertionError(f"in vain: {expression} {args}\n{self.describe()}")
            time.sleep(0.03)

    def wait_text(self, selector: str, text: str, *, limit: float = LIMIT) -> str:
        """Waits until an element contains a text; returns all of it."""
        code = "(e => e.textContent.includes(args[1]) && e)(document.querySelector(args[0]))"
        try:
            self.wait(f"!!({code})", selector, text, limit=limit)
        except AssertionError as error:
            now = self.see("document.querySelector(args[0])?.textContent", selector)
            raise AssertionError(f"{selector} is {now!r}, not {text!r}\n{error}") from error
        return self.text(selector)

    def wait_live(self) -> None:
        """Waits until the answer on show was computed in this browser."""
        self.wait("document.querySelector('#answer').dataset.origin === 'device'")

    def settle(self) -> None:
        """Waits until all that was done so far is answered and shown (tests/visitor.py)."""
        self.ask(
            "(async () => { for (let turn = 0; turn < 3; turn += 1)"
            " await tfjsDemo.predict({}).catch(() => {}); return true; })()"
        )

    @contextmanager
    def one_more_prediction(self) -> Iterator[None]:
        """Waits at its end until the page has predicted once more than at its begin."""
        before = self.see("tfjsDemo.timings.predictions.length")
        yield
        self.wait("tfjsDemo.timings.predictions.length > args[0]", before)
        self.settle()

    def find(self, selector: str, contains: str = "") -> WebElement:
        """The first shown element, with this text, which may come later."""
        end = time.monotonic() + LIMIT
        while True:
            try:
                for element in self.driver.find_elements(By.CSS_SELECTOR, selector):
                    if contains in (element.get_property("textContent") or ""):  # type: ignore[operator]
                        return element
            except (NoSuchElementException, StaleElementReferenceException):
                pass
            if time.monotonic() > end:
                raise AssertionError(f"no {selector} with {contains!r}\n{self.describe()}")
            time.sleep(0.03)

    def text(self, selector: str) -> str:
        """What an element says, shown or not."""
        return " ".join((self.find(selector).get_property("textContent") or "").split())  # type: ignore[union-attr]

    def texts(self, selector: str) -> list[str]:
        """What all such elements say."""
        code = "[...document.querySelectorAll(args[0])].map((e) => e.textContent.trim())"
        return list(self.see(code, selector))

    def value(self, selector: str) -> str:
        """What stands in a field."""
        return str(self.find(selector).get_property("value"))

    def is_shown(self, selector: str) -> bool:
        """Whether an element takes any room."""
        code = "((e) => Boolean(e && e.getClientRects().length))(document.querySelector(args[0]))"
        return bool(self.see(code, selector))

    def click(self, selector: str, contains: str = "") -> None:
        """Clicks in the middle of an element."""
        self.find(selector, contains).click()

    def click_at(self, selector: str, share: float) -> None:
        """Clicks in an element, this share of its width from its left side."""
        element = self.scroll_to(selector)
        offset = round((share - 0.5) * element.size["width"])
        chain = ActionChains(self.driver, duration=MOVEMENT)
        chain.move_to_element_with_offset(element, offset, 0).click().perform()

    def scroll_to(self, selector: str) -> WebElement:
        """Brings an element into the middle of the window."""
        element = self.find(selector)
        code = "args[0].scrollIntoView({ block: 'center', behavior: 'instant' })"
        self.see(code, element)
        return element

    def type(self, selector: str, text: str) -> None:
        """Replaces what stands in a field, and leaves it."""
        element = self.find(selector)
        element.clear()
        element.send_keys(text)
        self.see("args[0].blur()", element)

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other, wherever the focus is."""
        chain = ActionChains(self.driver, duration=MOVEMENT)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def upload(self, selector: str, file: Path) -> None:
        """Chooses a file in a field for files."""
        self.find(selector).send_keys(str(file))

    def draw(self, selector: str, strokes: Sequence[Sequence[Sequence[float]]]) -> None:
        """Draws strokes with the mouse, of points in shares of an element."""
        element = self.scroll_to(selector)
        width, height = element.size["width"], element.size["height"]
        for stroke in strokes:
            chain = ActionChains(self.driver, duration=MOVEMENT)
            for index, (x, y) in enumerate(stroke):
                offset = round((x - 0.5) * width), round((y - 0.5) * height)
                chain.move_to_element_with_offset(element, *offset)
                if not index:
                    chain.click_and_hold()
            chain.release().perform()

    @contextmanager
    def within(self, find_frame: Callable[[], WebElement]) -> Iterator[None]:
        """Looks at a frame of the page, until the end."""
        self.driver.switch_to.frame(find_frame())
        try:
            yield
            self.note_errors()
        finally:
            self.driver.switch_to.default_content()

    def note_errors(self) -> None:
        """Takes up what the probe has seen in pages of this origin."""
        self.errors += self.see(SEEN)

    def describe(self) -> str:
        """What the page says of itself, and what went wrong in it."""
        try:
            self.note_errors()
            return json.dumps(self.see(STATE), indent=2) + f"\nerrors: {self.errors}"
        except JavascriptException as error:
            return str(error)
