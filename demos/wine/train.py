"""Train the wine demo: `python train.py` writes `wine.keras` beside itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 3
CULTIVARS = ("Barolo", "Grignolino", "Barbera")
HELD_OUT = 0.3
EPOCHS = 150
# Of each cultivar's held-out wines, how many are shown; demo.toml holds their figures.
EXAMPLES = (1, 2, 1)


def split() -> list[NDArray[Any]]:
    """Training and held-out features `[n, 13]`, then training and held-out cultivars `[n]`."""
    features, cultivars = load_wine(return_X_y=True)
    parts: list[NDArray[Any]] = train_test_split(
        features.astype(np.float32),
        cultivars,
        test_size=HELD_OUT,
        stratify=cultivars,
        random_state=SEED,
    )
    return parts


def build(features: NDArray[np.float32]) -> keras.Model:
    """A small network: 13 figures in their own units to three probabilities."""
    normalise = keras.layers.Normalization(name="normalise")
    normalise.adapt(features)
    analysis = keras.Input((features.shape[1],), name="analysis")
    x = keras.layers.Dense(16, activation="relu", kernel_regularizer="l2")(normalise(analysis))
    cultivar = keras.layers.Dense(len(CULTIVARS), activation="softmax", name="cultivar")(x)
    return keras.Model(analysis, cultivar, name="wine")


def fit(model: keras.Model, features: NDArray[np.float32], cultivars: NDArray[np.int64]) -> None:
    """Train in place."""
    model.compile(keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy")
    model.fit(features, cultivars, batch_size=32, epochs=EPOCHS, verbose=0)


def accuracy(model: keras.Model, features: NDArray[Any], cultivars: NDArray[Any]) -> float:
    """Share of the wines whose most probable cultivar is the true one."""
    answers = np.argmax(model.predict(features, verbose=0), axis=1)
    return float(np.mean(answers == cultivars))


def print_examples(features: NDArray[Any], cultivars: NDArray[Any]) -> None:
    """Show the held-out rows that demo.toml has as examples."""
    for cultivar, count in enumerate(EXAMPLES):
        for row in features[cultivars == cultivar][:count]:
            print(f"example, {CULTIVARS[cultivar]}:", *(f"{value:g}" for value in row))


def main() -> None:
    """Train, measure on held-out wines, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    features, unseen, cultivars, truth = split()
    model = build(features)
    fit(model, features, cultivars)
    print(f"held out, {len(truth)} wines: accuracy {accuracy(model, unseen, truth):.4f}")
    print_examples(unseen, truth)
    # A fresh model holds no optimizer state, which would triple the file.
    keras.Model(model.input, model.output, name=model.name).save(HERE / "wine.keras")


if __name__ == "__main__":
    main()
