"""WebGPU cannot combine a tensor of rank 5 or more with a vector: Conv3D's bias, scale by channel.

Its shader for small vectors indexes coordinates that are no vector there. A vector of full rank
takes another way.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = (
    "Add", "AddV2", "Atan2", "BiasAdd", "Div", "DivNoNan", "Equal", "FloorDiv", "FloorMod",
    "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "Maximum",
    "Minimum", "Mod", "Mul", "NotEqual", "Pow", "RealDiv", "SquaredDifference", "Sub",
)  # fmt: skip
HIGH = 5


def lower(op: Any, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor | None:
    ranks = a.shape.rank, b.shape.rank
    if None in ranks or max(ranks) < HIGH or min(ranks) != 1:
        return None
    full = [1] * (max(ranks) - 1) + [-1]
    a, b = (tf.reshape(one, full) if one.shape.rank == 1 else one for one in (a, b))
    if op.type == "BiasAdd":
        return a + b
    return getattr(tf.raw_ops, op.type)(x=a, y=b)
