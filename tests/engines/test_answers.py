"""Every page in every engine on every backend: ready, and its answers are Python's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.conftest import KerasModels
from tests.engines.built import PAGES
from tests.engines.conftest import Serve
from tests.engines.visitor import Visitor
from tests.visitor import TOLERANCE, Array

NAMES = {"cpu": "JavaScript", "wasm": "WebAssembly", "webgl": "WebGL", "webgpu": "WebGPU"}
# Through the page's API; backends that are computed in software take seconds for more.
CASES = 2

PREDICT = """tfjsDemo.predict({ [args[0]]: { data: args[1], shape: args[2] } }).then((answers) =>
  Object.entries(answers).map(([name, { data, shape }]) => [name, Array.from(data), shape]))"""


def predict(visitor: Visitor, name: str, value: Array) -> tuple[str, Array]:
    """Asks the page's API; the output's name and values."""
    data, shape = value.ravel().tolist(), list(value.shape)
    [(output, answer, answer_shape)] = visitor.ask(PREDICT, name, data, shape)
    return output, np.array(answer).reshape(answer_shape)


def verify(visitor: Visitor) -> str:
    """Lets the page check itself on this device; what it says."""
    visitor.click("#verify")
    visitor.wait("!document.querySelector('#verify').disabled", limit=60)
    return visitor.text("#checked")


def expect_right(answers: Array, expected: Array) -> None:
    error = np.abs(answers - expected).max() / np.abs(expected).max()
    assert error <= TOLERANCE


@pytest.mark.parametrize("page", PAGES)
def test_answers_are_pythons(
    page: str,
    backend: str,
    visitor: Visitor,
    serve: Serve,
    python: KerasModels,
) -> None:
    visitor.open_ready(f"{serve(page).url}{page}/?backend={backend}")
    assert visitor.see("tfjsDemo.backend") == backend
    assert visitor.text("#engine") == "Ready · runs on this device"
    name, output = (str(one) for one in python.cases[f"{page}/names"])
    inputs, expected = python.cases[f"{page}/inputs"], python.cases[f"{page}/answers"]
    found = [predict(visitor, name, value) for value in inputs[:CASES]]
    assert {one for one, _ in found} == {output}
    assert np.ptp(expected[:CASES], axis=0).max() > 0.01, "answers that are alike prove nothing"
    expect_right(np.stack([answer for _, answer in found]), expected[:CASES])
    checked = verify(visitor)
    assert checked.startswith("All ") and f"like in Python, on {NAMES[backend]} in" in checked


@pytest.mark.parametrize("page", ["digits", "wine"])
def test_chosen_by_the_page_itself(page: str, visitor: Visitor, serve: Serve) -> None:
    """Without a word in the address it starts on what the build has chosen."""
    visitor.open_ready(f"{serve(page).url}{page}/")
    assert visitor.see("tfjsDemo.backend") == {"digits": "wasm", "wine": "cpu"}[page]
    visitor.click("[data-example]", "")
    visitor.wait_live()
    assert verify(visitor).startswith("All ")
