"""Every function of keras.ops, each in a functional model; what the tables lack is missing."""

from __future__ import annotations

import inspect
from typing import Any

from tests.sweep.cases.case import Case, functional
from tests.sweep.cases.op_functions import FUNCTIONS
from tests.sweep.cases.op_images import IMAGES
from tests.sweep.cases.op_linear_algebra import LINEAR_ALGEBRA
from tests.sweep.cases.op_networks import NETWORKS
from tests.sweep.cases.op_numbers import NUMBERS
from tests.sweep.cases.op_row import Row
from tests.sweep.cases.op_shapes import SHAPES

# Functions that take no tensor of a graph, or give none.
NO_GRAPH = {
    "arange", "array", "bartlett", "blackman", "convert_to_numpy", "custom_gradient", "dtype",
    "empty", "empty_like", "eye", "full", "geomspace", "hamming", "hanning", "identity",
    "is_tensor", "jvp", "kaiser", "linspace", "logspace", "ndim", "ones", "tri", "zeros",
}  # fmt: skip
# Functions that Keras 3.15 itself cannot trace in a functional model.
UNTRACEABLE = {
    "conv_transpose", "corrcoef", "histogram", "isin", "kron", "vectorize", "view_as_complex",
    "view_as_real",
}  # fmt: skip
TABLES = (NUMBERS, SHAPES, NETWORKS, LINEAR_ALGEBRA, IMAGES, FUNCTIONS)


def cases() -> list[Case]:
    """A case for each row, and those functions that have none."""
    import keras

    rows = [item for table in TABLES for item in table]
    exported = _functions(keras.ops)
    exported |= {f"image.{name}" for name in _functions(keras.ops.image)}
    covered = {item.name for item in rows}
    missing = [Case(name) for name in sorted(exported - covered - NO_GRAPH - UNTRACEABLE)]
    known = [item for item in rows if item.name in exported]
    return [*(_case(keras, item) for item in known), *missing]


def _functions(module: Any) -> set[str]:
    names = {name for name in dir(module) if name[0] != "_"}
    return {name for name in names if inspect.isfunction(getattr(module, name))}


def _case(keras: Any, item: Row) -> Case:
    def make() -> Any:
        return functional(keras, item.inputs, lambda x: item.call(keras.ops, x))

    name = f"{item.name}-{item.label}" if item.label else item.name
    return Case(name, make, trusted=item.trusted)
