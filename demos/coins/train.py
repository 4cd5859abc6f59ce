"""Train the demo: `python train.py` writes `coins.keras` and `examples/` beside itself.

It is trained with pictures that it renders (`render.py`), and tried on scikit-image's photograph of
coins, whose outlines `coins.csv` holds as ellipses, drawn by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import render
import skimage.data
import tensorflow as tf
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

HERE = Path(__file__).resolve().parent
SEED = 5
COUNT, HELD_OUT = 2000, 200
EPOCHS = 9
BATCH = 16
FILTERS = (16, 32, 48, 64)
EXAMPLES = 4
# The examples' pictures are so many times as large as what the model sees.
SCALE = 2


def pictures(rng: np.random.Generator, count: int) -> tuple[Bytes, Bytes]:
    """So many, and the classes of their pixels."""
    seen, classes = zip(*(render.render(rng) for _ in range(count)), strict=True)
    return np.stack(seen)[..., None], np.stack(classes)


def convolve(x: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
    """A convolution, normalised."""
    x = keras.layers.Conv2D(filters, 3, strides, "same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(x))


def build() -> keras.Model:
    """A U-Net (Ronneberger and others, 2015): a grey picture to the classes of its pixels."""
    picture = keras.Input((render.HEIGHT, render.WIDTH, 1), name="picture")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(picture)
    kept = []
    for filters in FILTERS:
        x = convolve(convolve(x, filters, strides=2), filters)
        kept.append(x)
    for filters, near in zip(FILTERS[-2::-1], kept[-2::-1], strict=True):
        x = keras.layers.UpSampling2D(interpolation="bilinear")(x)
        x = convolve(keras.layers.Concatenate()([x, near]), filters)
    x = keras.layers.Conv2D(len(render.CLASSES), 1)(x)
    x = keras.layers.UpSampling2D(interpolation="bilinear")(x)
    return keras.Model(picture, keras.layers.Softmax(name="what")(x))


def ellipses(shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels of the photograph are of a coin, as it was outlined."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    inside = np.zeros(shape, bool)
    for row in np.loadtxt(HERE / "coins.csv", delimiter=",", skiprows=1):
        middle_x, middle_y, across, down = row
        inside |= ((x - middle_x) / across) ** 2 + ((y - middle_y) / down) ** 2 <= 1
    return inside


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((one & other).sum() / (one | other).sum())


def on_photograph(model: keras.Model) -> float:
    """How much the coins that it finds in the photograph and the outlined ones are the same."""
    photograph = skimage.data.coins()
    size = (render.HEIGHT, render.WIDTH)
    seen = tf.image.resize(photograph[None, ..., None], size, antialias=True)
    classes = model.predict(seen, verbose=0)[0].argmax(axis=-1).astype(np.uint8)
    # As the page paints it over the picture.
    shown = Image.fromarray(classes).resize(photograph.shape[::-1], Image.Resampling.NEAREST)
    return overlap(np.asarray(shown) == render.COIN, ellipses(photograph.shape))


def write_examples(rng: np.random.Generator) -> None:
    """Saves larger pictures, which it has not seen."""
    (HERE / "examples").mkdir(exist_ok=True)
    for index in range(EXAMPLES):
        seen, _ = render.render(rng, SCALE)
        Image.fromarray(seen).save(HERE / "examples" / f"table-{index + 1}.jpg", quality=88)


def main() -> None:
    """Train, measure on held-out pictures and on the photograph, save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    rng = np.random.default_rng(SEED)
    seen, classes = pictures(rng, COUNT)
    unseen, unseen_classes = pictures(rng, HELD_OUT)
    model = build()
    steps = EPOCHS * -(-len(seen) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(seen, classes, BATCH, EPOCHS, verbose=2)
    answers = model.predict(unseen, verbose=0).argmax(axis=-1)
    for index, name in enumerate(render.CLASSES):
        print(f"{name}: {overlap(answers == index, unseen_classes == index):.3f}")
    print(f"coins of the photograph: {on_photograph(model):.3f}")
    # Without what only training needs.
    keras.Model(model.inputs, model.outputs, name="coins").save(HERE / "coins.keras")
    write_examples(rng)


if __name__ == "__main__":
    main()
