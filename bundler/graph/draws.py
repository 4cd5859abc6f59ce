"""Random numbers of a graph: the same draw for every answer, or noise that is fed to it.

TF.js's generators are not TensorFlow's, and no two answers could be compared. So every op that
draws gives numbers out of a list: the ones that TensorFlow draws where the seed is known, else
some of our own. In place of the list may be an input of the graph, for a new draw every time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from bundler.formats import branches
from bundler.formats.graph_def import node_name
from bundler.graph import freeze, rewrite
from bundler.graph.feeds.whole import divide
from bundler.graph.freeze import Frozen
from bundler.graph.large import Array
from bundler.graph.noise import MOST, Kind, Noise, draw

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


@dataclass(frozen=True)
class Drawn:
    """A graph that draws no more, and the layers that did.

    `layers` would draw anew at every call, `looped` are those of them that do so in a loop;
    `altered` have a seed, but one that only TensorFlow can make the same numbers of. `states`
    are the variables that a call leaves to the next, but seeds.
    """

    frozen: Frozen
    layers: tuple[str, ...] = ()
    looped: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


def settle(frozen: Frozen, *, anew: bool) -> Drawn:
    """The graph with the same draw for every answer, or, `anew`, with inputs for the noise.

    What a seed in the model itself fixes stays as TensorFlow draws it.
    """
    states = _states(frozen) if frozen.changing else ()
    if not any(node.op in OPS for node in frozen.graph.node):
        return Drawn(frozen, states=states)
    # Dropout that a constant switches off is gone then.
    branches.decide(frozen.graph)
    changing, looped = _changing(frozen), _in_loops(frozen)
    if anew:
        fed = partial(_lower, _Fed())
        chosen = {op: _only(changing - looped, fed) for op in OPS}
        frozen = _with_inputs(rewrite.replace(frozen, chosen))
    # Seeds that are known become constants.
    frozen = freeze.fold(frozen)
    listed = _Listed()
    lowered = rewrite.replace(frozen, {op: partial(_lower, listed) for op in OPS})
    return Drawn(
        lowered,
        _layers(changing),
        _layers(changing & looped),
        _layers(listed.used - changing),
        states,
    )


def _only(names: set[str], lower: rewrite.Lower) -> rewrite.Lower:
    return lambda op, *inputs: lower(op, *inputs) if op.name in names else None


def _changing(frozen: Frozen) -> set[str]:
    """The ops that draw anew at every call, among those that the outputs need."""
    nodes = {node.name: node for node in frozen.graph.node}
    needed = _behind(nodes, frozen.outputs)
    drawing = [node for node in frozen.graph.node if node.op in OPS and node.name in needed]
    stateful = {node.name for node in drawing if not node.op.startswith("Stateless")}
    sources = frozen.changing | stateful
    return {
        node.name
        for node in drawing
        if node.name in stateful or _behind(nodes, _seeds(node)) & sources
    }


def _states(frozen: Frozen) -> tuple[str, ...]:
    """Variables that are assigned, and that the outputs depend on other than as seeds."""
    nodes = {node.name: node for node in frozen.graph.node}
    waiting = [node_name(reference) for reference in frozen.outputs]
    found = set(waiting)
    for name in waiting:
        node = nodes[name]
        seeds = {node_name(one) for one in _seeds(node)} if node.op in OPS else set()
        data = {node_name(one) for one in node.input if not one.startswith("^")}
        waiting.extend(data - seeds - found)
        found |= data - seeds
    return tuple(sorted(found & frozen.changing))


def _seeds(node: Any) -> list[str]:
    """What a stateless op's draw depends on besides its shape and its numbers' distribution."""
    if not node.op.startswith("Stateless"):
        return []
    index = 2 if node.op == "StatelessMultinomial" else 1
    return list(node.input)[index : index + (1 if index == 2 else 2)]


def _behind(nodes: dict[str, Any], references: list[str]) -> set[str]:
    """All nodes that these tensors are computed from."""
    waiting = [node_name(reference) for reference in references]
    found = set(waiting)
    for name in waiting:
        new = {node_name(one) for one in nodes[name].input if not one.startswith("^")} - found
        found |= new
        waiting.extend(new)
    return found


def _in_loops(frozen: Frozen) -> set[str]:
    """Nodes in loops, where no input of the graph can be."""
    nodes = {node.name: node for node in frozen.graph.node}
    users: dict[str, list[str]] = {}
    for node in frozen.graph.node:
        for reference in node.input:
            users.setdefault(node_name(reference), []).append(node.name)
    waiting = [node.name for node in frozen.graph.node if node.op == "Enter"]
    found = set(waiting)
    for name in waiting:
        if nodes[name].op != "Exit":
            new = set(users.get(name, [])) - found
            found |= new
            waiting.extend(new)
    return found


def _layers(nodes: set[str]) -> tuple[str, ...]:
    """The layers in nodes' names: what Keras calls them, without what TensorFlow adds."""
    scopes = [[part for part in node.split("/")[:-1] if part[:1].islower()] for node in nodes]
    names = [
        "/".join(parts[:-1] or parts) or node for parts, node in zip(scopes, nodes, strict=True)
    ]
    return tuple(sorted(set(names)))


class _Listed:
    """Draws from a list in the graph; `used` are the ops that did."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def numbers(self, kind: Kind, count: int, op: Any) -> tf.Tensor:
        import tensorflow as tf

        self.used.add(op.name)
        # An op may need several lists, each with a name and a seed of its own.
        name = f"{op.name}/{tf.compat.v1.get_default_graph().unique_name('noise')}"
        return tf.constant(draw(kind, count, crc32(name.encode())))


class _Fed:
    """Draws from an input of the graph, which the page fills."""

    def numbers(self, kind: Kind, count: int, op: Any) -> tf.Tensor:
        import tensorflow as tf

        values = tf.compat.v1.placeholder(tf.float32, [count], "noise")
        values.op._set_attr(MARK, tf.compat.v1.AttrValue(s=kind.encode()))
        return values


Source = _Listed | _Fed


def _with_inputs(frozen: Frozen) -> Frozen:
    """The graph with the noise that it is fed as inputs behind its own."""
    noise: list[Noise] = []
    for node in frozen.graph.node:
        if MARK in node.attr:
            kind = node.attr.pop(MARK).s.decode()
            length = node.attr["shape"].shape.dim[0].size
            noise.append(Noise(f"noise_{len(noise) + 1}", node.name, kind, length))
            del node.input[:]
    inputs = [*frozen.inputs, *(one.node for one in noise)]
    return replace(frozen, inputs=inputs, noise=tuple(noise))


def _lower(source: Source, op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    import tensorflow as tf

    if isinstance(source, _Listed) and op.type in STEADY and _are_known(inputs[1:]):
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
