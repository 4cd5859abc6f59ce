"""Hostile model files, made on the spot: `python -m tests.hostile FOLDER` writes all of them.

Each would, if it were opened without looking, create the file CANARY or read the file SECRET of
the folder that it is made with.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras

from tests.models import plain, save

CANARY, SECRET = "canary", "secret.txt"
SECRET_TEXT = "the-secret-of-this-machine"


@dataclass(frozen=True)
class Bait:
    """What an attack is after, and where its files go."""

    folder: Path

    @property
    def canary(self) -> str:
        return str(self.folder / "bait" / CANARY)

    @property
    def secret(self) -> str:
        return str(self.folder / "bait" / SECRET)

    def prepare(self) -> Bait:
        (self.folder / "bait").mkdir(parents=True, exist_ok=True)
        Path(self.secret).write_text(f"{SECRET_TEXT}\nb\n")
        return self


@dataclass(frozen=True)
class Hostile:
    """`make` writes the model and gives its path; the refusal has all of `says`.

    `real` attacks are seen to work when the model is trusted.
    """

    make: Callable[[Bait], Path]
    says: tuple[str, ...]
    real: bool = False


Config = dict[str, Any]
Edit = Callable[[Config, Bait], None]


def function(module: str, name: str) -> Config:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def instance(module: str | None, class_name: str, /, **config: Any) -> Config:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def archive(edit: Edit) -> Callable[[Bait], Path]:
    """A .keras file of Keras 3 whose configuration is edited."""

    def make(bait: Bait) -> Path:
        path = save(plain(), bait.folder / "model.keras")
        return rewrite(path, bait, edit)

    return make


def archive_of_keras_2(edit: Edit) -> Callable[[Bait], Path]:
    """The same of Keras 2, which looks less closely."""

    def make(bait: Bait) -> Path:
        x = tf_keras.Input((4,), name="x")
        y = tf_keras.layers.Dense(3, activation="softmax", name="y")(x)
        path = save(tf_keras.Model(x, y), bait.folder / "model.keras")
        return rewrite(path, bait, edit)

    return make


def rewrite(path: Path, bait: Bait, edit: Edit) -> Path:
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    config = json.loads(members["config.json"])
    edit(config, bait)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return path


def dense(config: Config) -> Config:
    """The configuration of the Dense layer."""
    found: Config = config["config"]["layers"][1]["config"]
    return found


def setting(key: str, value: Config) -> Edit:
    """Puts an object where the Dense layer has its activation or initializer."""

    def edit(config: Config, bait: Bait) -> None:
        dense(config)[key] = value

    return edit


def layer(value: Callable[[Bait], Config]) -> Edit:
    """Puts a layer in the place of the Dense layer."""

    def edit(config: Config, bait: Bait) -> None:
        config["config"]["layers"][1].update(value(bait))

    return edit


def running(bait: Bait) -> Any:
    """A Python function whose bytecode creates the canary."""
    canary = bait.canary
    code = f"lambda x: (open({canary!r}, 'w').close(), x)[1]"
    return eval(code)


def lambda_3(wrap: Callable[[Any], Any] = lambda made: made) -> Callable[[Bait], Path]:
    def make(bait: Bait) -> Path:
        x = keras.Input((3, 4), name="x")
        made = keras.layers.Lambda(running(bait), output_shape=(4,), name="code")
        path = save(keras.Model(x, wrap(made)(x)), bait.folder / "model.keras")
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def model_2(call: Callable[[Any, Bait], Any], name: str = "model.h5") -> Callable[[Bait], Path]:
    """A file of Keras 2 whose layers are made by `call`."""

    def make(bait: Bait) -> Path:
        x = tf_keras.Input((3, 4), name="x")
        path = save(tf_keras.Model(x, call(x, bait)), bait.folder / name)
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def hdf5_config(edit: Edit, attribute: str = "model_config") -> Callable[[Bait], Path]:
    """A .h5 file of Keras 2 whose configuration is edited."""

    def make(bait: Bait) -> Path:
        x = tf_keras.Input((4,), name="x")
        model = tf_keras.Model(x, tf_keras.layers.Dense(3, name="y")(x))
        model.compile("sgd", "mse")
        path = save(model, bait.folder / "model.h5")
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs[attribute])
            edit(config, bait)
            file.attrs[attribute] = json.dumps(config)
        return path

    return make


def op_layer(symbol: str, **keywords: Any) -> Edit:
    """Calls a function of TensorFlow on the input, with arguments of the file's."""

    def edit(config: Config, bait: Bait) -> None:
        given = {key: bait.canary if value == CANARY else value for key, value in keywords.items()}
        config["config"]["layers"][1] = {
            "class_name": "TFOpLambda",
            "config": {"name": "y", "trainable": True, "dtype": "float32", "function": symbol},
            "name": "y",
            "inbound_nodes": [["x", 0, 0, given]],
        }

    return edit


def node_layer(op: str) -> Edit:
    """A TensorFlowOpLayer of TensorFlow 2.1 to 2.3, with a serialized node."""

    def edit(config: Config, bait: Bait) -> None:
        node = tf.compat.v1.NodeDef(name="y", op=op, input=["x"]).SerializeToString().decode()
        config["config"]["layers"][1] = {
            "class_name": "TensorFlowOpLayer",
            "config": {"name": "y", "dtype": "float32", "node_def": node, "constants": {}},
            "name": "y",
            "inbound_nodes": [[["x", 0, 0, {}]]],
        }

    return edit


def plain_layer(name: str, **config: Any) -> Edit:
    """A layer of Keras 2 in the place of the Dense layer."""

    def edit(whole: Config, bait: Bait) -> None:
        whole["config"]["layers"][1].update(
            {"class_name": name, "config": {"name": "y", "dtype": "float32", **config}}
        )

    return edit


def vocabulary(name: str, module: str | None) -> Edit:
    def edit(config: Config, bait: Bait) -> None:
        made = instance(module, name, name="y", vocabulary=bait.secret)
        config["config"]["layers"][1].update(
            {k: v for k, v in made.items() if module or k[0] in "c"}
        )

    return edit


def compiled(loss: Config) -> Edit:
    def edit(config: Config, bait: Bait) -> None:
        config["compile_config"] = {"optimizer": "sgd", "loss": loss}

    return edit


def nested(config: Config, bait: Bait) -> None:
    value: Any = 1
    for _ in range(900):
        value = [value]
    dense(config)["units"] = value


def members(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> Callable[[Bait], Path]:
    """A .keras file with more members."""

    def make(bait: Bait) -> Path:
        path = save(plain(), bait.folder / "model.keras")
        with zipfile.ZipFile(path, "a") as file:
            for name, data in entries:
                file.writestr(name, data)
        return path

    return make


def twice(bait: Bait) -> Path:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return members(("config.json", b"{}"))(bait)


def link_member(bait: Bait) -> Path:
    entry = zipfile.ZipInfo("assets/link")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return members((entry, bait.secret.encode()))(bait)


def encrypted(bait: Bait) -> Path:
    path = members(("assets/closed", b"12345678901234567890"))(bait)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rfind(mark) + offset] |= 1
    path.write_bytes(data)
    return path


def bomb(bait: Bait) -> Path:
    path = save(plain(), bait.folder / "model.keras")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("assets/zeros", bytes(256 << 20))
    return path


def overlapping(bait: Bait) -> Path:
    """Many entries of the directory for the same bytes (after David Fifield)."""
    path = save(plain(), bait.folder / "model.keras")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("assets/a", bytes(1 << 20))
        first = file.infolist()[-1]
        for index in range(40):
            again = zipfile.ZipInfo(f"assets/{index}")
            again.compress_size, again.file_size = first.compress_size, first.file_size
            again.CRC, again.header_offset = first.CRC, first.header_offset
            file.filelist.append(again)
        file._didModify = True  # type: ignore[attr-defined]
    return path


def weights(edit: Callable[[h5py.File, Bait], None]) -> Callable[[Bait], Path]:
    """A .keras file whose weights are edited."""

    def make(bait: Bait) -> Path:
        path = save(plain(), bait.folder / "model.keras")
        with zipfile.ZipFile(path) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        stream = BytesIO(parts["model.weights.h5"])
        with h5py.File(stream, "r+") as file:
            edit(file, bait)
        parts["model.weights.h5"] = stream.getvalue()
        with zipfile.ZipFile(path, "w") as new:
            for name, data in parts.items():
                new.writestr(name, data)
        return path

    return make


def external_storage(file: h5py.File, bait: Bait) -> None:
    file.create_dataset("stolen", (8,), "u1", external=[(bait.secret, 0, 8)])


def virtual(file: h5py.File, bait: Bait) -> None:
    layout = h5py.VirtualLayout((8,), "u1")
    layout[:] = h5py.VirtualSource(bait.secret, "data", (8,))
    file.create_virtual_dataset("stolen", layout)


def external_link(file: h5py.File, bait: Bait) -> None:
    file["stolen"] = h5py.ExternalLink(bait.secret, "/data")


def soft_link(file: h5py.File, bait: Bait) -> None:
    file["stolen"] = h5py.SoftLink("/layers")


def cycle(file: h5py.File, bait: Bait) -> None:
    file["layers/again"] = file["layers"]


def huge(file: h5py.File, bait: Bait) -> None:
    file.create_dataset("zeros", (1 << 40,), "f4", chunks=(1 << 20,), compression="gzip")


def pickled(file: h5py.File, bait: Bait) -> None:
    file.attrs["objects"] = np.void(pickle.dumps({"a": 1}))


def reference(file: h5py.File, bait: Bait) -> None:
    file.create_dataset("references", (1,), h5py.ref_dtype)


def hdf5(edit: Callable[[h5py.File, Bait], None]) -> Callable[[Bait], Path]:
    """A .h5 file of Keras 2 that is edited."""

    def make(bait: Bait) -> Path:
        path = hdf5_config(lambda config, bait: None)(bait)
        with h5py.File(path, "r+") as file:
            edit(file, bait)
        return path

    return make


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


def frozen(call: Callable[[Any, Bait], Any]) -> Callable[[Bait], Path]:
    """A frozen graph from x to y."""

    def make(bait: Bait) -> Path:
        with tf.Graph().as_default() as graph:
            x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
            tf.identity(call(x, bait), name="y")
        path = bait.folder / "graph.pb"
        path.write_bytes(graph.as_graph_def().SerializeToString())
        return path

    return make


def web(topology: Callable[[Bait], Any], path: Callable[[Bait], str]) -> Callable[[Bait], Path]:
    """A TF.js model with a manifest of one shard."""

    def make(bait: Bait) -> Path:
        folder = bait.folder / "web"
        folder.mkdir()
        (folder / "weights.bin").write_bytes(bytes(60))
        rows = [
            {"name": "y/kernel", "shape": [4, 3], "dtype": "float32"},
            {"name": "y/bias", "shape": [3], "dtype": "float32"},
        ]
        manifest = [{"paths": [path(bait)], "weights": rows}]
        model = {"modelTopology": topology(bait), "weightsManifest": manifest}
        (folder / "model.json").write_text(json.dumps(model))
        return folder

    return make


def web_layers(bait: Bait) -> Any:
    x = tf_keras.Input((4,), name="x")
    config = json.loads(tf_keras.Model(x, tf_keras.layers.Dense(3, name="y")(x)).to_json())
    return {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": config}


def web_lambda(bait: Bait) -> Any:
    topology = web_layers(bait)
    code = ["4wEAAAAAAAAA", None, None]
    topology["model_config"]["config"]["layers"][1].update(
        {
            "class_name": "Lambda",
            "config": {"name": "y", "function": code, "function_type": "lambda"},
        }
    )
    return topology


def web_graph(bait: Bait) -> Any:
    from google.protobuf.json_format import MessageToDict

    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
        tf.raw_ops.WriteFile(filename=tf.strings.as_string(x[0, 0]), contents="x", name="write")
        with tf.control_dependencies([graph.get_operation_by_name("write")]):
            tf.identity(x, name="y")
    return MessageToDict(graph.as_graph_def())


def bare_pickle(bait: Bait) -> Path:
    path = bait.folder / "model.keras"
    path.write_bytes(b"\x80\x02" + pickle.dumps({"weights": [1]}, protocol=2)[2:])
    return path


SHARD = "weights.bin"
HOSTILE: dict[str, Hostile] = {
    # .keras of Keras 3: what a configuration names
    "lambda": Hostile(lambda_3(), ("Python code", "layers[1]", '"code"'), real=True),
    "lambda-in-a-wrapper": Hostile(
        lambda_3(keras.layers.TimeDistributed), ("Python code", "config.layer.config"), real=True
    ),
    "lambda-in-a-model": Hostile(
        lambda_3(lambda made: keras.Sequential([keras.Input((3, 4)), made])),
        ("Python code",),
        real=True,
    ),
    "os-system": Hostile(
        archive(setting("activation", function("os", "system"))), ("os.system", "activation")
    ),
    "os-system-2": Hostile(
        archive_of_keras_2(setting("activation", function("os", "system"))),
        ("os.system", "activation"),
    ),
    "initializer-2": Hostile(
        archive_of_keras_2(
            setting("kernel_initializer", instance("subprocess", "Popen", args="id"))
        ),
        ("subprocess.Popen", "kernel_initializer"),
    ),
    "regularizer": Hostile(
        archive(setting("kernel_regularizer", function("pickle", "loads"))),
        ("pickle.loads", "kernel_regularizer"),
    ),
    "loss": Hostile(archive(compiled(function("os", "system"))), ("os.system", "compile_config")),
    "exec": Hostile(
        archive_of_keras_2(setting("activation", function("builtins", "exec"))), ("exec",)
    ),
    "get-file": Hostile(
        archive(setting("activation", function("keras.utils", "get_file"))),
        ("keras.utils.get_file", "activation"),
    ),
    "unsafe-mode": Hostile(
        archive(setting("activation", function("keras.config", "enable_unsafe_deserialization"))),
        ("enable_unsafe_deserialization",),
    ),
    "load-model": Hostile(
        archive(setting("activation", function("keras.models", "load_model"))), ("load_model",)
    ),
    "private-function": Hostile(
        archive_of_keras_2(
            setting("activation", function("keras.src.utils.generic_utils", "func_load"))
        ),
        ("func_load",),
    ),
    "numpy": Hostile(archive(setting("activation", function("numpy", "load"))), ("numpy.load",)),
    "class-of-a-library": Hostile(
        archive(layer(lambda bait: instance("tensorflow_hub", "KerasLayer", handle="x"))),
        ("KerasLayer", "layers[1]"),
    ),
    "registered-name": Hostile(
        archive(layer(lambda bait: {"registered_name": "mine>Evil", "class_name": "Evil"})),
        ("class of your own: Evil", "layers[1]"),
    ),
    "other-registered-name": Hostile(
        archive(
            setting("activation", {**function("keras.activations", "x"), "registered_name": "os"})
        ),
        ("of your own: os",),
    ),
    "type-spec": Hostile(
        archive(setting("units", {**instance("os", "__typespec__"), "spec_name": "system"})),
        ("os.system",),
    ),
    "string-lookup": Hostile(
        archive(vocabulary("StringLookup", "keras.layers")), ("vocabulary", SECRET)
    ),
    "text-vectorization": Hostile(
        archive(vocabulary("TextVectorization", "keras.layers")), ("vocabulary", SECRET)
    ),
    "string-lookup-2": Hostile(hdf5_config(vocabulary("StringLookup", None)), (SECRET,)),
    "saved-model-layer": Hostile(
        archive(layer(lambda bait: instance("keras.layers", "TFSMLayer", path="/x"))),
        ("outside the model", "layers[1]"),
    ),
    "torch": Hostile(
        archive(layer(lambda bait: instance("keras.layers", "TorchModuleWrapper", module="gASV"))),
        ("outside the model",),
    ),
    "nesting": Hostile(archive(nested), ("nested",)),
    # .keras: the archive
    "two-configurations": Hostile(twice, ("two members of one name", "config.json")),
    "parent-path": Hostile(members(("assets/../../x", b"x")), ("leaves", "assets/../../x")),
    "absolute-path": Hostile(members(("/tmp/x", b"x")), ("leaves", "/tmp/x")),
    "backslash-path": Hostile(members(("assets\\..\\..\\x", b"x")), ("leaves",)),
    "drive-path": Hostile(members(("C:/x", b"x")), ("leaves", "C:/x")),
    "link": Hostile(link_member, ("link", "assets/link")),
    "encrypted": Hostile(encrypted, ("encrypted", "assets/closed")),
    "zip-bomb": Hostile(bomb, ("would unpack", "assets/zeros")),
    "overlapping-members": Hostile(overlapping, ("share their bytes",)),
    "pickled-weights": Hostile(members(("model.weights.npz", b"PK")), ("pickled", "npz")),
    # HDF5
    "external-link": Hostile(weights(external_link), (SECRET, "model.weights.h5:/stolen")),
    "external-storage": Hostile(weights(external_storage), (SECRET, "/stolen")),
    "virtual-dataset": Hostile(weights(virtual), (SECRET, "/stolen")),
    "soft-link": Hostile(weights(soft_link), ("SoftLink", "/stolen")),
    "cycle": Hostile(weights(cycle), ("contains itself", "/layers/again")),
    "hdf5-bomb": Hostile(weights(huge), ("declares", "/zeros")),
    "pickle-attribute": Hostile(weights(pickled), ("neither numbers nor text", "@objects")),
    "reference": Hostile(weights(reference), ("neither numbers nor text", "/references")),
    "external-link-h5": Hostile(hdf5(external_link), (SECRET, "/stolen")),
    "external-storage-h5": Hostile(hdf5(external_storage), (SECRET, "/stolen")),
    "virtual-dataset-h5": Hostile(hdf5(virtual), (SECRET, "/stolen")),
    # .h5 of Keras 2
    "lambda-h5": Hostile(
        model_2(lambda x, bait: tf_keras.layers.Lambda(running(bait), name="code")(x)),
        ("Python code", "model_config", '"code"'),
        real=True,
    ),
    "lambda-2": Hostile(
        model_2(lambda x, bait: tf_keras.layers.Lambda(running(bait))(x), "model.keras"),
        ("Python code", "config.json"),
        real=True,
    ),
    "lambda-in-a-wrapper-h5": Hostile(
        model_2(
            lambda x, bait: tf_keras.layers.TimeDistributed(tf_keras.layers.Lambda(running(bait)))(
                x
            )
        ),
        ("Python code",),
        real=True,
    ),
    "lambda-of-a-name": Hostile(
        hdf5_config(
            plain_layer("Lambda", function="system", function_type="function", module="os")
        ),
        ("of your own: system",),
    ),
    "training-lambda": Hostile(
        hdf5_config(
            lambda config, bait: config.update(loss={"class_name": "__lambda__", "config": {}}),
            "training_config",
        ),
        ("Python code", "training_config"),
    ),
    "write-file": Hostile(
        hdf5_config(op_layer("io.write_file", contents="x")), ("tf.io.write_file", "layers[1]")
    ),
    "read-file": Hostile(hdf5_config(op_layer("io.read_file")), ("tf.io.read_file",)),
    "load-library": Hostile(hdf5_config(op_layer("load_op_library")), ("tf.load_op_library",)),
    "py-function": Hostile(hdf5_config(op_layer("compat.v1.py_func")), ("py_func",)),
    "raw-op": Hostile(hdf5_config(op_layer("raw_ops.ReadFile")), ("raw_ops.ReadFile",)),
    "download": Hostile(hdf5_config(op_layer("keras.utils.get_file", origin="x")), ("get_file",)),
    "node": Hostile(hdf5_config(node_layer("ReadFile")), ("ReadFile", "node_def")),
    "method": Hostile(
        hdf5_config(plain_layer("InstanceMethod", method_name="__reduce_ex__")), ("__reduce_ex__",)
    ),
    "class-method": Hostile(
        hdf5_config(plain_layer("ClassMethod", cls_symbol="io.gfile.GFile", method_name="read")),
        ("io.gfile.GFile.read",),
    ),
    "own-class-h5": Hostile(hdf5_config(plain_layer("Custom>Evil")), ("of your own: Evil",)),
    # SavedModels
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
    # Frozen graphs
    "frozen-read": Hostile(
        frozen(lambda x, bait: x + length_of(bait.secret)), ("ReadFile", "graph"), real=True
    ),
    "frozen-write": Hostile(frozen(writing), ("WriteFile",)),
    "frozen-python": Hostile(frozen(python), ("EagerPyFunc",)),
    # TF.js models
    "web-parent-path": Hostile(web(web_layers, lambda bait: "../bait/secret.txt"), (SECRET,)),
    "web-absolute-path": Hostile(web(web_layers, lambda bait: bait.secret), (SECRET,)),
    "web-address": Hostile(web(web_layers, lambda bait: "https://example.org/w"), ("example.org",)),
    "web-lambda": Hostile(web(web_lambda, lambda bait: SHARD), ("Python code", "model.json")),
    # others
    "pickle": Hostile(bare_pickle, ("pickle",)),
}


def main(folder: Path) -> None:
    """Writes every file into a folder of its own."""
    for name, hostile in HOSTILE.items():
        print(hostile.make(Bait(folder / name).prepare()))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(Path(sys.argv[1]))
