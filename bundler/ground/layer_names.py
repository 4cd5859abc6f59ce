"""The layers that nodes of a graph belong to, by their names."""

from __future__ import annotations

from itertools import dropwhile, takewhile

# Scopes within a layer, not layers themselves.
CALLS = {"StatefulPartitionedCall", "PartitionedCall", "Func", "input", "output"}
INNER = {"while", "cond", "einsum", "convolution", "body", "lowered"}


def layer_of(node: str) -> str:
    """The layer in a node's name, "functional/dense_1" of "functional/dense_1/Gelu/Erfc".

    Where there is none, the last part of the name.
    """
    return known_layer(node) or op_like(node)


def known_layer(node: str) -> str:
    """The layer in a node's name, or nothing.

    Keras names a scope for each layer; what TensorFlow's functions add begins with a capital, and
    stands before the scopes where a whole model is one function.
    """
    scopes = list(dropwhile(_is_call, node.split("/")[:-1]))
    return "/".join(takewhile(_is_layer, scopes))


def op_like(node: str) -> str:
    """What a node without a layer may be called: its own name, without those of functions."""
    return node.split("/")[-1].split(":")[0]


def _is_call(scope: str) -> bool:
    return scope.rstrip("_0123456789") in CALLS or not scope.strip("_0123456789")


def _is_layer(scope: str) -> bool:
    return scope[:1].islower() and scope.rstrip("_0123456789") not in INNER
