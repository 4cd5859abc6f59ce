"""Ops that TF.js lacks or gets wrong: what takes their place answers the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bundler.graph import lowerings
from bundler.ground.tensors import Tensor
from tests import lowering_cases, picture_cases, size_cases
from tests.graphs import TOLERANCE, Array, Rewritten, error, rewrite_all, wrong_in_tfjs
from tests.lowering_cases import LOOPS

CASES = lowering_cases.CASES | picture_cases.CASES | size_cases.CASES


@pytest.fixture(scope="module")
def made() -> list[Rewritten]:
    return rewrite_all(CASES)


@pytest.fixture(scope="module")
def expected(made: list[Rewritten]) -> dict[str, list[Array]]:
    return {name: answers for one in made for name, answers in one.expected.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_answers_can_show_a_difference(expected: dict[str, list[Array]], name: str) -> None:
    numbers = [one for one in expected[name] if one.dtype.kind == "f"]
    assert all(np.isfinite(one).all() for one in numbers)


def test_the_rewritten_graph_answers_the_same(
    made: list[Rewritten], expected: dict[str, list[Array]]
) -> None:
    wrong = {}
    found = [one.run([name for name in one.cases if name not in LOOPS]) for one in made]
    assert sum(map(len, found)) == len(CASES) - len(LOOPS)
    for name, answers in (item for part in found for item in part.items()):
        for before, answer in zip(expected[name], answers, strict=True):
            assert (answer.dtype, answer.shape) == (before.dtype, before.shape), name
            difference = error(before, Tensor.from_numpy(answer))
            if difference > TOLERANCE / 10:
                wrong[name] = difference
    assert wrong == {}


def test_nothing_is_left_to_rewrite(made: list[Rewritten]) -> None:
    for one in made:
        before = {node.name for node in one.frozen.graph.node}
        assert {node.name for node in lowerings.run(one.frozen).graph.node} == before


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_tfjs_answers_the_same(made: list[Rewritten], backend: str, tmp_path: Path) -> None:
    assert wrong_in_tfjs(made, tmp_path, backend) == {}


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_what_is_gathered_of_nothing_has_its_shape(backend: str, tmp_path: Path) -> None:
    # Apart from the other cases: with their ops cpu takes whatever gets nothing.
    made = rewrite_all({"gathered": size_cases.GATHERED})
    assert wrong_in_tfjs(made, tmp_path, backend) == {}
