"""SavedModels that do not say plainly what to call: functions, ragged rows, tags, no saver."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from bundler import plan
from bundler.demo import config, parts
from bundler.formats.source import Source
from bundler.formats.untrusted.error import UntrustedError
from bundler.ground.errors import ConfigError, ModelError
from tests.models import save, tf
from tests.opening import answers, opened, shapes
from tests.texts import assert_error

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
v1 = tf.compat.v1
ROW = tf.TensorSpec((None, 2), tf.float32)


class Callable_(tf.Module):  # type: ignore[misc]  # noqa: N801
    """A call with two traces, and functions beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable([[1.0], [2.0]])

    @tf.function  # type: ignore[untyped-decorator]
    def __call__(self, x: Any, training: bool = False) -> Any:
        return {"y": x @ self.weight} if not training else {"y": x @ self.weight + 100.0}

    @tf.function  # type: ignore[untyped-decorator]
    def pairs(self, data: Any, scale: float = 1.0) -> Any:
        return [data["a"] - data["b"], (data["a"] * scale,)]


def saved_callable(folder: Path) -> Path:
    module = Callable_()
    module(tf.zeros((7, 2)), training=True)
    module(tf.zeros((3, 2)))
    module.__call__.get_concrete_function(ROW)
    module.pairs.get_concrete_function({"a": ROW, "b": ROW}, 3.0)
    tf.saved_model.save(module, str(folder))
    return folder


def test_a_root_that_can_be_called_needs_no_signature(tmp_path: Path) -> None:
    loaded = opened(saved_callable(tmp_path / "model"))
    assert shapes(loaded) == ["x: float32 [?, 2]", "y: float32 [?, 1]"]
    assert answers(loaded, [[1.0, 1.0]]) == {"y": [[3]]}


def test_another_function_can_be_named(tmp_path: Path) -> None:
    loaded = opened(saved_callable(tmp_path / "model"), signature="pairs")
    assert [spec.shape for spec in loaded.signature.inputs] == [(None, 2), (None, 2)]
    assert [spec.name for spec in loaded.signature.outputs] == ["output_0", "output_1_0"]
    found = answers(loaded, [[5.0, 5.0]], [[1.0, 2.0]])
    assert found == {"output_0": [[4, 3]], "output_1_0": [[15, 15]]}


class Two(tf.Module):  # type: ignore[misc]
    """Two functions, none of which is the call."""

    @tf.function(input_signature=[ROW])  # type: ignore[untyped-decorator]
    def encode(self, x: Any) -> Any:
        return x + 1.0

    @tf.function(input_signature=[ROW, ROW])  # type: ignore[untyped-decorator]
    def join(self, left: Any, right: Any) -> Any:
        return left + right


@pytest.mark.parametrize("name", [None, "encoder"])
def test_which_functions_there_are_is_told(name: str | None, tmp_path: Path) -> None:
    tf.saved_model.save(Two(), str(tmp_path / "model"))
    with pytest.raises(ModelError) as caught:
        opened(tmp_path / "model", signature=name)
    assert_error(caught.value, f"saved-model-functions-{name}", tmp_path)
    found = opened(tmp_path / "model", signature="join")
    assert [spec.name for spec in found.signature.inputs] == ["left", "right"]


def test_a_function_that_reads_files_is_refused(tmp_path: Path) -> None:
    module = tf.Module()
    module.read = tf.function(lambda name: tf.io.read_file(name))
    module.read.get_concrete_function(tf.TensorSpec((), tf.string))
    module.other = tf.function(lambda name: name)
    module.other.get_concrete_function(tf.TensorSpec((), tf.string))
    tf.saved_model.save(module, str(tmp_path / "model"))
    for name in (None, "read"):
        with pytest.raises(UntrustedError, match="ReadFile, which reads or writes files"):
            opened(tmp_path / "model", signature=name)


ROWS = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


class Ragged(tf.Module):  # type: ignore[misc]
    """Sums of rows; rows of rows; and an answer that is ragged itself."""

    @tf.function(input_signature=[tf.RaggedTensorSpec((None, None), tf.float32)])  # type: ignore[untyped-decorator]
    def sums(self, rows: Any) -> Any:
        return {"sum": tf.reduce_sum(rows, axis=1), "double": rows * 2.0}

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            tf.RaggedTensorSpec((None, None, None), tf.float32),
            tf.TensorSpec((None,), tf.float32),
        ]
    )
    def deep(self, rows: Any, more: Any) -> Any:
        return {"total": tf.reduce_sum(tf.reduce_sum(rows, axis=2), axis=1) + more}


def test_ragged_inputs_are_fed_as_dense_rows(tmp_path: Path) -> None:
    module = Ragged()
    tf.saved_model.save(module, str(tmp_path / "one"), signatures=module.sums)
    loaded = opened(tmp_path / "one")
    assert shapes(loaded)[0] == "rows: float32 [?, ?]"
    assert answers(loaded, ROWS) == {"double": (2 * np.array(ROWS)).tolist(), "sum": [6, 15]}
    tf.saved_model.save(module, str(tmp_path / "two"), signatures=module.deep)
    loaded = opened(tmp_path / "two")
    assert shapes(loaded) == [
        "more: float32 [?]", "rows: float32 [?, ?, ?]", "total: float32 [?]",
    ]  # fmt: skip
    assert answers(loaded, [10.0], [ROWS]) == {"total": [31]}


def test_a_ragged_function_without_a_signature(tmp_path: Path) -> None:
    tf.saved_model.save(Ragged(), str(tmp_path / "model"))
    loaded = opened(tmp_path / "model", signature="sums")
    assert answers(loaded, ROWS)["sum"] == [6, 15]


def words_model(library: Any) -> Any:
    words = library.Input((None,), dtype="int32", ragged=True, name="words")
    y = library.layers.GlobalAveragePooling1D()(library.layers.Embedding(10, 4)(words))
    return library.Model(words, library.layers.Dense(2)(y))


@pytest.mark.parametrize("kind", ["keras", "tf_keras", "saved"])
def test_keras_models_with_ragged_inputs(kind: str, tmp_path: Path) -> None:
    library = keras if kind == "keras" else __import__("tf_keras")
    model = words_model(library)
    path = save(model, tmp_path / ("model" if kind == "saved" else "model.keras"))
    loaded = opened(path)
    ids = tf.constant([[1, 2, 9]])
    given = ids if kind == "keras" else tf.RaggedTensor.from_tensor(ids)
    assert [spec.shape for spec in loaded.signature.inputs] == [(None, None)]
    np.testing.assert_allclose(loaded.call([ids])[0], model(given), atol=1e-6)


ANY = tf.TensorSpec(None, tf.float32)


class Unranked(tf.Module):  # type: ignore[misc]
    @tf.function(input_signature=[ANY, ANY])  # type: ignore[untyped-decorator]
    def add(self, left: Any, right: Any) -> Any:
        return {"sum": left + right}


@pytest.mark.parametrize("how", ["signature", "function"])
def test_the_shape_that_a_model_leaves_open_is_stated(how: str, tmp_path: Path) -> None:
    module = Unranked()
    if how == "signature":
        tf.saved_model.save(module, str(tmp_path / "model"), signatures=module.add)
    else:
        module.other = Two().encode
        tf.saved_model.save(module, str(tmp_path / "model"))
    said: dict[str, Any] = {} if how == "signature" else {"signature": "add"}
    stated = (("left", (None, 3)), ("right", (3,)))
    loaded = opened(tmp_path / "model", shapes=stated, **said)
    assert [spec.shape for spec in loaded.signature.inputs] == [(None, 3), (3,)]
    assert answers(loaded, [[1.0, 2.0, 3.0]], [1.0, 1.0, 1.0]) == {"sum": [[2, 3, 4]]}
    with pytest.raises(ModelError) as caught:
        opened(tmp_path / "model", shapes=stated[:1], **said)
    assert_error(caught.value, "saved-model-shape", tmp_path)


STATED = {
    "free sizes": ((None, 5, 3), (None, 5, 3)),
    "the batch as well": ((1, 5, 3), (1, 5, 3)),
    "what it says itself": ((None, None, 3), (None, None, 3)),
    "another size": ((None, 5, 4), (None, None, 3)),
    "another rank": ((5, 3), (None, None, 3)),
}


@pytest.mark.parametrize("name", STATED)
def test_free_sizes_can_be_stated_for_every_format(name: str, tmp_path: Path) -> None:
    """Where a statement contradicts the model, the model's shape stays, and the plan says so."""
    stated, expected = STATED[name]
    keras.utils.clear_session()
    x = keras.Input((None, 3), name="steps")
    path = save(keras.Model(x, layers.LSTM(2)(x)), tmp_path / "model.keras")
    for said in (None, "steps"):
        source = Source(path, shapes=((said, stated),))
        loaded = source.narrowed(opened(path))
        assert loaded.signature.inputs[0].shape == expected
    (tmp_path / "demo.toml").write_text(
        'model = "model.keras"\n[[inputs]]\nshape = '
        + json.dumps([-1 if size is None else size for size in stated])
    )
    demo = config.read(tmp_path)
    if stated == expected:
        assert plan.make(demo, loaded.signature, parts.read()).inputs[0].spec.shape == expected
    else:
        with pytest.raises(ConfigError, match=r"shape: the model says \[\?, \?, 3\] itself"):
            plan.make(demo, loaded.signature, parts.read())


TAGS: dict[str, tuple[list[list[str]], int]] = {
    "training beside it": ([["train"], ["serve"]], 1),
    "processors": ([["serve", "tpu"], ["serve"], ["serve", "gpu"]], 1),
    "no serving": ([["train"], []], 1),
    "one": ([["serve", "gpu"]], 0),
    "both in one": ([["train"], ["serve", "train"], ["serve", "gpu"]], 2),
}


@pytest.mark.parametrize("name", TAGS)
def test_the_graph_for_inference_is_chosen_by_its_tags(name: str, tmp_path: Path) -> None:
    tags, expected = TAGS[name]
    builder = v1.saved_model.Builder(str(tmp_path / "model"))
    for number, names in enumerate(tags):
        with tf.Graph().as_default(), v1.Session() as session:
            x = v1.placeholder(tf.float32, (None, 2), "x")
            weight = v1.get_variable("weight", initializer=tf.constant(1.0), use_resource=True)
            y = x * weight + float(number)
            session.run(v1.global_variables_initializer())
            signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
            add = builder.add_meta_graph_and_variables if not number else None
            if add:
                add(session, names, signature_def_map={"serving_default": signature})
            else:
                builder.add_meta_graph(names, signature_def_map={"serving_default": signature})
    builder.save()
    assert answers(opened(tmp_path / "model"), [[0.0, 0.0]])["y"] == [[expected, expected]]


Variable = Callable[[], Any]


def part_of_start(shape: Any, dtype: Any, partition_info: Any) -> Any:
    begin = partition_info.var_offset[0]
    return tf.constant(START[begin : begin + shape[0]], dtype)


START = np.arange(12, dtype="f4").reshape(6, 2)
VARIABLES: dict[str, Variable] = {
    "reference": lambda: v1.get_variable("rows", initializer=START, use_resource=False),
    "resource": lambda: v1.get_variable("rows", initializer=START, use_resource=True),
    "in parts": lambda: v1.get_variable(
        "rows", (6, 2), initializer=part_of_start,
        partitioner=v1.fixed_size_partitioner(2), use_resource=False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize("name", VARIABLES)
def test_a_module_of_tensorflow_hub_has_its_values(
    name: str, versioned: bool, tmp_path: Path
) -> None:
    """Their saved_model.pb says neither a version nor how variables are restored."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    folder = tmp_path / "module"
    (folder / "variables").mkdir(parents=True)
    with tf.Graph().as_default() as graph, v1.Session() as session:
        ids = v1.placeholder(tf.int32, (None,), "ids")
        rows = VARIABLES[name]()
        found = tf.nn.embedding_lookup(rows, ids) if name != "in parts" else tf.gather(
            tf.convert_to_tensor(rows), ids
        )  # fmt: skip
        signature = v1.saved_model.predict_signature_def({"ids": ids}, {"default": found})
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(folder / "variables" / "variables"), write_state=False)
        meta = v1.train.export_meta_graph(graph=graph)
    meta.ClearField("saver_def")
    meta.signature_def["default"].CopyFrom(signature)
    model = SavedModel(meta_graphs=[meta])
    if versioned:
        model.saved_model_schema_version = 1
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    (folder / "tfhub_module.pb").write_bytes(b"\x08\x03")
    loaded = opened(folder)
    assert shapes(loaded) == ["ids: int32 [?]", "default: float32 [?, 2]"]
    assert answers(loaded, [4, 0]) == {"default": [[8, 9], [0, 1]]}
    assert folder / "tfhub_module.pb" in Source(folder).files


def test_layers_say_nothing_of_this(tmp_path: Path) -> None:
    """What Keras exports keeps its one signature, whatever functions are beside it."""
    x = keras.Input((2,), name="x")
    keras.Model(x, layers.Dense(3)(x)).export(tmp_path / "model", verbose=False)
    assert shapes(opened(tmp_path / "model")) == ["x: float32 [?, 2]", "output_0: float32 [?, 3]"]
