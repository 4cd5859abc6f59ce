"""Replacing ops of a graph: those that are alike are lowered once, others each by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bundler.graph import freeze, rewrite
from bundler.graph.freeze import Frozen
from tests.graphs import run
from tests.models import tf

X = np.array([[1.0, 2.0, 3.0]], np.float32)
Function = Callable[[Any], list[Any]]
# Two ops of one kind in each, and in what they differ.
DIFFERENT: dict[str, Function] = {
    "a known value": lambda x: [tf.pow(x, 2.0), tf.pow(x, 3.0)],
    "a known text": lambda x: [
        tf.strings.length(tf.strings.join([tf.strings.as_string(x), end])) for end in ("a", "bc")
    ],
    "an attribute": lambda x: [tf.nn.leaky_relu(x - 2, 0.1), tf.nn.leaky_relu(x - 2, 0.3)],
    "their type": lambda x: [tf.square(tf.cast(x, tf.int32)), tf.square(x)],
    "their shape": lambda x: [tf.square(tf.reshape(x, [3])), tf.square(x)],
}
# What each of these can be made of.
LOWERINGS: dict[str, rewrite.Lower] = {
    "Pow": lambda op, x, y: functools.reduce(tf.multiply, [x] * int(tf.get_static_value(y))),
    "StringJoin": lambda op, *texts: tf.strings.reduce_join(
        [texts[0], tf.fill(tf.shape(texts[0]), texts[1])], 0
    ),
    "LeakyRelu": lambda op, x: tf.maximum(x, x * op.get_attr("alpha")),
    "Square": lambda op, x: tf.multiply(x, x),
}


def traced(function: Function) -> Frozen:
    """What is known is written into it, as Grappler does."""
    spec = tf.TensorSpec((1, 3), tf.float32)
    made = tf.function(lambda x: [tf.identity(one) for one in function(x)], autograph=False)
    return freeze.fold(freeze.freeze(made.get_concrete_function(spec)))


def answers(frozen: Frozen) -> list[Any]:
    shapes = {"all": [X] * len(frozen.outputs)}
    return run(frozen, {frozen.inputs[0]: X}, shapes, ["all"])["all"]


def counted(asked: list[str]) -> dict[str, rewrite.Lower]:
    """The lowerings, which note for which ops they are asked."""

    def count(op: Any, *inputs: Any) -> Any:
        asked.append(op.name)
        return LOWERINGS[op.type](op, *inputs)

    return dict.fromkeys(LOWERINGS, count)


def lowered(frozen: Frozen) -> tuple[list[Any], list[str]]:
    """The answers of the graph in which none of these ops is left, and for which was asked."""
    asked: list[str] = []
    replaced = rewrite.replace(frozen, counted(asked), pure=True)
    assert not {node.op for node in replaced.graph.node} & LOWERINGS.keys()
    return answers(replaced), asked


@pytest.mark.parametrize("what", DIFFERENT)
def test_ops_that_differ_are_lowered_each_by_itself(what: str) -> None:
    frozen = traced(DIFFERENT[what])
    expected = answers(frozen.copy())
    found, asked = lowered(frozen)
    assert len(asked) == 2
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_ops_that_are_alike_are_asked_for_once() -> None:
    frozen = traced(lambda x: [tf.square(x), tf.square(x + 1), tf.square(x - 1)])
    expected = answers(frozen.copy())
    found, asked = lowered(frozen)
    assert len(asked) == 1
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)
