"""Graphs in other float types: what they answer, what stays, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bundler.graph import freeze, precision
from bundler.graph.freeze import Frozen
from bundler.graph.reference import Reference
from tests.models import tf

generator = np.random.default_rng(2)
X = generator.normal(size=(2, 6)).astype(np.float32)
W = generator.normal(size=(6, 6)).astype(np.float32)
LARGE = (generator.normal(size=(300, 300)) / 300).astype(np.float32)
PICTURE = generator.normal(size=(1, 8, 8, 3)).astype(np.float32)


def looped(x: Any) -> Any:
    start = (tf.constant(0), x)
    # Answers of some 3: processors round bfloat16 otherwise, and beyond 8 a step of it is 1/16.
    w = tf.constant(W / 8, x.dtype)
    return tf.while_loop(lambda i, _: i < 3, lambda i, v: (i + 1, tf.matmul(v, w) + v), start)[1]


def branched(x: Any) -> Any:
    return tf.cond(tf.reduce_sum(x) > 100, lambda: x * 2, lambda: tf.nn.softmax(x))


def listed(x: Any) -> Any:
    return tf.map_fn(lambda row: tf.cumsum(row) / 3, x)


def split(x: Any) -> Any:
    first, second = tf.split(x, 2, axis=1)
    return tf.concat([tf.exp(second), first, tf.unstack(x, axis=1)[5][:, None]], 1)


def topped(x: Any) -> Any:
    values, indices = tf.math.top_k(tf.matmul(x, tf.constant(W, x.dtype)), 3)
    return values + tf.cast(indices, x.dtype)


# By the dtype that they compute in, given a float32 input.
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "product": lambda x: tf.nn.gelu(tf.matmul(x, tf.constant(W, x.dtype))),
    "loop": looped,
    "branch": branched,
    "list": listed,
    "split": split,
    "top": topped,
    "one_hot": lambda x: tf.one_hot([1, 3], 6, dtype=x.dtype) * x,
    "through_integers": lambda x: tf.cast(tf.cast(x * 3, tf.int32), x.dtype) + x,
}


def frozen_of(
    function: Callable[[Any], Any], dtype: str = "float32", shape: Any = (2, 6)
) -> Frozen:
    """The graph of a function that computes in `dtype` and gives float32."""

    def call(x: Any) -> list[Any]:
        return [tf.identity(tf.cast(function(tf.cast(x, dtype)), tf.float32))]

    made = tf.function(call, autograph=False).get_concrete_function(
        tf.TensorSpec(shape, tf.float32)
    )
    return freeze.freeze(made)


def answer(frozen: Frozen, x: Any = X) -> Any:
    with Reference(frozen) as reference:
        return reference.run([x])[0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_half_floats_become_float32(name: str, dtype: str) -> None:
    half, whole = frozen_of(FUNCTIONS[name], dtype), frozen_of(FUNCTIONS[name])
    assert precision.has(half, ["float16", "bfloat16"])
    made = precision.retyped(half, {"float16": "float32", "bfloat16": "float32"})
    assert not made.kept
    assert not precision.has(made.frozen, ["float16", "bfloat16"])
    assert precision.has(half, ["float16", "bfloat16"]), "the graph that was given stays"
    # Constants were rounded when the half float model was made.
    np.testing.assert_allclose(answer(made.frozen), answer(whole), rtol=3e-2, atol=3e-2)
    assert np.abs(answer(made.frozen) - answer(half)).max() < 0.1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float64_is_nearer_than_float32(name: str) -> None:
    frozen = frozen_of(FUNCTIONS[name])
    made = precision.retyped(frozen, {"float32": "float64"})
    assert not made.kept
    values = answer(made.frozen)
    assert values.dtype == np.float64
    error = np.abs(values - answer(frozen)).max()
    assert error < 1e-5 * np.abs(values).max()


def test_float64_is_what_float64_would_be() -> None:
    """Of a sum whose float32 value is far off."""
    terms = np.array([1e8, 1, -1e8, 1, 1, 1], np.float32)

    def total(x: Any) -> Any:
        return tf.foldl(lambda a, b: a + b, x[0], initializer=tf.zeros((), x.dtype))

    frozen = frozen_of(total)
    x = np.stack([terms, terms])
    assert answer(frozen, x) != 4
    assert answer(precision.retyped(frozen, {"float32": "float64"}).frozen, x) == 4


def test_large_weights_are_retyped_and_stay_beside_the_graph() -> None:
    variable = tf.Variable(LARGE)
    made = tf.function(lambda x: [tf.matmul(x, variable)]).get_concrete_function(
        tf.TensorSpec([2, 300], tf.float32)
    )
    frozen = freeze.freeze(made)
    assert [value.dtype for value in frozen.weights.values()] == [np.float32]
    wide = precision.retyped(frozen, {"float32": "float64"}).frozen
    assert [value.dtype for value in wide.weights.values()] == [np.float64]
    x = generator.normal(size=(2, 300)).astype(np.float32)
    np.testing.assert_allclose(answer(wide, x), x.astype(np.float64) @ LARGE, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_large_half_weights_go_beside_the_graph(dtype: str) -> None:
    half = tf.Variable(tf.cast(LARGE, dtype))
    made = tf.function(
        lambda x: [tf.cast(tf.matmul(tf.cast(x, dtype), half), tf.float32)]
    ).get_concrete_function(tf.TensorSpec([2, 300], tf.float32))
    frozen = freeze.freeze(made)
    whole = precision.retyped(frozen, {dtype: "float32"}).frozen
    assert [value.dtype for value in whole.weights.values()] == [np.float32]
    x = generator.normal(size=(2, 300)).astype(np.float32)
    expected = x @ tf.cast(half, tf.float32).numpy()
    np.testing.assert_allclose(answer(whole, x), expected, rtol=1e-5, atol=1e-6)


def normalised(x: Any) -> Any:
    ones, zeros = tf.ones([3]), tf.zeros([3])
    return tf.compat.v1.nn.fused_batch_norm(x, ones, zeros, zeros, ones, is_training=False)[0]


def bits(x: Any) -> Any:
    return tf.bitcast(tf.bitcast(x, tf.int32) + 1, tf.float32)


@pytest.mark.parametrize(
    ("function", "kept"),
    [
        (normalised, "FusedBatchNormV3"),
        (lambda x: tf.image.resize(x, [5, 5]), "ResizeBilinear"),
        (lambda x: tf.nn.lrn(x), "LRN"),
        (bits, "Bitcast"),
    ],
)
def test_what_has_no_float64_stays_and_is_named(function: Callable[[Any], Any], kept: str) -> None:
    frozen = frozen_of(lambda x: function(x) * 3, shape=(1, 8, 8, 3))
    made = precision.retyped(frozen, {"float32": "float64"})
    assert made.kept == (kept,)
    found = answer(made.frozen, PICTURE)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, answer(frozen, PICTURE), rtol=1e-5, atol=1e-6)


def test_the_function_library_is_retyped() -> None:
    def resize(x: Any) -> Any:
        return tf.image.resize(x, [4, 4]), tf.reduce_mean(x)

    inner = tf.function(resize, autograph=False)

    def call(x: Any) -> Any:
        resized, mean = inner(x)
        return [tf.identity(resized + mean)]

    concrete = tf.function(call, autograph=False).get_concrete_function(
        tf.TensorSpec([1, 8, 8, 3], tf.float32)
    )
    graph = concrete.graph.as_graph_def()
    assert graph.library.function
    names = [concrete.inputs[0].op.name], [concrete.outputs[0].op.name]
    frozen = Frozen(graph, *names)
    made = precision.retyped(frozen, {"float32": "float64"})
    assert made.kept == ("ResizeBilinear",)
    found = answer(made.frozen, PICTURE)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, answer(frozen, PICTURE), rtol=1e-5, atol=1e-6)


def test_inputs_may_be_retyped_too() -> None:
    frozen = frozen_of(FUNCTIONS["product"])
    made = precision.retyped(frozen, {"float32": "float64"}, keep_inputs=False).frozen
    [fed] = [node for node in made.graph.node if node.name in made.inputs]
    assert fed.attr["dtype"].type == tf.float64.as_datatype_enum
    with Reference(made) as reference:
        np.testing.assert_allclose(reference.run([X.astype(np.float64)])[0], answer(frozen), 1e-5)
