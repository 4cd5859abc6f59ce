"""What the configurations of Keras 3 can name."""

from __future__ import annotations

from typing import Any

import keras

from tests.hostile.bait import SECRET, Bait, Config, Edit, Hostile
from tests.hostile.keras_files import (
    archive,
    archive_of_keras_2,
    dense,
    function,
    hdf5_config,
    instance,
    lambda_3,
    layer,
    setting,
)


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


HOSTILE: dict[str, Hostile] = {
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
}
