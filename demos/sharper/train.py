"""Train the demo: `python train.py` writes `sharper.keras` and `examples/` beside itself.

Pictures are made half as large, as Pillow does it, and a small convolutional network learns what
they were before. It learns on photographs that come with scikit-image and matplotlib and on pages
that are drawn here, and is measured on photographs and pages that it has never seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import skimage
import tensorflow as tf
from keras import layers
from matplotlib.cbook import get_sample_data
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

HERE = Path(__file__).resolve().parent
SEED = 5
# All of them are in the public domain, or were given to it (CC0).
LEARNT = ("camera", "rocket", "hubble_deep_field", "brick", "grass", "gravel")
HELD_OUT = ("astronaut", "chelsea", "coffee")
# Of one photograph, the smaller it is made, the more there is in each pixel.
SCALES = (1.0, 0.75, 0.55)
DRAWN = 12
CHART = ("E", "F P", "T O Z", "L P E D", "P E C F D", "E D F C Z P", "F E L O P Z D")
FILTERS = 24
DEPTH = 5
PATCH = 24
BATCH = 16
STEPS = 8000
STEPS_PER_EPOCH = 500
# What the page gives the network.
SIDE = 192


def photograph(name: str) -> Pixels:
    """One of scikit-image's, in colour."""
    return np.asarray(Image.fromarray(getattr(skimage.data, name)()).convert("RGB"))


def hopper() -> Pixels:
    """Grace Hopper, as matplotlib carries her."""
    with Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        return np.asarray(image.convert("RGB"))


def draw(rng: np.random.Generator, side: int = 2 * SIDE) -> Pixels:
    """A page of coloured shapes, lines and words, with smooth edges."""
    larger = 4 * side
    image = Image.new("RGB", (larger, larger), _colour(rng))
    pen = ImageDraw.Draw(image)
    for _ in range(24):
        x, y = rng.integers(0, larger, 2).tolist()
        across, down = rng.integers(larger // 40, larger // 4, 2).tolist()
        box = (x - across, y - down, x + across, y + down)
        width = int(rng.integers(6, 30))
        match rng.integers(5):
            case 0:
                pen.ellipse(box, _colour(rng), _colour(rng), width)
            case 1:
                corners = [(x + across * np.cos(t), y + down * np.sin(t)) for t in _turns(rng)]
                pen.polygon(corners, _colour(rng))
            case 2:
                pen.line([tuple(p) for p in rng.integers(0, larger, (3, 2))], _colour(rng), width)
            case 3:
                pen.arc(box, *rng.uniform(0, 360, 2), _colour(rng), width)
            case _:
                word = "".join(rng.choice(list("aeiounrstlmdkgEHSRT 0123456789"), 9))
                font = ImageFont.load_default(float(rng.uniform(0.03, 0.12) * larger))
                pen.text((x - across, y), word, _colour(rng), font)
    return np.asarray(image.resize((side, side), Image.Resampling.BOX))


def draw_chart(side: int = 2 * SIDE) -> Pixels:
    """An optician's: letters that become smaller from line to line."""
    larger = 4 * side
    image = Image.new("RGB", (larger, larger), "#fbf8f1")
    pen = ImageDraw.Draw(image)
    heights = [0.22 * 0.74**line for line in range(len(CHART))]
    top = 0.05 * larger
    for line, height in zip(CHART, heights, strict=True):
        font = ImageFont.load_default(height * larger)
        pen.text((larger / 2, top), line, "#1d2433", font, anchor="ma")
        top += 1.18 * height * larger
    for at, colour in ((0.02, "#c8102e"), (0.96, "#00843d")):
        pen.rectangle((0, at * larger, larger, (at + 0.02) * larger), colour)
    return np.asarray(image.resize((side, side), Image.Resampling.BOX))


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def _turns(rng: np.random.Generator) -> list[float]:
    return sorted(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)).tolist())


def resize(picture: Pixels, scale: float) -> Pixels:
    """As Pillow does it, bicubic."""
    height, width = (round(side * scale) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def halve(picture: Pixels) -> tuple[Pixels, Pixels]:
    """A picture of even sides, and what it is half as large."""
    height, width = (side // 2 * 2 for side in picture.shape[:2])
    return picture[:height, :width], resize(picture[:height, :width], 0.5)


def recolour(rng: np.random.Generator, large: Any, small: Any) -> tuple[Any, Any]:
    """In other colours, lighter or darker, turned: both alike."""
    turns, flips = rng.integers(4), rng.random() < 0.5
    order = rng.permutation(3)
    gain = rng.uniform(0.5, 1) * rng.choice([-1, 1]) * rng.uniform(0.8, 1, 3)
    shift = rng.uniform(-0.15, 0.15)

    def change(patch: Any) -> Any:
        patch = np.rot90(patch, turns)[..., order] / np.float32(255)
        patch = patch[:, ::-1] if flips else patch
        return np.clip(0.5 + shift + gain * (patch - 0.5), 0, 1).astype(np.float32)

    return change(large), change(small)


def patches(pairs: list[tuple[Pixels, Pixels]], rng: np.random.Generator) -> Iterator[Any]:
    """Batches of small patches and what they were, without end."""
    area = np.array([np.sqrt(small[..., 0].size) for _, small in pairs])
    while True:
        chosen = []
        for which in rng.choice(len(pairs), BATCH, p=area / area.sum()):
            large, small = pairs[which]
            places = [rng.integers(0, np.array(small.shape[:2]) - PATCH + 1) for _ in range(2)]
            cuts = [(small[y : y + PATCH, x : x + PATCH], y, x) for y, x in places]
            # Of two places the one where more is to be seen.
            seen, y, x = max(cuts, key=lambda cut: float(cut[0].std()))
            was = large[2 * y : 2 * (y + PATCH), 2 * x : 2 * (x + PATCH)]
            chosen.append(recolour(rng, was, seen))
        yield np.stack([small for _, small in chosen]), np.stack([large for large, _ in chosen])


def spread() -> NDArray[np.float32]:
    """Weights of a transposed convolution that lays twelve channels out as 2x2 pixels."""
    weights = np.zeros((2, 2, 3, 12), np.float32)
    for row, column, channel in np.ndindex(2, 2, 3):
        weights[row, column, channel, 6 * row + 3 * column + channel] = 1
    return weights


def build() -> keras.Model:
    """A picture of any size, from 0 to 1, to one that is twice as large."""
    small = keras.Input((None, None, 3), name="picture")
    seen = x = layers.Rescaling(2, offset=-1)(small)
    for _ in range(DEPTH):
        x = layers.Conv2D(
            FILTERS, 3, padding="same", activation="relu", kernel_initializer="he_normal"
        )(x)
    little = keras.initializers.RandomNormal(stddev=0.01)
    x = layers.Conv2D(12, 3, padding="same", kernel_initializer=little)(x)
    # What is learnt is the difference to each pixel four times; most of it a mere sum can tell.
    sums = layers.Conv2D(12, 5, padding="same", kernel_initializer="zeros")(seen)
    x = layers.Add()([x, sums, layers.Concatenate()([small] * 4)])
    twice = layers.Conv2DTranspose(3, 2, strides=2, use_bias=False, name="sharper")
    model = keras.Model(small, twice(x), name="sharper")
    twice.set_weights([spread()])
    twice.trainable = False
    return model


def psnr(picture: Any, truth: Pixels) -> float:
    """Decibels, of all channels, the picture rounded to whole levels."""
    levels = np.clip(np.rint(np.asarray(picture, np.float64)), 0, 255)
    return float(10 * np.log10(255**2 / np.mean((levels - truth) ** 2)))


def report(model: keras.Model, name: str, pictures: list[Pixels]) -> tuple[float, float]:
    """How far bicubic and the network are from what the pictures were, on average."""
    rows = []
    for picture in pictures:
        large, small = halve(picture)
        answer = 255 * model.predict(small[None] / np.float32(255), verbose=0)[0]
        rows.append((psnr(resize(small, 2), large), psnr(answer, large)))
    bicubic, ours = np.mean(rows, axis=0)
    print(f"{name}: bicubic {bicubic:.2f} dB, the network {ours:.2f} dB ({ours - bicubic:+.2f})")
    return bicubic, ours


def write_examples() -> None:
    """Saves pictures that were held out, as small as the network takes them."""
    (HERE / "examples").mkdir(exist_ok=True)
    squares = {
        "astronaut": photograph("astronaut"),
        "chelsea": photograph("chelsea")[:, 70:370],
        "coffee": photograph("coffee")[:, 100:500],
        "chart": draw_chart(),
    }
    for name, square in squares.items():
        small = resize(square, SIDE / len(square))
        Image.fromarray(small).save(HERE / "examples" / f"{name}.png", optimize=True)


def main() -> None:
    """Train, measure on what was held out, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(SEED)
    photographs = [*map(photograph, LEARNT), hopper()]
    learnt = [resize(one, scale) for one in photographs for scale in SCALES]
    learnt += [draw(rng) for _ in range(DRAWN)]
    model = build()
    rate = keras.optimizers.schedules.CosineDecay(2e-3, STEPS)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_error")
    model.fit(
        patches([halve(one) for one in learnt], rng),
        steps_per_epoch=STEPS_PER_EPOCH,
        epochs=STEPS // STEPS_PER_EPOCH,
        verbose=2,
    )
    # Without what only training needs.
    model = keras.Model(model.inputs, model.outputs, name="sharper")
    model.save(HERE / "sharper.keras")
    for name in HELD_OUT:
        report(model, name, [photograph(name)])
    report(model, "drawn pages", [draw(rng) for _ in range(8)])
    write_examples()


if __name__ == "__main__":
    main()
