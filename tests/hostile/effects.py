"""SavedModels with an effect where TensorFlow's loader runs or keeps it, and graphs beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tests.hostile.bait import Bait, Edit
from tests.hostile.frozen_graphs import UNUSED
from tests.hostile.saved_models import (
    SPEC,
    edited,
    length_of,
    saved,
    unused_function,
)

v1 = tf.compat.v1
COLLECTIONS = v1.GraphKeys
LINES = {"key_index": -2, "value_index": -1, "name": "fill"}


def nothing(meta: Any, bait: Bait) -> None:
    pass


def written_by_1(
    prepare: Callable[[Bait], Any], edit: Callable[[Any, Bait], None] = nothing
) -> Callable[[Bait], Path]:
    """A SavedModel of TensorFlow 1; `prepare` adds to its graph and gives a main op, or None."""

    def make(bait: Bait) -> Path:
        path = bait.folder / "saved"
        with v1.Graph().as_default(), v1.Session() as session:
            x = v1.placeholder(tf.float32, [None, 4], name="x")
            y = x * v1.get_variable("weight", [4], initializer=v1.ones_initializer())
            main = prepare(bait)
            session.run(tf.group(v1.global_variables_initializer()))
            signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
            builder = v1.saved_model.Builder(str(path))
            builder.add_meta_graph_and_variables(
                session, ["serve"], {"serving_default": signature}, main_op=main
            )
            builder.save()
        change(path, lambda model: edit(model, bait))
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def change(path: Path, edit: Callable[[Any], None]) -> None:
    model = SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    edit(model)
    (path / "saved_model.pb").write_bytes(model.SerializeToString())


def write(bait: Bait) -> Any:
    return tf.io.write_file(bait.canary, "x", name="write")


def collected(key: str) -> Callable[[Bait], Path]:
    return written_by_1(lambda bait: v1.add_to_collection(key, write(bait)))


def variable(key: str) -> Callable[[Bait], Path]:
    """A variable whose first value is written down elsewhere on the way."""

    def prepare(bait: Bait) -> None:
        with tf.control_dependencies([tf.io.write_file(bait.canary, "x")]):
            value = tf.constant(1.0) + 0
        v1.Variable(value, collections=[key], name="extra", use_resource=True)

    return written_by_1(prepare)


def two_graphs(model: Any, bait: Bait) -> None:
    first = model.meta_graphs[0]
    first.object_graph_def.nodes.add().user_object.identifier = "_generic_user_object"
    model.meta_graphs.add().CopyFrom(first)
    model.meta_graphs[1].meta_info_def.tags[:] = ["other"]


def another_graph(model: Any, bait: Bait) -> None:
    """Training's, whose main op writes, while that of serving is harmless."""
    copy = model.meta_graphs.add()
    copy.CopyFrom(model.meta_graphs[0])
    copy.meta_info_def.tags[:] = ["serve", "train"]
    copy.collection_def["saved_model_main_op"].node_list.value.append("write")


def restores_with(model: Any, bait: Bait) -> None:
    meta = model.meta_graphs[0]
    names = ["^" + meta.saver_def.restore_op_name, "^write"]
    meta.graph_def.node.add(name="both", op="NoOp", input=names)
    meta.saver_def.restore_op_name = "both"


def table_of_1(bait: Bait) -> None:
    table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64, shared_name="t")
    tf.raw_ops.InitializeTableFromTextFileV2(
        table_handle=table, filename=tf.constant(bait.secret, name="path"), **LINES
    )


def asset_of_another_path(model: Any, bait: Bait) -> None:
    """The text is called an asset's, and TensorFlow takes it as it is."""
    meta = model.meta_graphs[0]
    asset = meta.asset_file_def.add(filename="words.txt")
    asset.tensor_info.name = "path:0"
    names = ["^" + meta.saver_def.restore_op_name, "^fill"]
    meta.graph_def.node.add(name="both", op="NoOp", input=names)
    meta.saver_def.restore_op_name = "both"


def in_resource(name: str, op: str) -> Edit:
    """Puts an op into the functions that create, fill or destroy the table."""

    def edit(meta: Any, bait: Bait) -> None:
        for node in meta.object_graph_def.nodes:
            for child in node.children:
                if child.local_name == name:
                    function = meta.object_graph_def.nodes[child.node_id].function
                    add(meta, function.concrete_functions[0], op, bait)

    return edit


def add(meta: Any, function: str, op: str, bait: Bait) -> None:
    for one in meta.graph_def.library.function:
        if one.signature.name == function:
            texts = {"path": bait.canary if op == "WriteFile" else bait.secret, "text": "x"}
            for name, text in texts.items():
                constant = one.node_def.add(name=name, op="Const")
                constant.attr["dtype"].type = tf.string.as_datatype_enum
                constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(text))
            inputs = ["path:output:0"] + ["text:output:0"] * (op == "WriteFile")
            one.node_def.add(name="act", op=op, input=inputs)
            one.control_ret["act"] = "act"
            one.signature.control_output.append("act")


def constant_asset(meta: Any, bait: Bait) -> None:
    """An asset whose registered name makes TensorFlow read it as a constant."""
    for node in meta.object_graph_def.nodes:
        if node.WhichOneof("kind") == "asset":
            node.registered_name = "tf.TrackableConstant"
    node = meta.graph_def.node.add(op="Const")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(bait.secret))


def renamed_edge(meta: Any, bait: Bait) -> None:
    """Another object has a function that TensorFlow runs by its name."""
    objects = meta.object_graph_def
    add(meta, in_signature(meta), "WriteFile", bait)
    index = len(objects.nodes)
    objects.nodes.add().function.concrete_functions.append(in_signature(meta))
    for node in objects.nodes:
        if node.WhichOneof("kind") == "resource":
            child = node.children.add()
            child.node_id, child.local_name = index, "_destroy_resource"


def in_signature(meta: Any) -> str:
    names = (one.signature.name for one in meta.graph_def.library.function)
    return str(next(name for name in names if "signature_wrapper" in name))


def saveable(meta: Any, bait: Bait) -> None:
    objects = meta.object_graph_def
    add(meta, in_signature(meta), "WriteFile", bait)
    index = len(objects.nodes)
    objects.nodes.add().function.concrete_functions.append(in_signature(meta))
    for node in list(objects.nodes):
        if node.WhichOneof("kind") == "resource":
            node.saveable_objects["table"].restore_function = index
            node.saveable_objects["table"].save_function = index


def with_a_function_that(act: Callable[[Any, Bait], Any]) -> Callable[[Bait], Path]:
    """Its signature is harmless; another function of the object is not."""

    def make(bait: Bait) -> Path:
        module = tf.Module()
        module.call = tf.function(lambda x: {"y": x + 1.0}, input_signature=SPEC)
        module.other = tf.function(lambda x: act(x, bait), input_signature=SPEC)
        path = bait.folder / "saved"
        tf.saved_model.save(module, str(path), signatures={"serving_default": module.call})
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def writes(x: Any, bait: Bait) -> Any:
    tf.io.write_file(bait.canary, "x")
    return x


MODELS: dict[str, Callable[[Bait], Path]] = {
    **UNUSED,
    "table-initializers": collected(COLLECTIONS.TABLE_INITIALIZERS),
    "old-main-op": collected("legacy_init_op"),
    "training-op": collected("train_op"),
    "saved-main-op": collected("saved_model_main_op"),
    "local-variable": variable(COLLECTIONS.LOCAL_VARIABLES),
    "global-variable": variable(COLLECTIONS.GLOBAL_VARIABLES),
    "trainable-variable": variable(COLLECTIONS.TRAINABLE_VARIABLES),
    "two-graphs": written_by_1(lambda bait: v1.group(write(bait)), two_graphs),
    "another-graph": written_by_1(lambda bait: [write(bait), None][1], another_graph),
    "restore-op": written_by_1(lambda bait: [write(bait), None][1], restores_with),
    "table-of-1": written_by_1(table_of_1, asset_of_another_path),
    "create": edited(in_resource("_create_resource", "WriteFile")),
    "create-reads": edited(in_resource("_create_resource", "ReadFile")),
    "initialize": edited(in_resource("_initialize", "WriteFile")),
    "destroy": edited(in_resource("_destroy_resource", "WriteFile")),
    "destroy-reads": edited(in_resource("_destroy_resource", "ReadFile")),
    "constant-asset": edited(constant_asset),
    "renamed-edge": edited(renamed_edge),
    "saveable": edited(saveable),
    "other-function-writes": with_a_function_that(writes),
    "other-function-reads": with_a_function_that(lambda x, bait: x + length_of(bait.secret)),
    "unused-shape-reads": saved(lambda x, bait: x, unused_function),
    "other-function-prints": with_a_function_that(
        lambda x, bait: [tf.print("x", output_stream=f"file://{bait.canary}"), x][1]
    ),
}
