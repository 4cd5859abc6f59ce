"""Models that are a file with others beside it: the fenced process gets them all, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bundler.demo import config
from bundler.graph.process import TensorFlowProcess
from tests.models import keras, tf
from tests.tfjs_files import write_graph, write_layers_3


def dense(library: Path, weights: str) -> Path:
    """The layers as JSON, and the weights under a name of their own."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    path = library / "layers.json"
    path.write_text(model.to_json())
    model.save_weights(library / "layers.weights.h5")
    (library / "layers.weights.h5").rename(library / weights)
    return path


def layers(folder: Path, metadata: str = "") -> Path:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    path = write_layers_3(folder, model) / "model.json"
    if metadata:
        (path.parent / "metadata.json").write_text(metadata)
    return path


@tf.function(input_signature=[tf.TensorSpec((1, 4))])  # type: ignore[untyped-decorator]
def twice(x: tf.Tensor) -> tf.Tensor:
    return x * tf.constant([2.0, 3.0, 4.0, 5.0])


def graph(folder: Path) -> Path:
    return write_graph(folder, twice.get_concrete_function()) / "model.json"


def old_graph(folder: Path) -> Path:
    """The two files of tensorflowjs before 1.0."""
    from google.protobuf.json_format import ParseDict
    from tensorflow.core.framework.graph_pb2 import GraphDef

    path = graph(folder)
    model = json.loads(path.read_text())
    path.unlink()
    topology = ParseDict(model["modelTopology"], GraphDef())
    (path.parent / "tensorflowjs_model.pb").write_bytes(topology.SerializeToString())
    (path.parent / "weights_manifest.json").write_text(json.dumps(model["weightsManifest"]))
    return path.parent / "tensorflowjs_model.pb"


pytestmark = pytest.mark.filterwarnings("ignore")

POSE = '{"labels": ["Stand", "Sit", "Jump"], "packageName": "@teachablemachine/pose"}'
MODELS: dict[str, Callable[[Path], Path]] = {
    "Keras, named weights": lambda folder: dense(folder, "layers.weights.h5"),
    "Keras, other weights": lambda folder: dense(folder, "epoch-07.h5"),
    "layers": layers,
    "layers, a pose's": lambda folder: layers(folder, POSE),
    "graph": graph,
    "graph, of two files": old_graph,
}


@pytest.mark.parametrize("name", MODELS)
def test_what_belongs_to_a_file_is_opened_with_it(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    path = MODELS[name](folder)
    (path.parent / "notes.txt").write_text("private")
    with TensorFlowProcess(config.read(path), lambda _: None) as process:
        signature = process.request("inspect")
    assert [spec["shape"][1:] for spec in signature["inputs"]] == [[4]]
