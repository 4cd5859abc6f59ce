"""Labels of examples tell which preprocessing a model was trained with: with lines to paste."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bundler import plan
from bundler.demo import config, parts
from bundler.feeds import FEEDS, image
from bundler.graph.answering import answer_otherwise
from bundler.graph.session import Session
from bundler.ground.tensors import TensorSpec
from bundler.pipeline import check
from bundler.proof import labelled
from bundler.site import examples
from tests.graphs import Array
from tests.models import keras, layers, save, tf

SIDE = 16
MODEL = "model.keras"
SPEC = {channels: TensorSpec("x", "float32", (None, SIDE, SIDE, channels)) for channels in (1, 3)}
COLOURS = {
    "red": (220, 30, 20), "blue": (25, 40, 210), "green": (30, 190, 60), "sand": (200, 180, 130),
    "teal": (20, 130, 140), "plum": (120, 30, 110), "dark": (40, 38, 35), "white": (240, 245, 242),
    "mud": (90, 80, 40), "grey": (128, 128, 128), "orange": (240, 140, 20), "night": (10, 15, 60),
}  # fmt: skip


def plain(colour: tuple[int, ...]) -> Array:
    return np.full((1, 64, 64, 3), colour, np.uint8)


def striped() -> Array:
    """Lines of which others than the usual way of resizing see one in two, or none."""
    pixels = plain((0, 0, 0)).copy()
    pixels[:, :, 1::4] = pixels[:, :, 2::4] = pixels[:, :, 3::4] = 255
    return pixels


PICTURES = {name: plain(colour) for name, colour in COLOURS.items()}
SHADES = {f"grey {level}": plain((level,) * 3) for level in (0, 60, 128, 191, 255)}
STRIPES = {**SHADES, "stripes": striped()}
WAYS = [(3, way, PICTURES) for way in image.FEED.usual(SPEC[3], image.Settings(channels=3))[0]]
WAYS += [(1, way, SHADES) for way in image.FEED.usual(SPEC[1], image.Settings(channels=1))[0]]
WAYS += [(3, {"range": (0, 1), "like": "pillow"}, STRIPES)]


def seen(feed: Any, pixels: Array, channels: int, keys: dict[str, Any]) -> Array:
    settings = feed.SETTINGS(size=(SIDE, SIDE), channels=channels, **keys)
    raw = tf.constant(pixels.astype(np.int32))
    return np.asarray(feed.trace(raw, SPEC[channels], settings).numpy())


def nearest(seen_by_model: list[Array]) -> Any:
    """A model that names the nearest of these pictures, as it sees them."""
    centres = np.stack([one.ravel() for one in seen_by_model]).astype(np.float64)
    x = keras.Input(seen_by_model[0].shape[1:], name="x")
    dense = layers.Dense(len(centres), activation="softmax", name="y")
    model = keras.Model(x, dense(layers.Flatten()(x)))
    scale = 30.0 / max(np.ptp(centres) ** 2 * centres.shape[1], 1e-9)
    bias = -scale * (centres**2).sum(axis=1)
    dense.set_weights([2 * scale * centres.T, bias])
    return model


def write(folder: Path, pictures: dict[str, Array], lines: str) -> Path:
    for name, pixels in pictures.items():
        Image.fromarray(pixels[0]).save(folder / f"{name}.png")
    shown = "".join(f'[[examples]]\nlabel = "{name}"\nx = "{name}.png"\n' for name in pictures)
    labels = ", ".join(f'"{name}"' for name in pictures)
    output = f'[[outputs]]\nwidget = "label"\nlabels = [{labels}]\n'
    text = f'model = "{MODEL}"\n{lines}\n{output}{shown}'
    (folder / "demo.toml").write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> list[str]:
    """What a build says of the labels, without what it does besides."""
    demo = config.read(folder, trusted=True)
    session = Session(demo, lambda _: None)
    made = plan.make(demo, session.loaded.signature, parts.read())
    shown = examples.read(demo, made)

    def ask(ways: list[Any]) -> Any:
        return answer_otherwise(session, ways, [one.inputs for one in shown])

    return [*labelled.notices(made, [one.label for one in shown], ask([{}])[0], ask)]


@pytest.mark.parametrize(("channels", "way", "pictures"), WAYS)
def test_what_it_was_trained_with_is_found_and_can_be_pasted(
    channels: int, way: dict[str, Any], pictures: dict[str, Array], tmp_path: Path
) -> None:
    model = nearest([seen(FEEDS["image"], one, channels, way) for one in pictures.values()])
    save(model, tmp_path / MODEL)
    # Each is tried first with what it was not trained with.
    other = "range = [0.2, 0.3]" if way["range"] != (0, 1) or "like" in way else "range = [3, 4]"
    (said,) = told(write(tmp_path, pictures, f'[[inputs]]\nname = "x"\n{other}'))
    assert f"would be {len(pictures)}:" in said
    pasted = said.partition(":\n")[2].replace("\n  ", "\n")
    assert told(write(tmp_path, pictures, pasted)) == []


class Strict(tf.Module):  # type: ignore[misc]
    """The nearest of pictures of 0 to 255, which refuses what is below 0."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec(SPEC[3].shape, name="x")])  # type: ignore[untyped-decorator]
    def serve(self, x: Any) -> Any:
        tf.debugging.assert_non_negative(x)
        return {"y": self.model(x)}


def test_what_the_model_refuses_is_left_out(tmp_path: Path) -> None:
    strict = Strict(nearest([seen(image.FEED, one, 3, {}) for one in PICTURES.values()]))
    tf.saved_model.save(strict, str(tmp_path / MODEL), signatures=strict.serve)
    (said,) = told(write(tmp_path, PICTURES, '[[inputs]]\nname = "x"\nrange = [3, 4]'))
    assert f"would be {len(PICTURES)}:" in said and "range = [0, 255]" in said


def test_a_name_that_was_wrong_is_taken_out(tmp_path: Path) -> None:
    """What it stands for cannot be said beside it."""
    way = {"range": (0, 1)}
    save(nearest([seen(image.FEED, one, 3, way) for one in PICTURES.values()]), tmp_path / MODEL)
    (said,) = told(write(tmp_path, PICTURES, '[[inputs]]\nname = "x"\npreprocess = "vgg16"'))
    assert "range = [0, 1]" in said and "# without preprocess" in said


def test_the_build_tells_it(tmp_path: Path) -> None:
    """A model that errs whatever it sees, and one that was trained on other values."""
    blank = np.zeros((1, SIDE, SIDE, 3), np.float32)
    path = save(nearest([blank] * len(SHADES)), tmp_path / MODEL)
    found = check(write(tmp_path, SHADES, ""), compares=True).notices
    assert (
        f"The model gives 1 of {len(SHADES)} examples their label, "
        "and with no usual preprocessing more of them."
    ) in found
    save(nearest([seen(image.FEED, one, 3, {"range": (0, 1)}) for one in SHADES.values()]), path)
    found = check(tmp_path, compares=True).notices
    assert any("\n  range = [0, 1]" in notice for notice in found)
