"""Loops and branches within each other, and layers that loop, with weights of every size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tf_keras

from tests.graphs import Array, Case, floats
from tests.models import keras, tf

X = floats(2, 5)
STEPS = floats(2, 4, 3)
PICTURES = floats(1, 3, 5, 5, 2)
# Units whose weights do not stay in the graph (large.py).
LARGE = 150


def _while(count: Any, body: Callable[..., Any], *start: Any) -> Any:
    """`body` takes the number of the round and the values, and gives the next values."""
    return tf.while_loop(
        lambda i, *_: i < count,
        lambda i, *values: (i + 1, *body(i, *values)),
        (tf.constant(0), *start),
    )[1:]


def nested(x: Any) -> Any:
    """The inner loop starts with constants in every round, and its length is the outer's."""

    def outer(i: Any, v: Any) -> Any:
        (inner,) = _while(i + 1, lambda j, w: (w * 0.5 + x,), v)
        (ones,) = _while(2, lambda j, w: (w + 1.0,), tf.ones(5))
        return (inner + ones,)

    return _while(3, outer, x)


def three_deep(x: Any) -> Any:
    def innermost(k: Any, v: Any) -> Any:
        return (v * 0.9 + tf.cast(k, tf.float32),)

    def inner(j: Any, v: Any) -> Any:
        return _while(2, innermost, v + tf.cast(j, tf.float32))

    return _while(2, lambda i, v: _while(i + 2, inner, v), x)


def loop_in_branch_in_loop(x: Any) -> Any:
    def outer(i: Any, v: Any) -> Any:
        def looped() -> Any:
            (count,) = _while(3, lambda j, w: (w + 2.0,), tf.constant(0.5))
            return _while(i + 1, lambda j, w: (w + x * count,), v)[0]

        return (tf.cond(i % 2 == 0, looped, lambda: tf.fill(tf.shape(v), 7.0)),)

    return _while(4, outer, x)


def branch_not_taken(x: Any) -> Any:
    """A loop of constants alone in a branch, which would be there whatever the condition says."""

    def looped() -> Any:
        return _while(3, lambda j, w: (w * 2.0,), tf.fill((2, 5), 3.0))[0]

    return [
        tf.cond(tf.reduce_sum(x) > 1e9, looped, lambda: x),
        tf.cond(tf.reduce_sum(x) < 1e9, looped, lambda: tf.zeros((2, 5))),
    ]


def branches_of_invariants(x: Any) -> Any:
    """A condition, and what is chosen, that no round changes."""
    positive = tf.reduce_sum(x) > 0

    def body(i: Any, v: Any) -> Any:
        chosen = tf.cond(positive, lambda: tf.sin(x), lambda: tf.cos(x))
        constant = tf.cond(positive, lambda: tf.constant(1.0), lambda: tf.constant(2.0))
        return (v * 0.5 + chosen * constant,)

    return _while(3, body, x)


def side_branches(x: Any) -> Any:
    """Several values of one branch, of which some are constants, or used in one branch only."""

    def then() -> Any:
        y = tf.exp(x)
        return y, tf.constant(3), tf.reduce_sum(y)

    def otherwise() -> Any:
        return tf.zeros_like(x), tf.shape(x)[0], tf.constant(0.0)

    first = tf.cond(tf.reduce_sum(x) < 1e9, then, otherwise)
    second = tf.cond(tf.reduce_sum(x) > 1e9, then, otherwise)
    return [*first, *second]


def chosen_by_number(x: Any) -> Any:
    def body(i: Any, v: Any) -> Any:
        ways = [lambda: v + 1.0, lambda: tf.ones((2, 5)), lambda: v * x]
        return (tf.switch_case(i, ways),)

    return _while(4, body, x)


def mapped_twice(x: Any) -> Any:
    """Each round of the outer loop has a list of its own."""
    rows = tf.map_fn(lambda row: tf.map_fn(lambda one: one * 2.0 + row[0], row), x)
    sums = tf.scan(lambda a, row: a + tf.scan(lambda b, c: b * 0.5 + c, row), x)
    return [rows, sums]


def attention(x: Any) -> Any:
    """Steps that all look at what an encoder made: nothing of it depends on the step."""
    keys = tf.nn.tanh(x)

    def body(i: Any, state: Any) -> Any:
        projected = tf.matmul(keys, tf.constant(floats(3, 6, seed=2)))
        scores = tf.nn.softmax(tf.reduce_sum(projected * state[:, None], -1))
        return (tf.reduce_sum(projected * scores[..., None], 1) + state,)

    return _while(3, body, tf.zeros((tf.shape(x)[0], 6)))


def early(x: Any) -> Any:
    """A loop that ends when its values say so, with two that count."""
    return tf.while_loop(
        lambda i, v, n: tf.reduce_max(tf.abs(v)) > 0.1,
        lambda i, v, n: (i + 1, v * 0.5, n + tf.cast(i, tf.float32)),
        (0, x, 1.0),
    )


def after_each_other(x: Any) -> Any:
    (first,) = _while(2, lambda i, v: (v + x,), x)
    return _while(2, lambda i, v: (v * first,), first)


FUNCTIONS: dict[str, tuple[Callable[..., Any], Array]] = {
    "invariant": (lambda x: _while(3, lambda i, v: (v + tf.sin(x),), x), X),
    "invariants": (lambda x: _while(3, lambda i, v: (v + tf.sin(x) * tf.exp(x * 0.5),), x), X),
    "constant_result": (
        lambda x: _while(3, lambda i, v, w: (v + w, tf.fill((5,), 2.0)), x, tf.ones(5)),
        X,
    ),
    "no_round": (lambda x: _while(0, lambda i, v: (v + tf.sin(x),), x), X),
    "nested": (nested, X),
    "three_deep": (three_deep, X),
    "loop_in_branch_in_loop": (loop_in_branch_in_loop, X),
    "branch_not_taken": (branch_not_taken, X),
    "branches_of_invariants": (branches_of_invariants, X),
    "side_branches": (side_branches, X),
    "chosen_by_number": (chosen_by_number, X),
    "mapped_twice": (mapped_twice, X),
    "attention": (attention, STEPS),
    "early": (early, X),
    "after_each_other": (after_each_other, X),
}


def _layers(layers: Any, units: int) -> dict[str, tuple[Callable[[], Any], Array]]:
    """Recurrent layers of Keras 3 or 2, and what they read."""
    return {
        "lstm": (lambda: layers.LSTM(units, return_sequences=True), STEPS),
        "gru": (lambda: layers.GRU(units), STEPS),
        "gru_reset_before": (lambda: layers.GRU(units, reset_after=False), STEPS),
        "simple": (lambda: layers.SimpleRNN(2 * units), STEPS),
        "bidirectional": (lambda: layers.Bidirectional(layers.GRU(units)), STEPS),
        "stacked": (
            lambda: layers.RNN([layers.LSTMCell(units), layers.GRUCell(units)]),
            STEPS,
        ),
        "states": (lambda: layers.LSTM(units, return_state=True, go_backwards=True), STEPS),
        "conv": (lambda: layers.ConvLSTM2D(units, 3, padding="same"), PICTURES),
    }


def _recurrent() -> dict[str, tuple[Callable[[], Any], Array]]:
    """All with weights that just do not stay in the graph, some with larger and smaller ones."""
    found = {}
    for units, names in {LARGE: None, 3: ["lstm", "stacked"], 256: ["gru"]}.items():
        layers = _layers(keras.layers, units)
        found.update({f"{name}_{units}": layers[name] for name in names or layers})
    second = _layers(tf_keras.layers, LARGE)
    return {**found, **{f"keras_2_{name}": one for name, one in second.items()}}


def _case(make_layer: Callable[[], Any], array: Array) -> Case:
    layer = make_layer()
    layer(tf.constant(array))
    return Case(lambda x: layer(x, training=False), (array,))


def make() -> dict[str, Case]:
    """All cases; the layers have variables."""
    keras.utils.set_random_seed(3)
    functions = {name: Case(function, (array,)) for name, (function, array) in FUNCTIONS.items()}
    return functions | {name: _case(layer, array) for name, (layer, array) in _recurrent().items()}
