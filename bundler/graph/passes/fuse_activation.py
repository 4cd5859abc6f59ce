"""Fuses a bias and an activation into the convolution or product before them.

One kernel instead of three saves two passes over every activation. Only biases
of rank 1 and activations that the fused kernels of all backends know are taken:
wasm refuses others.
"""

from __future__ import annotations

from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import GraphView

FUSED = {
    "Conv2D": "_FusedConv2D",
    "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative",
    "MatMul": "_FusedMatMul",
}
ACTIVATIONS = {"Relu", "Relu6", "Elu"}


def run(frozen: Frozen) -> Frozen:
    view = GraphView(frozen)
    for bias in [node for node in frozen.graph.node if node.op == "BiasAdd"]:
        product = view.source(bias, 0)
        value = view.constant(view.source(bias, 1))
        if (
            product.op in FUSED
            and view.only_user(product)
            and value is not None
            and value.ndim == 1
        ):
            user = view.only_user(bias)
            _fuse(view, product, bias, user if user and user.op in ACTIVATIONS else None)
    return frozen


def _fuse(view: GraphView, product: Any, bias: Any, activation: Any | None) -> None:
    last = activation if activation is not None else bias
    fused = view.add(
        f"{last.name}/fused", FUSED[product.op], [product.input[0], product.input[1], bias.input[1]]
    )
    for name, value in product.attr.items():
        fused.attr[name].CopyFrom(value)
    names = [b"BiasAdd"] + ([activation.op.encode()] if activation is not None else [])
    fused.attr["fused_ops"].list.s.extend(names)
    fused.attr["num_args"].i = 1
    fused.attr["epsilon"].f = 0.0
    view.replace(last, fused)
