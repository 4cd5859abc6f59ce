"""Train the digits demo: `python train.py` writes `digits.keras` and `examples/` beside itself.

The page's pen is round and about as wide as a fourteenth of the canvas; scikit-learn's digits are
8x8 averages of scans. So each scan is sharpened, thinned to the pen's path, bent a little and
drawn again with the page's pen; then the page's own `place_ink` makes of it what the model sees.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from PIL import Image
from scipy import ndimage
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
SEED = 7
# As in demo.toml.
SIZE = (20, 20)
CENTER = "mass"
FILL = 20 / 28

# The rows seem to run writer by writer: the last fifth is a stricter test than a random one.
HELD_OUT = 360
VARIANTS = 12
LEVELS = (0.3, 0.42, 0.54, 0.65)  # ink above them counts: from wide strokes to narrow ones
EPOCHS = 6
BATCH = 128
SERIFS = 0.4  # share of the ones that get a foot or a flag or both

SCALE = 8  # of the sharpened scans: 8 pixels become 64
CANVAS = 112  # pixels; the page's has 280
PEN = 20 / 280  # its width over the canvas's
# Name, digit, which of the held-out ones.
EXAMPLES = {"seven": (7, 4), "two": (2, 6), "five": (5, 4), "nine": (9, 2), "three": (3, 7)}


@dataclass(frozen=True)
class Hand:
    """How one drawing differs from the scan: lengths in sides of the canvas, angles in radians."""

    length: float
    aspect: float
    shear: float
    turn: float
    bend: float
    pen: float


STEADY = Hand(length=0.7, aspect=1.25, shear=0.0, turn=0.0, bend=0.0, pen=PEN)


def random_hand(rng: np.random.Generator) -> Hand:
    """A hand of ordinary size, slant and steadiness."""
    return Hand(
        length=rng.uniform(0.3, 0.85),
        aspect=float(np.exp(rng.uniform(np.log(0.75), np.log(1.9)))),
        shear=rng.uniform(-0.45, 0.25),
        turn=rng.uniform(-0.2, 0.2),
        bend=rng.uniform(0.0, 0.05),
        pen=PEN * rng.uniform(0.9, 1.15),
    )


def sharpen(scans: NDArray[Any]) -> NDArray[np.float32]:
    """Scans `[n, 8, 8]`, 0..16, as ink `[n, 64, 64]`, 0..1, whose block averages are the scans.

    Each value counts the inked pixels of a 4x4 block of the original bitmap. Iterative back
    projection (Irani and Peleg, 1991) finds a smooth picture with the same counts.
    """
    counts = scans.astype(np.float32) / 16
    zoom = (1, SCALE, SCALE)
    ink = ndimage.zoom(counts, zoom, order=1, grid_mode=True, mode="nearest")
    for _ in range(12):
        blocks = ink.reshape(len(ink), 8, SCALE, 8, SCALE).mean(axis=(2, 4))
        missing = ndimage.zoom(counts - blocks, zoom, order=1, grid_mode=True, mode="nearest")
        ink = np.clip(ndimage.gaussian_filter(ink + 1.5 * missing, (0, 1.2, 1.2)), 0, 1)
    return np.asarray(ink, np.float32)


def thin(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lines one pixel wide through the middle of ink `[n, height, width]` (Zhang, Suen 1984)."""
    lines = np.pad(inked, ((0, 0), (1, 1), (1, 1)))
    around = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            ring = [np.roll(lines, (-y, -x), axis=(1, 2)) for y, x in around]
            north, _, east, _, south, _, west, _ = ring
            count = np.sum(ring, axis=0, dtype=np.int8)
            starts = np.sum(
                [~a & b for a, b in zip(ring, ring[1:] + ring[:1], strict=True)],
                axis=0,
                dtype=np.int8,
            )
            if first:
                side = ~(north & east & south) & ~(east & south & west)
            else:
                side = ~(north & east & west) & ~(north & south & west)
            gone = lines & (count >= 2) & (count <= 6) & (starts == 1) & side
            changed = changed or bool(gone.any())
            lines = lines & ~gone
    return np.asarray(lines[:, 1:-1, 1:-1])


def paths(ink: NDArray[np.float32], level: float) -> list[NDArray[np.float64]]:
    """Points `[m, 2]` (y, x) of each picture's pen path, where the ink is at least `level`."""
    solid = ndimage.binary_opening(ink >= level, structure=np.ones((1, 2, 2)))
    lines = thin(np.asarray(solid))
    return [np.argwhere(line).astype(np.float64) for line in lines]


def bend(
    points: NDArray[np.float64], amount: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Points of 0..1 pushed about smoothly, by `amount` (standard deviation) at most."""
    field = ndimage.gaussian_filter(rng.normal(size=(2, 24, 24)), (0, 4, 4))
    field *= amount / field.std()
    at = 4 + points.T * 15
    pushes = [ndimage.map_coordinates(part, at, order=1) for part in field]
    return np.asarray(points + np.stack(pushes, axis=1))


def draw(
    points: NDArray[np.float64], hand: Hand, rng: np.random.Generator, *, canvas: int = CANVAS
) -> NDArray[np.uint8]:
    """A drawing uint8 `[canvas, canvas]`, 255 paper and 0 ink, along `points` (y, x)."""
    unit = (points - points.min(axis=0)) / np.ptp(points, axis=0).max()
    if hand.bend:
        unit = bend(unit, hand.bend, rng)
    y, x = (unit - (unit.min(axis=0) + unit.max(axis=0)) / 2).T
    x = x * hand.aspect - y * hand.shear
    sine, cosine = np.sin(hand.turn), np.cos(hand.turn)
    turned = np.stack([cosine * y + sine * x, cosine * x - sine * y], axis=1)
    turned *= hand.length * canvas / np.ptp(turned, axis=0).max()
    free = (canvas * (0.96 - hand.pen) - np.ptp(turned, axis=0)) / 2
    middle = canvas / 2 + rng.uniform(-1, 1, 2) * np.maximum(free, 0) * (hand.bend > 0)
    turned += middle - (turned.min(axis=0) + turned.max(axis=0)) / 2
    spots = np.clip(np.rint(turned), 0, canvas - 1).astype(int)
    paper = np.ones((canvas, canvas), np.bool_)
    paper[spots[:, 0], spots[:, 1]] = False
    away = ndimage.distance_transform_edt(paper)
    ink = np.clip(hand.pen * canvas / 2 - away + 0.5, 0, 1)
    return np.asarray(np.rint(255 * (1 - ink)), np.uint8)


def place_one(drawing: tf.Tensor) -> tf.Tensor:
    """What the page's graph makes of one drawing, int32 `[h, w]`: ink `[*SIZE, 1]`."""
    sys.path.insert(0, str(HERE.parents[1]))  # so that a bare checkout will do
    from bundler.feeds.sketch import place_ink

    return place_ink(drawing[None, :, :, None], SIZE, center=CENTER, fill=FILL)[0]


def place(drawings: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the page's graph makes of drawings `[n, h, w]`: ink `[n, *SIZE, 1]`."""
    pixels = tf.constant(drawings.astype(np.int32))
    return np.asarray(PLACE_ALL(pixels))


# Compiled once: a loop in the graph over the drawings.
PLACE_ALL = tf.function(
    lambda pixels: tf.map_fn(place_one, pixels, fn_output_signature=tf.float32),
    reduce_retracing=True,
)


def with_serifs(points: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """The points of a 1 with a foot and a flag, each more often than not.

    Few of the thirteen writers give their ones a foot; on the page many people will.
    """
    top, bottom = points[points[:, 0].argmin()], points[points[:, 0].argmax()]
    height = bottom[0] - top[0]
    along = np.linspace(0, 1, 64)[:, None]
    parts = [points]
    if rng.random() < 0.7:
        left, right = rng.uniform(0.12, 0.4, 2) * height
        parts.append(bottom + along * [0, left + right] - [0, left])
    if rng.random() < 0.7:
        flag = np.array([rng.uniform(0.05, 0.35), -rng.uniform(0.1, 0.35)]) * height
        parts.append(top + along * flag)
    return np.concatenate(parts)


def vary(
    ink: NDArray[np.float32], digits: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float32]:
    """The model's view of each picture drawn again by `VARIANTS` hands: `[VARIANTS * n, ...]`."""
    traced = [paths(ink, level) for level in LEVELS]
    views = []
    for variant in range(VARIANTS):
        lines = traced[variant % len(LEVELS)]
        serifs = (digits == 1) & (rng.random(len(digits)) < SERIFS)
        drawn = [
            draw(with_serifs(line, rng) if serif else line, random_hand(rng), rng)
            for line, serif in zip(lines, serifs, strict=True)
        ]
        views.append(place(np.stack(drawn)))
    return np.concatenate(views)


def build() -> keras.Model:
    """A small convolutional network: ink `[*SIZE, 1]` to ten probabilities."""
    drawing = keras.Input((*SIZE, 1), name="drawing")
    x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(drawing)
    x = keras.layers.Conv2D(24, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(48, 3, activation="relu")(x)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dropout(0.3)(x)
    digit = keras.layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(drawing, digit, name="digits")


def fit(model: keras.Model, views: NDArray[np.float32], digits: NDArray[np.int64]) -> None:
    """Train on the views, which repeat the digits in order, with a rate that falls to nothing."""
    labels = np.tile(digits, len(views) // len(digits))
    steps = EPOCHS * -(-len(views) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
    )
    model.fit(
        views, keras.utils.to_categorical(labels, 10), batch_size=BATCH, epochs=EPOCHS, verbose=2
    )


def accuracy(model: keras.Model, views: NDArray[np.float32], digits: NDArray[np.int64]) -> float:
    """Share of the views whose most probable digit is the true one."""
    answers = np.argmax(model.predict(views, batch_size=512, verbose=0), axis=1)
    return float(np.mean(answers == np.tile(digits, len(views) // len(digits))))


def flow(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A path of pixels as a hand would draw it: smooth, and without gaps on a larger canvas."""
    near = cdist(points, points)
    weights = np.exp(-((near / 2) ** 2))
    smooth = weights @ points / weights.sum(axis=1, keepdims=True)
    start, end = np.nonzero(near < 1.5)
    between = [smooth[start] * (1 - part) + smooth[end] * part for part in np.arange(0, 1, 0.2)]
    return np.asarray(np.concatenate(between))


def write_examples(ink: NDArray[np.float32], digits: NDArray[np.int64]) -> None:
    """Save held-out digits, drawn with the page's pen on the page's canvas."""
    rng = np.random.default_rng(SEED)
    lines = paths(ink, 0.5)
    for name, (digit, which) in EXAMPLES.items():
        line = lines[np.flatnonzero(digits == digit)[which]]
        drawing = draw(flow(line), STEADY, rng, canvas=280)
        Image.fromarray(drawing).save(HERE / "examples" / f"{name}.png", optimize=True)


def main() -> None:
    """Train, measure on held-out digits, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(SEED)
    scans, digits = load_digits(return_X_y=True)
    ink = sharpen(scans.reshape(-1, 8, 8))
    model = build()
    fit(model, vary(ink[:-HELD_OUT], digits[:-HELD_OUT], rng), digits[:-HELD_OUT])
    unseen, truth = ink[-HELD_OUT:], digits[-HELD_OUT:]
    steady = np.stack([draw(points, STEADY, rng, canvas=280) for points in paths(unseen, 0.5)])
    print(f"held out, drawn steadily: {accuracy(model, place(steady), truth):.4f}")
    varied = vary(unseen, truth, rng)
    print(f"held out, by {VARIANTS} hands each: {accuracy(model, varied, truth):.4f}")
    # A fresh model holds no optimizer state, which would triple the file.
    keras.Model(model.input, model.output, name=model.name).save(HERE / "digits.keras")
    write_examples(unseen, truth)


if __name__ == "__main__":
    main()
