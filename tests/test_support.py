"""What is said of ops that TF.js cannot run: which, in which layers, what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bundler.bundle import support
from bundler.bundle.support import UnsupportedError
from bundler.ground.layer_names import layer_of
from tests.command import run
from tests.models import tf
from tests.texts import assert_error


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A frozen graph that reads a sound file's bytes, and draws random numbers."""
    with tf.Graph().as_default() as graph:
        content = tf.compat.v1.placeholder(tf.string, [], "content")
        with tf.name_scope("listen"):
            sound = tf.audio.decode_wav(content, desired_channels=1, desired_samples=16)
        noisy = sound.audio + tf.random.poisson([16, 1], 2.0)
        tf.identity(noisy, "answer")
    path = tmp_path / "sounds.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def test_check_names_ops_layers_and_remedies(sounds: Path) -> None:
    result = run("check", str(sounds), "--json")
    assert result.returncode == 3
    rows = {row["op"]: row for row in json.loads(result.stdout)["ops"]}
    assert rows.keys() == {"DecodeWav", "RandomPoissonV2"}
    assert rows["DecodeWav"]["layers"] == ["listen"]
    assert rows["DecodeWav"]["backends"] == ["cpu", "wasm", "webgl", "webgpu"]
    assert "[[inputs]]" in rows["DecodeWav"]["remedy"]


def test_the_text_names_every_op(tmp_path: Path) -> None:
    found = {
        "DecodeWav": ["listen/DecodeWav"],
        "RandomNormal": ["functional/noise_1/random_normal/RandomNormal"],
        "Frobnicate": ["functional/a_1/Frobnicate", "functional/b_1/while/body/b_1/Frobnicate"],
    }
    rows = [support.describe(op, nodes, ("wasm",)) for op, nodes in found.items()]
    assert_error(UnsupportedError(rows), "support-three-ops", tmp_path)


@pytest.mark.parametrize(
    ("node", "layer"),
    [
        ("functional_1/dense_1/Gelu/Erfc/lowered/Erf", "functional_1/dense_1"),
        ("functional_1/lstm_1/while/body/_1/lstm_cell/MatMul", "functional_1/lstm_1"),
        ("functional_1/conv2d_1/StatefulPartitionedCall/convolution", "functional_1/conv2d_1"),
        ("Mfcc", "Mfcc"),
        ("mfcc", "mfcc"),
    ],
)
def test_the_layer_is_read_off_the_name_of_the_node(node: str, layer: str) -> None:
    assert layer_of(node) == layer
