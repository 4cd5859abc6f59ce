# mypy: disable-error-code="misc, untyped-decorator"
"""Classes and functions of one's own, as a user keeps them beside demo.toml."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tf_keras


@tf_keras.saving.register_keras_serializable("sweep")
class Scaled(tf_keras.layers.Layer):
    """A weight for each feature."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


@tf_keras.saving.register_keras_serializable("sweep")
class Loop(tf_keras.layers.Layer):
    """As many rounds as its first value says."""

    def call(self, inputs: Any) -> Any:
        rounds = 1 + tf.cast(tf.abs(inputs[0, 0]) * 3, "int32")
        body = lambda index, value: (index + 1, tf.tanh(value) * 1.5)  # noqa: E731
        return tf.while_loop(lambda index, _: index < rounds, body, (0, inputs))[1]


@tf_keras.saving.register_keras_serializable("sweep")
class Inner(tf_keras.layers.Layer):
    """Layers within a layer."""

    def __init__(self, units: int = 5, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.first = tf_keras.layers.Dense(units, activation="relu")
        self.second = tf_keras.layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@tf_keras.saving.register_keras_serializable("sweep")
class Subclassed(tf_keras.Model):
    """A model that is not functional."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hidden = tf_keras.layers.Dense(5, activation="relu")
        self.answer = tf_keras.layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.answer(self.hidden(inputs))


@tf_keras.saving.register_keras_serializable("sweep")
def wave(x: Any) -> Any:
    """An activation of one's own."""
    return x * tf.sin(x)


def make_layer() -> Any:
    x = tf_keras.Input((4,))
    return tf_keras.Model(x, Scaled()(x))


def make_loop() -> Any:
    x = tf_keras.Input((4,))
    return tf_keras.Model(x, Loop()(x))


def make_model_in_layer() -> Any:
    x = tf_keras.Input((4,))
    return tf_keras.Model(x, Inner()(x))


def make_activation() -> Any:
    x = tf_keras.Input((4,))
    return tf_keras.Model(x, tf_keras.layers.Dense(3, activation=wave)(x))


def make_subclassed() -> Any:
    x = tf_keras.Input((4,))
    return tf_keras.Model(x, Subclassed()(x))
