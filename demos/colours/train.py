"""Train the demo: `python train.py` writes `colours.keras` and `examples/` beside itself.

The names are the 24 that people gave most often in the colour survey of xkcd, with the values that
it found for them. Each is painted on a thing that lies on paper, in some light, as a camera sees
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from matplotlib.colors import XKCD_COLORS, to_rgb
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

HERE = Path(__file__).resolve().parent
SEED = 3
SIZE = 48
COUNT = 24
# matplotlib keeps the survey's names with the most usual ones last.
NAMES = [name.removeprefix("xkcd:") for name in XKCD_COLORS][: -COUNT - 1 : -1]
PER_NAME = 1000
PER_NAME_HELD_OUT = 100
EPOCHS = 8
BATCH = 64
# Kelvin of black bodies, from bulbs to a clouded sky; every other band is held out.
WARMEST, COLDEST = 2800, 9000
BANDS = 12
EXAMPLES = ("teal", "orange", "lavender", "dark green", "magenta", "tan")


@dataclass(frozen=True)
class Light:
    """What a lamp or the sky makes of red, green and blue, after the camera's own correction."""

    gains: Array
    exposure: float
    # Where it comes from, and how much less of it reaches the other side.
    direction: float
    fall: float


def srgb_to_linear(values: Array) -> Array:
    """Of 0 to 1 (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(values: Array) -> Array:
    """Of 0 to 1 (IEC 61966-2-1)."""
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


PAINTS = srgb_to_linear(np.array([to_rgb(f"xkcd:{name}") for name in NAMES], np.float32))


def black_body(kelvin: float) -> Array:
    """Red, green and blue of a black body by Planck's law, the green one 1."""
    wavelengths = np.array([600e-9, 540e-9, 450e-9])
    radiance = wavelengths**-5 / np.expm1(1.4388e-2 / (wavelengths * kelvin))
    return np.asarray(radiance / radiance[1], np.float32)


def random_light(rng: np.random.Generator, held_out: bool) -> Light:
    """A light of the bands to train with, or of those between them."""
    band = 2 * rng.integers(BANDS // 2) + held_out
    # Of equal width in mireds, as they are seen.
    edges = np.linspace(1 / COLDEST, 1 / WARMEST, BANDS + 1)
    kelvin = 1 / rng.uniform(edges[band], edges[band + 1])
    # Cameras take out most of a light's colour, and not always the same share of it.
    gains = (black_body(kelvin) / black_body(5500)) ** rng.uniform(0.1, 0.6)
    gains *= np.exp(rng.normal(0, 0.015, 3))
    exposure = rng.uniform(0.55, 1.1)
    return Light(gains.astype(np.float32), exposure, rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.3))


def smooth(rng: np.random.Generator, cells: int, size: int) -> Array:
    """Noise of deviation 1 without sharp edges, `[size, size]`."""
    small = Image.fromarray(rng.normal(0, 1, (cells, cells)).astype(np.float32))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC))


def outline(rng: np.random.Generator, size: int) -> Array:
    """How much of each pixel is of the thing: a round or an angular one, or all of the picture."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    x, y = x - rng.normal(0, 0.05), y - rng.normal(0, 0.05)
    turn = rng.uniform(0, np.pi)
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    across, down = rng.uniform(0.25, 0.6, 2)
    power = rng.choice([2, 2, 4, 12])
    distance = (np.abs(x / across) ** power + np.abs(y / down) ** power) ** (1 / power)
    distance = distance + 0.06 * smooth(rng, 4, size)
    return np.asarray(np.clip((1 - distance) * size / 4 + 0.5, 0, 1), np.float32)


def render(
    paint: Array, light: Light, rng: np.random.Generator, size: int = SIZE
) -> NDArray[np.uint8]:
    """A thing of this paint on paper, wood or cloth of hardly any colour, in this light."""
    thing = paint * np.exp(rng.normal(0, 0.06, 3))
    texture = 1 + rng.uniform(0, 0.05) * smooth(rng, rng.integers(4, 24), size)
    ground = rng.uniform(0.45, 0.95) * np.exp(rng.normal(0, 0.04, 3))
    grain = 1 + rng.uniform(0, 0.06) * smooth(rng, rng.integers(4, 40), size)
    inside = outline(rng, size)[..., None]
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    along = x * np.cos(light.direction) + y * np.sin(light.direction)
    shade = (1 - light.fall * (along + 0.5))[..., None]
    # A shadow beside it, and a spot where it shines.
    beside = rng.integers(-4, 5, 2) * size // SIZE
    shadow = 1 - 0.25 * rng.random() * np.roll(inside, beside, (0, 1))
    spot = rng.uniform(-0.2, 0.2, 2)
    shine = 0.35 * rng.random() ** 2 * np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / 0.008)
    surface = inside * (thing * texture[..., None] + shine[..., None])
    surface = surface + (1 - inside) * ground * grain[..., None] * shadow
    seen = linear_to_srgb(surface * shade * light.gains * light.exposure)
    noise = rng.normal(0, rng.uniform(0.002, 0.015), seen.shape)
    return np.asarray(np.rint(255 * np.clip(seen + noise, 0, 1)), np.uint8)


def pictures(
    count: int, rng: np.random.Generator, held_out: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """So many of each name."""
    names = np.repeat(np.arange(COUNT), count)
    seen = [render(PAINTS[name], random_light(rng, held_out), rng) for name in names]
    return np.stack(seen), names


def build() -> keras.Model:
    """A picture of any light to one of the names."""
    picture = keras.Input((SIZE, SIZE, 3), name="picture")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(picture)
    for filters in (24, 32, 48):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    # The middle is the thing, the rest tells the light.
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.Dense(96, activation="relu")(x)
    return keras.Model(picture, keras.layers.Dense(COUNT, activation="softmax", name="colour")(x))


def write_examples(rng: np.random.Generator) -> None:
    """Saves things in held-out lights."""
    (HERE / "examples").mkdir(exist_ok=True)
    for name in EXAMPLES:
        seen = render(PAINTS[NAMES.index(name)], random_light(rng, held_out=True), rng, 240)
        file = HERE / "examples" / f"{name.replace(' ', '-')}.jpg"
        Image.fromarray(seen).save(file, quality=90)


def main() -> None:
    """Train, measure in lights that were held out, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(SEED)
    seen, names = pictures(PER_NAME, rng, held_out=False)
    unseen, unseen_names = pictures(PER_NAME_HELD_OUT, rng, held_out=True)
    model = build()
    steps = EPOCHS * -(-len(seen) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(seen, names, BATCH, EPOCHS, verbose=2)
    answers = model.predict(unseen, verbose=0).argmax(axis=1)
    print(f"in held-out lights: {np.mean(answers == unseen_names):.4f}")
    for index, name in enumerate(NAMES):
        given = answers[unseen_names == index]
        most = [NAMES[one] for one in np.bincount(given, minlength=COUNT).argsort()[::-1][:2]]
        print(f"  {name}: {np.mean(given == index):.2f} ({', '.join(most)})")
    # Without what only training needs.
    keras.Model(model.inputs, model.outputs, name="colours").save(HERE / "colours.keras")
    write_examples(rng)


if __name__ == "__main__":
    main()
