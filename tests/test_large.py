"""Large constants: kept out of graphs that are copied, folded all the same, and streamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.graph import freeze, large, lowerings, passes, write
from bundler.graph.freeze import Frozen
from bundler.graph.passes import fold_weights, prune
from bundler.graph.reference import Reference
from bundler.ground.errors import ModelError
from bundler.ground.tensors import TensorSpec
from tests.models import tf

SIDE = 600
MOST_GRAPH_BYTES = 60_000
generator = np.random.default_rng(4)
VALUE = (generator.normal(size=(SIDE, SIDE)) / SIDE).astype(np.float32)
X = generator.normal(size=(2, SIDE)).astype(np.float32)


def looped(x: Any, w: Any) -> Any:
    start = (tf.constant(0), x)
    return tf.while_loop(lambda i, _: i < 3, lambda i, v: (i + 1, tf.matmul(v, w) + v), start)[1]


def grouped(x: Any, w: Any) -> Any:
    picture, kernel = tf.reshape(x, [2, 15, 10, 4]), tf.reshape(w, [15, 10, 2, 1200])
    return tf.nn.conv2d(picture, kernel, 1, "SAME")


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "product": lambda x, w: tf.matmul(x, w) * 2.0 + 1.0,
    "twice": lambda x, w: tf.matmul(tf.matmul(x, w), w),
    "loop": looped,
    "gather": lambda x, w: tf.gather(w, tf.cast(tf.abs(x), tf.int32)),
    "reversed": lambda x, w: tf.matmul(x, tf.reverse(w, [0])),
    "normalised": lambda x, w: tf.matmul(x, w / tf.norm(w)),
    "split": lambda x, w: sum(tf.matmul(x, part) for part in tf.split(w, 3, 1)),
    "grouped": grouped,
    "constant": lambda x, w: tf.matmul(x, tf.constant(VALUE[::-1].copy())) + tf.matmul(x, w),
    "complex": lambda x, w: tf.matmul(tf.math.real(tf.signal.fft(tf.complex(x, x))), w),
    "larger": lambda x, w: tf.reduce_sum(tf.tile(w, [20, 1])) * x,
}
# What is computed once, at build time, and so is in none of the graphs.
FOLDED = {"reversed": "ReverseV2", "normalised": "RealDiv", "split": "Split"}


def make(name: str) -> tuple[Any, Frozen, Any]:
    variable = tf.Variable(VALUE)
    function = tf.function(lambda x: [FUNCTIONS[name](x, variable)], autograph=False)
    concrete = function.get_concrete_function(tf.TensorSpec([2, SIDE], tf.float32, name="x"))
    return concrete, freeze.freeze(concrete), variable


def answer(frozen: Frozen) -> Any:
    reference = Reference(frozen)
    (result,) = reference.run([X])
    reference.close()
    return result


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_graph_stays_small_and_answers_the_same(name: str) -> None:
    function, frozen, _ = make(name)
    (expected,) = function(tf.constant(X))
    steps = [lowerings.run, freeze.optimise, *(module.run for module in passes.REWRITES)]
    for step in [lambda frozen: frozen, *steps]:
        frozen = step(frozen)
        assert frozen.graph.ByteSize() < MOST_GRAPH_BYTES
        np.testing.assert_allclose(answer(frozen), expected, rtol=1e-5, atol=1e-6)
    assert frozen.weights


@pytest.mark.parametrize(("name", "op"), FOLDED.items())
def test_what_depends_on_weights_alone_is_computed_once(name: str, op: str) -> None:
    frozen = freeze.optimise(lowerings.run(make(name)[1]))
    assert op in {node.op for node in frozen.graph.node}
    folded = prune.run(fold_weights.run(frozen))
    assert op not in {node.op for node in folded.graph.node}


def test_what_would_be_larger_is_left() -> None:
    folded = prune.run(fold_weights.run(freeze.optimise(make("larger")[1])))
    assert "Tile" in {node.op for node in folded.graph.node}


def test_a_variable_is_not_copied() -> None:
    _, frozen, variable = make("product")
    (value,) = frozen.weights.values()
    assert np.shares_memory(value, np.asarray(memoryview(variable.read_value())))


def test_what_protobuf_cannot_hold_is_refused_with_numbers(monkeypatch: Any) -> None:
    monkeypatch.setattr(large, "MOST_BYTES", VALUE.nbytes - 1)
    with pytest.raises(ModelError, match=r"variables take 0\.0 GB.*protobuf") as caught:
        make("product")
    assert "smaller model" in caught.value.hint
    monkeypatch.setattr(large, "MOST_BYTES", VALUE.nbytes)
    make("product")


@pytest.mark.parametrize("sizes", [[3, 5, 1], [16], [16, 16], [40], [7, 9, 16, 1, 50], [15, 2], []])
def test_weights_are_cut_into_full_shards(sizes: list[int], tmp_path: Path) -> None:
    original, write.SHARD_BYTES = write.SHARD_BYTES, 64
    try:
        values = {f"w{i}": generator.normal(size=size) for i, size in enumerate(sizes)}
        graph = tf.compat.v1.GraphDef()
        for name, value in values.items():
            large.placeholder(graph.node.add(name=name), value.astype(np.float32))
        frozen = Frozen(graph, ["x"], ["y"], {k: v.astype(np.float32) for k, v in values.items()})
        spec = TensorSpec("x", "float32", (1,))
        names = write.write(tmp_path, frozen, [spec], [spec])
    finally:
        write.SHARD_BYTES = original
    shards = [(tmp_path / name).read_bytes() for name in names[1:]]
    expected = b"".join(value.astype(np.float32).tobytes() for value in values.values())
    assert b"".join(shards) == expected
    assert all(len(shard) == 64 for shard in shards[:-1]) and len(shards[-1]) <= 64
    rows = json.loads((tmp_path / "model.json").read_text())["weightsManifest"][0]["weights"]
    assert [row["name"] for row in rows] == list(values)
