"""Splits kernels that no texture holds, by their output's channels.

WebGL keeps a value to a texel: of VGG's first dense layer, 25088 × 4096 weights, no browser
without a large GPU has a texture. Each part is a layer of fewer channels, every one of which is
computed as before, and what they give is put side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bundler.graph.freeze import Frozen
from bundler.graph.large import Array
from bundler.graph.view import GraphView

# What phones hold as well: textures of 4096 × 4096.
MOST_ELEMENTS = 1 << 24
# The axis of a kernel that becomes the last one of the output.
CHANNELS = {"MatMul": 1, "Conv2D": 3}


def run(frozen: Frozen) -> Frozen:
    view = GraphView(frozen)
    for node in list(frozen.graph.node):
        axis = _axis(node)
        if axis is None:
            continue
        kernel = view.constant(view.source(node, 1))
        if kernel is not None and kernel.size > MOST_ELEMENTS:
            _split(view, node, kernel, axis)
    return frozen


def _axis(node: Any) -> int | None:
    """Where the kernel has its output's channels, if these are the output's last axis."""
    # Looking an absent attribute up would create it.
    if "data_format" in node.attr and node.attr["data_format"].s != b"NHWC":
        return None
    axis = CHANNELS.get(node.op)
    is_transposed = "transpose_b" in node.attr and node.attr["transpose_b"].b
    return 0 if axis == 1 and is_transposed else axis


def _split(view: GraphView, node: Any, kernel: Array, axis: int) -> None:
    count = min(-(-kernel.size // MOST_ELEMENTS), kernel.shape[axis])
    parts = []
    for index, part in enumerate(np.array_split(kernel, count, axis)):
        name = f"{node.name}/part_{index}"
        constant = view.add_constant(f"{name}/kernel", np.ascontiguousarray(part), beside=node)
        added = view.add(name, node.op, [node.input[0], constant])
        for key, value in node.attr.items():
            if key != "_output_shapes":
                added.attr[key].CopyFrom(value)
        parts.append(added.name)
    # Kernels have as many axes as what they give.
    last = np.array(kernel.ndim - 1, np.int32)
    channels = view.add_constant(f"{node.name}/channels", last, beside=node)
    joined = view.add(f"{node.name}/joined", "ConcatV2", [*parts, channels])
    joined.attr["N"].i = len(parts)
    joined.attr["T"].type = node.attr["T"].type
    joined.attr["Tidx"].type = view.nodes[channels].attr["dtype"].type
    view.replace(node, joined)
