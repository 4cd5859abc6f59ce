"""Opens a published demo in a browser of this machine and compares its answers with Python's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.ground.errors import DeployError
from bundler.ground.tensors import Tensor, Tensors
from bundler.proof import golden, verify
from bundler.proof.verify import Parity
from bundler.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

# As they are called where they are on PATH, and what playwright calls those that are not.
PROGRAMS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
)  # fmt: skip
CHANNELS = ("chrome", "msedge")
# What a browser would fetch for itself.
FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
MOST_CASES = 2
SECONDS = 120

ASK = """async (inputs) => {
  await tfjsDemo.ready;
  const answers = await tfjsDemo.predict(inputs);
  const plain = ([name, tensor]) => [name, { ...tensor, data: Array.from(tensor.data) }];
  return Object.fromEntries(Object.entries(answers).map(plain));
}"""


@dataclass(frozen=True)
class Opened:
    """What was seen: the browser's name, the backend that answered, and how far from Python."""

    browser: str
    backend: str
    parity: Parity


def open_page(url: str, made: Site, folder: Path) -> Opened | None:
    """Opens the demo whose site is in `folder` at its address; None where there is no browser.

    Raises DeployError when the page fails there, ParityError when it answers something else.
    """
    from playwright.sync_api import Error, sync_playwright

    cases, strides, tolerance = golden.load(folder / made.facts["golden"], folder)
    cases = cases[:MOST_CASES]
    with sync_playwright() as playwright:
        browser = _launch(playwright)
        if browser is None:
            return None
        name = f"{browser.browser_type.name.capitalize()} {browser.version}"
        page = browser.new_page()
        page.set_default_timeout(SECONDS * 1000)
        try:
            page.goto(url)
            answers = [_ask(page, case.inputs) for case in cases]
            backend = page.evaluate("tfjsDemo.backend")
        except Error as error:
            raise DeployError(
                f"the page at {url} does not answer in {name}: {error.message.splitlines()[0]}",
                hint="All its files are there as they were built: open it, and look at the "
                "browser's console.",
                details=str(error),
            ) from None
        finally:
            browser.close()
    rows = verify.compare(cases, answers, backend, strides, tolerance)
    parity = verify.judge(
        rows,
        tolerance,
        hint=f"All its files are there as they were built, and verify finds them right: {name} "
        "computes otherwise.",
    )
    return Opened(name, backend, parity)


def _launch(playwright: Playwright) -> Browser | None:
    """The first browser that starts: the system's, by name or place, else playwright's own."""
    from playwright.sync_api import Error

    found = filter(None, map(shutil.which, PROGRAMS))
    ways: list[dict[str, Any]] = [{"executable_path": path} for path in found]
    ways += [{"channel": channel} for channel in CHANNELS] + [{}]
    for way in ways:
        try:
            return playwright.chromium.launch(args=list(FLAGS), **way)
        except Error:
            continue
    return None


def _ask(page: Page, inputs: Tensors) -> Tensors:
    given = {
        name: {"data": tensor.values, "shape": list(tensor.shape)}
        for name, tensor in inputs.items()
    }
    return {name: _tensor(answer) for name, answer in page.evaluate(ASK, given).items()}


def _tensor(answer: dict[str, Any]) -> Tensor:
    """An answer of the page; JavaScript's numbers that JSON does not know come as they are."""
    import numpy as np

    shape, dtype = tuple(answer["shape"]), answer["dtype"]
    if dtype == "string":
        return Tensor(dtype, shape, tuple(answer["data"]))
    values = np.array(answer["data"], dtype=np.dtype(dtype))
    assert values.size == prod(shape)
    return Tensor(dtype, shape, values.tobytes())
