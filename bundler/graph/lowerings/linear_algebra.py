"""Linear algebra on small matrices of known size, unrolled.

TF.js has none of it: `keras.ops.inv`, `det`, `solve`, `cholesky`, `qr`, `eigh`, `svd`, `lu_factor`.
Signs are those of LAPACK, which TensorFlow's answers have: of R's diagonal by Householder's
reflections; eigenvectors and singular vectors have signs that no rule gives, and stay refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = (
    "Cholesky", "MatrixInverse", "MatrixDeterminant", "LogMatrixDeterminant", "MatrixSolve",
    "MatrixTriangularSolve", "Qr", "SelfAdjointEigV2", "Svd", "TridiagonalMatMul",
)  # fmt: skip
# A larger one would make a graph of thousands of nodes.
MOST_ROWS = 16
# Jacobi's method doubles the digits at each sweep in the end.
SWEEPS = 6


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | list[tf.Tensor] | None:
    if op.type == "TridiagonalMatMul":
        return _tridiagonal(*inputs)
    rows, columns = inputs[0].shape[-2:]
    if rows is None or columns is None or max(rows, columns) > MOST_ROWS:
        return None
    if inputs[0].dtype != tf.float32 or 0 in (rows, columns):
        return None
    return _LOWER[op.type](op, *inputs)


def _row(x: tf.Tensor, at: int) -> tf.Tensor:
    return tf.gather(x, [at], axis=-2)


def _column(x: tf.Tensor, at: int) -> tf.Tensor:
    return tf.gather(x, [at], axis=-1)


def _unit(count: int, at: int) -> tf.Tensor:
    """A column with a one in it."""
    return tf.constant(np.eye(count, dtype=np.float32)[:, at : at + 1])


def _transposed(x: tf.Tensor) -> tf.Tensor:
    return tf.linalg.matrix_transpose(x)


def _cholesky(op: Any, x: tf.Tensor) -> tf.Tensor:
    """By columns, outer products taken away from what is left."""
    count = x.shape[-1]
    columns = []
    for at in range(count):
        below = tf.constant((np.arange(count) >= at).astype(np.float32)[:, None])
        column = _column(x, at) * below * tf.math.rsqrt(_row(_column(x, at), at))
        columns.append(column)
        x = x - column * _transposed(column)
    return tf.concat(columns, -1)


def _eliminate(
    x: tf.Tensor, right: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
    """Gauss and Jordan with row exchanges: the pivots, the exchanges' sign, the solution.

    Without a right side only what is below the pivots is made zero.
    """
    count = x.shape[-1]
    pivots, sign = [], tf.ones_like(x[..., :1, :1])
    for at in range(count):
        open_rows = tf.constant((np.arange(count) >= at).astype(np.float32)[:, None])
        size = tf.abs(_column(x, at)) * open_rows - (1.0 - open_rows)
        best = tf.argmax(size[..., 0], -1, tf.int32)[..., None, None]
        chosen = tf.cast(tf.equal(best, tf.range(count)[:, None]), tf.float32)
        own = _unit(count, at)
        moved = tf.cast(tf.not_equal(best, at), tf.float32)
        sign = sign * (1.0 - 2.0 * moved)
        pivot_row = tf.reduce_sum(x * chosen, -2, keepdims=True)
        x = x + (chosen - own) * (_row(x, at) - pivot_row)
        pivot = _column(pivot_row, at)
        pivots.append(pivot)
        others = (
            1.0 - own
            if right is not None
            else tf.constant((np.arange(count) > at).astype(np.float32)[:, None])
        )
        safe = (
            tf.where(tf.equal(pivot, 0.0), tf.ones_like(pivot), pivot) if right is None else pivot
        )
        factors = _column(x, at) * others / safe
        x = x - factors * pivot_row
        if right is not None:
            right_row = tf.reduce_sum(right * chosen, -2, keepdims=True)
            right = right + (chosen - own) * (_row(right, at) - right_row)
            right = right - factors * right_row
    diagonal = tf.concat(pivots, -2)
    return diagonal, sign, None if right is None else right / diagonal


def _inverse(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    x = _transposed(x) if op.get_attr("adjoint") else x
    one = tf.eye(x.shape[-1]) + tf.zeros_like(x)
    return _eliminate(x, one)[2]


def _solve(op: Any, x: tf.Tensor, right: tf.Tensor) -> tf.Tensor | None:
    return _eliminate(_transposed(x) if op.get_attr("adjoint") else x, right)[2]


def _determinant(op: Any, x: tf.Tensor) -> tf.Tensor:
    pivots, sign, _ = _eliminate(x, None)
    return tf.reduce_prod(pivots, [-2, -1]) * sign[..., 0, 0]


def _log_determinant(op: Any, x: tf.Tensor) -> list[tf.Tensor]:
    pivots, sign, _ = _eliminate(x, None)
    signs = tf.reduce_prod(tf.sign(pivots), [-2, -1]) * sign[..., 0, 0]
    return [signs, tf.reduce_sum(tf.math.log(tf.abs(pivots)), [-2, -1])]


def _triangular_solve(op: Any, x: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    """Substitution, forward or backward."""
    is_lower = op.get_attr("lower")
    if op.get_attr("adjoint"):
        x, is_lower = _transposed(x), not is_lower
    count = x.shape[-1]
    order = range(count) if is_lower else range(count - 1, -1, -1)
    solved: dict[int, tf.Tensor] = {}
    for at in order:
        solution = _row(right, at) / _row(_column(x, at), at)
        solved[at] = solution
        right = right - _column(x, at) * solution
    return tf.concat([solved[at] for at in range(count)], -2)


def _qr(op: Any, x: tf.Tensor) -> list[tf.Tensor]:
    """Householder's reflections with LAPACK's signs."""
    rows, columns = x.shape[-2:]
    q = tf.eye(rows) + tf.zeros_like(tf.matmul(x, x, transpose_b=True))
    for at in range(min(rows - 1, columns)):
        below = tf.constant((np.arange(rows) > at).astype(np.float32)[:, None])
        own = _unit(rows, at)
        alpha = _row(_column(x, at), at)
        tail = _column(x, at) * below
        rest = tf.reduce_sum(tf.square(tail), [-2, -1], keepdims=True)
        beta = -tf.where(alpha < 0.0, -1.0, 1.0) * tf.sqrt(tf.square(alpha) + rest)
        # A column that is zero below needs no reflection.
        needed = rest > 0.0
        safe_beta = tf.where(needed, beta, tf.ones_like(beta))
        safe_difference = tf.where(needed, alpha - beta, tf.ones_like(beta))
        factor = tf.where(needed, (safe_beta - alpha) / safe_beta, tf.zeros_like(beta))
        v = own + tail / safe_difference
        x = x - factor * v * tf.matmul(v, x, transpose_a=True)
        q = q - factor * tf.matmul(q, v) * _transposed(v)
    triangle = tf.constant(np.triu(np.ones((rows, columns), np.float32)))
    r = x * triangle
    if op.get_attr("full_matrices") or rows <= columns:
        return [q, r]
    kept = list(range(columns))
    return [tf.gather(q, kept, axis=-1), tf.gather(r, kept, axis=-2)]


def _eigenvalues(x: tf.Tensor) -> tf.Tensor:
    """Jacobi's rotations; ascending."""
    count = x.shape[-1]
    for _ in range(SWEEPS):
        for first in range(count - 1):
            for second in range(first + 1, count):
                x = _rotate(x, count, first, second)
    return tf.sort(tf.linalg.diag_part(x), -1)


def _rotate(x: tf.Tensor, count: int, first: int, second: int) -> tf.Tensor:
    """Makes one element beside the diagonal zero."""
    beside = _row(_column(x, second), first)
    zero = tf.equal(beside, 0.0)
    difference = _row(_column(x, second), second) - _row(_column(x, first), first)
    theta = difference / (2.0 * tf.where(zero, tf.ones_like(beside), beside))
    sign = tf.where(theta < 0.0, -1.0, 1.0)
    tangent = sign / (tf.abs(theta) + tf.sqrt(tf.square(theta) + 1.0))
    tangent = tf.where(zero, tf.zeros_like(tangent), tangent)
    cosine = tf.math.rsqrt(tf.square(tangent) + 1.0)
    sine = tangent * cosine
    left, right = _unit(count, first), _unit(count, second)
    on, off = left * _transposed(left) + right * _transposed(right), left * _transposed(right)
    turn = tf.eye(count) + (cosine - 1.0) * on + sine * (off - tf.transpose(off))
    return tf.matmul(tf.matmul(turn, x, transpose_a=True), turn)


def _eigen(op: Any, x: tf.Tensor) -> list[tf.Tensor] | None:
    if op.get_attr("compute_v"):
        return None
    lower_half = tf.linalg.band_part(x, -1, 0)
    symmetric = lower_half + _transposed(tf.linalg.set_diag(lower_half, tf.zeros_like(x[..., 0])))
    return [_eigenvalues(symmetric), tf.zeros([0])]


def _singular_values(op: Any, x: tf.Tensor) -> list[tf.Tensor] | None:
    """One-sided Jacobi: columns are turned until they are orthogonal; their lengths."""
    if op.get_attr("compute_uv"):
        return None
    x = _transposed(x) if x.shape[-1] > x.shape[-2] else x
    count = x.shape[-1]
    for _ in range(SWEEPS):
        for first in range(count - 1):
            for second in range(first + 1, count):
                x = _orthogonalise(x, count, first, second)
    lengths = tf.sqrt(tf.reduce_sum(tf.square(x), -2))
    return [tf.sort(lengths, -1, "DESCENDING"), tf.zeros([0]), tf.zeros([0])]


def _orthogonalise(x: tf.Tensor, count: int, first: int, second: int) -> tf.Tensor:
    left, right = _column(x, first), _column(x, second)
    total = [
        tf.reduce_sum(one * other, -2, keepdims=True)
        for one, other in ((left, left), (right, right), (left, right))
    ]
    zero = tf.equal(total[2], 0.0)
    theta = (total[1] - total[0]) / (2.0 * tf.where(zero, tf.ones_like(total[2]), total[2]))
    sign = tf.where(theta < 0.0, -1.0, 1.0)
    tangent = sign / (tf.abs(theta) + tf.sqrt(tf.square(theta) + 1.0))
    tangent = tf.where(zero, tf.zeros_like(tangent), tangent)
    cosine = tf.math.rsqrt(tf.square(tangent) + 1.0)
    sine = tangent * cosine
    turned = {first: cosine * left - sine * right, second: sine * left + cosine * right}
    return tf.concat([turned[at] if at in turned else _column(x, at) for at in range(count)], -1)


def _tridiagonal(above: tf.Tensor, middle: tf.Tensor, below: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Each diagonal is a row `[..., 1, n]`, by which rows of `x` and their neighbours count."""
    up, own, down = (tf.linalg.matrix_transpose(one) for one in (above, middle, below))
    zero = tf.zeros_like(x[..., :1, :])
    after = tf.concat([x[..., 1:, :], zero], -2)
    before = tf.concat([zero, x[..., :-1, :]], -2)
    return up * after + own * x + down * before


_LOWER: dict[str, Any] = {
    "Cholesky": _cholesky,
    "MatrixInverse": _inverse,
    "MatrixSolve": _solve,
    "MatrixDeterminant": _determinant,
    "LogMatrixDeterminant": _log_determinant,
    "MatrixTriangularSolve": _triangular_solve,
    "Qr": _qr,
    "SelfAdjointEigV2": _eigen,
    "Svd": _singular_values,
}
