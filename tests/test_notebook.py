"""`bundler.preview` and `bundler.build`: the same page from Python, as in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import bundler
from bundler.ground.errors import ConfigError
from bundler.serve.notebook import Preview
from bundler.site import read_manifest
from tests.command import content
from tests.conftest import DEMOS, NewPage, ServeFolder
from tests.visitor import predict
from tests.warm import run_forked

# What a cell does; in a process of its own, for TensorFlow has no place in the tests' own.
MODEL = """
import keras, numpy, bundler, sys
from urllib.request import urlopen
keras.utils.set_random_seed(0)
inputs = keras.Input((4,), name="features")
"""
PLAIN = (
    MODEL
    + """
outputs = keras.layers.Dense(3, activation="softmax", name="kind")(inputs)
model = keras.Model(inputs, outputs, name="iris")
shown = bundler.preview(model, title="Flowers <3", outputs=[{"labels": ["a", "b", "c"]}])
assert "Flowers &lt;3" in shown._repr_html_(), shown._repr_html_()
assert b"<title>Flowers &lt;3</title>" in urlopen(shown.url).read()
shown.stop()
report = bundler.build(model, sys.argv[1], title="Flowers")
assert report.parity
print(report.folder)
"""
)
OWN = (
    MODEL
    + """
class Wave(keras.layers.Layer):
    def call(self, x):
        return keras.ops.sin(x) * 2
model = keras.Sequential([inputs, Wave(), keras.layers.Lambda(lambda x: x + 1)], name="waves")
bundler.build(model, sys.argv[1])
"""
)


@pytest.fixture
def preview() -> Iterator[Preview]:
    shown = bundler.preview(DEMOS / "wine", title="From Python")
    yield shown
    shown.stop()


def test_a_model_in_memory_becomes_the_same_page(tmp_path: Path) -> None:
    result = run_forked(PLAIN, tmp_path / "site")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().endswith(str(tmp_path / "site"))
    assert read_manifest(tmp_path / "site")["files"]
    assert list(tmp_path.iterdir()) == [tmp_path / "site"]


def test_classes_and_functions_of_ones_own_need_no_file(tmp_path: Path) -> None:
    result = run_forked(OWN, tmp_path / "site")
    assert result.returncode == 0, result.stderr
    assert read_manifest(tmp_path / "site")["files"]


def test_the_page_stands_in_the_cell_and_answers(
    preview: Preview, new_page: NewPage, host: ServeFolder, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(f"<!doctype html>{preview._repr_html_()}")
    page = new_page()
    # A notebook is a page of another port.
    page.goto(host(tmp_path).url.replace("127.0.0.1", "localhost"))
    frame = page.frame_locator("iframe")
    expect(frame.locator("#engine")).to_contain_text("Ready")
    page.goto(preview.url)
    expect(page).to_have_title("From Python")
    page.evaluate("tfjsDemo.ready")
    [name] = page.evaluate("Object.keys(tfjsDemo.signature.inputs)")
    assert predict(page, name, np.ones((1, 13), np.float32))[1].shape == (1, 3)


def test_it_ends(preview: Preview) -> None:
    preview.stop()
    assert "From Python" in repr(preview)


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='titel: there is no such key; did you mean "title"'):
        bundler.build(DEMOS / "wine", tmp_path / "site", titel="x")
    with pytest.raises(ConfigError, match="not int"):
        bundler.preview(3)
    with pytest.raises(ConfigError, match="there is no file"):
        bundler.preview("nothing.keras")
    with pytest.raises(AttributeError, match="previev"):
        bundler.previev  # noqa: B018
    assert not (tmp_path / "site").exists()


def test_building_from_python_is_building(tmp_path: Path) -> None:
    from bundler.pipeline import build

    bundler.build(DEMOS / "wine", tmp_path / "python")
    build(DEMOS / "wine", out=tmp_path / "command")
    assert content(tmp_path / "python") == content(tmp_path / "command")
