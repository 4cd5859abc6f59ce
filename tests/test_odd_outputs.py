"""Outputs that nothing computes: variables, constants, the input itself; asked again and again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bundler.pipeline import build
from tests.models import tf

LARGE = np.random.default_rng(3).normal(size=(300, 300)).astype(np.float32)


class Odd(tf.Module):  # type: ignore[misc]
    """Answers with what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.small = tf.Variable([1.0, 2.0, 3.0])
        self.large = tf.Variable(LARGE)

    @tf.function  # type: ignore[untyped-decorator]
    def __call__(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        product = x * self.small
        return {
            "small": self.small,
            "large": self.large,
            "constant": tf.constant([[7.0]]),
            "input": x,
            "product": product,
            "again": product,
        }


def test_outputs_that_are_weights_or_inputs_are_there_for_every_answer(tmp_path: Path) -> None:
    model = Odd()
    signature = model.__call__.get_concrete_function(tf.TensorSpec([None, 3], name="x"))
    tf.saved_model.save(model, str(tmp_path / "odd"), signatures=signature)
    report = build(tmp_path / "odd", out=tmp_path / "site")
    assert report.parity and report.parity.largest_error < 1e-6
    still = {one.output for one in report.moved if one.by == 0}
    assert still == {"small", "large", "constant"}
    assert not any(one.saturated for one in report.moved if one.output not in still)
