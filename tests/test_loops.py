"""Loops and branches, and the layers that are made of them: TF.js answers as TensorFlow does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import loop_cases
from tests.graphs import Rewritten, rewrite_all, wrong_in_tfjs


@pytest.fixture(scope="module")
def made() -> list[Rewritten]:
    return rewrite_all(loop_cases.make())


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_tfjs_answers_the_same(made: list[Rewritten], backend: str, tmp_path: Path) -> None:
    assert any(one.frozen.weights for one in made)
    assert wrong_in_tfjs(made, tmp_path, backend) == {}
