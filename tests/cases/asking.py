"""Asks a page what Python was asked, and says how far its answers are from Python's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

Array = npt.NDArray[Any]

PREDICT = """async (inputs) => {
  const answers = await tfjsDemo.predict(inputs);
  const plain = ([name, { data, shape }]) => [name, { data: Array.from(data), shape }];
  return Object.fromEntries(Object.entries(answers).map(plain));
}"""


def errors(page: Page, answers: Path) -> dict[str, float]:
    """The largest error of every output over the largest magnitude in Python's answer."""
    said = json.loads(answers.read_text(encoding="utf-8"))
    fed = feeds(page.evaluate("tfjsDemo.signature.inputs"), said["inputs"])
    got = {
        name: np.array(answer["data"]).reshape(answer["shape"])
        for name, answer in page.evaluate(PREDICT, fed).items()
    }
    expected = {name: np.array(value) for name, value in said["outputs"].items()}
    found = match(expected, got)
    return {name: error(expected[name], got[found[name]]) for name in expected}


def feeds(specs: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """What `predict` takes; the name of a single input does not matter."""
    if len(specs) == 1 == len(inputs):
        inputs = dict(zip(specs, inputs.values(), strict=True))
    assert inputs.keys() == specs.keys()
    fed = {}
    for name, spec in specs.items():
        value = np.array(inputs[name])
        if spec["shape"] and spec["shape"][0] == 1:
            value = value[:1]
        # Whole numbers in, not a picture for what no picture can say.
        assert "int" not in spec["dtype"] or (value == value.astype(int)).all(), name
        fed[name] = {"data": value.ravel().tolist(), "shape": list(value.shape)}
    return fed


def match(expected: dict[str, Array], got: dict[str, Array]) -> dict[str, str]:
    """Which answer is which: by name, else the only one, else the first of the same shape."""
    found: dict[str, str] = {}
    for name, value in expected.items():
        free = [other for other in got if other not in found.values()]
        alike = [other for other in free if same_shape(value, got[other])]
        if name in got:
            found[name] = name
        else:
            shapes = {other: got[other].shape for other in free}
            assert alike, f"no answer is {name} {value.shape}: {shapes}"
            found[name] = alike[0]
    return found


def same_shape(expected: Array, got: Array) -> bool:
    """Where the page takes one row at a time, of several the first is compared."""
    return expected.shape[1:] == got.shape[1:] and len(got) in (1, len(expected))


def error(expected: Array, got: Array) -> float:
    """Nothing that differs is near where one of both is no number; texts are equal or not."""
    if got.ndim == 0:
        got = got[None]
    assert same_shape(expected, got), f"{got.shape} should be {expected.shape}"
    expected = expected[: len(got)]
    if expected.dtype.kind == "U":
        return float((expected != got).mean())
    assert np.isfinite(expected).all() and np.isfinite(got).all()
    largest = np.abs(expected).max(initial=0)
    return float(np.abs(got - expected).max(initial=0) / (largest or 1))
