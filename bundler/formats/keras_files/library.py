"""Which Keras opens a file: Keras 3 its own, tf_keras those of Keras 1 and 2."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

from bundler.formats.keras_files import operations
from bundler.formats.keras_files.configs import dictionaries
from bundler.ground.errors import SetupError
from bundler.ground.lean import start_tensorflow

# Before it, safe mode let a configuration name any function of Keras.
OLDEST = (3, 12)


@dataclass(frozen=True)
class Library:
    """An imported Keras. `tree` flattens and packs structures in the order of its models."""

    module: Any
    tree: Any
    is_keras_3: bool

    def layers_from_json(self, config: Any, objects: dict[str, Any], *, trusted: bool) -> Any:
        """A model without its weights; Lambda layers run only if `trusted`."""
        if not self.is_keras_3:
            return self._layers_of_2(config, objects, trusted=trusted)
        if "module" in config:
            return self.module.saving.deserialize_keras_object(
                config | {"compile_config": None}, objects, safe_mode=not trusted
            )
        # As HDF5 files hold them: classes are named as Keras 2 did.
        from keras.src.legacy.saving import saving_utils
        from keras.src.legacy.saving.saving_options import keras_option_scope
        from keras.src.saving.serialization_lib import SafeModeScope

        with keras_option_scope(use_legacy_config=True), SafeModeScope(not trusted):
            own = copy.deepcopy(operations.located(config))
            return saving_utils.model_from_config(own, custom_objects=objects)

    def _layers_of_2(self, config: Any, objects: dict[str, Any], *, trusted: bool) -> Any:
        from tf_keras.src.saving.serialization_lib import SafeModeScope

        # What was written before Keras 2.12 states no module, which is for this function.
        with SafeModeScope(not trusted):
            own = json.loads(json.dumps(config))
            for item in dictionaries(own):
                # Keras 2 was called keras when it wrote this; now that is Keras 3.
                if str(item.get("module")).split(".")[0] == "keras":
                    item["module"] = f"tf_{item['module']}"
            known = {**self._forgotten(own), **objects}
            return self.module.models.model_from_json(json.dumps(own), custom_objects=known)

    def _forgotten(self, config: Any) -> dict[str, Any]:
        """Keras 2's own layers of this model that it writes, but does not find when it reads."""
        from tf_keras.src.applications import convnext, inception_resnet_v2
        from tf_keras.src.layers import serialization

        serialization.populate_deserializable_objects()
        own = (self.module.layers, convnext, inception_resnet_v2)
        names = {str(item.get("class_name")).rpartition(">")[2] for item in dictionaries(config)}
        found = {
            name: vars(module)[name]
            for name in names - set(serialization.LOCAL.ALL_OBJECTS)
            for module in own
            if isinstance(vars(module).get(name), type)
        }
        return {
            name: cls for name, cls in found.items() if issubclass(cls, self.module.layers.Layer)
        }


def major(version: str) -> int:
    """The first number of a file's `keras_version`; files that name none are of Keras 1."""
    number = version.split(".")[0]
    return int(number) if number.isdigit() else 1


def check_installed(version: str) -> None:
    """Raises SetupError for a Keras 3 that runs functions which a file names."""
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < OLDEST:
        raise SetupError(
            f"the installed Keras {version} runs functions that a model's file names",
            hint="Update it: pip install -U 'keras>=3.12'",
        )


def start(version: str) -> Library:
    """Imports the Keras that opens files of `version`, and only that.

    Raises SetupError where Keras is too old to open what a stranger made.
    """
    if major(version) >= 3:
        keras = start_tensorflow("keras")
        check_installed(keras.__version__)
        return Library(keras, keras.tree, True)
    keras = start_tensorflow("tf_keras")
    import tensorflow as tf

    return Library(keras, tf.nest, False)
