"""Pictures and volumes whose channels come first: wasm refuses them, other kernels get them wrong.

`data_format="channels_first"` in Keras, most models that come from PyTorch by way of ONNX. The op
works on the channels as TF.js has them, between transpositions, of which Grappler removes those
that meet.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from bundler.graph.rewrite import like

# Each op's input that is a picture or a volume, and the attributes that have a value by axis.
PICTURES = {
    "Conv2D": 0, "DepthwiseConv2dNative": 0, "Conv2DBackpropInput": 2, "MaxPool": 0, "MaxPoolV2": 0,
    "AvgPool": 0, "BiasAdd": 0, "DepthToSpace": 0, "SpaceToDepth": 0, "Conv3D": 0, "MaxPool3D": 0,
    "AvgPool3D": 0, "Conv3DBackpropInputV2": 2,
}  # fmt: skip
BY_AXIS = ("strides", "ksize", "dilations")
OPS = tuple(PICTURES)


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    place = PICTURES[op.type]
    rank = inputs[place].shape.rank
    if op.get_attr("data_format") not in (b"NCHW", b"NCDHW") or rank not in (4, 5):
        return None
    last = [0, *range(2, rank), 1]
    changes: dict[str, Any] = {"data_format": b"NHWC" if rank == 4 else b"NDHWC"}
    for name in BY_AXIS:
        if name in op.node_def.attr:
            changes[name] = [op.get_attr(name)[axis] for axis in last]
    paddings = op.node_def.attr["explicit_paddings"].list.i if op.type.startswith("Conv2D") else []
    if paddings:
        changes["explicit_paddings"] = [
            paddings[2 * axis + side] for axis in last for side in (0, 1)
        ]
    moved = list(inputs)
    moved[place] = tf.transpose(inputs[place], last)
    if "BackpropInput" in op.type:
        # In pieces: then TensorFlow knows the sizes that are known.
        sizes = inputs[0]
        moved[0] = tf.concat([sizes[:1], sizes[2:], sizes[1:2]], 0)
    if op.type == "BiasAdd":
        changes["data_format"] = b"NHWC"
    return tf.transpose(like(op, moved, changes), [0, rank - 1, *range(1, rank - 1)])
