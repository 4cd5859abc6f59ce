"""Train the demo: `python train.py` writes `same-digit.keras` and `examples/` beside itself.

The drawings are those of the digits demo: its scans, redrawn by its hands with the page's pen. Two
of them go through one and the same network, and what it makes of them is compared.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.datasets import load_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 7
EPOCHS = 12
BATCH = 128
# Name, digit, which of the held-out ones.
EXAMPLES = {
    "seven-1": (7, 4), "seven-2": (7, 9), "two": (2, 6), "three": (3, 7), "one": (1, 8),
    "five-1": (5, 4), "five-2": (5, 12), "nine": (9, 2), "four": (4, 5),
}  # fmt: skip


def of_digits() -> ModuleType:
    """The script of the digits demo, which has the drawings."""
    found = importlib.util.spec_from_file_location("digits", HERE.parent / "digits" / "train.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    # Where its classes look for the names of their types.
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def build(size: tuple[int, int]) -> tuple[keras.Model, keras.Model]:
    """The model of two drawings `[*size, 1]`, and the same with what it takes each of them for."""
    one = keras.Input((*size, 1))
    x = keras.layers.Conv2D(24, 3, padding="same", activation="relu")(one)
    x = keras.layers.Conv2D(32, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Conv2D(48, 3, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(64, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Dense(96, activation="relu")(x)
    x = keras.layers.Dropout(0.3)(x)
    encode = keras.Model(one, keras.layers.Dense(24)(x), name="encode")

    first, second = (keras.Input((*size, 1), name=name) for name in ("first", "second"))
    seen = [encode(drawing) for drawing in (first, second)]
    apart = keras.layers.Subtract()(seen)
    away = keras.layers.Multiply()([apart, apart])
    x = keras.layers.Dense(32, activation="relu")(away)
    same = keras.layers.Dense(1, activation="sigmoid", name="same")(x)
    read = keras.layers.Dense(10, activation="softmax")
    taken = [read(what) for what in seen]
    return keras.Model([first, second], same), keras.Model([first, second], [same, *taken])


class Pairs(keras.utils.PyDataset):
    """Batches of pairs, half of them of one digit, drawn anew in every epoch."""

    def __init__(
        self, views: NDArray[np.float32], digits: NDArray[np.int64], rng: np.random.Generator
    ) -> None:
        super().__init__()
        self.views, self.digits, self.rng = views, digits, rng
        self.of = [np.flatnonzero(digits == digit) for digit in range(10)]
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Every drawing is once the first of a pair."""
        first = self.rng.permutation(len(self.views))
        second = self.rng.integers(len(self.views), size=len(first))
        is_same = np.arange(len(first)) % 2 == 0
        second[is_same] = [self.rng.choice(self.of[self.digits[one]]) for one in first[is_same]]
        self.pairs = np.stack([first, second])

    def __len__(self) -> int:
        return -(-len(self.views) // BATCH)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        pairs = self.pairs[:, index * BATCH : (index + 1) * BATCH]
        first, second = self.digits[pairs]
        known = [keras.utils.to_categorical(one, 10) for one in (first, second)]
        same = (first == second).astype(np.float32)[:, None]
        return tuple(self.views[pairs]), (same, *known)


def fit(model: keras.Model, pairs: Pairs) -> None:
    """Train on pairs, and on reading the digits, with a rate that falls to nothing."""
    rate = keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(pairs))
    reading = keras.losses.CategoricalCrossentropy(label_smoothing=0.05)
    model.compile(
        keras.optimizers.Adam(rate), [keras.losses.BinaryCrossentropy(), reading, reading]
    )
    model.fit(pairs, epochs=EPOCHS, verbose=2)


def accuracy(model: keras.Model, views: NDArray[np.float32], digits: NDArray[np.int64]) -> float:
    """Share of right answers over all pairs: of those of one digit, and of two, in the mean."""
    first, second = np.triu_indices(len(views), 1)
    answers = model.predict([views[first], views[second]], batch_size=4096, verbose=0)[:, 0] > 0.5
    is_same = digits[first] == digits[second]
    shares = [float(np.mean(answers[is_same == one] == one)) for one in (True, False)]
    print(f"  of one digit {shares[0]:.4f}, of two {shares[1]:.4f}")
    return sum(shares) / 2


def write_examples(drawn: ModuleType, ink: NDArray[np.float32], digits: NDArray[np.int64]) -> None:
    """Save held-out digits, drawn with the page's pen on the page's canvas."""
    rng = np.random.default_rng(SEED)
    lines = drawn.paths(ink, 0.5)
    (HERE / "examples").mkdir(exist_ok=True)
    for name, (digit, which) in EXAMPLES.items():
        line = lines[np.flatnonzero(digits == digit)[which]]
        drawing = drawn.draw(drawn.flow(line), drawn.STEADY, rng, canvas=280)
        Image.fromarray(drawing).save(HERE / "examples" / f"{name}.png", optimize=True)


def main() -> None:
    """Train, measure on held-out digits, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(SEED)
    drawn = of_digits()
    scans, digits = load_digits(return_X_y=True)
    ink = drawn.sharpen(scans.reshape(-1, 8, 8))
    known, held_out = digits[: -drawn.HELD_OUT], digits[-drawn.HELD_OUT :]
    views = drawn.vary(ink[: -drawn.HELD_OUT], known, rng)
    model, trained = build(drawn.SIZE)
    fit(trained, Pairs(views, np.tile(known, drawn.VARIANTS), rng))
    unseen = ink[-drawn.HELD_OUT :]
    lines = drawn.paths(unseen, 0.5)
    steady = np.stack([drawn.draw(one, drawn.STEADY, rng, canvas=280) for one in lines])
    print(f"pairs of held-out drawings: {accuracy(model, drawn.place(steady), held_out):.4f}")
    unsteady = np.stack([drawn.draw(one, drawn.random_hand(rng), rng) for one in lines])
    print(f"by unsteady hands: {accuracy(model, drawn.place(unsteady), held_out):.4f}")
    keras.Model(model.inputs, model.output, name="same_digit").save(HERE / "same-digit.keras")
    write_examples(drawn, unseen, held_out)


if __name__ == "__main__":
    main()
