"""Special functions that TF.js lacks: `keras.ops.erfinv`, `tf.math.lgamma`, `digamma`, Bessel …

By the approximations that TensorFlow and Cephes use for float32 themselves, in float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

OPS = (
    "Lgamma", "Digamma", "Erfinv", "Ndtri", "BesselI0", "BesselI0e", "BesselI1", "BesselI1e",
)  # fmt: skip

# Lanczos' approximation of the gamma function with g = 7, as in Eigen and XLA.
LANCZOS = (
    676.520368121885098567009190444019, -1259.13921672240287047156078755283,
    771.3234287776530788486528258894, -176.61502916214059906584551354,
    12.507343278686904814458936853, -0.13857109526572011689554707,
    9.984369578019570859563e-6, 1.50563273514931155834e-7,
)  # fmt: skip
# Coefficients of the asymptotic series of digamma, Cephes' psif.
DIGAMMA = (-4.16666666666666666667e-3, 3.96825396825396825397e-3,
           -8.33333333333333333333e-3, 8.33333333333333333333e-2)  # fmt: skip
# Giles, "Approximating the erfinv function", for w < 5 and w >= 5.
ERFINV_CENTER = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
ERFINV_TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip
# Chebyshev coefficients of Cephes' i0ef and i1ef, for |x| <= 8 and above.
I0_SMALL = (
    -1.30002500998624804212e-8, 6.04699502254191894932e-8, -2.67079385394061173391e-7,
    1.11738753912010371815e-6, -4.41673835845875056359e-6, 1.64484480707288970893e-5,
    -5.75419501008210370398e-5, 1.88502885095841655729e-4, -5.76375574538582365885e-4,
    1.63947561694133579842e-3, -4.32430999505057594430e-3, 1.05464603945949983183e-2,
    -2.37374148058994688156e-2, 4.93052842396707084878e-2, -9.49010970480476444210e-2,
    1.71620901522208775349e-1, -3.04682672343198398683e-1, 6.76795274409476084995e-1,
)  # fmt: skip
I0_LARGE = (
    3.39623202570838634515e-9, 2.26666899049817806459e-8, 2.04891858946906374183e-7,
    2.89137052083475648297e-6, 6.88975834691682398426e-5, 3.36911647825569408990e-3,
    8.04490411014108831608e-1,
)  # fmt: skip
I1_SMALL = (
    9.38153738649577178388e-9, -4.44505912879632808065e-8, 2.00329475355213526229e-7,
    -8.56872026469545474066e-7, 3.47025130813767847674e-6, -1.32731636560394358279e-5,
    4.78156510755005422638e-5, -1.61760815825896745588e-4, 5.12285956168575772895e-4,
    -1.51357245063125314899e-3, 4.15642294431288815669e-3, -1.05640848946261981558e-2,
    2.47264490306265168283e-2, -5.29459812080949914269e-2, 1.02643658689847095384e-1,
    -1.76416518357834055153e-1, 2.52587186443633654823e-1,
)  # fmt: skip
I1_LARGE = (
    -3.83538038596423702205e-9, -2.63146884688951950684e-8, -2.51223623787020892529e-7,
    -3.88256480887769039346e-6, -1.10588938762623716291e-4, -9.76109749136146840777e-3,
    7.78576235018280120474e-1,
)  # fmt: skip


def lower(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    return _LOWER[op.type](x) if x.dtype == tf.float32 else None


def polynomial(x: tf.Tensor, coefficients: Sequence[float]) -> tf.Tensor:
    """Horner's scheme, the highest power first."""
    result = tf.zeros_like(x) + coefficients[0]
    for coefficient in coefficients[1:]:
        result = result * x + coefficient
    return result


def lgamma(x: tf.Tensor) -> tf.Tensor:
    """The logarithm of |gamma|, by reflection below 1/2."""
    reflected = x < 0.5
    z = tf.where(reflected, -x, x - 1.0)
    # Each term is summed from the ones that change least.
    series = 0.99999999999980993227684700473478 + tf.zeros_like(z)
    for index, coefficient in enumerate(LANCZOS):
        series = series + coefficient / (z + (index + 1.0))
    # log(z + 7.5) and the terms around it, arranged so that little cancels.
    log_t = math.log(7.5) + tf.math.log1p(z / 7.5)
    t = z + 7.5
    value = 0.5 * math.log(2 * math.pi) + (z + 0.5 - t / log_t) * log_t + tf.math.log(series)
    fraction = tf.abs(x) - tf.floor(tf.abs(x))
    near = tf.where(fraction > 0.5, 1.0 - fraction, fraction)
    sine = tf.math.log(tf.sin(math.pi * near))
    mirrored = tf.where(tf.math.is_inf(sine), -sine, math.log(math.pi) - sine - value)
    return tf.where(reflected, mirrored, value)


def digamma(x: tf.Tensor) -> tf.Tensor:
    """The derivative of lgamma: by reflection, recurrence up to 10, and the asymptotic series."""
    reflected = x <= 0.0
    nearest = tf.floor(x + 0.5)
    angle = math.pi * (x - nearest)
    z = tf.where(reflected, 1.0 - x, x)
    below = tf.zeros_like(z)
    for _ in range(10):
        is_small = z < 10.0
        below = below + tf.where(is_small, 1.0 / z, tf.zeros_like(z))
        z = tf.where(is_small, z + 1.0, z)
    w = 1.0 / (z * z)
    value = tf.math.log(z) - 0.5 / z - w * polynomial(w, DIGAMMA) - below
    return tf.where(reflected, value - math.pi / tf.tan(angle), value)


def erfinv(x: tf.Tensor) -> tf.Tensor:
    w = -tf.math.log1p(-x * x)
    center = polynomial(w - 2.5, ERFINV_CENTER)
    tail = polynomial(tf.sqrt(w) - 3.0, ERFINV_TAIL)
    value = tf.where(w < 5.0, center, tail) * x
    return tf.where(tf.equal(tf.abs(x), 1.0), x * math.inf, value)


def ndtri(x: tf.Tensor) -> tf.Tensor:
    return math.sqrt(2.0) * erfinv(2.0 * x - 1.0)


def _chebyshev(x: tf.Tensor, coefficients: Sequence[float]) -> tf.Tensor:
    """Clenshaw's recurrence as Cephes writes it."""
    before, last, current = tf.zeros_like(x), tf.zeros_like(x), tf.zeros_like(x)
    for coefficient in coefficients:
        before, last = last, current
        current = x * last - before + coefficient
    return 0.5 * (current - before)


def bessel_i0e(x: tf.Tensor) -> tf.Tensor:
    y = tf.abs(x)
    small = _chebyshev(y / 2.0 - 2.0, I0_SMALL)
    large = _chebyshev(32.0 / tf.maximum(y, 8.0) - 2.0, I0_LARGE)
    return tf.where(y <= 8.0, small, large * tf.math.rsqrt(tf.maximum(y, 8.0)))


def bessel_i1e(x: tf.Tensor) -> tf.Tensor:
    y = tf.abs(x)
    small = _chebyshev(y / 2.0 - 2.0, I1_SMALL) * y
    large = _chebyshev(32.0 / tf.maximum(y, 8.0) - 2.0, I1_LARGE)
    value = tf.where(y <= 8.0, small, large * tf.math.rsqrt(tf.maximum(y, 8.0)))
    return tf.where(x < 0.0, -value, value)


_LOWER: dict[str, Any] = {
    "Lgamma": lgamma,
    "Digamma": digamma,
    "Erfinv": erfinv,
    "Ndtri": ndtri,
    "BesselI0e": bessel_i0e,
    "BesselI1e": bessel_i1e,
    "BesselI0": lambda x: tf.exp(tf.abs(x)) * bessel_i0e(x),
    "BesselI1": lambda x: tf.exp(tf.abs(x)) * bessel_i1e(x),
}
