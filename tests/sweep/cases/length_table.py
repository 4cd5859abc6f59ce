"""Models that leave lengths and sides free: what is right at one of them may fail at another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[Any], Any]


def _melody(k: Any, layer: str) -> Any:
    x = k.Input((None, 4), name="notes")
    y = getattr(k.layers, layer)(6, return_sequences=True)(x)
    return k.Model(x, k.layers.Dense(4, activation="softmax")(y))


def _words(k: Any) -> Any:
    x = k.Input((None,), dtype="int32", name="words")
    y = k.layers.Embedding(30, 6, mask_zero=True)(x)
    return k.Model(x, k.layers.Dense(2)(k.layers.Bidirectional(k.layers.GRU(5))(y)))


def _window(k: Any) -> Any:
    """Seven values at least."""
    x = k.Input((None, 2), name="series")
    y = k.layers.Conv1D(8, 7, activation="relu")(x)
    return k.Model(x, k.layers.Dense(2)(k.layers.GlobalMaxPooling1D()(y)))


def _pooled_window(k: Any) -> Any:
    x = k.Input((None, 1), name="series")
    y = k.layers.MaxPooling1D(4)(k.layers.Conv1D(4, 5, strides=2, activation="tanh")(x))
    return k.Model(x, k.layers.Dense(3)(k.layers.GlobalAveragePooling1D()(y)))


def _dilated(k: Any) -> Any:
    x = k.Input((None, 3), name="series")
    y = k.layers.Conv1D(4, 3, dilation_rate=4, padding="causal")(x)
    return k.Model(x, k.layers.Conv1D(2, 1)(y))


def _attention(k: Any) -> Any:
    x = k.Input((None, 6), name="steps")
    y = k.layers.LayerNormalization()(k.layers.Add()([x, k.layers.MultiHeadAttention(2, 3)(x, x)]))
    return k.Model(x, k.layers.Dense(2)(k.layers.GlobalAveragePooling1D()(y)))


def _each_step(k: Any) -> Any:
    x = k.Input((None, 8, 8, 1), name="film")
    y = k.layers.TimeDistributed(k.layers.Conv2D(2, 3))(x)
    y = k.layers.TimeDistributed(k.layers.Flatten())(y)
    return k.Model(x, k.layers.LSTM(4)(y))


def _state(k: Any) -> Any:
    """A decoder: a length that is free beside states that are not."""
    x, h, c = k.Input((None, 4), name="so_far"), k.Input((5,), name="h"), k.Input((5,), name="c")
    lstm = k.layers.LSTM(5, return_sequences=True, return_state=True)
    return k.Model([x, h, c], lstm(x, initial_state=[h, c]))


def _spectrum(k: Any) -> Any:
    """One side is free."""
    x = k.Input((None, 16, 1), name="spectrum")
    y = k.layers.Conv2D(4, 3, strides=2, activation="relu")(x)
    return k.Model(x, k.layers.Dense(3)(k.layers.GlobalAveragePooling2D()(y)))


def _picture(k: Any) -> Any:
    """As a U-Net has it: sides that two can divide."""
    x = k.Input((None, None, 3), name="picture")
    outer = k.layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    inner = k.layers.Conv2D(6, 3, padding="same")(k.layers.MaxPooling2D()(outer))
    y = k.layers.Concatenate()([k.layers.UpSampling2D()(inner), outer])
    return k.Model(x, k.layers.Conv2D(2, 1, activation="sigmoid")(y))


MODELS: dict[str, Make] = {
    "length_lstm": lambda k: _melody(k, "LSTM"),
    "length_gru": lambda k: _melody(k, "GRU"),
    "length_simple_rnn": lambda k: _melody(k, "SimpleRNN"),
    "length_words": _words,
    "length_window": _window,
    "length_pooled_window": _pooled_window,
    "length_dilated": _dilated,
    "length_attention": _attention,
    "length_each_step": _each_step,
    "length_beside_states": _state,
    "length_of_one_side": _spectrum,
    "length_of_two_sides": _picture,
}
