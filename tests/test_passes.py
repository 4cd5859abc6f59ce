"""The rewrites of a frozen graph: the same answers, and what each is for."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bundler.graph import freeze
from bundler.graph.freeze import Frozen
from bundler.graph.passes import (
    FUSIONS,
    REWRITES,
    Pass,
    anchor,
    drop_control_inputs,
    fold_affine,
    fuse_activation,
    prune,
    run_all,
    sort,
    split_kernels,
)
from bundler.graph.view import node_name
from tests.models import tf

Array = npt.NDArray[Any]
MODULES = list(dict.fromkeys(REWRITES + FUSIONS))
Function = Callable[..., list[Any]]
generator = np.random.default_rng(8)
KERNEL, MATRIX = generator.normal(size=(3, 3, 2, 4)), generator.normal(size=(4, 4))
CHANNELS, OTHERS = generator.normal(size=4), generator.normal(size=4)


def constant(value: Any) -> Any:
    return tf.constant(value, tf.float32)


def convolve(x: Any) -> Any:
    return tf.nn.conv2d(x, constant(KERNEL), 1, "SAME")


def multiply(x: Any) -> Any:
    """A vector of four from the picture, by a product."""
    return tf.matmul(tf.reduce_mean(convolve(x), [1, 2]), constant(MATRIX))


def loop(x: Any) -> Any:
    """Control flow with a back edge and control inputs."""
    start = (tf.constant(0), multiply(x))
    _, result = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 0.5 + 1.0), start)
    with tf.control_dependencies([tf.debugging.assert_less(tf.reduce_sum(result), 1e9)]):
        return tf.identity(result)


# Graphs, some of which a pass must leave alone.
GRAPHS: dict[str, Function] = {
    "normalized": lambda x: [tf.nn.relu(convolve(x) * constant(CHANNELS) + constant(OTHERS))],
    "biased": lambda x: [tf.nn.elu(tf.nn.bias_add(multiply(x), constant(CHANNELS)))],
    "chain": lambda x: [((multiply(x) * 2.0 - constant(OTHERS)) * constant(CHANNELS)) + 1.0],
    "from-constant": lambda x: [constant(OTHERS) - convolve(x)],
    "before": lambda x: [convolve(x * 2.0 + 1.0)],
    "used-twice": lambda x: [tf.nn.relu((y := convolve(x)) * constant(CHANNELS)) + y],
    "output-within": lambda x: [y := convolve(x), tf.nn.relu(y * constant(CHANNELS) + 1.0)],
    "squared": lambda x: [(y := multiply(x)) * y],
    "across": lambda x: [convolve(x) * constant(generator.normal(size=(1, 5, 1, 1)))],
    "each-element": lambda x: [convolve(x) + constant(generator.normal(size=(1, 5, 6, 4)))],
    "higher-rank": lambda x: [multiply(x) * constant(CHANNELS.reshape(1, 1, 4))],
    "higher-rank-scalar": lambda x: [multiply(x) + constant([[[2.0]]])],
    "wider": lambda x: [tf.matmul(multiply(x), constant(MATRIX[:, :1])) * constant(CHANNELS)],
    "not-constant": lambda x: [convolve(x) * tf.reduce_mean(x)],
    "transposed": lambda x: [
        tf.matmul(multiply(x), constant(MATRIX), transpose_b=True) * constant(CHANNELS)
    ],
    "integers": lambda x: [
        tf.matmul(tf.cast(multiply(x), tf.int32), tf.ones((4, 4), tf.int32)) * 3
    ],
    "input-is-output": lambda x: [tf.identity(x), convolve(x)],
    "input-not-used": lambda x: [constant(MATRIX)],
    "same-output-twice": lambda x: [y := tf.nn.relu(multiply(x)), tf.identity(y)],
    "loop": lambda x: [loop(x), tf.nn.relu(multiply(x) + 1.0)],
}
# TensorFlow cannot run a loop without control inputs; test_graph.py runs LSTM and GRU in TF.js.
RUNNABLE = [name for name in GRAPHS if name != "loop"]


def make(name: str) -> Frozen:
    """A graph as the passes get it."""
    traced = tf.function(lambda x: [tf.identity(y) for y in GRAPHS[name](x)], autograph=False)
    spec = tf.TensorSpec((None, 5, 6, 2), tf.float32, name="x")
    return freeze.optimise(freeze.freeze(traced.get_concrete_function(spec)))


def answer(frozen: Frozen) -> list[Array]:
    picture = np.random.default_rng(9).normal(size=(2, 5, 6, 2)).astype(np.float32)
    for node in frozen.graph.node:
        if node.op == "_FusedConv2D":  # TF.js does without this attribute, TensorFlow does not
            node.attr["TArgs"].list.type[:] = [tf.float32.as_datatype_enum]
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        tf.import_graph_def(frozen.graph, name="")
        outputs = [f"{name}:0" for name in frozen.outputs]
        values: list[Array] = session.run(outputs, {f"{frozen.inputs[0]}:0": picture})
    return values


def assert_same(frozen: Frozen, expected: list[Array]) -> None:
    for value, reference in zip(answer(frozen), expected, strict=True):
        assert (value.shape, value.dtype) == (reference.shape, reference.dtype)
        np.testing.assert_allclose(value, reference, rtol=1e-4, atol=1e-5)


def ops(frozen: Frozen) -> Counter[str]:
    return Counter(node.op for node in frozen.graph.node)


@pytest.mark.parametrize("name", RUNNABLE)
@pytest.mark.parametrize(
    "module", dict.fromkeys(REWRITES + FUSIONS), ids=lambda m: m.__name__.split(".")[-1]
)
def test_every_pass_keeps_the_answers(module: Pass, name: str) -> None:
    frozen = make(name)
    inputs, outputs, expected = list(frozen.inputs), list(frozen.outputs), answer(frozen)
    rewritten = module.run(frozen)
    assert (rewritten.inputs, rewritten.outputs) == (inputs, outputs)
    assert_same(rewritten, expected)


@pytest.mark.parametrize("name", RUNNABLE)
def test_all_passes_together_keep_the_answers(name: str) -> None:
    frozen = make(name)
    expected = answer(frozen)
    rewritten = run_all(frozen)
    assert_same(rewritten, expected)
    assert_same(run_all(rewritten), expected)


@pytest.mark.parametrize(
    ("name", "op", "parts"),
    [
        ("normalized", "Conv2D", 3),  # a kernel of 72 weights, 4 channels
        ("biased", "MatMul", 1),
        ("transposed", "MatMul", 1),
        ("output-within", "Conv2D", 3),
        ("used-twice", "Conv2D", 3),
        ("integers", "Conv2D", 3),
    ],
)
def test_kernels_that_no_texture_holds_are_split(
    name: str, op: str, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_kernels, "MOST_ELEMENTS", 24)
    frozen = make(name)
    before, expected = ops(frozen), answer(frozen)
    assert_same(split := prune.run(split_kernels.run(frozen)), expected)
    assert ops(split)[op] == before[op] + parts - 1
    assert_same(run_all(make(name)), expected)
    monkeypatch.setattr(split_kernels, "MOST_ELEMENTS", 1)
    assert ops(prune.run(split_kernels.run(make("transposed"))))["MatMul"] == 2 * 4


@pytest.mark.parametrize("name", ["normalized", "chain", "from-constant"])
def test_scales_and_shifts_go_into_the_weights(name: str) -> None:
    found = ops(prune.run(fold_affine.run(make(name))))
    assert found["BiasAdd"] == 1
    assert not {"Mul", "AddV2", "Add", "Sub"} & found.keys()


@pytest.mark.parametrize("name", ["before", "across", "each-element", "not-constant", "squared"])
def test_other_scales_and_shifts_stay(name: str) -> None:
    before = ops(make(name))
    after = ops(prune.run(fold_affine.run(make(name))))
    assert after == before


@pytest.mark.parametrize(
    ("name", "op", "activation"),
    [("normalized", "_FusedConv2D", b"Relu"), ("biased", "_FusedMatMul", b"Elu")],
)
def test_bias_and_activation_are_fused(name: str, op: str, activation: bytes) -> None:
    frozen = prune.run(fuse_activation.run(prune.run(fold_affine.run(make(name)))))
    (fused,) = [node for node in frozen.graph.node if node.op == op]
    assert list(fused.attr["fused_ops"].list.s) == [b"BiasAdd", activation]
    assert fused.attr["num_args"].i == 1 and len(fused.input) == 3
    assert not {"BiasAdd", "Relu", "Elu"} & ops(frozen).keys()


def test_no_control_input_is_left() -> None:
    frozen = make("loop")
    assert any(name.startswith("^") for node in frozen.graph.node for name in node.input)
    dropped = drop_control_inputs.run(frozen)
    assert not any(name.startswith("^") for node in dropped.graph.node for name in node.input)


def branches(x: Any) -> list[Any]:
    """Branches in branches, none of which needs an input: what is chosen is a constant."""
    few, many = tf.reduce_sum(x) < 1e9, tf.reduce_sum(x) > 1e9

    def choose(condition: Any, start: float) -> Any:
        return tf.cond(condition, lambda: tf.fill([2], start + 1), lambda: tf.fill([2], start + 2))

    return [
        tf.cond(
            outer,
            lambda inner=inner, at=at: choose(inner, 100 * at + 10),
            lambda inner=inner, at=at: choose(inner, 100 * at + 20),
        )
        for at, (outer, inner) in enumerate(itertools.product([few, many], repeat=2))
    ]


@pytest.mark.parametrize("seed", range(8))
def test_a_constant_branch_is_taken_when_its_conditions_hold(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order of the nodes: Grappler's is another on every machine."""
    monkeypatch.setitem(GRAPHS, "branches", branches)
    frozen = make("branches")
    nodes = list(frozen.graph.node)
    random.Random(seed).shuffle(nodes)
    anchored = drop_control_inputs.run(anchor.run(frozen.with_nodes(nodes)))
    chosen = [float(value[0]) for value in answer(prune.run(anchored))]
    assert chosen == [11, 112, 221, 322]


@pytest.mark.parametrize("name", GRAPHS)
def test_pruning_leaves_what_an_output_needs(name: str) -> None:
    pruned = prune.run(drop_control_inputs.run(make(name)))
    used = {node_name(reference) for node in pruned.graph.node for reference in node.input}
    assert {node.name for node in pruned.graph.node} == used | {*pruned.outputs, *pruned.inputs}
    assert "Assert" not in ops(pruned)


@pytest.mark.parametrize("name", GRAPHS)
def test_sorting_puts_every_node_behind_its_inputs(name: str) -> None:
    frozen = drop_control_inputs.run(make(name))
    before = {node.name: node.SerializeToString(deterministic=True) for node in frozen.graph.node}
    ordered = sort.run(prune.run(frozen)).graph.node
    after = {node.name: node.SerializeToString(deterministic=True) for node in ordered}
    assert after.items() <= before.items() and len(after) == len(ordered)
    place = {node.name: index for index, node in enumerate(ordered)}
    for node in ordered if name != "loop" else []:
        for reference in node.input:
            assert place[node_name(reference)] < place[node.name]


def test_weights_come_in_the_order_of_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a page could begin before the last of them has arrived."""

    def deep(x: Any) -> list[Any]:
        y = tf.reshape(x, [-1, 60])
        for index in range(12):
            y = tf.nn.relu(tf.matmul(y, tf.fill((60, 60), index / 60.0 + 0.1)))
        return [y]

    monkeypatch.setitem(GRAPHS, "deep", deep)
    frozen = run_all(make("deep"))
    place = {node.name: index for index, node in enumerate(frozen.graph.node)}
    products = [node for node in frozen.graph.node if node.op == "MatMul"]
    assert len(products) == 12
    weights = [place[node_name(node.input[1])] for node in products]
    assert weights == sorted(weights)
    assert weights[1] > place[products[0].input[0]]
