"""Train the dice demo: `python train.py` writes `dice.keras` and `examples/` beside itself.

`python measure.py` says how good it is.

The network is a small CenterNet (Zhou et al., Objects as Points, 2019): a heat map for each number
of pips, and the sides of the die and where in its cell its middle is, on a grid of 30 x 40.
"""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import render
from keras import ops
from PIL import Image

HERE = Path(__file__).resolve().parent
SEED = 11
SIZE = (120, 160)
STRIDE = 4
GRID = (SIZE[0] // STRIDE, SIZE[1] // STRIDE)
CLASSES = 6
PICTURES = 5000
EPOCHS = 16
BATCH = 16
RATE = 3e-3
WARM = 100
# How wide a peak of the heat map is, as a share of the die's side.
SPREAD = 0.12
SIDES_WEIGHT, OFFSETS_WEIGHT = 0.1, 1.0
# Each example's seed, which no picture of the training has.
EXAMPLES = (6, 3, 2, 14, 25)
Array = npt.NDArray[Any]


def block(value: Any, channels: int, strides: int = 1) -> Any:
    """Convolution, normalisation, ReLU."""
    value = keras.layers.Conv2D(channels, 3, strides, padding="same", use_bias=False)(value)
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(value))


def make_model() -> Any:
    """Heat, sides and offsets together, as `format = "centernet"` has them."""
    picture = keras.Input((*SIZE, 3), name="picture")
    fine = block(block(picture, 16, 2), 32, 2)
    fine = block(fine, 40)
    coarse = block(fine, 64, 2)
    for _ in range(3):
        coarse = block(coarse, 64)
    wide = block(coarse, 64, 2)
    wide = keras.layers.UpSampling2D(2)(block(wide, 64))
    joined = keras.layers.Concatenate()([coarse, keras.layers.Cropping2D(((0, 1), (0, 0)))(wide)])
    joined = keras.layers.UpSampling2D(2)(block(joined, 32))
    joined = block(keras.layers.Concatenate()([joined, fine]), 32)
    rare = keras.initializers.Constant(-4.0)
    heat = keras.layers.Conv2D(CLASSES, 1, activation="sigmoid", bias_initializer=rare)(joined)
    sides = keras.layers.Conv2D(2, 1, bias_initializer=keras.initializers.Constant(7.0))(joined)
    offsets = keras.layers.Conv2D(2, 1, activation="sigmoid")(joined)
    found = keras.layers.Concatenate(name="dice")([heat, sides, offsets])
    return keras.Model(picture, found)


def make_scenes(count: int, seed: int) -> list[render.Scene]:
    """Scenes that follow from the seed."""
    seeds = np.random.SeedSequence(seed).spawn(count)
    with get_context("fork").Pool() as pool:
        return pool.map(scene_of, seeds, chunksize=20)


def scene_of(seed: np.random.SeedSequence) -> render.Scene:
    """One of them."""
    return render.render(np.random.default_rng(seed))


def as_input(scene: render.Scene) -> Array:
    """As the page's graph makes it, but from 0 to 255: bilinear, with antialias."""
    small = ops.image.resize(scene.picture.astype(np.float32), SIZE, antialias=True)
    return np.asarray(ops.convert_to_numpy(small))


def target(scene: render.Scene) -> Array:
    """Heat, sides (cells), offsets, and whether there is a middle: `[30, 40, 11]`."""
    made = np.zeros((*GRID, CLASSES + 5), np.float32)
    rows, columns = np.mgrid[: GRID[0], : GRID[1]]
    scale = SIZE[1] / render.WIDTH / STRIDE
    for (left, top, right, bottom), pips in zip(scene.boxes * scale, scene.pips, strict=True):
        x, y = (left + right) / 2, (top + bottom) / 2
        row, column = min(int(y), GRID[0] - 1), min(int(x), GRID[1] - 1)
        spread = SPREAD * (right - left + bottom - top) / 2
        away = (rows - row) ** 2 + (columns - column) ** 2
        heat = np.exp(-away / (2 * spread**2))
        made[..., pips - 1] = np.maximum(made[..., pips - 1], heat)
        made[row, column, CLASSES:] = bottom - top, right - left, y - row, x - column, 1
    return made


def loss(truth: Any, found: Any) -> Any:
    """The paper's: a focal loss of the heat, and distances of sides and offsets at middles."""
    heat, true_heat = found[..., :CLASSES], truth[..., :CLASSES]
    heat = ops.clip(heat, 1e-4, 1 - 1e-4)
    is_middle = ops.cast(true_heat > 0.999, "float32")
    there = is_middle * (1 - heat) ** 2 * ops.log(heat)
    nothing = (1 - is_middle) * (1 - true_heat) ** 4 * heat**2 * ops.log(1 - heat)
    count = ops.maximum(ops.sum(is_middle), 1.0)
    away = ops.abs(found[..., CLASSES:] - truth[..., CLASSES:-1]) * truth[..., -1:]
    weights = np.array([SIDES_WEIGHT] * 2 + [OFFSETS_WEIGHT] * 2, np.float32)
    return (ops.sum(away * weights) - ops.sum(there + nothing)) / count


def mirrored(pictures: Array, targets: Array) -> tuple[Array, Array]:
    """Left for right, in which dice show the same; upside down their fronts would be on top."""
    turned = np.flip(targets, 2).copy()
    turned[..., CLASSES + 3] = (1 - turned[..., CLASSES + 3]) * turned[..., -1]
    return np.flip(pictures, 2), turned


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Each picture once an epoch, mirrored at random, brighter or darker, warmer or colder."""

    def __init__(self, pictures: Array, targets: Array) -> None:
        super().__init__()
        self.pictures, self.targets = pictures, targets
        self.generator = np.random.default_rng(SEED)
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self.pictures) // BATCH

    def on_epoch_end(self) -> None:
        self.order = self.generator.permutation(len(self.pictures))

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        chosen = self.order[index * BATCH : (index + 1) * BATCH]
        pictures, targets = self.pictures[chosen], self.targets[chosen]
        is_turned = self.generator.random(BATCH) < 0.5
        pictures[is_turned], targets[is_turned] = mirrored(pictures[is_turned], targets[is_turned])
        gain = self.generator.uniform(0.7, 1.3, (BATCH, 1, 1, 1))
        gain = gain * self.generator.uniform(0.93, 1.07, (BATCH, 1, 1, 3)) / 255
        return (pictures * gain.astype(np.float32)).clip(0, 1), targets


def main() -> None:
    """Trains and writes."""
    keras.utils.set_random_seed(SEED)
    scenes = make_scenes(PICTURES, SEED)
    pictures = np.stack([as_input(scene).round().astype(np.uint8) for scene in scenes])
    targets = np.stack([target(scene) for scene in scenes])
    model = make_model()
    steps = EPOCHS * (PICTURES // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 10, steps - WARM, alpha=0.01, warmup_target=RATE, warmup_steps=WARM
    )
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    model.fit(Batches(pictures, targets), epochs=EPOCHS, verbose=2)
    # Without what the optimizer remembers.
    keras.Model(model.inputs, model.outputs).save(HERE / "dice.keras")
    save_examples()


def save_examples() -> None:
    """Scenes that no network has seen, rendered larger."""
    (HERE / "examples").mkdir(exist_ok=True)
    for index, seed in enumerate(EXAMPLES):
        scene = render.render(np.random.default_rng(seed), scale=2)
        path = HERE / "examples" / f"{index + 1}.jpg"
        Image.fromarray(scene.picture).save(path, quality=85)
        print(path.name, sorted(scene.pips.tolist()), int(scene.pips.sum()))


if __name__ == "__main__":
    main()
