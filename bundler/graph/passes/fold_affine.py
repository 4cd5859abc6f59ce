"""Folds what scales and shifts a convolution's or product's channels into its weights.

Keras writes batch normalization as Mul and AddV2 by constants, which would be two
more passes over every activation in the browser. Conv -> (Mul | AddV2 | Sub |
BiasAdd by constants)* becomes Conv with scaled weights -> one BiasAdd.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bundler.graph.freeze import Frozen
from bundler.graph.large import Array
from bundler.graph.view import GraphView

# The op, and the axes of its weights that make up the output's channels.
CHANNEL_AXES = {"Conv2D": (3,), "DepthwiseConv2dNative": (2, 3), "MatMul": (1,)}
AFFINE = {"Mul", "AddV2", "Add", "Sub", "BiasAdd"}


def run(frozen: Frozen) -> Frozen:
    view = GraphView(frozen)
    for node in list(frozen.graph.node):
        if _is_foldable(view, node):
            _fold(view, node)
    return frozen


def _is_foldable(view: GraphView, node: Any) -> bool:
    # Looking an absent attribute up would create it.
    if node.op not in CHANNEL_AXES or ("transpose_b" in node.attr and node.attr["transpose_b"].b):
        return False
    if "data_format" in node.attr and node.attr["data_format"].s != b"NHWC":
        return False
    weights = view.constant(view.source(node, 1))
    return weights is not None and weights.dtype == np.float32


def _fold(view: GraphView, node: Any) -> None:
    weights = view.constant(view.source(node, 1))
    assert weights is not None
    channels = int(np.prod([weights.shape[axis] for axis in CHANNEL_AXES[node.op]]))
    scale, shift = np.ones(channels, np.float64), np.zeros(channels, np.float64)
    last, steps, bias_only = node, 0, True
    while found := _next_affine(view, node.op, last, channels):
        last, factor, term = found
        scale, shift = scale * factor, shift * factor + term
        steps += 1
        bias_only = bias_only and last.op == "BiasAdd"
    if steps == 0 or (steps == 1 and bias_only):
        return
    if (scale != 1).any():
        factors = scale.reshape([weights.shape[axis] for axis in CHANNEL_AXES[node.op]])
        scaled = (weights.astype(np.float64) * factors).astype(np.float32)
        node.input[1] = view.add_constant(f"{node.name}/folded_weights", scaled, beside=node)
    bias = view.add_constant(f"{node.name}/folded_bias", shift.astype(np.float32), beside=node)
    added = view.add(f"{node.name}/folded", "BiasAdd", [node.name, bias])
    added.attr["T"].type = node.attr["T"].type
    added.attr["data_format"].s = b"NHWC"
    view.replace(last, added)


def _next_affine(
    view: GraphView, product: str, node: Any, channels: int
) -> tuple[Any, Array, Array] | None:
    """The only user of `node`, its factor and its term by channel, if it is affine."""
    user = view.only_user(node)
    if user is None or user.op not in AFFINE or len(user.input) != 2:
        return None
    position = list(user.input).index(node.name)
    value = view.constant(view.source(user, 1 - position))
    rank = 2 if product == "MatMul" else 4
    if value is None or not _is_by_channel(value, channels, rank):
        return None
    by_channel = np.broadcast_to(value.astype(np.float64).reshape(-1), (channels,))
    one, zero = np.ones(channels), np.zeros(channels)
    if user.op == "Mul":
        return user, by_channel, zero
    if user.op == "Sub":
        return (user, -one, by_channel) if position == 1 else (user, one, -by_channel)
    return user, one, by_channel


def _is_by_channel(value: Array, channels: int, rank: int) -> bool:
    """Whether an array broadcasts along the last axis alone, and leaves the result's rank."""
    if value.dtype != np.float32 or value.ndim > rank:
        return False
    return value.size == 1 or (value.size == channels and value.shape[-1] == channels)
