"""Train the diabetes demo: `python train.py` writes `diabetes.keras` beside itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 3
HELD_OUT = 0.25
EPOCHS = 120
EXAMPLES = 4  # of the held-out patients; demo.toml holds their figures


def split() -> list[NDArray[Any]]:
    """Training and held-out measurements `[n, 10]`, then the progressions `[n]` of both."""
    measurements, progression = load_diabetes(return_X_y=True, scaled=False)
    parts: list[NDArray[Any]] = train_test_split(
        measurements.astype(np.float32),
        progression.astype(np.float32),
        test_size=HELD_OUT,
        random_state=SEED,
    )
    return parts


def build(measurements: NDArray[np.float32], progression: NDArray[np.float32]) -> keras.Model:
    """A small network: ten measurements in their own units to the disease's progression."""
    normalise = keras.layers.Normalization(name="normalise")
    normalise.adapt(measurements)
    patient = keras.Input((measurements.shape[1],), name="patient")
    x = keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(0.02))(
        normalise(patient)
    )
    x = keras.layers.Dropout(0.2)(x)
    score = keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.02))(x)
    progress = keras.layers.Rescaling(
        float(progression.std()), float(progression.mean()), name="progression"
    )(score)
    return keras.Model(patient, progress, name="diabetes")


def fit(
    model: keras.Model, measurements: NDArray[np.float32], progression: NDArray[np.float32]
) -> None:
    """Train in place; the loss is of the order of 1, so that the regularisation weighs."""
    scale = float(progression.var())
    model.compile(
        keras.optimizers.Adam(3e-3),
        lambda truth, answer: keras.ops.mean((truth - answer) ** 2, axis=-1) / scale,
    )
    model.fit(measurements, progression[:, None], batch_size=32, epochs=EPOCHS, verbose=0)


def main() -> None:
    """Train, measure on held-out patients, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    measurements, unseen, progression, truth = split()
    model = build(measurements, progression)
    fit(model, measurements, progression)
    answers = model.predict(unseen, verbose=0)[:, 0]
    print(f"held out, {len(truth)} patients: R2 {r2_score(truth, answers):.3f}")
    print(f"held out, mean absolute error: {mean_absolute_error(truth, answers):.1f}")
    order = np.argsort(truth)
    for row in order[np.linspace(0, len(order) - 1, EXAMPLES + 2).astype(int)[1:-1]]:
        values = " ".join(f"{value:g}" for value in unseen[row])
        print(f"example, {truth[row]:g} (answer {answers[row]:.0f}): {values}")
    # A fresh model holds no optimizer state, which would triple the file.
    keras.Model(model.input, model.output, name=model.name).save(HERE / "diabetes.keras")


if __name__ == "__main__":
    main()
