"""Dtypes that browsers do not have are named, wherever in the model they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundler import formats
from bundler.formats.source import Source
from bundler.graph import foreign_dtypes
from bundler.ground.errors import ModelError
from tests.models import keras, layers, save, tf
from tests.texts import assert_error

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def rounded(x: Any, dtype: str) -> Any:
    return tf.cast(tf.cast(x, dtype), tf.float32)


MODELS: dict[str, Callable[[Any], Any]] = {
    "float8_e4m3fn": lambda x: rounded(x, "float8_e4m3fn"),
    "float8_e5m2": lambda x: tf.cond(
        tf.reduce_sum(x) > 0, lambda: rounded(x, "float8_e5m2"), lambda: x
    ),
    "int4": lambda x: tf.while_loop(
        lambda y: tf.reduce_sum(y) > 9.0, lambda y: (rounded(y, "int4"),), (x,)
    )[0],
}


def traced(call: Callable[[Any], Any]) -> Any:
    return tf.function(call, autograph=False).get_concrete_function(tf.TensorSpec((None, 8)))


@pytest.mark.parametrize("dtype", MODELS)
def test_a_foreign_dtype_is_named(dtype: str) -> None:
    with pytest.raises(ModelError, match=f"computes in {dtype} "):
        foreign_dtypes.check(traced(MODELS[dtype]))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "float16", "bfloat16", "int64"])
def test_others_are_left_alone(dtype: str) -> None:
    foreign_dtypes.check(traced(lambda x: rounded(x, dtype)))


@pytest.mark.parametrize("mode", ["float8", "int8"])
def test_a_quantised_keras_model(mode: str, tmp_path: Path) -> None:
    """What the hint says of int8 holds."""
    keras.utils.clear_session()
    x = keras.Input((8,), name="x")
    model = keras.Model(x, layers.Dense(3, name="scores")(x))
    model.quantize(mode)
    source = Source(save(model, tmp_path / "model.keras"))
    loaded = formats.detect(source).load(source)
    function = traced(lambda x: loaded.call([x]))
    if mode == "int8":
        foreign_dtypes.check(function)
        return
    with pytest.raises(ModelError) as caught:
        foreign_dtypes.check(function)
    assert_error(caught.value, "foreign-dtype", tmp_path)
