"""Small functions, each of ops that TF.js lacks or gets wrong, with inputs that show it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.graphs import Array, Case, floats, integers
from tests.models import tf

raw = tf.raw_ops
X = floats(2, 5)
POSITIVE = floats(2, 5, low=0.1, high=3.0)
IMAGE = floats(2, 6, 7, 3, low=0.0, high=1.0)
VOLUME = floats(2, 5, 6, 7, 3)
SQUARE = floats(2, 4, 4)
DEFINITE = (SQUARE @ SQUARE.transpose(0, 2, 1) + 0.5 * np.eye(4)).astype(np.float32)
BITS = integers(3, 6, low=-(2**31), high=2**31 - 1)
SHIFTS = integers(3, 6, low=0, high=31)
SPECIAL = np.array([[np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.5, 0.5]], np.float32)
HALVES = np.array([[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, 3.5]], np.float32)
WIDE_INTEGERS = integers(4, 7, seed=3, low=-(2**30), high=2**30)


def _kernel(*shape: int, seed: int = 5) -> Any:
    return tf.constant(floats(*shape, seed=seed))


def _complex(x: Any) -> Any:
    return tf.complex(x, x[..., ::-1] * 0.5)


def _parts(z: Any) -> list[Any]:
    return [tf.math.real(z), tf.math.imag(z)]


def _case(function: Any, *inputs: Array) -> Case:
    return Case(function, inputs)


# TensorFlow cannot run them once their control inputs are gone.
LOOPS = ("while", "scan", "map")
CASES: dict[str, Case] = {
    # arithmetic
    "erfc": _case(tf.math.erfc, X),
    "softsign": _case(tf.nn.softsign, X),
    "special": _case(
        lambda x: [tf.math.is_nan(x), tf.math.is_inf(x), tf.math.is_finite(x)], SPECIAL
    ),
    "sign": _case(tf.sign, SPECIAL[:, 1:]),
    "round": _case(tf.round, HALVES),
    "rint": _case(tf.math.rint, HALVES),
    "floor": _case(lambda x: [tf.floor(x), tf.math.ceil(x)], HALVES),
    "xdivy": _case(lambda x: [tf.math.xdivy(x, x), tf.math.xlogy(x, x)], np.abs(SPECIAL[:, 3:])),
    "xlogy": _case(lambda x: [tf.math.xlogy(x, x), tf.math.xlog1py(x, x)], np.abs(SPECIAL[:, 3:])),
    "no_nan": _case(
        lambda x: [tf.math.multiply_no_nan(x, x), tf.math.divide_no_nan(x, x)], SPECIAL[:, 3:]
    ),
    "reciprocal": _case(lambda x: [raw.Inv(x=x), raw.Reciprocal(x=x)], POSITIVE),
    "truncate_div": _case(
        lambda x, y: [raw.TruncateDiv(x=x, y=y), raw.TruncateMod(x=x, y=y)],
        integers(4, 7, low=-99, high=99),
        integers(4, 7, seed=1, low=1, high=9) * np.int32(-1),
    ),
    "floor_div_int": _case(
        lambda x: [x // 7, x % 7, x // -3, x % -3], integers(4, 9, low=-1000, high=1000)
    ),
    "floor_div_wide": _case(lambda x: [x % 49, x // 1000003], WIDE_INTEGERS),
    "floor_div_float": _case(lambda x: [x // 0.7, x % 0.7, x % -0.7], floats(4, 9, high=30.0)),
    "truncate_mod_float": _case(lambda x: raw.TruncateMod(x=x, y=tf.constant(0.7)), X),
    "int_div": _case(lambda x: raw.Div(x=x, y=tf.constant(7)), integers(4, 9, low=-99)),
    "int_products": _case(lambda x: [x * x, x + x, x - 2 * x, -x, tf.abs(x)], integers(4, 9)),
    "int_wide_products": _case(lambda x: [x * 3, x + 7], WIDE_INTEGERS // 4),
    "squared_difference": _case(lambda x, y: tf.math.squared_difference(x, y[:, ::-1]), X, X),
    "atan2": _case(lambda x: tf.atan2(x, x[:, ::-1]), X),
    "pow": _case(lambda x: [tf.pow(x, 2.0), tf.pow(tf.abs(x), 0.5), tf.pow(x, 3.0)], X),
    "pow_int": _case(lambda x: tf.pow(x, 3), integers(2, 5)),
    "log1p": _case(lambda x: [tf.math.log1p(x), tf.math.expm1(x)], POSITIVE),
    "log1p_small": _case(lambda x: [tf.math.log1p(x), tf.math.expm1(x)], POSITIVE * 1e-5),
    "trigonometry": _case(
        lambda x: [f(x) for f in (tf.sin, tf.cos, tf.tan, tf.atan, tf.sinh, tf.cosh, tf.tanh)], X
    ),
    "trigonometry_inverse": _case(
        lambda x: [
            tf.asin(x / 2),
            tf.acos(x / 2),
            tf.asinh(x),
            tf.acosh(1 + tf.abs(x)),
            tf.atanh(x / 2.1),
        ],
        X,
    ),
    "activations": _case(
        lambda x: [
            tf.nn.relu6(x * 5),
            tf.nn.elu(x),
            tf.nn.selu(x),
            tf.nn.softplus(x * 20),
            tf.nn.leaky_relu(x),
            tf.nn.leaky_relu(x, 0.0),
            tf.nn.leaky_relu(x, 0.7),
            tf.nn.log_softmax(x),
            tf.nn.softmax(x),
            tf.sigmoid(x),
            tf.nn.relu(x),
        ],
        X,
    ),
    "clip": _case(lambda x: tf.clip_by_value(x, -0.5, 0.7), X),
    "clip_tensors": _case(
        lambda x: raw.ClipByValue(t=x, clip_value_min=x * 0 - 0.5, clip_value_max=x * 0 + 0.5), X
    ),
    "clip_int": _case(lambda x: tf.clip_by_value(x, -3, 4), integers(2, 5)),
    "add_n": _case(lambda x: tf.add_n([x, x * 2, x * 3]), X),
    "accumulate": _case(lambda x: raw.AddN(inputs=[x, x]), integers(2, 5)),
    "gamma": _case(lambda x: [tf.math.lgamma(x), tf.math.digamma(x)], POSITIVE),
    "gamma_negative": _case(lambda x: [tf.math.lgamma(x * 2.3), tf.math.digamma(x * 2.3)], X),
    "gamma_large": _case(lambda x: [tf.math.lgamma(x * 50), tf.math.digamma(x * 50)], POSITIVE),
    "ndtri": _case(tf.math.ndtri, POSITIVE / 3.1),
    "stepping_and_dropping": _case(
        lambda x: [x[:, 1::2, 0], x[0, ::-1, 1:], x[-1, :, ::2]], VOLUME[0, 0]
    ),
    "scatter_add": _case(lambda x: tf.tensor_scatter_nd_add(x, [[1], [0], [1]], _kernel(3, 5)), X),
    "cross_entropy": _case(
        lambda x: [*raw.SoftmaxCrossEntropyWithLogits(features=x, labels=tf.nn.softmax(-x))], X
    ),
    "sparse_cross_entropy": _case(
        lambda x: [*raw.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=[1, 4])], X
    ),
    "waves": _case(lambda x: [tf.sin(x), tf.cos(x)], floats(4, 50, low=-100.0, high=100.0)),
    "rank_5": _case(
        lambda x: [x + _kernel(3), _kernel(3) - x, raw.BiasAdd(value=x, bias=_kernel(3))], VOLUME
    ),
    "erfinv": _case(lambda x: tf.math.erfinv(x / 2.001), X),
    "bessel": _case(
        lambda x: [
            tf.math.bessel_i0e(x),
            tf.math.bessel_i1e(x),
            tf.math.bessel_i0(x),
            tf.math.bessel_i1(x),
        ],
        X * 4,
    ),
    "approximate_equal": _case(lambda x: raw.ApproximateEqual(x=x, y=x + 1e-6), X),
    # bits
    "bitwise": _case(
        lambda x: [
            tf.bitwise.bitwise_and(x, x[:, ::-1]),
            tf.bitwise.bitwise_or(x, x[:, ::-1]),
            tf.bitwise.bitwise_xor(x, x[:, ::-1]),
            tf.bitwise.invert(x),
        ],
        BITS,
    ),
    "bitwise_small": _case(
        lambda x: [tf.bitwise.bitwise_and(x, 6), tf.bitwise.bitwise_or(x, 9)], integers(2, 5)
    ),
    "shifts": _case(
        lambda x, y: [tf.bitwise.left_shift(x, y), tf.bitwise.right_shift(x, y)], BITS, SHIFTS
    ),
    "population_count": _case(lambda x: tf.cast(raw.PopulationCount(x=x), tf.int32), BITS),
    "bitcast": _case(
        lambda x: [
            tf.bitcast(x, tf.int32),
            tf.bitcast(tf.bitcast(x * 1e-7, tf.int32), tf.float32),
            tf.bitwise.bitwise_and(tf.bitcast(x, tf.int32), 0x7FFFFFFF),
        ],
        np.concatenate([X, 1e9 * X, [[0.0, -0.0, 1.0, -1.0, 2.0]]]).astype(np.float32),
    ),
    "logic": _case(
        lambda x: [
            tf.logical_and(x > 0, x < 1),
            tf.logical_or(x > 0, x < -1),
            tf.logical_not(x > 0),
            tf.math.logical_xor(x > 0, x < 1),
        ],
        X,
    ),
    # casts
    "cast_bool": _case(
        lambda x: [tf.cast(x, tf.bool), tf.cast(tf.cast(x, tf.bool), tf.float32)], SPECIAL[:, 1:]
    ),
    "cast_bool_int": _case(
        lambda x: [tf.cast(x, tf.bool), tf.cast(x > 0, tf.int32)], integers(2, 5, low=-2, high=3)
    ),
    "cast_int": _case(lambda x: tf.cast(x * 3, tf.int32), HALVES),
    "cast_uint8": _case(
        lambda x: tf.cast(tf.cast(x, tf.uint8), tf.int32), integers(3, 6, low=-600, high=600)
    ),
    "cast_int8": _case(
        lambda x: tf.cast(tf.cast(x, tf.int8), tf.float32), integers(3, 6, low=-600, high=600)
    ),
    "cast_int16": _case(lambda x: tf.cast(tf.cast(x, tf.int16), tf.float32), WIDE_INTEGERS),
    "cast_saturate": _case(lambda x: tf.cast(tf.saturate_cast(x * 200, tf.uint8), tf.int32), X),
    "cast_int64": _case(lambda x: tf.cast(tf.cast(x, tf.int64) * 3, tf.int32), integers(2, 5)),
    "float64": _case(lambda x: tf.cast(tf.sin(tf.cast(x, tf.float64)), tf.float32), X),
    # selection
    "select": _case(
        lambda x: [
            tf.where(x > 0, x, -x),
            tf.where(x[:, :1] > 0, x, 0.0),
            tf.where(x > 0, x > 1, x < -1),
        ],
        X,
    ),
    "select_int": _case(lambda x: tf.where(x > 0, x, -7), integers(2, 5)),
    "select_v1": _case(lambda x: tf.compat.v1.where(x[:, 0] > 0, x, -x), X),
    "where": _case(lambda x: tf.where(x > 0), X),
    "boolean_mask": _case(lambda x: tf.boolean_mask(x, x > 0), X),
    "one_hot": _case(
        lambda x: [
            tf.one_hot(x, 5),
            tf.one_hot(x, 5, on_value=3, off_value=-1),
            tf.one_hot(x, 4, axis=0),
            tf.one_hot(x, 4, axis=1),
            tf.one_hot(x, 3, on_value=True, off_value=False),
        ],
        integers(2, 3, low=-1, high=6),
    ),
    "gather_nd": _case(
        lambda x, i: [
            tf.gather_nd(x, i[..., None], batch_dims=1),
            tf.gather_nd(x, tf.constant([[0, 1], [1, 2]])),
        ],
        floats(2, 5, 3),
        integers(2, 3, low=0, high=5),
    ),
    "gather_batch": _case(
        lambda x, i: [
            tf.gather(x, i, batch_dims=1, axis=2),
            tf.gather(x, i, axis=-1),
            tf.gather(x, i[0], axis=1),
        ],
        floats(2, 5, 6),
        integers(2, 3, low=0, high=5),
    ),
    "scatter": _case(
        lambda x: [
            tf.tensor_scatter_nd_update(x, [[0], [1]], x[::-1]),
            tf.tensor_scatter_nd_add(x, [[0], [0]], x),
            tf.tensor_scatter_nd_sub(x, [[0], [0]], x),
            tf.tensor_scatter_nd_max(x, [[0], [0]], x),
            tf.tensor_scatter_nd_min(x, [[0], [0]], x),
        ],
        X,
    ),
    "scatter_nd": _case(
        lambda x: [
            tf.scatter_nd([[1], [3], [1]], x[:, :3][0], [5]),
            tf.scatter_nd([[0, 1], [1, 1]], x, [2, 3, 5]),
        ],
        X,
    ),
    "roll": _case(lambda x: [tf.roll(x, 2, 1), tf.roll(x, [1, -2], [0, 1]), tf.roll(x, -7, -1)], X),
    "reverse": _case(lambda x: [tf.reverse(x, [1]), tf.reverse(x, [-1, 0]), tf.reverse(x, [])], X),
    "reverse_bool": _case(lambda x: tf.reverse(x > 0, [1]), X),
    "reverse_sequence": _case(
        lambda x: [
            tf.reverse_sequence(x, [2, 4], seq_axis=1, batch_axis=0),
            tf.reverse_sequence(tf.transpose(x), [2, 1], seq_axis=0, batch_axis=1),
        ],
        X,
    ),
    "top_k": _case(
        lambda x: [*tf.math.top_k(x, 3), *tf.math.top_k(tf.cast(x, tf.int32), 4)], floats(3, 9)
    ),
    "in_top_k": _case(
        lambda x: raw.InTopKV2(predictions=x, targets=[1, 3, 0], k=tf.constant(4)), floats(3, 9)
    ),
    "sort": _case(
        lambda x: [
            tf.sort(x),
            tf.argsort(x),
            tf.sort(x, direction="DESCENDING"),
            tf.sort(x, axis=0),
        ],
        X,
    ),
    "unique": _case(lambda x: [*tf.unique(tf.reshape(x, [-1]))], integers(2, 8)),
    "unique_counts": _case(lambda x: [*tf.unique_with_counts(tf.reshape(x, [-1]))], integers(2, 8)),
    "search_sorted": _case(
        lambda x: [
            tf.searchsorted(tf.sort(x), x[:, :2]),
            tf.searchsorted(tf.sort(x), x[:, :2], side="right"),
        ],
        X,
    ),
    "bucketize": _case(lambda x: raw.Bucketize(input=x, boundaries=[-1.0, 0.0, 0.5]), X),
    "invert_permutation": _case(lambda x: tf.math.invert_permutation(tf.argsort(x[0])), X),
    "dynamic_partition": _case(
        lambda x: tf.dynamic_partition(x, tf.cast(x[:, 0] > 0, tf.int32), 2), floats(6, 2)
    ),
    "dynamic_stitch": _case(
        lambda x: tf.dynamic_stitch([[0, 2], [1, 3]], [x[:2], x[2:4]]), floats(6, 2)
    ),
    "slices": _case(
        lambda x: [
            x[:, 1:3],
            x[:, ::-1],
            x[:, ::2],
            x[..., -1],
            x[:, None, 2],
            x[:, 4:1:-2],
            x[-1],
            x[:, -3:],
        ],
        X,
    ),
    "slice_bool": _case(lambda x: [(x > 0)[:, 1:3], (x > 0)[:, ::2]], X),
    "slice_rank6": _case(lambda x: x[:, 1:, :, 1:, :1, ::2], floats(2, 2, 2, 3, 2, 4)),
    # reductions
    "cumsum": _case(
        lambda x: [
            tf.cumsum(x, -1),
            tf.cumsum(x, 0),
            tf.cumsum(x, 1, exclusive=True),
            tf.cumsum(x, -1, reverse=True),
            tf.cumsum(x, -2),
        ],
        X,
    ),
    "cumsum_middle": _case(
        lambda x: [tf.cumsum(x, 1), tf.cumsum(x, -2, reverse=True, exclusive=True)], floats(2, 3, 4)
    ),
    "cumsum_int": _case(lambda x: [tf.cumsum(x, 1), tf.cumsum(x, -1)], integers(2, 5)),
    "cumprod": _case(lambda x: [tf.math.cumprod(x, -1), tf.math.cumprod(x, 1, exclusive=True)], X),
    "cumulative_logsumexp": _case(lambda x: tf.math.cumulative_logsumexp(x, -1), X),
    "reductions": _case(
        lambda x: [
            tf.reduce_sum(x, -1),
            tf.reduce_mean(x, [0, -1]),
            tf.reduce_max(x, -2),
            tf.reduce_min(x),
            tf.reduce_prod(x, 1),
            tf.reduce_any(x > 1, -1),
            tf.reduce_all(x > -1.9, -1),
            tf.math.reduce_std(x, -1),
            tf.reduce_logsumexp(x, -1),
            tf.norm(x, axis=-1),
            tf.reduce_any(x > 1, [0, 1], keepdims=True),
            tf.math.reduce_euclidean_norm(x, -1),
        ],
        X,
    ),
    "reductions_int": _case(
        lambda x: [
            tf.reduce_sum(x, -1),
            tf.reduce_max(x, -2),
            tf.reduce_min(x),
            tf.reduce_prod(x, 1),
            tf.reduce_mean(x, 1),
        ],
        integers(2, 5),
    ),
    "arg_max": _case(lambda x: [tf.argmax(x, -1), tf.argmin(x, 0), tf.argmax(x, 1, tf.int32)], X),
    "arg_max_int": _case(lambda x: [tf.argmax(x, -1), tf.argmin(x, -1)], integers(2, 5)),
    "segments": _case(
        lambda x: [
            f(x, [0, 0, 1, 1, 1, 3])
            for f in (
                tf.math.segment_sum,
                tf.math.segment_mean,
                tf.math.segment_max,
                tf.math.segment_min,
                tf.math.segment_prod,
            )
        ],
        floats(6, 3),
    ),
    "unsorted_segments": _case(
        lambda x: [
            f(x, [2, 0, 1, -1, 1, 2], 4)
            for f in (
                tf.math.unsorted_segment_sum,
                tf.math.unsorted_segment_mean,
                tf.math.unsorted_segment_max,
                tf.math.unsorted_segment_min,
                tf.math.unsorted_segment_prod,
            )
        ],
        floats(6, 3),
    ),
    "unsorted_segments_int": _case(
        lambda x: [
            f(x, [2, 0, 1, -1, 1, 2], 4)
            for f in (
                tf.math.unsorted_segment_sum,
                tf.math.unsorted_segment_max,
                tf.math.unsorted_segment_min,
                tf.math.unsorted_segment_prod,
            )
        ],
        integers(6, 3),
    ),
    "sparse_segments": _case(
        lambda x: [
            tf.sparse.segment_sum(x, [0, 2, 3, 5], [0, 0, 1, 1]),
            tf.sparse.segment_mean(x, [0, 2, 3, 5], [0, 0, 1, 1]),
            tf.sparse.segment_sqrt_n(x, [0, 2, 3, 5], [0, 0, 1, 1]),
        ],
        floats(6, 3),
    ),
    "bincount": _case(
        lambda x: [
            tf.math.bincount(x, minlength=6, maxlength=6),
            tf.math.bincount(x, axis=-1, minlength=6, maxlength=6),
            tf.math.bincount(x, axis=-1, minlength=6, maxlength=6, binary_output=True),
        ],
        integers(3, 7, low=0, high=6),
    ),
    "bincount_weights": _case(
        lambda x, w: [
            tf.math.bincount(x, w, minlength=6, maxlength=6),
            tf.math.bincount(x, w, axis=-1, minlength=6, maxlength=6),
        ],
        integers(3, 7, low=0, high=6),
        floats(3, 7),
    ),
    "histogram": _case(lambda x: tf.histogram_fixed_width(x, [-1.0, 1.0], 5), floats(3, 9)),
    "confusion": _case(
        lambda x: tf.math.confusion_matrix(x[:, 0], x[:, 1], 5), integers(6, 2, low=0, high=5)
    ),
    # shapes
    "ensure_shape": _case(lambda x: tf.ensure_shape(x, [None, 5]) * 2, X),
    "broadcast": _case(
        lambda x: [tf.broadcast_to(x[:, None], [2, 3, 5]), tf.broadcast_to(x > 0, [3, 2, 5])], X
    ),
    "broadcast_shapes": _case(
        lambda x: tf.broadcast_to(
            x, tf.broadcast_dynamic_shape(tf.shape(x), tf.constant([4, 1, 5]))
        ),
        X,
    ),
    "tile": _case(
        lambda x: [
            tf.tile(x, [1, 3]),
            tf.tile(x > 0, [2, 1]),
            tf.repeat(x, 2, 1),
            tf.repeat(x, [1, 0, 2, 1, 3], 1),
        ],
        X,
    ),
    "meshgrid": _case(
        lambda x: [*tf.meshgrid(x[0], x[1]), tf.linspace(0.0, 1.0, 7), tf.range(5)], X
    ),
    "linspace": _case(
        lambda x: [tf.linspace(x[0], x[1], 7), raw.LinSpace(start=x[0, 0], stop=x[0, 1], num=5)], X
    ),
    "pad": _case(
        lambda x: [
            tf.pad(x, [[0, 0], [1, 2]]),
            tf.pad(x, [[1, 0], [0, 2]], constant_values=3.0),
            tf.pad(x, [[0, 0], [1, 2]], "REFLECT"),
            tf.pad(x, [[0, 0], [1, 2]], "SYMMETRIC"),
        ],
        X,
    ),
    "pad_int": _case(lambda x: tf.pad(x, [[0, 0], [1, 2]], constant_values=4), integers(2, 5)),
    "pad_bool": _case(lambda x: tf.pad(x > 0, [[0, 0], [1, 2]]), X),
    "pad_volume": _case(lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1], [3, 0], [0, 0]]), VOLUME),
    "pad_volume_value": _case(
        lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1], [3, 0], [0, 0]], constant_values=-1.5), VOLUME
    ),
    "pad_rank3_mirror": _case(
        lambda x: tf.pad(x, [[0, 0], [1, 2], [2, 1], [0, 0]], "REFLECT"), IMAGE
    ),
    "pad_volume_mirror": _case(
        lambda x: [
            tf.pad(x, [[0, 0], [1, 2], [0, 1], [3, 0], [0, 0]], mode)
            for mode in ("REFLECT", "SYMMETRIC")
        ],
        VOLUME,
    ),
    "space_to_batch": _case(lambda x: tf.space_to_batch_nd(x, [2, 2], [[0, 0], [1, 0]]), IMAGE),
    "space_to_batch_volume": _case(
        lambda x: raw.SpaceToBatchND(
            input=x, block_shape=[2, 2, 2], paddings=[[1, 0], [0, 0], [1, 0]]
        ),
        VOLUME,
    ),
    "batch_to_space": _case(
        lambda x: tf.batch_to_space(
            tf.space_to_batch_nd(x, [2, 2], [[0, 0], [1, 0]]) * 2, [2, 2], [[0, 0], [1, 0]]
        ),
        IMAGE,
    ),
    "batch_to_space_volume": _case(
        lambda x: raw.BatchToSpaceND(
            input=tf.tile(x, [8, 1, 1, 1, 1]), block_shape=[2, 2, 2], crops=[[1, 0], [0, 0], [1, 0]]
        ),
        VOLUME,
    ),
    "space_to_depth": _case(
        lambda x: [
            tf.nn.space_to_depth(x[:, :, :6], 2),
            tf.nn.depth_to_space(tf.tile(x, [1, 1, 1, 4]), 2),
        ],
        IMAGE,
    ),
    "transpose": _case(
        lambda x: [tf.transpose(x), tf.transpose(x > 0), tf.transpose(x, [1, 0])], X
    ),
    "transpose_rank5": _case(lambda x: tf.transpose(x, [0, 4, 1, 3, 2]), VOLUME),
    "transpose_rank6": _case(
        lambda x: tf.transpose(x, [0, 5, 4, 1, 3, 2]), floats(2, 2, 2, 3, 2, 4)
    ),
    "stack": _case(
        lambda x: [
            tf.stack([x, x * 2], 1),
            *tf.unstack(x, axis=-1),
            *tf.split(x, [2, 3], -1),
            tf.concat([x, x], -1),
            tf.stack([x, x], -1),
        ],
        X,
    ),
    "concat_bool": _case(
        lambda x: [tf.concat([x > 0, x > 1], -1), tf.stack([x > 0, x > 1], -1)], X
    ),
    "squeeze": _case(lambda x: [tf.squeeze(x[:, None], 1), tf.squeeze(x[:, :1], -1)], X),
    "shape": _case(lambda x: [tf.shape(x), tf.size(x), tf.rank(x), *tf.shape_n([x, x])], X),
    "fill": _case(
        lambda x: [
            tf.fill([tf.shape(x)[0], 2], 3.0),
            tf.zeros_like(x),
            tf.ones_like(x > 0),
            tf.ones_like(tf.cast(x, tf.int32)),
        ],
        X,
    ),
    "diagonals": _case(
        lambda x: [
            tf.linalg.diag_part(x),
            tf.linalg.diag(x[:, 0]),
            tf.linalg.set_diag(x, x[:, 0]),
            tf.linalg.diag_part(x, k=1),
            tf.linalg.diag(x[:, 0], k=-1),
            tf.linalg.set_diag(x, x[:, 0, :3], k=1),
        ],
        SQUARE,
    ),
    "diagonals_many": _case(
        lambda x: [
            tf.linalg.diag_part(x, k=(-1, 2)),
            tf.linalg.diag_part(x, k=(-2, 1), align="LEFT_RIGHT", padding_value=7.0),
            tf.linalg.diag(x[:, :3], k=(-1, 1)),
        ],
        SQUARE,
    ),
    "diagonals_oblong": _case(
        lambda x: [
            tf.linalg.diag_part(x),
            tf.linalg.diag_part(x, k=-2),
            tf.linalg.set_diag(x, x[:, :3, 0]),
            tf.linalg.diag(x[:, 0], k=1, num_rows=3, num_cols=7, padding_value=2.0),
            tf.linalg.diag_part(x[:, :2]),
        ],
        floats(2, 5, 3),
    ),
    "diag_v1": _case(
        lambda x: [
            raw.Diag(diagonal=x[0]),
            raw.DiagPart(input=tf.reshape(tf.tile(x, [1, 5]), [2, 5, 5])[0]),
        ],
        X,
    ),
    "band_part": _case(
        lambda x: [
            tf.linalg.band_part(x, -1, 0),
            tf.linalg.band_part(x, 0, -1),
            tf.linalg.band_part(x, 1, 2),
            tf.linalg.band_part(x > 0, 2, 1),
            tf.linalg.band_part(tf.cast(x * 4, tf.int32), -1, 0),
        ],
        SQUARE,
    ),
    "diagonals_of_any_size": _case(
        lambda x: [
            tf.linalg.diag_part(x),
            tf.linalg.diag_part(x, k=1),
            tf.linalg.diag_part(x, k=-1),
            tf.linalg.diag(tf.reshape(x, [-1])),
            tf.linalg.diag(tf.reshape(x, [-1]), k=1),
            tf.linalg.diag(tf.reshape(x, [2, -1]), k=-2),
            tf.linalg.diag(tf.reshape(x, [-1]), k=1, padding_value=2.0),
        ],
        floats(4, 3),
    ),
    "trace": _case(lambda x: tf.linalg.trace(x), SQUARE),
    "cross": _case(lambda x, y: tf.linalg.cross(x, y), floats(4, 3), floats(4, 3, seed=1)),
    # products
    "matmul": _case(
        lambda x: [
            tf.matmul(x, x),
            tf.matmul(x, x, transpose_b=True),
            tf.matmul(x, x[0]),
            tf.matmul(x[0], x[1], transpose_a=True),
        ],
        SQUARE,
    ),
    "matmul_sparse": _case(
        lambda x: [
            tf.matmul(x[0], x[1], a_is_sparse=True),
            tf.matmul(x[0], x[1], transpose_a=True, b_is_sparse=True),
            tf.matmul(x[1], x[0], transpose_b=True, a_is_sparse=True, b_is_sparse=True),
        ],
        SQUARE,
    ),
    "matmul_rank4": _case(lambda x: tf.matmul(x, x, transpose_b=True), floats(2, 3, 4, 5)),
    "matmul_broadcast": _case(
        lambda x: tf.matmul(x[:, None], x[None], transpose_b=True), floats(2, 4, 5)
    ),
    "matmul_int": _case(
        lambda x: [
            tf.matmul(x, x, transpose_b=True),
            tf.matmul(x[None], x[None], transpose_b=True),
        ],
        integers(4, 5),
    ),
    "matmul_int8": _case(
        lambda x: [
            tf.matmul(
                tf.cast(x, tf.int8), tf.constant(integers(5, 3), tf.int8), output_type=tf.int32
            ),
            raw.BatchMatMulV3(
                x=tf.cast(x[None], tf.int8),
                y=tf.constant(integers(1, 5, 3), tf.int8),
                Tout=tf.int32,
            ),
        ],
        integers(4, 5),
    ),
    "bias_computed": _case(
        lambda x: tf.nn.bias_add(tf.matmul(x, _kernel(5, 5)), tf.reduce_sum(x, 0)), X
    ),
    "bias_channels_first": _case(
        lambda x: tf.nn.bias_add(x, tf.constant([1.0, 2, 3, 4, 5, 6]), data_format="NCHW"), IMAGE
    ),
    **{
        f"einsum {equation}": _case(lambda *x, equation=equation: tf.einsum(equation, *x), *inputs)
        for equation, *inputs in (
            ("abc,cde->abde", floats(2, 3, 4), floats(4, 3, 2)),
            ("aecd,abcd->acbe", floats(2, 3, 2, 4), floats(2, 5, 2, 4)),
            ("acbe,aecd->abcd", floats(2, 2, 3, 5), floats(2, 5, 2, 4)),
            ("abcd,cde->abe", floats(2, 3, 2, 4), floats(2, 4, 5)),
            ("...ij,...jk->...ik", floats(2, 3, 4), floats(2, 4, 5)),
            ("ij,ij->i", X, X),
            ("ij,kl->ijkl", X, X),
            ("bii->bi", SQUARE),
            ("bij->b", SQUARE),
            ("bij->jb", SQUARE),
            ("bij,k->bk", SQUARE, X[0]),
            ("bii,bij->bj", SQUARE, SQUARE),
        )
    },
    "einsum many": _case(
        lambda x, y, z: tf.einsum("bij,bjk,bkl->bil", x, y, z), SQUARE, SQUARE, SQUARE
    ),
    "tensordot": _case(lambda x: tf.tensordot(x, x, [[1], [1]]), floats(3, 4)),
    # linear algebra
    "cholesky": _case(tf.linalg.cholesky, DEFINITE),
    "cholesky_solve": _case(
        lambda x, y: tf.linalg.cholesky_solve(tf.linalg.cholesky(x), y), DEFINITE, SQUARE
    ),
    "inverse": _case(tf.linalg.inv, SQUARE),
    "inverse_adjoint": _case(lambda x: tf.linalg.inv(x, adjoint=True), SQUARE),
    "determinant": _case(tf.linalg.det, SQUARE),
    "log_determinant": _case(lambda x: [*tf.linalg.slogdet(x)], SQUARE),
    "solve": _case(
        lambda x, y: [tf.linalg.solve(x, y), tf.linalg.solve(x, y, adjoint=True)],
        SQUARE,
        floats(2, 4, 3),
    ),
    "solve_pivoting": _case(
        lambda x: tf.linalg.solve(x, tf.ones((1, 3, 1))),
        np.array([[[0, 1, 2], [1, 0, 3], [4, -3, 8]]], np.float32),
    ),
    "triangular_solve": _case(
        lambda x, y: [
            tf.linalg.triangular_solve(x, y),
            tf.linalg.triangular_solve(x, y, lower=False),
            tf.linalg.triangular_solve(x, y, adjoint=True),
        ],
        SQUARE + 3 * np.eye(4, dtype=np.float32),
        floats(2, 4, 3),
    ),
    "qr": _case(lambda x: [*tf.linalg.qr(x)], floats(2, 5, 3)),
    "qr_full": _case(lambda x: [*tf.linalg.qr(x, full_matrices=True)], floats(2, 5, 3)),
    "qr_wide": _case(lambda x: [*tf.linalg.qr(x)], floats(2, 3, 5)),
    "eigenvalues": _case(lambda x: tf.linalg.eigvalsh(x), DEFINITE),
    "singular_values": _case(lambda x: tf.linalg.svd(x, compute_uv=False), floats(2, 5, 3)),
    "tridiagonal": _case(
        lambda x: tf.linalg.tridiagonal_matmul(x, tf.ones((2, 5, 2))), floats(2, 3, 5)
    ),
    # convolutions
    "conv1d": _case(
        lambda x: [
            tf.nn.conv1d(x, _kernel(3, 4, 2), 1, "SAME"),
            tf.nn.conv1d(x, _kernel(3, 4, 2), 2, "VALID"),
            tf.nn.conv1d(x, _kernel(3, 4, 2), 1, "VALID", dilations=2),
        ],
        floats(2, 9, 4),
    ),
    "conv2d": _case(
        lambda x: [
            tf.nn.conv2d(x, _kernel(3, 3, 3, 4), 2, "SAME"),
            tf.nn.conv2d(x, _kernel(3, 3, 3, 4), 1, "VALID", dilations=2),
            tf.nn.conv2d(x, _kernel(3, 3, 3, 4), 1, [[0, 0], [1, 0], [2, 1], [0, 0]]),
        ],
        IMAGE,
    ),
    "conv2d_groups": _case(
        lambda x: raw.Conv2D(
            input=x, filter=_kernel(3, 3, 2, 6), strides=[1, 1, 1, 1], padding="SAME"
        ),
        floats(2, 6, 7, 4),
    ),
    "conv2d_uneven": _case(
        lambda x: raw.Conv2D(
            input=x, filter=_kernel(3, 2, 3, 6), strides=[1, 2, 1, 1], padding="SAME"
        ),
        IMAGE,
    ),
    "depthwise": _case(
        lambda x: [
            tf.nn.depthwise_conv2d(x, _kernel(3, 3, 3, 2), [1, 2, 2, 1], "SAME"),
            tf.nn.depthwise_conv2d(x, _kernel(3, 3, 3, 1), [1, 1, 1, 1], "VALID", dilations=[2, 2]),
            tf.nn.depthwise_conv2d(
                x, _kernel(3, 3, 3, 1), [1, 1, 1, 1], [[0, 0], [1, 0], [2, 1], [0, 0]]
            ),
        ],
        IMAGE,
    ),
    "conv2d_transpose": _case(
        lambda x: [
            tf.nn.conv2d_transpose(x, _kernel(3, 3, 4, 3), [tf.shape(x)[0], 12, 14, 4], 2, "SAME"),
            tf.nn.conv2d_transpose(x, _kernel(3, 3, 4, 3), [tf.shape(x)[0], 13, 15, 4], 2, "VALID"),
        ],
        IMAGE,
    ),
    "conv3d": _case(
        lambda x: [
            tf.nn.conv3d(x, _kernel(3, 2, 3, 3, 4), [1, 1, 1, 1, 1], "SAME"),
            tf.nn.conv3d(x, _kernel(3, 2, 3, 3, 4), [1, 2, 2, 2, 1], "SAME"),
            tf.nn.conv3d(x, _kernel(3, 2, 3, 3, 4), [1, 2, 1, 1, 1], "VALID"),
        ],
        VOLUME,
    ),
    "conv3d_transpose": _case(
        lambda x: [
            tf.nn.conv3d_transpose(
                x, _kernel(3, 2, 3, 4, 3), [tf.shape(x)[0], 10, 12, 14, 4], [1, 2, 2, 2, 1], "SAME"
            ),
            tf.nn.conv3d_transpose(
                x, _kernel(3, 2, 3, 4, 3), [tf.shape(x)[0], 7, 7, 9, 4], [1, 1, 1, 1, 1], "VALID"
            ),
            tf.nn.conv3d_transpose(
                x, _kernel(3, 2, 3, 4, 3), [tf.shape(x)[0], 11, 12, 15, 4], [1, 2, 2, 2, 1], "VALID"
            ),
        ],
        VOLUME,
    ),
    "conv3d_groups": _case(
        lambda x: tf.concat(
            [
                tf.nn.conv3d(part, _kernel(2, 2, 2, 2, 3), [1, 1, 1, 1, 1], "SAME")
                for part in tf.split(x, 2, -1)
            ],
            -1,
        ),
        floats(2, 4, 5, 6, 4),
    ),
    "dilation2d": _case(
        lambda x: tf.nn.dilation2d(x, _kernel(3, 3, 3), [1, 1, 1, 1], "SAME", "NHWC", [1, 1, 1, 1]),
        floats(2, 6, 7, 3, low=-3.0, high=-1.0),  # wasm takes 0 for the smallest number
    ),
    "pools": _case(
        lambda x: [
            tf.nn.max_pool2d(x, 2, 2, "VALID"),
            tf.nn.max_pool2d(x, 3, 2, "SAME"),
            tf.nn.avg_pool2d(x, 2, 2, "VALID"),
            tf.nn.avg_pool2d(x, 3, 2, "SAME"),
            tf.nn.max_pool2d(x, [2, 3], [1, 2], "SAME"),
        ],
        IMAGE - 2,
    ),
    "pools_1d": _case(
        lambda x: [tf.nn.max_pool1d(x, 2, 2, "VALID"), tf.nn.avg_pool1d(x, 3, 2, "SAME")],
        floats(2, 9, 4),
    ),
    "pools_3d": _case(
        lambda x: [
            tf.nn.max_pool3d(x, 2, 2, "VALID"),
            tf.nn.max_pool3d(x, 3, 2, "SAME"),
            tf.nn.avg_pool3d(x, 2, 2, "VALID"),
            tf.nn.avg_pool3d(x, 3, 2, "SAME"),
            tf.nn.avg_pool3d(x, [3, 2, 1], [1, 2, 1], "SAME"),
        ],
        VOLUME - 2,
    ),
    "lrn": _case(lambda x: tf.nn.local_response_normalization(x, 1, 1.0, 0.5, 0.7), IMAGE),
    "batch_norm": _case(
        lambda x: raw.FusedBatchNormV3(
            x=x,
            scale=[1.0, 2, 3],
            offset=[1.0, 0, 2],
            mean=[0.1, 0.2, 0.3],
            variance=[1.0, 2, 3],
            epsilon=0.01,
            is_training=False,
        )[0],
        IMAGE,
    ),
    "batch_norm_training": _case(
        lambda x: [
            *raw.FusedBatchNormV3(
                x=x,
                scale=[1.0, 2, 3],
                offset=[1.0, 0, 2],
                mean=[],
                variance=[],
                epsilon=0.01,
                is_training=True,
            )[:3]
        ],
        IMAGE,
    ),
    "l2_loss": _case(tf.nn.l2_loss, X),
    "patches": _case(
        lambda x: [
            tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME"),
            tf.image.extract_patches(x, [1, 2, 3, 1], [1, 1, 2, 1], [1, 2, 1, 1], "VALID"),
        ],
        IMAGE,
    ),
    "patches_volume": _case(
        lambda x: tf.extract_volume_patches(x, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "VALID"), VOLUME
    ),
    # images
    **{
        f"resize {method}{' antialias' if antialias else ''}": _case(
            lambda x, method=method, antialias=antialias: [
                tf.image.resize(x, size, method, antialias=antialias) for size in ([3, 4], [11, 9])
            ],
            IMAGE,
        )
        for method in (
            "bilinear",
            "nearest",
            "bicubic",
            "area",
            "lanczos3",
            "lanczos5",
            "gaussian",
            "mitchellcubic",
        )
        for antialias in (False, True)
    },
    "resize int": _case(
        lambda x: [tf.image.resize(x, [3, 4], "nearest"), tf.image.resize(x, [11, 9], "bilinear")],
        integers(1, 6, 7, 3, low=0, high=256),
    ),
    "resize dynamic": _case(
        lambda x: [
            tf.image.resize(x, 2 * tf.shape(x)[1:3], method)
            for method in ("bicubic", "nearest", "bilinear", "area")
        ],
        IMAGE,
    ),
    **{
        f"resize {name} {corners} {halves}": _case(
            lambda x, op=op, corners=corners, halves=halves: [
                op(images=x, size=size, align_corners=corners, half_pixel_centers=halves)
                for size in ([3, 4], [11, 9])
            ],
            IMAGE,
        )
        for name, op in (
            ("ResizeBilinear", raw.ResizeBilinear),
            ("ResizeNearestNeighbor", raw.ResizeNearestNeighbor),
            ("ResizeBicubic", raw.ResizeBicubic),
        )
        for corners, halves in ((False, False), (True, False), (False, True))
    },
    "resize area corners": _case(
        lambda x: raw.ResizeArea(images=x, size=[4, 3], align_corners=True), IMAGE
    ),
    "crop_and_resize": _case(
        lambda x: [
            tf.image.crop_and_resize(
                x,
                [[0.1, 0.2, 0.8, 0.9], [0.0, 0.0, 1.2, 1.0]],
                [0, 1],
                [4, 5],
                method=method,
                extrapolation_value=0.3,
            )
            for method in ("bilinear", "nearest")
        ],
        IMAGE,
    ),
    "hsv": _case(lambda x: [tf.image.rgb_to_hsv(x), tf.image.hsv_to_rgb(x)], IMAGE),
    "adjust": _case(
        lambda x: [
            tf.image.adjust_contrast(x, 1.7),
            tf.image.adjust_hue(x, 0.2),
            tf.image.adjust_saturation(x, 1.6),
            tf.image.adjust_saturation(x, 0.3),
            tf.image.adjust_brightness(x, 0.2),
            tf.image.adjust_gamma(x, 1.5),
        ],
        IMAGE,
    ),
    "grey": _case(
        lambda x: [
            tf.image.rgb_to_grayscale(x),
            tf.image.rgb_to_yuv(x),
            tf.image.flip_left_right(x),
            tf.image.rot90(x),
            tf.image.per_image_standardization(x),
        ],
        IMAGE,
    ),
    **{
        f"transform {interpolation} {mode}": _case(
            lambda x, interpolation=interpolation, mode=mode: raw.ImageProjectiveTransformV3(
                images=x,
                transforms=[
                    [0.9, 0.2, -0.7, -0.1, 1.1, 0.6, 0.0, 0.0],
                    [1.0, 0.1, 0.3, 0.1, 0.8, -2.1, 0.01, 0.02],
                ],
                output_shape=[6, 7],
                fill_value=0.4,
                interpolation=interpolation,
                fill_mode=mode,
            ),
            IMAGE,
        )
        for interpolation in ("BILINEAR", "NEAREST")
        for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST")
    },
    "total_variation": _case(
        lambda x: [
            tf.image.total_variation(x),
            *tf.image.image_gradients(x),
            tf.image.sobel_edges(x),
        ],
        IMAGE,
    ),
    "ssim": _case(lambda x: tf.image.ssim(x, x[:, ::-1], 1.0, filter_size=5), IMAGE),
    # spectra
    "fft": _case(lambda x: _parts(tf.signal.fft(_complex(x))), floats(2, 8)),
    "ifft": _case(lambda x: _parts(tf.signal.ifft(_complex(x))), floats(2, 6)),
    "fft2d": _case(
        lambda x: _parts(tf.signal.fft2d(_complex(x))) + _parts(tf.signal.ifft2d(_complex(x))),
        SQUARE,
    ),
    "fft3d": _case(
        lambda x: [*_parts(tf.signal.fft3d(_complex(x))), *_parts(tf.signal.ifft3d(_complex(x)))],
        floats(2, 3, 4, 2),
    ),
    "rfft": _case(
        lambda x: (
            _parts(tf.signal.rfft(x))
            + _parts(tf.signal.rfft(x, [5]))
            + _parts(tf.signal.rfft(x, [12]))
        ),
        floats(2, 8),
    ),
    "irfft": _case(
        lambda x: [
            tf.signal.irfft(tf.signal.rfft(x)),
            tf.signal.irfft(tf.signal.rfft(x), [7]),
            tf.signal.irfft(tf.signal.rfft(x), [11]),
        ],
        floats(2, 8),
    ),
    "rfft2d": _case(
        lambda x: [*_parts(tf.signal.rfft2d(x)), tf.signal.irfft2d(tf.signal.rfft2d(x))], SQUARE
    ),
    "rfft_long": _case(lambda x: _parts(tf.signal.rfft(x)), floats(1, 5000)),
    "fft_long": _case(lambda x: _parts(tf.signal.fft(_complex(x))), floats(1, 4096)),
    "stft": _case(
        lambda x: [
            tf.abs(z := tf.signal.stft(x, 16, 8, 16)),
            tf.math.angle(z),
            tf.signal.inverse_stft(z, 16, 8, 16),
        ],
        floats(2, 64),
    ),
    "dct": _case(
        lambda x: [
            tf.signal.dct(x, type=2),
            tf.signal.dct(x, type=3),
            tf.signal.idct(x, type=2),
            tf.signal.mfccs_from_log_mel_spectrograms(x),
        ],
        floats(2, 8),
    ),
    "complex": _case(
        lambda x: [
            part
            for z in (
                _complex(x) * _complex(x + 1),
                _complex(x) / _complex(x + 3),
                tf.math.conj(_complex(x)),
                -_complex(x),
                _complex(x) - 2.0,
                tf.exp(_complex(x)),
                tf.reduce_sum(_complex(x), -1),
                tf.transpose(_complex(x)),
                tf.reshape(_complex(x), [5, 2]),
                tf.concat([_complex(x)] * 2, 0),
                _complex(x)[:, 1:3],
                tf.cast(x, tf.complex64),
                tf.matmul(_complex(x), _complex(x), transpose_b=True),
                tf.square(_complex(x)),
                tf.where(x > 0, _complex(x), 0j),
                tf.gather(_complex(x), [1, 0], axis=1),
                tf.stack([_complex(x)] * 2),
                tf.sqrt(_complex(x)),
                tf.math.log(_complex(x)),
                tf.reverse(_complex(x), [1]),
                tf.pad(_complex(x), [[0, 0], [1, 1]]),
            )
            for part in (*_parts(z), tf.abs(z))
        ],
        X,
    ),
    "complex_angle": _case(lambda x: [tf.math.angle(_complex(x)), tf.abs(_complex(x))], X),
    # loops and lists
    "while": _case(
        lambda x: tf.while_loop(
            lambda i, y: i < 3, lambda i, y: (i + 1, tf.nn.softsign(y) + tf.math.erfc(y)), (0, x)
        )[1],
        X,
    ),
    "scan": _case(lambda x: tf.scan(lambda a, b: a * 0.5 + b, tf.transpose(x)), X),
    "map": _case(lambda x: tf.map_fn(lambda a: a * 2 + 1, x), X),
    "cumsum_rank_5": _case(lambda x: tf.cumsum(x, -1, exclusive=True), floats(2, 2, 3, 2, 4)),
    "select_rank_5": _case(
        lambda x: tf.where(x > 0, x * 2, tf.constant([1.0, 2.0])), floats(2, 2, 3, 2, 2)
    ),
    "cond": _case(lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x - 1), X),
    "cond_constant_else": _case(
        lambda x: tf.cond(tf.reduce_sum(x) < 1e9, lambda: x * 2, lambda: tf.fill((2, 5), math.nan)),
        X,
    ),
    "cond_constant_then": _case(
        lambda x: tf.cond(tf.reduce_sum(x) > 1e9, lambda: tf.fill((2, 5), math.nan), lambda: x - 1),
        X,
    ),
    "cond_constant_nested": _case(
        lambda x: tf.cond(
            tf.reduce_sum(x) < 1e9,
            lambda: tf.cond(
                tf.reduce_sum(x) > 1e9, lambda: tf.fill((2, 5), math.nan), lambda: x + 3
            ),
            lambda: tf.zeros((2, 5)) * math.nan,
        ),
        X,
    ),
    "print": _case(lambda x: tf.debugging.check_numerics(x, "x") * 2, X),
    "stop_gradient": _case(
        lambda x: [tf.stop_gradient(x), raw.PreventGradient(input=x), raw.Snapshot(input=x)], X
    ),
}
