"""Train the demo: `python train.py` writes `dreamt-digits.keras` beside itself.

A conditional variational autoencoder of pen paths. The scans, sharpened and thinned as the digits
demo does it, are brought upright and to their digit's usual width; each is slanted and stretched by
known amounts, and what the network learns is how far every point of the sheet is from the pen's
path. Slant and width are told to it, what else tells hands apart it has to find, and how bold the
pen is decides only which distances are ink: strokes are sharp however unsure the network is.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy.spatial import cKDTree
from sklearn.datasets import load_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 7
SIDE = 28  # of the sheet on which distances are learned; the picture has LARGER times as much
LARGER = 4
HEIGHT, WIDEST = 19, 23  # of a digit on it
FAR = 6.0  # from there on, a distance does not matter
LEVELS = (0.42, 0.54)  # as in the digits demo
VARIANTS = 12
EPOCHS = (7, 3)  # of drawing what was seen; of being legible besides
BATCH = 128
FOUND = 2  # numbers of a style that nobody has measured
USED = 1  # the one of them that the network makes use of; the other changes nothing
# What the sliders offer: degrees, percent, percent of the height, and what the network finds.
SLANT, WIDTH, BOLDNESS, TRAIT = (-25.0, 25.0), (70.0, 130.0), (8.0, 18.0), (-10.0, 10.0)
TRAIT_SCALE = 0.13  # standard deviations: at the ends 1.3
DREAMT = 1000


@dataclass(frozen=True)
class Sheets:
    """Distances `[n, SIDE, SIDE, 1]` to drawn paths, and to the same upright and unstretched."""

    fields: NDArray[np.float32]
    upright: NDArray[np.float32]
    digits: NDArray[np.int32]
    slants: NDArray[np.float32]
    widths: NDArray[np.float32]

    def where(self, kept: NDArray[Any]) -> Sheets:
        """Some of them."""
        mine = (self.fields, self.upright, self.digits, self.slants, self.widths)
        return Sheets(*(part[kept] for part in mine))


def of_digits() -> ModuleType:
    """The script of the digits demo, which has the scans' paths."""
    found = importlib.util.spec_from_file_location("digits", HERE.parent / "digits" / "train.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    # Where its classes look for the names of their types.
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def settle(lines: list[Any], digits: NDArray[np.int64]) -> list[Any]:
    """The paths with the slant and the width that are usual for their digits."""
    lines = [line - line.mean(axis=0) for line in lines]
    lean = np.array([(y @ x) / (y @ y) for y, x in (line.T for line in lines)])
    straight = [
        np.stack([y, x - y * (own - np.median(lean[digits == digit]))], axis=1)
        for (y, x), own, digit in zip((line.T for line in lines), lean, digits, strict=True)
    ]
    aspect = np.array([line[:, 1].std() / line[:, 0].std() for line in straight])
    usual = np.array([np.median(aspect[digits == digit]) for digit in digits])
    # A one that is a mere line stays one.
    stretch = np.clip(usual / aspect, 0.6, 1.6)
    return [line * [1, by] for line, by in zip(straight, stretch, strict=True)]


def distances(line: Any, slant: float, width: float) -> NDArray[np.float32]:
    """How far each point of the sheet is from a path that is slanted and stretched so."""
    y, x = line.T
    x = x * width / 100 - y * np.tan(np.radians(slant))
    size = min(HEIGHT / np.ptp(y), WIDEST / np.ptp(x))
    drawn = np.stack([y, x], axis=1) * size
    drawn += SIDE / 2 - (drawn.min(axis=0) + drawn.max(axis=0)) / 2
    points = np.stack(np.mgrid[:SIDE, :SIDE], axis=-1) + 0.5
    away, _ = cKDTree(drawn).query(points)
    return np.minimum(away, FAR).astype(np.float32)[..., None]


def draw_sheets(
    drawn: ModuleType,
    scans: Any,
    digits: NDArray[np.int64],
    rng: np.random.Generator,
    variants: int,
) -> Sheets:
    """Each scan in `variants` slants and widths."""
    made: list[tuple[Any, ...]] = []
    for number, level in enumerate(LEVELS):
        paths = drawn.paths(scans, level)
        there = [index for index, path in enumerate(paths) if len(path) > 8]
        lines = settle([drawn.flow(paths[index])[::3] for index in there], digits[there])
        for line, index in zip(lines, there, strict=True):
            upright = distances(line, 0, 100)
            for _ in range(number, variants, len(LEVELS)):
                slant, width = rng.uniform(*SLANT) * 1.1, rng.uniform(*WIDTH)
                made.append((distances(line, slant, width), upright, digits[index], slant, width))
    fields, first, whose, slants, widths = (np.array(part) for part in zip(*made, strict=True))
    one = [np.asarray(part, np.float32)[:, None] for part in (slants, widths)]
    return Sheets(fields, first, whose.astype(np.int32)[:, None], *one)


def ink(fields: Any, boldness: Any) -> Any:
    """What a pen of this boldness leaves: 0 for paper, 1 for ink."""
    return tf.clip_by_value(boldness * HEIGHT / 200 - fields + 0.5, 0, 1)


def build_decoder() -> keras.Model:
    """A digit and its style to distances, the traits already as standard deviations."""
    digit = keras.Input((1,), dtype="int32", name="digit")
    told = [keras.Input((1,), name=name) for name in ("slant", "width")]
    traits = keras.Input((FOUND,), name="traits")
    slant = layers.Rescaling(1 / SLANT[1])(told[0])
    width = layers.Rescaling(1 / 30, -100 / 30)(told[1])
    known = layers.Flatten()(layers.Embedding(10, 12)(digit))
    x = layers.Concatenate()([known, slant, width, traits])
    x = layers.Dense(96, activation="relu")(x)
    x = layers.Dense(96, activation="relu")(x)
    x = layers.Dense(7 * 7 * 16, activation="relu")(x)
    x = layers.Reshape((7, 7, 16))(x)
    x = layers.UpSampling2D()(x)
    x = layers.Conv2D(24, 3, padding="same", activation="relu")(x)
    x = layers.UpSampling2D()(x)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model([digit, *told, traits], x, name="decode")


def build_encoder() -> keras.Model:
    """Upright distances and their digit to the means and log-variances of the traits."""
    upright = keras.Input((SIDE, SIDE, 1))
    digit = keras.Input((1,), dtype="int32")
    x = layers.Conv2D(12, 3, strides=2, padding="same", activation="relu")(upright)
    x = layers.Conv2D(24, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Concatenate()(
        [layers.Flatten()(x), layers.Flatten()(layers.Embedding(10, 12)(digit))]
    )
    x = layers.Dense(64, activation="relu")(x)
    return keras.Model([upright, digit], layers.Dense(2 * FOUND)(x), name="encode")


def build_reader(*, convolves: bool) -> keras.Model:
    """Tells digits from their ink on the small sheet."""
    sheet = keras.Input((SIDE, SIDE, 1))
    x = sheet
    if convolves:
        x = layers.Conv2D(16, 5, strides=2, activation="relu")(x)
        x = layers.Conv2D(32, 3, strides=2, activation="relu")(x)
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    x = layers.Dense(64 if convolves else 256, activation="relu")(x)
    return keras.Model(sheet, layers.Dense(10)(layers.Dropout(0.2)(x)))


def train_reader(sheets: Sheets, rng: np.random.Generator, *, convolves: bool) -> keras.Model:
    """A reader of what pens of all boldnesses draw."""
    reader = build_reader(convolves=convolves)
    boldness = rng.uniform(*BOLDNESS, (len(sheets.fields), 1, 1, 1)).astype(np.float32)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    reader.compile(keras.optimizers.Adam(1e-3), loss)
    reader.fit(ink(sheets.fields, boldness), sheets.digits, batch_size=BATCH, epochs=4, verbose=2)
    return reader


class Learner(keras.Model):
    """Learns to draw what it has seen, and to be legible with all that the sliders offer."""

    def __init__(self, decoder: keras.Model, reader: keras.Model) -> None:
        super().__init__()
        self.decoder, self.encoder, self.reader = decoder, build_encoder(), reader
        self.reader.trainable = False
        self.is_read = False

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of Adam."""
        (upright, digit, slant, width), fields = data
        with tf.GradientTape() as tape:
            mean, spread = tf.split(self.encoder([upright, digit]), 2, axis=1)
            traits = mean + tf.exp(spread / 2) * tf.random.normal(tf.shape(mean))
            made = self.decoder([digit, slant, width, traits])
            near = tf.exp(-fields / 2) + 0.1
            away = tf.reduce_mean(near * tf.abs(made - fields))
            drawn = tf.reduce_mean(tf.abs(ink(made, 13.0) - ink(fields, 13.0)))
            surplus = 1 + spread - mean**2 - tf.exp(spread)
            told = -0.5 * tf.reduce_mean(tf.reduce_sum(surplus, axis=1))
            half = BATCH // 2
            few = (digit[:half], slant[:half], width[:half])
            misread = self.misread(*few) if self.is_read else 0.0
            loss = away + drawn + 0.003 * told + 0.03 * misread
        weights = [*self.decoder.trainable_variables, *self.encoder.trainable_variables]
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"away": away, "drawn": drawn, "told": told, "misread": misread}

    def misread(self, digit: Any, slant: Any, width: Any) -> Any:
        """How far from its digit the reader takes what any traits and any pen make of it."""
        far = TRAIT_SCALE * TRAIT[1]
        traits = tf.random.uniform((tf.shape(digit)[0], FOUND), -far, far)
        pens = tf.random.uniform((tf.shape(digit)[0], 1, 1, 1), *BOLDNESS)
        seen = self.reader(ink(self.decoder([digit, slant, width, traits]), pens))
        return tf.reduce_mean(
            keras.losses.sparse_categorical_crossentropy(digit, seen, from_logits=True)
        )


def fit(learner: Learner, sheets: Sheets) -> None:
    """Train with a rate that falls to nothing.

    What had to be legible from the first would find no traits: they make digits harder to read.
    """
    steps = -(-len(sheets.fields) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, sum(EPOCHS) * steps)
    optimizer = keras.optimizers.Adam(rate)
    given = (sheets.upright, sheets.digits, sheets.slants, sheets.widths)
    for learner.is_read, epochs in zip((False, True), EPOCHS, strict=True):
        learner.compile(optimizer)
        learner.fit(given, sheets.fields, batch_size=BATCH, epochs=epochs, verbose=2)


def generator(decoder: keras.Model) -> keras.Model:
    """The page's model: sliders in, a picture out, 0 for ink and 1 for paper."""
    digit = keras.Input((1,), dtype="int32", name="digit")
    names = ("slant", "width", "boldness", "swing")
    slant, width, boldness, swing = (keras.Input((1,), name=name) for name in names)
    scales = [TRAIT_SCALE * (which == USED) for which in range(FOUND)]
    traits = layers.Rescaling(scales)(layers.Concatenate()([swing] * FOUND))
    fields = layers.UpSampling2D(LARGER, interpolation="bilinear")(
        decoder([digit, slant, width, traits])
    )
    pen = layers.Reshape((1, 1, 1))(layers.Rescaling(HEIGHT / 200)(boldness))
    edge = layers.Rescaling(LARGER, 0.5)(layers.Subtract()([fields, pen]))
    picture = layers.ReLU(max_value=1, name="picture")(edge)
    return keras.Model([digit, slant, width, boldness, swing], picture, name="dreamt_digits")


def dream(model: keras.Model, rng: np.random.Generator) -> tuple[Any, Any]:
    """Pictures `[n, side, side]`, of each digit as many, in styles from all of the sliders."""
    digits = np.arange(DREAMT, dtype=np.int32)[:, None] % 10
    ranges = (SLANT, WIDTH, BOLDNESS, TRAIT)
    styles = [rng.uniform(*ends, (DREAMT, 1)).astype(np.float32) for ends in ranges]
    return model.predict([digits, *styles], verbose=0)[..., 0], digits[:, 0]


def read_by_digits(pictures: NDArray[np.uint8]) -> NDArray[np.int64]:
    """What the digits demo takes pictures for that lie on its sketchpad."""
    reader = keras.saving.load_model(HERE.parent / "digits" / "digits.keras")
    return np.asarray(reader.predict(of_digits().place(pictures), verbose=0).argmax(axis=1))


def report(model: keras.Model, judge: keras.Model) -> None:
    """How many of the dreamt digits are read as asked for, by two who took no part in training."""
    pictures, digits = dream(model, np.random.default_rng(SEED))
    small = 1 - pictures.reshape(-1, SIDE, LARGER, SIDE, LARGER).mean(axis=(2, 4))[..., None]
    answers = {
        "the digits demo": read_by_digits(np.rint(255 * pictures).astype(np.uint8)),
        "the other reader": judge.predict(small, verbose=0).argmax(axis=1),
    }
    for name, found in answers.items():
        right = found == digits
        each = " ".join(f"{right[digits == digit].mean():.2f}" for digit in range(10))
        print(f"of {DREAMT} dreamt digits, {name} reads {right.mean():.4f} as asked for ({each})")


def main() -> None:
    """Train, measure, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(SEED)
    drawn = of_digits()
    scans, digits = load_digits(return_X_y=True)
    ready = drawn.sharpen(scans.reshape(-1, 8, 8))
    known = draw_sheets(drawn, ready[: -drawn.HELD_OUT], digits[: -drawn.HELD_OUT], rng, VARIANTS)
    unseen = draw_sheets(drawn, ready[-drawn.HELD_OUT :], digits[-drawn.HELD_OUT :], rng, 2)
    reader = train_reader(known, rng, convolves=True)
    # Some scans run together at 8x8: nobody could learn from them how the digit is written.
    seen = reader.predict(ink(known.fields, 13.0), batch_size=512, verbose=0).argmax(axis=1)
    legible = known.where(seen == known.digits[:, 0])
    print(f"{len(legible.fields)} of {len(known.fields)} sheets are legible")
    decoder = build_decoder()
    learner = Learner(decoder, reader)
    fit(learner, legible)
    model = generator(decoder)
    model.save(HERE / "dreamt-digits.keras")
    means = learner.encoder.predict([unseen.upright, unseen.digits], verbose=0)[:, :FOUND]
    made = decoder.predict([unseen.digits, unseen.slants, unseen.widths, means], verbose=0)
    apart = np.abs(ink(made, 13.0) - ink(unseen.fields, 13.0)).mean()
    print(f"held-out digits, drawn after their traits: {apart:.4f} of the ink's range off")
    # As if nothing had been trained before it.
    keras.utils.set_random_seed(SEED)
    judge = train_reader(known, rng, convolves=False)
    scores = judge.predict(ink(unseen.fields, 13.0), verbose=0).argmax(axis=1)
    print(f"the other reader, held-out drawings: {(scores == unseen.digits[:, 0]).mean():.4f}")
    report(model, judge)


if __name__ == "__main__":
    main()
