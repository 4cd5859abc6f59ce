"""keras.ops of linear algebra and Fourier transforms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.sweep.cases.case import Shape, floats
from tests.sweep.cases.op_row import Row, plain, with_arguments

SQUARE = floats(4, 4)
SIGNAL = floats(32)


def _regular(o: Any, x: Any) -> Any:
    """A matrix far from singular."""
    return x + 4.0 * np.eye(4, dtype="float32")


def _definite(o: Any, x: Any) -> Any:
    """A symmetric, positive definite matrix."""
    return o.matmul(x, o.transpose(x, (0, 2, 1))) + np.eye(4, dtype="float32")


def _rebuilt(name: str) -> Row:
    """The factors' product: their signs are free."""

    def call(o: Any, x: Any) -> Any:
        if name == "qr":
            q, r = o.qr(_regular(o, x))
            return o.matmul(q, r), o.abs(r)
        if name == "svd":
            u, s, v = o.svd(_regular(o, x))
            return s, o.matmul(u * o.expand_dims(s, 1), v)
        values, vectors = o.eigh(_definite(o, x))
        return values, o.abs(vectors)

    return Row(name, SQUARE, call)


def _complex(name: str, inputs: Any, **arguments: Any) -> Row:
    return Row(name, (inputs, inputs), lambda o, x: getattr(o, name)(tuple(x), **arguments))


LINEAR_ALGEBRA: list[Row] = [
    *plain("cholesky cholesky_inverse", SQUARE, _definite),
    *plain("inv det slogdet logdet matrix_rank", SQUARE, _regular),
    *plain("lu_factor", Shape((4,), batch=4), _regular),
    *plain("pinv", floats(4, 3)),
    *(_rebuilt(name) for name in ("qr", "svd", "eigh")),
    Row("eig", SQUARE, lambda o, x: o.real(o.eig(_definite(o, x))[0])),
    Row("solve", (SQUARE, floats(4, 2)), lambda o, x: o.solve(_regular(o, x[0]), x[1])),
    Row(
        "solve_triangular",
        (SQUARE, floats(4, 2)),
        lambda o, x: o.solve_triangular(_regular(o, x[0]), x[1], lower=True),
    ),
    Row("lstsq", (SQUARE, floats(4, 2)), lambda o, x: o.lstsq(_regular(o, x[0])[0], x[1][0])),
    _complex("fft", SIGNAL),
    _complex("fft2", floats(8, 8)),
    _complex("ifft2", floats(8, 8)),
    _complex("irfft", floats(17)),
    *plain("rfft", SIGNAL),
    *with_arguments("rfft", floats(30), "padded", fft_length=64),
    *with_arguments("stft", floats(64), sequence_length=16, sequence_stride=8, fft_length=16),
    _complex("istft", floats(9, 9), sequence_length=16, sequence_stride=8, fft_length=16),
]
