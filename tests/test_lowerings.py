"""Ops that TF.js lacks or gets wrong: what takes their place answers the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bundler.graph import lowerings
from bundler.ground.tensors import Tensor
from tests import lowering_cases, picture_cases, size_cases
from tests.graphs import TOLERANCE, Rewritten, error, rewrite, wrong_in_tfjs
from tests.lowering_cases import LOOPS

CASES = lowering_cases.CASES | picture_cases.CASES | size_cases.CASES


@pytest.fixture(scope="module")
def made() -> Rewritten:
    return rewrite(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_answers_can_show_a_difference(made: Rewritten, name: str) -> None:
    numbers = [one for one in made.expected[name] if one.dtype.kind == "f"]
    assert all(np.isfinite(one).all() for one in numbers)


def test_the_rewritten_graph_answers_the_same(made: Rewritten) -> None:
    wrong = {}
    for name, answers in made.run([name for name in CASES if name not in LOOPS]).items():
        for expected, answer in zip(made.expected[name], answers, strict=True):
            assert (answer.dtype, answer.shape) == (expected.dtype, expected.shape), name
            difference = error(expected, Tensor.from_numpy(answer))
            if difference > TOLERANCE / 10:
                wrong[name] = difference
    assert wrong == {}


def test_nothing_is_left_to_rewrite(made: Rewritten) -> None:
    before = {node.name for node in made.frozen.graph.node}
    assert {node.name for node in lowerings.run(made.frozen).graph.node} == before


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_tfjs_answers_the_same(made: Rewritten, backend: str, tmp_path: Path) -> None:
    assert wrong_in_tfjs(made, tmp_path, backend) == {}


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_what_is_gathered_of_nothing_has_its_shape(backend: str, tmp_path: Path) -> None:
    # Apart from the other cases: with their ops cpu takes whatever gets nothing.
    assert wrong_in_tfjs(rewrite({"gathered": size_cases.GATHERED}), tmp_path, backend) == {}
