"""Which Keras opens a file: Keras 3 its own, tf_keras those of Keras 1 and 2."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bundler.lean import start_tensorflow


@dataclass(frozen=True)
class Library:
    """An imported Keras. `tree` flattens and packs structures in the order of its models."""

    module: Any
    tree: Any
    is_keras_3: bool

    def layers_from_json(self, config: Any, objects: dict[str, Any], *, trusted: bool) -> Any:
        """A model of Keras 1 or 2 without its weights; Lambda layers run only if `trusted`."""
        from tf_keras.src.saving.serialization_lib import SafeModeScope

        # What was written before Keras 2.12 states no module, which is for this function.
        with SafeModeScope(not trusted):
            text = json.dumps(config)
            return self.module.models.model_from_json(text, custom_objects=objects)


def major(version: str) -> int:
    """The first number of a file's `keras_version`; files that name none are of Keras 1."""
    number = version.split(".")[0]
    return int(number) if number.isdigit() else 1


def start(version: str) -> Library:
    """Imports the Keras that opens files of `version`, and only that."""
    if major(version) >= 3:
        keras = start_tensorflow("keras")
        return Library(keras, keras.tree, True)
    keras = start_tensorflow("tf_keras")
    import tensorflow as tf

    return Library(keras, tf.nest, False)
