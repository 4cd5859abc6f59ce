"""Tensors of ranks that backends cannot combine with others.

WebGPU's shader for small vectors fails with a tensor of rank 5 or more (Conv3D's bias, scale by
channel); a vector of full rank takes another way. wasm's arithmetic is wrong above rank 6: there,
axes that lie beside each other and broadcast alike become one.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import tensorflow as tf

from bundler.graph.rewrite import like

OPS = (
    "Add", "AddV2", "Atan2", "BiasAdd", "Div", "DivNoNan", "Equal", "FloorDiv", "FloorMod",
    "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "Maximum",
    "Minimum", "Mod", "Mul", "NotEqual", "Pow", "RealDiv", "SquaredDifference", "Sub",
)  # fmt: skip
HIGH = 5
HIGHEST = 6


def lower(op: Any, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor | None:
    ranks = a.shape.rank, b.shape.rank
    if None in ranks or max(ranks) < HIGH:
        return None
    if max(ranks) > HIGHEST:
        return _with_fewer_axes(op, a, b)
    if min(ranks) != 1:
        return None
    full = [1] * (max(ranks) - 1) + [-1]
    a, b = (tf.reshape(one, full) if one.shape.rank == 1 else one for one in (a, b))
    if op.type == "BiasAdd":
        return a + b
    return getattr(tf.raw_ops, op.type)(x=a, y=b)


def _with_fewer_axes(op: Any, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor | None:
    if op.type == "BiasAdd":
        return a + b
    rank = max(a.shape.rank, b.shape.rank)
    a, b = (tf.reshape(x, tf.concat([[1] * (rank - x.shape.rank), tf.shape(x)], 0))
            if x.shape.rank < rank else x for x in (a, b))  # fmt: skip
    kinds = [
        # Of a size that is not known nobody knows whether it broadcasts.
        at if None in (one, other) else (-1 if one == other else -2 if one == 1 else -3)
        for at, (one, other) in enumerate(zip(a.shape, b.shape, strict=True))
    ]
    groups = [[at for at, _ in group] for _, group in groupby(enumerate(kinds), lambda one: one[1])]
    if len(groups) > HIGHEST:
        return None
    shape = tf.broadcast_dynamic_shape(tf.shape(a), tf.shape(b))
    merged = (
        tf.reshape(x, tf.stack([tf.reduce_prod(tf.gather(tf.shape(x), group)) for group in groups]))
        for x in (a, b)
    )
    return tf.reshape(like(op, list(merged), {}), shape)
