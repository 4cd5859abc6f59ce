"""Models saved with the batch of their training answer one row alone, where they can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import formats
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from tests.models import tf

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
BATCH = 8


def rows(keras: Any) -> Any:
    x = keras.Input(batch_shape=(BATCH, 4), name="x")
    return keras.Model(x, keras.layers.Dense(3, activation="softmax")(x))


def pictures(keras: Any) -> Any:
    x = keras.Input(batch_shape=(BATCH, 28, 28, 1), name="x")
    y = keras.layers.BatchNormalization()(keras.layers.Conv2D(2, 3)(x))
    return keras.Model(x, keras.layers.Dense(3)(keras.layers.Flatten()(y)))


def steps(keras: Any) -> Any:
    first = keras.layers.LSTM(3, return_sequences=True)
    return keras.Sequential(
        [keras.Input(batch_shape=(BATCH, 5, 2), name="x"), first, keras.layers.GRU(2)]
    )


def two_inputs(keras: Any) -> Any:
    x = keras.Input(batch_shape=(BATCH, 4), name="x")
    y = keras.Input(batch_shape=(BATCH, 4), name="y")
    return keras.Model([x, y], keras.layers.Multiply()([x, y]))


def stateful(keras: Any) -> Any:
    x = keras.Input(batch_shape=(BATCH, 5, 2), name="x")
    return keras.Model(x, keras.layers.LSTM(3, stateful=True)(x))


def of_all_rows(keras: Any) -> Any:
    x = keras.Input(batch_shape=(BATCH, 4), name="x")
    return keras.Model(x, keras.ops.reshape(x, (BATCH // 2, 8)))


def opened(make: Callable[[Any], Any], library: str, folder: Path) -> tuple[Any, Loaded]:
    keras = __import__(library)
    keras.utils.set_random_seed(2)
    model = make(keras)
    model.save(folder / "model.keras")
    source = Source(folder / "model.keras")
    return model, formats.detect(source).load(source)


@pytest.mark.parametrize("library", ["keras", "tf_keras"])
@pytest.mark.parametrize("make", [rows, pictures, steps, two_inputs], ids=lambda m: m.__name__)
def test_the_batch_is_free_and_a_row_is_answered_as_among_others(
    make: Callable[[Any], Any], library: str, tmp_path: Path
) -> None:
    model, loaded = opened(make, library, tmp_path)
    specs = loaded.signature.inputs
    assert {spec.shape[0] for spec in [*specs, *loaded.signature.outputs]} == {None}
    generator = np.random.default_rng(4)
    whole = [
        generator.normal(size=(BATCH, *(n or 1 for n in spec.shape[1:]))).astype(np.float32)
        for spec in specs
    ]
    expected = model(whole if len(whole) > 1 else whole[0], training=False).numpy()
    (found,) = loaded.call([tf.constant(value[:1]) for value in whole])
    np.testing.assert_allclose(found.numpy(), expected[:1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [stateful, of_all_rows], ids=lambda m: m.__name__)
def test_what_needs_its_batch_keeps_it(make: Callable[[Any], Any], tmp_path: Path) -> None:
    _, loaded = opened(make, "keras", tmp_path)
    assert loaded.signature.inputs[0].shape[0] == BATCH
