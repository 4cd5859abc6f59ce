"""Rewrites of the frozen graph, in this order, each for a reason that its module gives."""

from __future__ import annotations

from typing import Protocol

from bundler.graph.freeze import Frozen
from bundler.graph.passes import (
    anchor,
    drop_control_inputs,
    fold_affine,
    fold_weights,
    fuse_activation,
    lookup_tables,
    prune,
    regex,
    sort,
    split_kernels,
    texts,
)


class Pass(Protocol):
    """What a module of this folder offers."""

    def run(self, frozen: Frozen) -> Frozen:
        """Returns the graph with the same answers, rewritten."""


# TensorFlow itself can run what these leave.
REWRITES: tuple[Pass, ...] = (prune, fold_weights, fold_affine, split_kernels, prune)
# What is left is for TF.js alone.
FUSIONS: tuple[Pass, ...] = (
    anchor,
    drop_control_inputs,
    prune,
    texts,
    regex,
    lookup_tables,
    prune,
    fuse_activation,
    prune,
    sort,
)


def run(frozen: Frozen, modules: tuple[Pass, ...]) -> Frozen:
    for module in modules:
        frozen = module.run(frozen)
    return frozen


def run_all(frozen: Frozen) -> Frozen:
    return run(frozen, REWRITES + FUSIONS)
