"""SavedModels with ops of packages that TensorFlow is not: whose they are, and what helps."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bundler import formats
from bundler.bundle import support
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from tests.models import tf

OPS = {
    "SimpleMLInferenceOpWithHandle": ("TensorFlow Decision Forests", "Train a network"),
    "SentencepieceOp": ("TensorFlow Text", "without its tokenizer"),
    "TFText>FastWordpieceTokenizeWithOffsets": ("TensorFlow Text", "the numbers of the words"),
    "Addons>CorrelationCost": ("TensorFlow Addons", "Keras's own"),
    "TRTEngineOp": ("TensorRT", "before TensorRT"),
    "IO>DecodeDICOMImage": ("TensorFlow I/O", "begins behind them"),
    "Frobnicate": ("a package of its own", "without the layer"),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with a tangent, a node that the tests replace."""

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])  # type: ignore[untyped-decorator]
    def tangent(x: Any) -> Any:
        return {"y": tf.tan(x)}

    module = tf.Module()
    module.tangent = tangent
    folder = tmp_path_factory.mktemp("saved")
    tf.saved_model.save(module, str(folder), signatures=tangent)
    return folder


@pytest.mark.parametrize("op", OPS)
def test_the_package_of_an_op_is_named(op: str, saved: Path, tmp_path: Path) -> None:
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel.FromString((saved / "saved_model.pb").read_bytes())
    nodes = [
        node
        for function in model.meta_graphs[0].graph_def.library.function
        for node in function.node_def
        if node.op == "Tan"
    ]
    assert nodes
    for node in nodes:
        node.op = op
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    shutil.copytree(saved / "variables", tmp_path / "variables")
    source = Source(tmp_path)
    package, remedy = OPS[op]
    with pytest.raises(ModelError) as caught:
        formats.detect(source).load(source)
    assert f"ops of {package}: {op}" in caught.value.message
    assert remedy in caught.value.hint


@pytest.mark.parametrize(
    ("op", "remedy"),
    [
        ("DecodeJpeg", "takes pixels"),
        ("DecodeImage", "takes pixels"),
        ("DecodeAndCropJpeg", "takes pixels"),
        ("DecodePng", "takes pixels"),
        ("DecodeWav", "[[inputs]] name"),
        ("ParseExampleV2", "[[inputs]] name"),
    ],
)
def test_what_reads_files_is_left_to_the_page(op: str, remedy: str) -> None:
    assert remedy in support.describe(op, [f"read/{op}"], ("cpu",)).remedy
