"""TF.js knows branches in two alone: `keras.ops.switch`, `tf.switch_case`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("_SwitchN",)


def lower(op: Any, value: tf.Tensor, index: tf.Tensor) -> list[tf.Tensor]:
    """A switch for each branch; the last one takes whatever is no other's."""
    last = len(op.outputs) - 1
    wanted = [tf.equal(index, number) for number in range(last)]
    wanted.append(tf.logical_or(index < 0, index >= last))
    return [tf.raw_ops.Switch(data=value, pred=one).output_true for one in wanted]
