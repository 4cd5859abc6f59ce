"""Rewrites of the frozen graph, in this order, each for a reason that its module gives."""

from __future__ import annotations

from typing import Protocol

from bundler.graph.freeze import Frozen
from bundler.graph.passes import drop_control_inputs, fold_affine, fuse_activation, prune, sort


class Pass(Protocol):
    """What a module of this folder offers."""

    def run(self, frozen: Frozen) -> Frozen:
        """Returns the graph with the same answers, rewritten."""


PASSES: tuple[Pass, ...] = (
    drop_control_inputs,
    prune,
    fold_affine,
    prune,
    fuse_activation,
    prune,
    sort,
)


def run_all(frozen: Frozen) -> Frozen:
    for module in PASSES:
        frozen = module.run(frozen)
    return frozen
