"""Diagonals, bands and triangles of matrices.

TF.js reads MatrixBandPart's upper bound from the lower one's place, so that causal attention and
`keras.ops.tril` are wrong, and lacks all the others: `keras.ops.diag`, `diagonal`, `trace`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

PART = ("MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3")
MAKE = ("MatrixDiag", "MatrixDiagV2", "MatrixDiagV3")
SET = ("MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3")
OPS = ("MatrixBandPart", "Diag", "DiagPart", "Cross", *PART, *MAKE, *SET)


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.type == "MatrixBandPart":
        return _band(*inputs)
    if op.type == "Cross":
        return _cross(*inputs)
    if op.type == "Diag":
        return _diagonal_tensor(*inputs)
    if op.type == "DiagPart":
        return _diagonal_of_tensor(*inputs)
    align = op.get_attr("align").decode() if op.type.endswith("V3") else "LEFT_LEFT"
    if op.type in PART:
        return _part(align, *inputs)
    if op.type in MAKE:
        return _make(align, *inputs)
    return _set(align, *inputs)


def _band(x: tf.Tensor, lower_count: tf.Tensor, upper_count: tf.Tensor) -> tf.Tensor:
    rows, columns = (tf.shape(x)[at] if x.shape[at] is None else x.shape[at] for at in (-2, -1))
    below = tf.range(rows)[:, None] - tf.range(columns)[None]
    kept = tf.ones_like(below, tf.bool)
    for count, distance in ((lower_count, below), (upper_count, -below)):
        count = tf.cast(count, tf.int32)
        if (known := tf.get_static_value(count)) is None:
            kept = tf.logical_and(kept, tf.logical_or(count < 0, distance <= count))
        elif known >= 0:
            kept = tf.logical_and(kept, distance <= int(known))
    if x.dtype == tf.bool:
        return tf.logical_and(x, kept)
    return tf.where(kept, x, tf.zeros((), x.dtype))


def _cross(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    def turned(z: tf.Tensor, step: int) -> tf.Tensor:
        return tf.gather(z, [(at + step) % 3 for at in range(3)], axis=-1)

    return turned(x, 1) * turned(y, 2) - turned(x, 2) * turned(y, 1)


def _diagonal_tensor(x: tf.Tensor) -> tf.Tensor | None:
    count = x.shape.num_elements()
    if count is None:
        return None
    matrix = tf.reshape(x, [1, count]) * tf.eye(count, dtype=x.dtype)
    return tf.reshape(matrix, [*x.shape, *x.shape])


def _diagonal_of_tensor(x: tf.Tensor) -> tf.Tensor | None:
    if not x.shape.is_fully_defined():
        return None
    half = x.shape[: x.shape.rank // 2]
    count = half.num_elements()
    return tf.reshape(tf.gather(tf.reshape(x, [-1]), np.arange(count) * (count + 1)), half)


class _Diagonals:
    """Where the elements of diagonals `low` to `high` of a matrix lie, by TensorFlow's rules."""

    def __init__(self, rows: int, columns: int, low: int, high: int, align: str) -> None:
        self.rows, self.columns = rows, columns
        self.offsets = {}
        lengths = {
            at: min(rows + min(at, 0), columns - max(at, 0)) for at in range(high, low - 1, -1)
        }
        self.width = max(lengths.values())
        for at, length in lengths.items():
            above, below = align.split("_")
            to_right = (above == "RIGHT" and at >= 0) or (below == "RIGHT" and at <= 0)
            self.offsets[at] = self.width - length if to_right else 0

    def places_in_matrix(self) -> np.ndarray[Any, Any]:
        """For each element of the packed diagonals its place in the flat matrix, or -1."""
        table = np.full((len(self.offsets), self.width), -1)
        for index, (at, offset) in enumerate(self.offsets.items()):
            for step in range(self.width):
                row = step + max(-at, 0) - offset
                column = step + max(at, 0) - offset
                if 0 <= row < self.rows and 0 <= column < self.columns and step >= offset:
                    table[index, step] = row * self.columns + column
        return table

    def places_in_diagonals(self) -> np.ndarray[Any, Any]:
        """For each element of the matrix its place in the flat packed diagonals, or -1."""
        table = np.full(self.rows * self.columns, -1)
        for place, target in enumerate(self.places_in_matrix().ravel()):
            if target >= 0:
                table[target] = place
        return table.reshape(self.rows, self.columns)


def _range(k: tf.Tensor | None) -> tuple[int, int] | None:
    if k is None:
        return 0, 0
    value = tf.get_static_value(k)
    return None if value is None else (int(np.min(value)), int(np.max(value)))


def _part(
    align: str, x: tf.Tensor, k: tf.Tensor | None = None, padding: tf.Tensor | None = None
) -> tf.Tensor | None:
    span, (rows, columns) = _range(k), x.shape[-2:]
    if span is None:
        return None
    if rows is None or columns is None:
        return _part_of_any_size(x, span[0]) if span[0] == span[1] else None
    table = _Diagonals(rows, columns, *span, align).places_in_matrix()
    table = table[0] if span[0] == span[1] else table
    padding = tf.zeros((), x.dtype) if padding is None else padding
    return _look_up(x, 2, table, padding)


def _make(align: str, x: tf.Tensor, *options: tf.Tensor) -> tf.Tensor | None:
    k, *sizes = options[:3] if options else (None,)
    span = _range(k)
    wanted = [tf.get_static_value(size) for size in sizes] or [-1, -1]
    if span is None or any(size is None for size in wanted):
        return None
    low, high = span
    padding = options[3] if len(options) > 3 else tf.zeros((), x.dtype)
    if x.shape[-1] is None:
        return _make_of_any_size(x, low, wanted, padding) if low == high else None
    rows, columns = (int(size) for size in wanted)
    width = x.shape[-1]
    least_rows, least_columns = width + max(-high, 0), width + max(low, 0)
    if rows == -1 and columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows = least_rows if rows == -1 else rows
    columns = least_columns if columns == -1 else columns
    table = _Diagonals(rows, columns, low, high, align).places_in_diagonals()
    return _look_up(x, 1 if low == high else 2, table, padding)


def _part_of_any_size(x: tf.Tensor, offset: int) -> tf.Tensor:
    """One diagonal of matrices whose size is known when they are there."""
    shape = tf.shape(x)
    rows, columns = shape[-2], shape[-1]
    steps = tf.range(tf.minimum(rows + min(offset, 0), columns - max(offset, 0)))
    places = (steps + max(-offset, 0)) * columns + steps + max(offset, 0)
    flat = tf.reshape(x, tf.concat([shape[:-2], [-1]], 0))
    return tf.gather(flat, places, axis=-1)


def _make_of_any_size(
    x: tf.Tensor, offset: int, wanted: list[Any], padding: tf.Tensor
) -> tf.Tensor:
    """Matrices with one diagonal whose length is known when it is there."""
    width = tf.shape(x)[-1]
    rows, columns = (int(size) for size in wanted)
    is_square = rows == columns == -1
    above, beside = (abs(offset),) * 2 if is_square else (max(-offset, 0), max(offset, 0))
    row = tf.range(width + above if rows == -1 else rows)
    column = tf.range(width + beside if columns == -1 else columns)
    step = row - max(-offset, 0)
    values = tf.gather(x, tf.clip_by_value(step, 0, width - 1), axis=-1)
    is_there = tf.logical_and(step >= 0, step < width)[:, None]
    is_diagonal = tf.equal(column[None], row[:, None] + offset)
    kept = tf.logical_and(is_there, is_diagonal)
    return tf.where(kept, values[..., None], tf.cast(padding, x.dtype))


def _set(
    align: str, x: tf.Tensor, diagonal: tf.Tensor, k: tf.Tensor | None = None
) -> tf.Tensor | None:
    span, (rows, columns) = _range(k), x.shape[-2:]
    if span is None or rows is None or columns is None:
        return None
    table = _Diagonals(rows, columns, *span, align).places_in_diagonals()
    return _look_up(diagonal, 1 if span[0] == span[1] else 2, table, x)


def _look_up(
    x: tf.Tensor, dimensions: int, table: np.ndarray[Any, Any], otherwise: tf.Tensor
) -> tf.Tensor:
    """The elements of the last dimensions at the places of a table, others where it says -1."""
    flat = tf.reshape(x, tf.concat([tf.shape(x)[:-dimensions], [-1]], 0))
    known = [*x.shape[:-dimensions], x.shape[-dimensions:].num_elements()]
    flat = tf.ensure_shape(flat, known)
    found = tf.gather(flat, np.maximum(table, 0).ravel().astype(np.int32), axis=-1)
    shape = tf.concat([tf.shape(x)[:-dimensions], table.shape], 0)
    found = tf.ensure_shape(tf.reshape(found, shape), [*x.shape[:-dimensions], *table.shape])
    if (table >= 0).all():
        return found
    return tf.where(tf.constant(table >= 0), found, tf.cast(otherwise, x.dtype))
