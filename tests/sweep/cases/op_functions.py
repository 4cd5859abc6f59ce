"""keras.ops that take functions, or that Keras cannot save by themselves: as a Lambda's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sweep.cases.case import Shape
from tests.sweep.cases.op_row import PICTURE, STEPS, Row


def _row(
    name: str,
    call: Callable[[Any], Any],
    inputs: Shape = STEPS,
    shape: tuple[int | None, ...] = STEPS.shape,
) -> Row:
    def make(_: Any, x: Any) -> Any:
        import keras

        return keras.layers.Lambda(call, output_shape=shape)(x)

    return Row(name, inputs, make, trusted=True)


# The code is marshalled without the module around it: each finds keras by itself.
FUNCTIONS: list[Row] = [
    _row(
        "cond",
        lambda x: (lambda o: o.cond(o.sum(x) > 0, lambda: x * 2, lambda: x - 1))(
            __import__("keras").ops
        ),
    ),
    _row(
        "switch",
        lambda x: (
            lambda o: o.switch(
                o.cast(o.abs(x[0, 0, 0]), "int32"), [lambda y: y * 2, lambda y: y - 1], x
            )
        )(__import__("keras").ops),
    ),
    _row(
        "while_loop",
        lambda x: (
            lambda o: o.while_loop(
                lambda i, y: i < 3, lambda i, y: (i + 1, o.tanh(y) * 1.5), (0, x)
            )[1]
        )(__import__("keras").ops),
    ),
    _row(
        "fori_loop",
        lambda x: (lambda o: o.fori_loop(0, 3, lambda i, y: o.tanh(y) * 1.5, x))(
            __import__("keras").ops
        ),
    ),
    _row("map", lambda x: (lambda o: o.map(lambda y: o.tanh(y) + 1, x))(__import__("keras").ops)),
    _row(
        "vectorized_map",
        lambda x: (lambda o: o.vectorized_map(lambda y: y * o.sum(y), x))(__import__("keras").ops),
    ),
    _row(
        "scan",
        lambda x: (
            lambda o: o.transpose(
                o.scan(
                    lambda total, y: (total + y, total * y),
                    o.zeros_like(x[:, 0]),
                    o.transpose(x, (1, 0, 2)),
                )[1],
                (1, 0, 2),
            )
        )(__import__("keras").ops),
    ),
    _row(
        "associative_scan",
        lambda x: (lambda o: o.associative_scan(lambda a, b: a + b, x, axis=1))(
            __import__("keras").ops
        ),
    ),
    _row(
        "adaptive_average_pool",
        lambda x: __import__("keras").ops.adaptive_average_pool(x, (2, 3)),
        PICTURE,
        (2, 3, 3),
    ),
    _row(
        "adaptive_max_pool",
        lambda x: __import__("keras").ops.adaptive_max_pool(x, (2, 3)),
        PICTURE,
        (2, 3, 3),
    ),
]
