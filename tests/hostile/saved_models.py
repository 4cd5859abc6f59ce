"""SavedModels whose graphs read and write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.hostile.bait import SECRET, Bait, Hostile

SPEC = [tf.TensorSpec([None, 4], tf.float32, name="x")]


def saved(call: Callable[[Any, Bait], Any], *more: Any) -> Callable[[Bait], Path]:
    """A SavedModel whose signature is `call`."""

    def make(bait: Bait) -> Path:
        module = tf.Module()
        module.call = tf.function(lambda x: {"y": call(x, bait)}, input_signature=SPEC)
        for add in more:
            add(module, bait)
        path = bait.folder / "saved"
        tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def length_of(path: str) -> Any:
    return tf.cast(tf.strings.length(tf.io.read_file(path)), tf.float32)


def writing(x: Any, bait: Bait) -> Any:
    with tf.control_dependencies([tf.io.write_file(bait.canary, "x")]):
        return x + 1.0


def printing(x: Any, bait: Bait) -> Any:
    tf.print("x", output_stream=f"file://{bait.canary}")
    return x + 1.0


def python(x: Any, bait: Bait) -> Any:
    return tf.ensure_shape(tf.py_function(lambda value: value, [x], tf.float32), [None, 4])


def in_a_loop(x: Any, bait: Bait) -> Any:
    step = lambda i, value: (i + 1, value + length_of(bait.secret))  # noqa: E731
    return tf.while_loop(lambda i, value: i < 2, step, (0, x))[1]


def unused_function(module: Any, bait: Bait) -> None:
    """Nobody calls it, but its shape is computed when the model is loaded."""

    def reshape(x: Any) -> Any:
        sizes = tf.io.decode_raw(tf.io.read_file(bait.secret), tf.int32, fixed_length=8)
        return tf.reshape(x, tf.ensure_shape(sizes, [2]))

    module.hidden = tf.function(reshape, input_signature=SPEC)


def with_table(bait: Bait) -> Path:
    """A SavedModel with a table from an asset, as it should be."""
    file = bait.folder / "words.txt"
    file.write_text("a\nb\n")
    line, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    words = tf.lookup.TextFileInitializer(str(file), tf.string, line, tf.int64, number)
    module = tf.Module()
    module.table = tf.lookup.StaticHashTable(words, -1)

    def call(x: Any) -> Any:
        return {"y": tf.cast(module.table.lookup(tf.as_string(x)), tf.float32)}

    module.call = tf.function(call, input_signature=SPEC)
    path = bait.folder / "saved"
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})
    return path


def edited(change: Callable[[Any, Bait], None]) -> Callable[[Bait], Path]:
    """The SavedModel with a table, with another graph."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    def make(bait: Bait) -> Path:
        path = with_table(bait)
        model = SavedModel()
        model.ParseFromString((path / "saved_model.pb").read_bytes())
        change(model.meta_graphs[0], bait)
        (path / "saved_model.pb").write_bytes(model.SerializeToString())
        return path

    return make


def asset_outside(meta: Any, bait: Bait) -> None:
    meta.asset_file_def[0].filename = "../../bait/secret.txt"


def table_outside(meta: Any, bait: Bait) -> None:
    for one in meta.graph_def.library.function:
        for node in one.node_def:
            if node.op == "InitializeTableFromTextFileV2":
                constant = one.node_def.add(name="path", op="Const")
                constant.attr["dtype"].type = tf.string.as_datatype_enum
                constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(bait.secret))
                node.input[1] = "path:output:0"
                return
    raise AssertionError("no table")


def initializer_writes(meta: Any, bait: Bait) -> None:
    for one in meta.graph_def.library.function:
        if any(node.op == "InitializeTableFromTextFileV2" for node in one.node_def):
            for name, text in (("path", bait.canary), ("text", "x")):
                constant = one.node_def.add(name=name, op="Const")
                constant.attr["dtype"].type = tf.string.as_datatype_enum
                constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(text))
            one.node_def.add(name="write", op="WriteFile", input=["path:output:0", "text:output:0"])
            one.control_ret["write"] = "write"
            one.signature.control_output.append("write")
            return
    raise AssertionError("no table")


def linked_asset(bait: Bait) -> Path:
    path = with_table(bait)
    asset = next((path / "assets").iterdir())
    asset.unlink()
    asset.symlink_to(bait.secret)
    return path


def saved_by_1(bait: Bait) -> Path:
    """A SavedModel of TensorFlow 1 whose main op writes a file."""
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 4])
        weight = v1.get_variable("weight", [4])
        session.run(v1.global_variables_initializer())
        main = v1.group(tf.io.write_file(bait.canary, "x"))
        builder = v1.saved_model.Builder(str(bait.folder / "saved"))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": x + weight})
        signatures = {"serving_default": signature}
        builder.add_meta_graph_and_variables(session, ["serve"], signatures, main_op=main)
        builder.save()
    return bait.folder / "saved"


HOSTILE: dict[str, Hostile] = {
    "saved-read": Hostile(
        saved(lambda x, bait: x + length_of(bait.secret)),
        ("ReadFile", "serving_default"),
        real=True,
    ),
    "saved-write": Hostile(saved(writing), ("WriteFile", "serving_default"), real=True),
    "saved-print": Hostile(saved(printing), ("PrintV2",), real=True),
    "saved-python": Hostile(saved(python), ("EagerPyFunc", "runs Python")),
    "saved-loop": Hostile(saved(in_a_loop), ("ReadFile",), real=True),
    "saved-asset": Hostile(edited(asset_outside), ("asset", SECRET), real=True),
    "saved-linked-asset": Hostile(linked_asset, ("link", SECRET), real=True),
    "saved-table": Hostile(
        edited(table_outside), ("InitializeTableFromTextFileV2", "loading"), real=True
    ),
    "saved-initializer": Hostile(edited(initializer_writes), ("WriteFile", "loading"), real=True),
    "saved-main-op": Hostile(saved_by_1, ("WriteFile", "loading"), real=True),
}
