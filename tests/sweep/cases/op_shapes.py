"""keras.ops that move, cut and join."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.sweep.cases.case import Shape, floats, one
from tests.sweep.cases.op_row import FOUR, MATRIX, PICTURE, STEPS, TWO, Row, plain, with_arguments

SEGMENTS = np.array([0, 1, 1, 2])


def _segment(name: str) -> Row:
    def call(o: Any, x: Any) -> Any:
        return getattr(o, name)(x, SEGMENTS, num_segments=3, sorted=False)

    return Row(name, FOUR, call)


SHAPES: list[Row] = [
    *plain("append", TWO),
    *plain("ravel fliplr flipud"),
    *plain("diagflat", FOUR),
    *plain("outer vdot inner correlate", (FOUR, FOUR)),
    *plain("vander", FOUR),
    *plain("nonzero", MATRIX, lambda o, x: o.relu(x)),
    *plain("unique", MATRIX, lambda o, x: o.round(x)),
    Row("concatenate", TWO, lambda o, x: o.concatenate(x)),
    Row("stack", TWO, lambda o, x: o.stack(x)),
    *with_arguments("broadcast_to", floats(1, 4), shape=(2, 5, 4)),
    *with_arguments("diag", FOUR, k=1),
    *with_arguments("diag", MATRIX, "matrix"),
    *with_arguments("diagonal trace", offset=1, axis1=1, axis2=2),
    *with_arguments("expand_dims", axis=2),
    *with_arguments("flip", axis=1),
    *with_arguments("moveaxis", PICTURE, source=1, destination=3),
    *with_arguments("pad", pad_width=[[0, 0], [1, 2], [0, 1]]),
    *with_arguments("pad", STEPS, "reflect", pad_width=[[0, 0], [1, 2], [0, 1]], mode="reflect"),
    *with_arguments(
        "pad", STEPS, "symmetric", pad_width=[[0, 0], [1, 2], [0, 1]], mode="symmetric"
    ),
    *with_arguments("repeat", repeats=3, axis=1),
    *with_arguments("reshape", newshape=(-1, 2, 10)),
    *with_arguments("roll", shift=2, axis=1),
    *with_arguments("rot90", PICTURE, k=1, axes=(1, 2)),
    *with_arguments("squeeze", floats(4, 1, 3), axis=2),
    *with_arguments("swapaxes", axis1=1, axis2=2),
    *with_arguments("tile", repeats=(1, 2, 3)),
    *with_arguments("transpose", PICTURE, axes=(0, 3, 1, 2)),
    *with_arguments("tril triu", k=-1),
    *with_arguments("split", indices_or_sections=2, axis=2),
    *with_arguments("array_split", indices_or_sections=3, axis=2),
    *with_arguments("hsplit", floats(6, 2), indices_or_sections=3),
    *with_arguments("dsplit", indices_or_sections=2),
    *with_arguments("vsplit", Shape((2,), batch=4), indices_or_sections=2),
    *with_arguments("unstack", axis=1),
    *with_arguments("take", indices=[2, 0, 3, 3], axis=1),
    *with_arguments("slice", MATRIX, start_indices=[1, 0], shape=[2, 3]),
    *with_arguments("get_item", key=(slice(None), slice(1, None, 2), 0)),
    *with_arguments("cross", floats(5, 3), x2=np.array([[1.0, 2.0, -1.0]] * 5, "float32")),
    *with_arguments("tensordot", (floats(5, 4), MATRIX), axes=[[2], [1]]),
    *with_arguments("extract_sequences", floats(12), sequence_length=4, sequence_stride=2),
    *with_arguments("fold", floats(8, 9), output_size=(4, 4), kernel_size=2),
    *with_arguments("unfold", one(3, 5, 4), kernel_size=2),
    *with_arguments("depth_to_space", floats(3, 2, 8), block_size=2),
    *with_arguments("space_to_depth", floats(4, 6, 2), block_size=2),
    *with_arguments("unravel_index", Shape((5,), "int32", 1), shape=(2, 3)),
    *with_arguments("rearrange", one(4, 5, 3), pattern="b h w c -> b c (h w)"),
    Row("concatenate", TWO, lambda o, x: o.concatenate(x, axis=1), "axis"),
    Row("stack", TWO, lambda o, x: o.stack(x, axis=2), "axis"),
    Row("hstack", TWO, lambda o, x: o.hstack(x)),
    Row("vstack", TWO, lambda o, x: o.vstack(x)),
    Row("dstack", TWO, lambda o, x: o.dstack(x)),
    Row("dot", TWO, lambda o, x: o.dot(x[0], o.transpose(x[1][0]))),
    Row("matmul", TWO, lambda o, x: o.matmul(x[0], o.transpose(x[1], (0, 2, 1)))),
    Row("einsum", TWO, lambda o, x: o.einsum("bij,bkj->bik", x[0], x[1])),
    Row(
        "einsum",
        (floats(5, 2, 3), floats(4, 2, 3)),
        lambda o, x: o.einsum("aecd,abcd->acbe", x[0], x[1]),
        "heads",
    ),
    Row("meshgrid", (FOUR, FOUR), lambda o, x: o.meshgrid(*x)),
    Row("take_along_axis", STEPS, lambda o, x: o.take_along_axis(x, o.argsort(x, axis=1), axis=1)),
    Row("scatter", FOUR, lambda o, x: o.scatter(np.array([[0], [3], [1], [6]]), x, shape=(8,))),
    Row(
        "scatter_update",
        (MATRIX, FOUR),
        lambda o, x: o.scatter_update(x[0], np.array([[0, 1], [2, 3], [1, 1], [2, 0]]), x[1]),
    ),
    Row("slice_update", (MATRIX, MATRIX), lambda o, x: o.slice_update(x[0], [1, 1], x[1][:2, :3])),
    Row("shape", STEPS, lambda o, x: x * o.shape(x)[1]),
    Row("size", MATRIX, lambda o, x: x * o.cast(o.size(x), "float32")),
    Row("convert_to_tensor", STEPS, lambda o, x: o.convert_to_tensor(x) * 2),
    *(_segment(name) for name in ("segment_max", "segment_min", "segment_prod", "segment_sum")),
]
