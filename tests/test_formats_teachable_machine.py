"""Teachable Machine's exports: a complete demo without a line of configuration."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import formats, plan
from bundler.demo import config, label_files, parts
from bundler.formats import teachable_machine
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from bundler.plan import Plan
from tests.command import run
from tests.models import save, tf
from tests.texts import assert_error
from tests.tfjs_files import write_layers

SIDE = 32
CLASSES = ["Cat", "Dog", "Über uns"]
METADATA = {
    "tfjsVersion": "1.7.4", "tmVersion": "2.4.7", "packageVersion": "0.8.4-alpha2",
    "packageName": "@teachablemachine/image", "timeStamp": "2026-11-01T10:00:00.000Z",
    "userMetadata": {}, "modelName": "tm-my-image-model", "labels": CLASSES, "imageSize": SIDE,
}  # fmt: skip


def picture_model() -> Any:
    """Like Teachable Machine's: a small convolutional network, then a classifier, in a row."""
    import tf_keras

    layers = tf_keras.layers
    tf_keras.utils.set_random_seed(3)
    image = layers.Input((SIDE, SIDE, 3))
    y = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="Conv1")(image)
    y = layers.ReLU(6.0)(layers.BatchNormalization(name="bn_Conv1")(y))
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(y)
    features = tf_keras.Model(image, layers.GlobalAveragePooling2D()(y), name="model1")
    classifier = tf_keras.Sequential(
        [
            layers.Dense(10, activation="relu", input_shape=(8,), name="dense_Dense1"),
            layers.Dense(3, activation="softmax", use_bias=False, name="dense_Dense2"),
        ],
        name="sequential_3",
    )
    return tf_keras.Sequential([features, classifier], name="sequential_4")


def zipped(folder: Path) -> Path:
    path = folder.parent / "converted.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*"):
            archive.write(file, file.relative_to(folder))
    return path


def save_web(folder: Path) -> Path:
    path = write_layers(folder, picture_model())
    (path / "metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    return path


def save_keras(folder: Path) -> Path:
    folder.mkdir()
    lines = [f"{index} {name}" for index, name in enumerate(CLASSES)]
    (folder / "labels.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    save(picture_model(), folder / "keras_model.h5")
    return folder


def save_tensorflow(folder: Path) -> Path:
    """The labels as an editor on Windows leaves them."""
    save(picture_model(), folder / "model.savedmodel")
    lines = [f"{index} {name}" for index, name in enumerate(CLASSES)]
    (folder / "labels.txt").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    return folder


EXPORTS: dict[str, Callable[[Path], Path]] = {
    "web": save_web,
    "web-zip": lambda folder: zipped(save_web(folder)),
    "keras": save_keras,
    "keras-zip": lambda folder: zipped(save_keras(folder)),
    "tensorflow": save_tensorflow,
    "tensorflow-zip": lambda folder: zipped(save_tensorflow(folder)),
}


def planned(path: Path, toml: str = "") -> Plan:
    source = Source(path)
    form = formats.detect(source)
    assert ("Teachable Machine" if path.is_dir() else "zip archive") == form.NAME
    loaded = form.load(source)
    pixels = np.linspace(-1, 1, SIDE * SIDE * 3, dtype="f4").reshape(1, SIDE, SIDE, 3)
    expected = picture_model()(pixels).numpy()
    assert np.allclose(loaded.call([tf.constant(pixels)])[0], expected, atol=1e-6)
    folder = path.parent / "demo"
    folder.mkdir()
    (folder / "demo.toml").write_text(f"model = {json.dumps(str(path))}\n{toml}")
    demo = config.read(folder, allowed=[path.parent])
    assert demo.entitled(loaded.signature.hints.title).shown_title == "Cat, Dog or Über uns?"
    return plan.make(demo, loaded.signature, parts.read())


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_says_how_it_is_used(name: str, tmp_path: Path) -> None:
    made = planned(EXPORTS[name](tmp_path / "export"))
    (item,), (output,) = made.inputs, made.outputs
    assert item.fields[0].widget == "image" and made.notices == ()
    assert (item.settings.size, item.settings.channels) == ((SIDE, SIDE), 3)
    assert (item.settings.range, item.settings.fit) == ((-1, 1), "crop")
    assert output.widget == "label" and output.options["labels"] == CLASSES


def test_demo_toml_has_the_last_word(tmp_path: Path) -> None:
    toml = '[[inputs]]\nrange = [0, 1]\n[[outputs]]\nlabels = ["a", "b", "c"]'
    made = planned(save_web(tmp_path / "export"), toml)
    assert made.inputs[0].settings.range == (0, 1) and made.inputs[0].settings.fit == "crop"
    assert made.outputs[0].options["labels"] == ["a", "b", "c"]
    assert planned_widget(tmp_path, "sketchpad") == ("sketchpad", None)


def planned_widget(folder: Path, widget: str) -> tuple[str, Any]:
    (folder / "again").mkdir()
    made = planned(save_web(folder / "again" / "export"), f'[[inputs]]\nwidget = "{widget}"')
    return made.inputs[0].fields[0].widget, getattr(made.inputs[0].settings, "fit", None)


@pytest.mark.parametrize(
    "metadata", [{}, {"labels": []}, {"labels": [1]}, {"labels": "a"}, [], None]
)
def test_a_metadata_file_of_others_means_nothing(metadata: Any, tmp_path: Path) -> None:
    path = save_web(tmp_path / "export")
    (path / "metadata.json").write_text(json.dumps(metadata))
    assert not teachable_machine.matches(path)
    assert formats.detect(Source(path)).NAME == "TensorFlow.js layers model"


def sound_model() -> Any:
    import tf_keras

    layers = tf_keras.layers
    return tf_keras.Sequential(
        [layers.Input((43, 232, 1)), layers.MaxPooling2D(8), layers.Flatten(), layers.Dense(3)]
    )


@pytest.mark.parametrize("packed", [False, True])
def test_a_sound_project_is_not_shown_pictures(packed: bool, tmp_path: Path) -> None:
    path = write_layers(tmp_path / "export", sound_model())
    metadata = {"tfjsSpeechCommandsVersion": "0.4.0", "modelName": "TMv2", "wordLabels": CLASSES}
    (path / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    source = Source(zipped(path) if packed else path)
    signature = formats.detect(source).load(source).signature
    (item,), (output,) = signature.hints.inputs.values(), signature.hints.outputs.values()
    assert item == {"widget": "json"} and output["labels"] == CLASSES


POSES: dict[str, dict[str, Any]] = {
    "package": {"packageName": "@teachablemachine/pose"},
    "settings": {"modelSettings": {"posenet": {"inputResolution": 257}}},
}


@pytest.mark.parametrize("name", POSES)
def test_a_pose_project_is_refused_for_what_it_is(name: str, tmp_path: Path) -> None:
    path = save_web(tmp_path / "export")
    (path / "metadata.json").write_text(json.dumps({"labels": ["Stand", "Sit"], **POSES[name]}))
    with pytest.raises(ModelError) as caught:
        formats.detect(Source(path))
    assert_error(caught.value, "teachable-machine-pose", tmp_path)
    # What the hint says works.
    assert formats.detect(Source(path / "model.json")).NAME == "TensorFlow.js layers model"


@pytest.mark.parametrize("packed", [False, True])
def test_a_tensorflow_lite_export_is_refused_for_what_it_is(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.mkdir()
    (path / "model_unquant.tflite").write_bytes(b"\x1c\0\0\0TFL3" + b"\0" * 100)
    (path / "labels.txt").write_text("0 Cat\n1 Dog\n")
    with pytest.raises(
        ModelError, match=r"TensorFlow Lite model \(model_unquant.tflite\)"
    ) as caught:
        formats.detect(Source(zipped(path) if packed else path))
    assert str(tmp_path / ("converted.zip" if packed else "export")) in caught.value.message


def test_labels_without_numbers_are_kept_as_they_are() -> None:
    assert label_files.lines("0 Class 1\n1 Class 2\n") == ["Class 1", "Class 2"]
    assert label_files.lines("7 seas\n8 days\n\n") == ["7 seas", "8 days"]
    assert label_files.lines("cat\r\ndog") == ["cat", "dog"]


def test_a_member_that_leaves_the_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(save_web(tmp_path / "export"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../evil.txt", "evil")
    with pytest.raises(ModelError, match="evil"):
        formats.detect(Source(path))


def test_a_folder_without_demo_toml_is_built_and_made_a_demo_of(tmp_path: Path) -> None:
    path = save_web(tmp_path / "export")
    (path / "notes.txt").write_text("mine")
    built = run("build", path, "--json")
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["notices"] == []
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "<h1>Cat, Dog or Über uns?</h1>" in page and "class 0" not in page
    made = run("new", path, tmp_path / "demo")
    assert made.returncode == 0, made.stderr
    copied = {file.name for file in (tmp_path / "demo" / "export").iterdir()}
    assert copied == {"model.json", "weights.bin", "metadata.json"}
    demo = config.read(tmp_path / "demo")
    assert demo.inputs[0].range == (-1, 1) and demo.outputs[0].labels == CLASSES
    assert demo.title == "Cat, Dog or Über uns?"
