"""The ops that draw random numbers, made of lists of numbers: in the graph, or fed to it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from bundler.feeds.whole import divide
from bundler.graph.large import Array
from bundler.graph.noise import MOST, Kind, draw

if TYPE_CHECKING:
    import tensorflow as tf

# A list for a draw whose size only running tells has at least so many numbers.
LEAST = 4093
# Attempts at a gamma's number, of which one in a million fails; each needs a normal and a uniform.
ATTEMPTS = 8
# A uniform number is at least this far from 0 and 1 where its logarithm is taken.
MARGIN = 2.0**-24
MARK = "_noise"

# By op: the kind of its numbers. The first input is the shape.
PLAIN: dict[str, Kind] = {
    "RandomUniform": "uniform", "StatelessRandomUniform": "uniform",
    "StatelessRandomUniformV2": "uniform",
    "RandomStandardNormal": "normal", "StatelessRandomNormal": "normal",
    "StatelessRandomNormalV2": "normal",
    "TruncatedNormal": "truncated", "StatelessTruncatedNormal": "truncated",
    "StatelessTruncatedNormalV2": "truncated",
}  # fmt: skip
# Whole numbers: between the last two inputs, or any at all.
BETWEEN = {"RandomUniformInt", "StatelessRandomUniformInt", "StatelessRandomUniformIntV2"}
ANY = {
    "NonDeterministicInts", "StatelessRandomUniformFullInt", "StatelessRandomUniformFullIntV2",
}  # fmt: skip
CHOICES = {"Multinomial", "StatelessMultinomial"}
SHUFFLES = {"RandomShuffle", "StatelessShuffle"}
GAMMAS = {"RandomGamma", "StatelessRandomGammaV2", "StatelessRandomGammaV3"}
OPS = {*PLAIN, *BETWEEN, *ANY, *CHOICES, *SHUFFLES, *GAMMAS}
# Stateless ops whose first numbers are the same however many are drawn.
STEADY = {op for op in {*PLAIN, *BETWEEN, *ANY} if op.startswith("Stateless")}


class Listed:
    """Draws from a list in the graph; `used` are the ops that did."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def numbers(self, kind: Kind, count: int, op: Any) -> tf.Tensor:
        import tensorflow as tf

        self.used.add(op.name)
        # An op may need several lists, each with a name and a seed of its own.
        name = f"{op.name}/{tf.compat.v1.get_default_graph().unique_name('noise')}"
        return tf.constant(draw(kind, count, crc32(name.encode())))


class Fed:
    """Draws from an input of the graph, which the page fills."""

    def numbers(self, kind: Kind, count: int, op: Any) -> tf.Tensor:
        import tensorflow as tf

        values = tf.compat.v1.placeholder(tf.float32, [count], "noise")
        values.op._set_attr(MARK, tf.compat.v1.AttrValue(s=kind.encode()))
        return values


Source = Listed | Fed


def lower(source: Source, op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    """What takes the place of an op of OPS, with numbers from `source`."""
    import tensorflow as tf

    if isinstance(source, Listed) and op.type in STEADY and _are_known(inputs[1:]):
        return _steady(op, inputs)
    if op.type in PLAIN:
        values = _spread(source, PLAIN[op.type], inputs[0], op)
        return tf.cast(values, op.outputs[0].dtype)
    if op.type in BETWEEN:
        return _between(source, op, inputs[0], *inputs[-2:])
    if op.type in ANY:
        return _any(op, inputs[0])
    if op.type in CHOICES:
        return _choose(source, op, *inputs[:2])
    if op.type in SHUFFLES:
        return _shuffle(source, op, inputs[0])
    return _gamma(source, op, inputs)


def _are_known(inputs: tuple[tf.Tensor, ...]) -> bool:
    import tensorflow as tf

    return all(tf.get_static_value(one) is not None for one in inputs)


def _steady(op: Any, inputs: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """The numbers that TensorFlow draws itself."""
    import tensorflow as tf
    from tensorflow.python.eager import context

    count = _count(op, inputs[0])
    given: list[Array] = [tf.get_static_value(one) for one in inputs[1:]]
    names = [argument.name for argument in op.op_def.input_arg]
    with context.eager_mode():
        fed = dict(zip(names[1:], map(tf.constant, given), strict=True))
        # Whole numbers have the dtype of their ends.
        keywords = {} if op.type in BETWEEN else {"dtype": op.outputs[0].dtype}
        values = getattr(tf.raw_ops, op.type)(shape=[count], **fed, **keywords).numpy()
    return _fill(tf.constant(values), count, inputs[0])


def _spread(source: Source, kind: Kind, shape: tf.Tensor, op: Any) -> tf.Tensor:
    """Numbers of a kind in a shape."""
    count = _count(op, shape)
    return _fill(source.numbers(kind, count, op), count, shape)


def _count(op: Any, shape: tf.Tensor) -> int:
    """How long the list for a shape is: all numbers if they are known and not too many."""
    import tensorflow as tf

    known = tf.get_static_value(shape)
    if known is not None:
        return int(min(prod(int(size) for size in known), MOST))
    sizes = op.outputs[0].shape.as_list() if op.outputs[0].shape.rank is not None else []
    return min(max(int(prod(size or 1 for size in sizes)), LEAST), MOST)


def _fill(values: tf.Tensor, count: int, shape: tf.Tensor) -> tf.Tensor:
    """The list in a shape, again from its start where it is too short."""
    import tensorflow as tf

    known = tf.get_static_value(shape)
    if known is not None and prod(int(size) for size in known) == count:
        return tf.reshape(values, shape)
    places = tf.range(tf.cast(tf.reduce_prod(shape), tf.float32))
    length = tf.constant(float(count))
    places = tf.cast(places - divide(places, length) * length, tf.int32)
    return tf.reshape(tf.gather(values, places), shape)


def _between(
    source: Source, op: Any, shape: tf.Tensor, low: tf.Tensor, high: tf.Tensor
) -> tf.Tensor:
    import tensorflow as tf

    steps = tf.cast(high - low, tf.float32)
    whole = tf.floor(_spread(source, "uniform", shape, op) * steps)
    return low + tf.cast(tf.minimum(whole, steps - 1.0), low.dtype)


def _any(op: Any, shape: tf.Tensor) -> tf.Tensor:
    """Seeds for other draws, as a rule: what is fed to the page comes behind them."""
    import tensorflow as tf

    dtype = op.outputs[0].dtype
    count = _count(op, shape)
    generator = np.random.default_rng(crc32(op.name.encode()))
    ends = np.iinfo(np.int32)
    values = generator.integers(0, ends.max, count).astype(dtype.as_numpy_dtype)
    return _fill(tf.constant(values), count, shape)


def _choose(source: Source, op: Any, logits: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """The class with the largest score after Gumbel's noise has been added to all."""
    import tensorflow as tf

    batch, classes = tf.unstack(tf.shape(logits))
    uniform = _uniform(source, op, tf.stack([batch, count, classes]))
    gumbel = -tf.math.log(-tf.math.log(uniform))
    scores = tf.cast(logits, tf.float32)[:, None, :] + gumbel
    return tf.argmax(scores, axis=-1, output_type=op.outputs[0].dtype)


def _uniform(source: Source, op: Any, shape: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    values = _spread(source, "uniform", shape, op)
    return tf.clip_by_value(values, MARGIN, 1.0 - MARGIN)


def _shuffle(source: Source, op: Any, values: tf.Tensor) -> tf.Tensor:
    """The rows in the order of random numbers."""
    import tensorflow as tf

    keys = _spread(source, "uniform", tf.shape(values)[:1], op)
    return tf.gather(values, tf.argsort(keys))


def _gamma(source: Source, op: Any, inputs: tuple[tf.Tensor, ...]) -> tf.Tensor:
    """The first of a few attempts that Marsaglia and Tsang's method (2000) accepts."""
    import tensorflow as tf

    dtype = op.outputs[0].dtype
    alpha = tf.cast(inputs[-1], tf.float32)
    shape = inputs[0]
    if op.type == "RandomGamma":
        shape = tf.concat([shape, tf.shape(alpha, out_type=shape.dtype)], 0)
    # Below one it is the number for alpha + 1, by a power of another.
    is_small = alpha < 1.0
    d = tf.where(is_small, alpha + 1.0, alpha) - 1.0 / 3.0
    several = tf.concat([[tf.constant(ATTEMPTS, shape.dtype)], shape], 0)
    x = _spread(source, "normal", several, op)
    cube = tf.maximum(1.0 + x / tf.sqrt(9.0 * d), 0.0) ** 3
    safe = tf.maximum(cube, MARGIN)
    allowed = 0.5 * x * x + d - d * safe + d * tf.math.log(safe)
    accepted = (cube > 0.0) & (tf.math.log(_uniform(source, op, several)) < allowed)
    first = tf.argmax(tf.cast(accepted, tf.int32), axis=0, output_type=tf.int32)
    chosen = tf.one_hot(first, ATTEMPTS, axis=0) * safe
    value = d * tf.reduce_sum(chosen, axis=0)
    power = _uniform(source, op, shape) ** (1.0 / tf.maximum(alpha, MARGIN))
    return tf.cast(tf.where(is_small, value * power, value), dtype)
