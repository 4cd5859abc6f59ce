"""Names that are no parts of models, in every file that Keras writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.hostile.bait import Bait, Config
from tests.hostile.keras_files import (
    archive,
    archive_of_keras_2,
    hdf5_config,
)

BENCHMARKS = "keras.src.layers.preprocessing.benchmarks.category_vocab_file_dense_benchmark"
# A module and a name in it that is no part of a model, though the folder has such parts.
NAMES = [
    ("keras.models", "model_from_json"),
    ("keras.models", "load_model"),
    ("keras.models", "clone_model"),
    ("keras.models", "model_from_config"),
    ("keras.saving", "load_model"),
    ("keras.layers", "deserialize"),
    ("keras.layers", "TFSMLayer"),
    ("keras.activations", "deserialize"),
    ("keras.activations", "get"),
    ("keras.losses", "deserialize"),
    ("keras.optimizers", "get"),
    ("keras.utils", "get_file"),
    ("keras.src.models.functional", "function_from_config"),
    ("keras.src.layers.core.tfsm_layer", "TFSMLayer"),
    ("keras.layers", "os.system"),
    ("keras.layers", "Layer.from_config"),
    (BENCHMARKS, "os.popen"),
    (BENCHMARKS, "os"),
    ("builtins", "open"),
    ("builtins", "eval"),
    (None, "model_from_json"),
    (None, "exec"),
    ("tensorflow.python.ops.gen_io_ops", "write_file"),
    ("tensorflow.python.ops.io_ops", "read_file"),
    ("tensorflow.python.ops.nn_ops", "ops.Graph"),
    ("os", "system"),
    ("antigravity", "geohash"),
    ("keras.src.saving.saving_lib", "load_model"),
]


MAKERS = (archive, archive_of_keras_2, hdf5_config)


def as_class(module: str | None, name: str, text: str) -> Config:
    return {"module": module, "class_name": name, "config": {}, "registered_name": None}


def as_function(module: str | None, name: str, text: str) -> Config:
    return {
        "module": module, "class_name": "function", "config": name, "registered_name": name,
    }  # fmt: skip


def calling(value: Config, text: str) -> Config:
    """A Lambda of a function that is named as `value`, called on a text."""
    inner = {
        "name": "a", "trainable": True, "dtype": "float32", "function": value,
        "function_type": "function", "module": None, "output_shape": None,
        "output_shape_type": "raw", "output_shape_module": None, "arguments": {},
    }  # fmt: skip
    return {
        "module": "keras.layers", "class_name": "Lambda", "registered_name": None, "name": "a",
        "build_config": {}, "config": inner, "inbound_nodes": [[["_CONSTANT_VALUE", -1, text, {}]]],
    }  # fmt: skip


def naming(index: int, as_what: Callable[[str | None, str, str], Config]) -> Callable[[Bait], Path]:
    """A file of one of three kinds with a layer that calls what is named on a text."""
    (module, name), maker = NAMES[index], MAKERS[(index + (as_what is as_class)) % len(MAKERS)]

    def edit(config: Config, bait: Bait) -> None:
        text = f"touch {bait.canary}"
        config["config"]["layers"].append(calling(as_what(module, name, text), text))

    return maker(edit)


MODELS: dict[str, Callable[[Bait], Path]] = {
    f"{as_what.__name__}-{module}.{name}": naming(index, as_what)
    for as_what in (as_class, as_function)
    for index, (module, name) in enumerate(NAMES)
}
