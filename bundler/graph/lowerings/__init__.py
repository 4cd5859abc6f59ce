"""Ops that TF.js lacks or gets wrong, made of ops that every backend has: one module each.

Each says why it is there and which model needs it. `python -m tests.sweep` holds them all.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Protocol

from bundler.graph import complex_numbers
from bundler.graph.freeze import Frozen
from bundler.graph.lowerings import (
    arithmetic,
    bincount,
    bits,
    booleans,
    branches,
    casts,
    channels_first,
    colours,
    cross_entropy,
    ctc,
    erfc,
    fake_quantization,
    grouped_convolution,
    high_rank,
    identities,
    linear_algebra,
    matrix_parts,
    normalization,
    padding,
    patches,
    patterns,
    products,
    projective_transform,
    ragged,
    reductions,
    resize,
    segments,
    selection,
    shrinking_slice,
    slice_update,
    softsign,
    special_functions,
    transposed_convolution,
    trigonometry,
    volumes,
    wide_strides,
)
from bundler.graph.rewrite import Lower, replace


class Lowering(Protocol):
    """What a module of this folder offers: `lower` takes the op and its inputs.

    It answers alike for ops that are alike: it looks at no name, and at nothing beside them.
    """

    OPS: tuple[str, ...]
    lower: Lower


MODULES: tuple[ModuleType, ...] = (
    channels_first,  # before all that knows channels behind alone
    arithmetic,
    shrinking_slice,  # before booleans, which has StridedSlice too
    bincount,
    bits,
    branches,
    booleans,
    casts,
    colours,
    cross_entropy,
    ctc,
    erfc,
    fake_quantization,
    grouped_convolution,
    high_rank,
    identities,
    linear_algebra,
    matrix_parts,
    normalization,
    padding,
    patches,
    patterns,
    products,
    projective_transform,
    ragged,
    reductions,
    resize,
    segments,
    selection,
    slice_update,
    softsign,
    special_functions,
    transposed_convolution,  # before volumes, which has its ops without dilation
    trigonometry,
    volumes,
    wide_strides,
)


def _first(lowers: list[Lower]) -> Lower:
    """The answer of the first that gives one."""

    def lower(op: Any, *inputs: Any) -> Any:
        results = (one(op, *inputs) for one in lowers)
        return next((result for result in results if result is not None), None)

    return lower


OPS = sorted({op for module in MODULES for op in module.OPS})
LOWERINGS: dict[str, Lower] = {
    op: _first([module.lower for module in MODULES if op in module.OPS]) for op in OPS
}


def run(frozen: Frozen) -> Frozen:
    return replace(complex_numbers.run(frozen), LOWERINGS, pure=True)
