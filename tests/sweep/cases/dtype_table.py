"""Pictures in every dtype that models take them in, and models that compute in half floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[Any], Any]

PICTURES = ("uint8", "int32", "int64", "float16", "float32", "float64")
POLICIES = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16")
SIDE = 24


def _picture(dtype: str, side: int | None, channels: int) -> Make:
    def make(k: Any) -> Any:
        x = k.Input((side, side, channels), dtype=dtype, name="picture")
        y = k.layers.Rescaling(1 / 255, dtype="float32")(x)
        y = k.layers.Conv2D(4, 3, strides=2, activation="relu")(y)
        return k.Model(x, k.layers.Dense(3)(k.layers.GlobalAveragePooling2D()(y)))

    return make


def _dense(k: Any, policy: str) -> Any:
    x = k.Input((8,), name="x")
    y = k.layers.Dense(16, activation="gelu", dtype=policy)(x)
    y = k.layers.Dropout(0.2, dtype=policy)(k.layers.LayerNormalization(dtype=policy)(y))
    return k.Model(x, k.layers.Dense(3, activation="softmax", dtype=policy)(y))


def _convolutional(k: Any, policy: str) -> Any:
    x = k.Input((12, 12, 5), name="x")
    y = k.layers.Conv2D(6, 3, use_bias=False, dtype=policy)(x)
    y = k.layers.ReLU(dtype=policy)(k.layers.BatchNormalization(dtype=policy)(y))
    y = k.layers.DepthwiseConv2D(3, dtype=policy)(y)
    y = k.layers.GlobalAveragePooling2D(dtype=policy)(y)
    return k.Model(x, k.layers.Dense(3, dtype="float32")(y))


def _recurrent(k: Any, policy: str) -> Any:
    # Keras cannot start orthogonally in bfloat16.
    options = {"recurrent_initializer": "glorot_uniform", "dtype": policy}
    x = k.Input((8,), dtype="int32", name="x")
    y = k.layers.Embedding(20, 6, dtype=policy)(x)
    y = k.layers.LSTM(5, return_sequences=True, **options)(y)
    return k.Model(x, k.layers.Dense(2, dtype=policy)(k.layers.GRU(4, **options)(y)))


def _attention(k: Any, policy: str) -> Any:
    x = k.Input((8, 6), name="x")
    y = k.layers.MultiHeadAttention(2, 4, dtype=policy)(x, x)
    y = k.layers.LayerNormalization(dtype=policy)(y)
    return k.Model(x, k.layers.Dense(4, dtype=policy)(k.layers.Flatten(dtype=policy)(y)))


def _with(make: Callable[[Any, str], Any], policy: str) -> Make:
    return lambda k: make(k, policy)


MODELS: dict[str, Make] = {
    **{
        f"picture_{dtype}{'' if side else '_of_any_size'}{'' if channels == 3 else '_grey'}": (
            _picture(dtype, side, channels)
        )
        for dtype in PICTURES
        for side in (SIDE, None)
        for channels in (3, 1)
    },
    **{
        f"{policy}_{name}": _with(make, policy)
        for policy in POLICIES
        for name, make in (
            ("dense", _dense),
            ("convolutional", _convolutional),
            ("recurrent", _recurrent),
            ("attention", _attention),
        )
    },
}
