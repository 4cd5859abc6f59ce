"""keras.ops that compute with numbers: element by element, along axes, and comparing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.sweep.cases.case import Shape, booleans, floats, integers
from tests.sweep.cases.op_row import (
    FOUR,
    STEPS,
    TWO,
    TWO_BOOLEANS,
    TWO_INTEGERS,
    Row,
    plain,
    with_arguments,
)


def _positive(o: Any, x: Any) -> Any:
    return o.abs(x) + 0.5


def _within_one(o: Any, x: Any) -> Any:
    return o.tanh(x) * 0.95


def _divisor(o: Any, x: Any) -> Any:
    return [x[0] * 3.0, o.abs(x[1]) + 0.5]


def _signed_divisor(o: Any, x: Any) -> Any:
    return [x[0] * 3.0, x[1] + 0.01]


def _with_equals(o: Any, x: Any) -> Any:
    """Numbers some of which are equal."""
    return [o.round(x[0]), o.round(x[1])]


def _with_special(o: Any, x: Any) -> Any:
    """Some infinite, to either side, and some that are no numbers."""
    return o.where(x > 0.5, o.log(o.relu(x - 1.0)), 1.0 / o.relu(x)) + 0.0 * o.sqrt(x + 1.0)


def _with_gaps(o: Any, x: Any) -> Any:
    """Some that are no numbers."""
    return o.where(x > 1.0, o.sqrt(-x), x)


def _small(o: Any, x: Any) -> Any:
    return [x[0] + 1, o.minimum(x[1], 3)]


ANY_NUMBER = """
    abs absolute angle arcsinh arctan cbrt ceil conj conjugate copy cos cosh deg2rad erf erfc exp
    exp2 expm1 fabs floor i0 imag isreal negative ones_like rad2deg real round sign signbit sin
    sinc sinh square tan tanh trunc zeros_like stop_gradient
"""
REDUCING = "max min mean sum prod std var median amax amin ptp average logsumexp"
ARGUMENTS = "argmax argmin argsort sort nanargmax nanargmin"
CUMULATIVE = "cumsum cumprod nancumsum nancumprod"
NAN_REDUCING = "nanmax nanmean nanmin nanprod nanstd nansum nanvar"

NUMBERS: list[Row] = [
    *plain(ANY_NUMBER),
    *plain("log log10 log1p log2 sqrt rsqrt reciprocal", STEPS, _positive),
    *plain("arccos arcsin arctanh erfinv", STEPS, _within_one),
    *plain("arccosh", STEPS, lambda o, x: o.abs(x) + 1.1),
    *plain("isfinite isinf isnan isneginf isposinf", STEPS, _with_special),
    *plain(
        "add subtract multiply maximum minimum fmax fmin arctan2 hypot logaddexp logaddexp2", TWO
    ),
    *plain("divide divide_no_nan true_divide fmod", TWO, _divisor),
    *plain("floor_divide mod", TWO, _signed_divisor),
    *plain(
        "heaviside equal not_equal greater greater_equal less less_equal isclose allclose",
        TWO,
        _with_equals,
    ),
    *plain("nextafter", TWO),
    *plain("power", TWO, lambda o, x: [o.abs(x[0]) + 0.5, x[1]]),
    *plain("ldexp", (STEPS, integers(5, 4))),
    *plain(
        "bitwise_and bitwise_or bitwise_xor",
        TWO_INTEGERS,
        lambda o, x: [x[0] + 3, x[1] + 5],
    ),
    *plain("bitwise_left_shift bitwise_right_shift left_shift right_shift", TWO_INTEGERS, _small),
    *plain(
        "gcd lcm",
        (Shape((5, 4), "int32", 1), Shape((5, 4), "int32", 1)),
        lambda o, x: [x[0] + 3, x[1] + 5],
    ),
    *plain("bitwise_invert bitwise_not", integers(5, 4)),
    *plain("logical_and logical_or logical_xor", TWO_BOOLEANS),
    *plain("logical_not", booleans(5, 4)),
    Row(
        "floor_divide",
        TWO_INTEGERS,
        lambda o, x: o.floor_divide(x[0] * 7 - 9, x[1] + 2),
        "integers",
    ),
    Row("mod", TWO_INTEGERS, lambda o, x: o.mod(x[0] * 7 - 9, x[1] + 2), "integers"),
    Row("power", TWO_INTEGERS, lambda o, x: o.power(x[0] + 1, x[1]), "integers"),
    *with_arguments("all any", booleans(5, 4), axis=1),
    *with_arguments(REDUCING, axis=1),
    *with_arguments("max mean sum prod", integers(5, 4), "integers", axis=1),
    *with_arguments("max mean sum", floats(5, 4, 3), "axes", axis=(1, 3), keepdims=True),
    *with_arguments(ARGUMENTS, axis=1),
    *with_arguments(CUMULATIVE, axis=1),
    *with_arguments("cumsum cumprod", STEPS, "last", axis=-1),
    *(
        Row(name, STEPS, lambda o, x, name=name: getattr(o, name)(_with_gaps(o, x), axis=1))  # type: ignore[misc]
        for name in NAN_REDUCING.split()
    ),
    *with_arguments("quantile", q=0.3, axis=1),
    # Of all elements only: along an axis, Keras itself cannot trace these.
    Row("nanmedian", STEPS, lambda o, x: o.nanmedian(_with_gaps(o, x))),
    Row("nanquantile", STEPS, lambda o, x: o.nanquantile(_with_gaps(o, x), q=0.3)),
    *with_arguments("percentile", q=30, axis=1),
    Row("nanpercentile", STEPS, lambda o, x: o.nanpercentile(_with_gaps(o, x), q=30)),
    *with_arguments("clip", x_min=-0.5, x_max=0.7),
    *with_arguments("full_like", fill_value=3.5),
    Row("nan_to_num", STEPS, lambda o, x: o.nan_to_num(_with_special(o, x), 0.5, 9.0, -9.0)),
    Row("count_nonzero", STEPS, lambda o, x: o.count_nonzero(o.relu(x), axis=1)),
    *with_arguments("top_k", k=2),
    *with_arguments("argpartition", FOUR, kth=2),
    *with_arguments("bincount", integers(6), minlength=5),
    *with_arguments("digitize", bins=np.array([-1.0, 0.0, 0.5], "float32")),
    *with_arguments("norm", axis=1),
    *with_arguments("norm", STEPS, "one", ord=1, axis=1),
    *with_arguments("diff", axis=1),
    *with_arguments("trapezoid", axis=1),
    *with_arguments("cast", dtype="int32"),
    *with_arguments("cast", integers(4), "floats", dtype="float32"),
    Row("cast", STEPS, lambda o, x: o.cast(o.relu(x), "bool"), "booleans"),
    *with_arguments("saturate_cast", dtype="uint8"),
    *with_arguments("view", dtype="int32"),
    *with_arguments("one_hot", integers(5), num_classes=4),
    *with_arguments("multi_hot", integers(5), num_classes=4),
    Row("searchsorted", STEPS, lambda o, x: o.searchsorted(o.sort(o.ravel(x)), o.ravel(x) * 0.7)),
    Row("in_top_k", (integers(), floats(4)), lambda o, x: o.in_top_k(x[0], x[1], k=2)),
    Row("where", TWO, lambda o, x: o.where(x[0] > 0, x[0], x[1])),
    Row("select", TWO, lambda o, x: o.select([x[0] > 0.5, x[1] > 0], [x[0], x[1]], -1.0)),
    Row("polar", TWO, lambda o, x: o.view_as_real(o.polar(o.abs(x[0]), x[1]))),
]
