# mypy: disable-error-code="misc, untyped-decorator"
"""Classes and functions of one's own, as a user keeps them beside demo.toml."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("sweep")
class Scaled(keras.layers.Layer):
    """A weight for each feature."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


@keras.saving.register_keras_serializable("sweep")
class Loop(keras.layers.Layer):
    """As many rounds as its first value says."""

    def call(self, inputs: Any) -> Any:
        rounds = 1 + keras.ops.cast(keras.ops.abs(inputs[0, 0]) * 3, "int32")
        body = lambda index, value: (index + 1, keras.ops.tanh(value) * 1.5)  # noqa: E731
        return keras.ops.while_loop(lambda index, _: index < rounds, body, (0, inputs))[1]


@keras.saving.register_keras_serializable("sweep")
class Inner(keras.layers.Layer):
    """Layers within a layer."""

    def __init__(self, units: int = 5, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.first = keras.layers.Dense(units, activation="relu")
        self.second = keras.layers.Dense(3)

    def build(self, input_shape: Any) -> None:
        self.first.build(input_shape)
        self.second.build((*input_shape[:-1], self.units))

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("sweep")
class Subclassed(keras.Model):
    """A model that is not functional."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hidden = keras.layers.Dense(5, activation="relu")
        self.answer = keras.layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.answer(self.hidden(inputs))


@keras.saving.register_keras_serializable("sweep")
def wave(x: Any) -> Any:
    """An activation of one's own."""
    return x * keras.ops.sin(x)


def make_layer() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, Scaled()(x))


def make_loop() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, Loop()(x))


def make_model_in_layer() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, Inner()(x))


def make_activation() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Dense(3, activation=wave)(x))


def make_subclassed() -> Any:
    x = keras.Input((4,))
    return keras.Model(x, Subclassed()(x))
