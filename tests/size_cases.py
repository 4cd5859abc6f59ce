"""Tensors of unusual sizes, without elements or of a high rank, and values rounded to few bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.graphs import Array, Case, floats, integers
from tests.models import tf

X = floats(2, 5)
ROWS = floats(3, 3)
HIGH, LOW = floats(2, 2, 1, 2, 3, 1, 2), floats(1, 1, 1, 2, 3, 1, 2)
GRID = floats(4, 9, 3)
STEPS = (np.arange(-60, 60, dtype=np.float32) / 20)[None]
# Of rows of three numbers, of which there is none.
OF_NO_ROWS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda k: [tf.reduce_sum(k, 0), tf.reduce_sum(k), tf.reduce_sum(k, 1)],
    "sum_of_integers": lambda k: tf.reduce_sum(tf.cast(k, tf.int32), 0),
    "product": lambda k: [tf.reduce_prod(k, 0), tf.reduce_prod(tf.cast(k, tf.int32), 0)],
    "largest": lambda k: [
        tf.reduce_max(tf.cast(k, tf.int32), 0), tf.maximum(tf.reduce_max(k, 0), 0.0),
    ],
    "smallest": lambda k: [
        tf.reduce_min(tf.cast(k, tf.int32)), tf.minimum(tf.reduce_min(k, 0), 0.0),
    ],
    "any_and_all": lambda k: [
        reduce(k > 0, axis) for reduce in (tf.reduce_any, tf.reduce_all) for axis in (0, None)
    ],
    "products": lambda k: [
        tf.matmul(k, k, transpose_a=True),
        tf.matmul(k, tf.ones((3, 4))),
        tf.einsum("ni,nj->ij", k, k),
    ],
    "concatenated": lambda k: tf.concat([k, tf.ones((1, 3))], 0),
    "padded": lambda k: tf.pad(k, [[1, 1], [2, 0]], constant_values=3.0),
    "segments": lambda k: [
        f(k, tf.zeros(tf.shape(k)[:1], tf.int32), 2)
        for f in (tf.math.unsorted_segment_sum, tf.math.unsorted_segment_max)
    ],
    "norm": lambda k: tf.norm(k, axis=0),
    "one_hot": lambda k: tf.reduce_sum(tf.one_hot(tf.cast(k[:, 1], tf.int32), 4), 0),
    "gathered": lambda k: tf.gather(tf.ones((1, 3)), tf.cast(k[:, 0], tf.int32)),
    "sorted": lambda k: [tf.sort(k, 0), tf.math.top_k(k, 2)[0]],
    "scattered": lambda k: tf.scatter_nd(tf.cast(k[:, :1], tf.int32), k, [4, 3]),
    "counted": lambda k: tf.math.bincount(tf.cast(k[:, 0], tf.int32), minlength=3),
    "dense": lambda k: tf.nn.relu(tf.nn.bias_add(tf.matmul(k, tf.ones((3, 4))), tf.ones(4))),
    "pictures": lambda k: tf.nn.max_pool2d(k[:, :, None, None], 2, 1, "SAME"),
}  # fmt: skip


def _of_no_rows(function: Callable[[Any], Any]) -> Case:
    return Case(lambda x: function(tf.boolean_mask(x, x[:, 0] > 1e9)), (ROWS,))


def _case(function: Callable[..., Any], *inputs: Array) -> Case:
    return Case(function, inputs)


GATHERED = _case(
    lambda x: [
        tf.gather(x[:, :0], [1, 0, 1]),
        tf.gather(x[:, None, :0], [0, 0], axis=1),
        tf.gather(x[:0], [0, 1], axis=1),
        tf.concat([tf.gather(x[:, :0], [1]), x[:1]], 1),
    ],
    X,
)

quantization = tf.quantization
CASES: dict[str, Case] = {
    **{f"no_rows_{name}": _of_no_rows(function) for name, function in OF_NO_ROWS.items()},
    "no_columns": _case(
        lambda x: [
            x[:, :0],
            tf.concat([x[:, :0], x], 1),
            tf.reduce_sum(x[:, :0], 1),
            tf.reduce_prod(x[:, :0], 1, keepdims=True),
            tf.reduce_all(x[:, :0] > 0, 1),
            tf.matmul(x[:, :0], tf.zeros((0, 4))),
        ],
        X,
    ),
    "rank_7": _case(
        lambda x, y: [x + y, x * y, x - 1.0, 1.0 - x, x / (2.0 + tf.abs(y)), x + y[0, 0, 0, 0, 0]],
        HIGH,
        LOW,
    ),
    "rank_7_compared": _case(
        lambda x, y: [tf.maximum(x, y), tf.where(x > y, x, y), tf.cast(tf.equal(x, y), tf.int32)],
        HIGH,
        LOW,
    ),
    "rank_7_moved": _case(
        lambda x: [
            tf.reduce_sum(x, [1, 3]),
            tf.transpose(x, [6, 5, 4, 3, 2, 1, 0]),
            tf.tile(x, [1, 2, 1, 1, 1, 1, 1]),
            tf.gather(x, [1, 0], axis=1),
            tf.cumsum(x, 3),
        ],
        HIGH,
    ),
    "rolled": _case(
        lambda x: [
            tf.roll(x, [-2, 3], [0, 1]),
            tf.roll(x, [1, 1, -7], [1, 1, 0]),
            tf.roll(x, -13, -1),
        ],
        X,
    ),
    "rolled_integers": _case(lambda x: tf.roll(x, [2, -1], [1, 2]), integers(2, 3, 4)),
    "rolled_by_an_input": _case(lambda x, s: tf.roll(x, s, 1), X, np.array(2, np.int32)),
    "rounded_to_bits": _case(
        lambda x: [
            quantization.fake_quant_with_min_max_args(x, -1, 1),
            quantization.fake_quant_with_min_max_args(x, -0.7, 1.9, 4),
            quantization.fake_quant_with_min_max_args(x, 0, 1.5, 8, True),
            quantization.fake_quant_with_min_max_args(x, -1.1, 0, 3, True),
        ],
        GRID,
    ),
    "rounded_in_the_middle": _case(
        lambda x: quantization.fake_quant_with_min_max_args(x, -12.8, 12.7), STEPS
    ),
    "rounded_to_bits_of_variables": _case(
        lambda x: [
            quantization.fake_quant_with_min_max_vars(x, tf.reduce_min(x), tf.reduce_max(x), 5),
            quantization.fake_quant_with_min_max_vars(x, 0.3, 1.5, 8),
            quantization.fake_quant_with_min_max_vars(x, -1.5, -0.2, 8, True),
            quantization.fake_quant_with_min_max_vars(x, 0.0, 0.0),
        ],
        GRID,
    ),
    "rounded_by_channel": _case(
        lambda x: [
            quantization.fake_quant_with_min_max_vars_per_channel(
                x, tf.constant([-1.0, 0.0, -2.0]), tf.constant([1.0, 1.5, 0.1]), bits, narrow
            )
            for bits in (8, 4)
            for narrow in (False, True)
        ],
        GRID,
    ),
    "rounded_there_and_back": _case(
        lambda x: [
            quantization.quantize_and_dequantize_v2(x, -1.0, 1.0, range_given=True),
            quantization.quantize_and_dequantize_v2(x, -1.0, 1.0, range_given=False),
            quantization.quantize_and_dequantize_v2(
                x, 0.0, 2.0, signed_input=False, range_given=True, num_bits=4
            ),
            quantization.quantize_and_dequantize_v2(
                x, -2.0, 1.5, range_given=True, round_mode="HALF_UP", narrow_range=True
            ),
        ],
        GRID,
    ),
    "constants_and_inputs": _case(
        lambda x: [tf.constant([1.0, 2.0]), x, x, tf.shape(x), tf.constant(3), tf.ones((300, 300))],
        X,
    ),
}
