"""Names of classes that lie beside a model, and titles for models that are called nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bundler.demo import config, label_files
from bundler.demo.demo import Demo
from bundler.formats.signature import Hints, Signature
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.plan import naming
from tests.command import run
from tests.conftest import DEMOS

NAMES = ["cat", "dog", "Größe, groß"]
LABEL_MAP = """# of the Object Detection API
item {
  name: "/m/01yrx"
  id: 1
  display_name: "cat"
}
item { id: 2 name: 'dog' }
item { id: 3 display_name: "Größe, groß" name: "size" }
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.txt", "cat\ndog\nGröße, groß\n"),
        ("labels.txt", "\ufeff0 cat\r\n1 dog\r\n2 Größe, groß\r\n"),
        ("labelmap.txt", "1: cat\n2: dog\n3: Größe, groß"),
        ("coco.names", "cat\n\n dog \nGröße, groß"),
        ("class_names.json", json.dumps(NAMES)),
        ("class_indices.json", json.dumps({"dog": 1, "cat": 0, "Größe, groß": 2})),
        ("imagenet_class_index.json", json.dumps({str(i): ["n0", n] for i, n in enumerate(NAMES)})),
        ("labels.json", json.dumps({"id2label": {str(i): n for i, n in enumerate(NAMES)}})),
        ("labels.json", json.dumps({"labels": NAMES, "version": 3})),
        ("categories.json", json.dumps([{"id": i, "name": n} for i, n in enumerate(NAMES)])),
        ("labels.csv", 'cat\ndog\n"Größe, groß"\n'),
        ("labels.csv", 'index,name\n2,"Größe, groß"\n0,cat\n1,dog\n'),
        ("classes.csv", "Display Name;colour\ncat;red\ndog;blue\nGröße, groß;grey\n"),
        ("class_map.csv", 'index,mid,display_name\n0,a,cat\n1,b,dog\n2,c,"Größe, groß"'),
        ("classes.tsv", "1\tcat\n2\tdog\n3\tGröße, groß\n"),
        ("label_map.pbtxt", LABEL_MAP),
    ],
)  # fmt: skip
def test_names_are_read_as_people_keep_them(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert label_files.read(path) == NAMES
    assert list(label_files.beside(tmp_path / "model.keras")) == [path]


@pytest.mark.parametrize(
    "names",
    [
        ["1 star", "2 stars", "3 stars"],
        ["0 cats", "1 cat", "2 cats"],
        ["1 year", "2 years"],
        ["7up", "cola"],
        ["0", "1", "2"],
        ["1. FC Köln", "1. FC Nürnberg"],
    ],
)
def test_a_number_may_be_of_the_name(names: list[str]) -> None:
    assert label_files.lines("\n".join(names)) == names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.json", "{"),
        ("labels.json", '{"a": 1.5, "b": "c"}'),
        ("labels.json", '["a", null]'),
        ("labels.json", '{"cat": 0, "dog": 2}'),
        ("labels.json", "[" * 100_000),
        ("labels.csv", "a,b\nc"),
        ("labels.csv", "height,width\n1,2\n"),
        ("label_map.pbtxt", 'item { name: "no number" }'),
        ("label_map.pbtxt", 'item { id: 1 name: "a" } item { id: 1000000000 name: "b" }'),
    ],
)
def test_what_is_no_list_of_names_is_told(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        label_files.read(path)
    assert name in caught.value.message and "one name a line" in (caught.value.hint or "")
    demo = Demo(model="model.keras", folder=tmp_path)
    assert naming.found(demo, signature((None, 3))) == []


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        ((1, 3), ["a", "2", "b"]),
        ((3, 1), ["b", "2", "a"]),
        ((0, 2), ["a", "1", "b"]),
        ((2, 3, 6), ["1", "a", "b", "4", "5", "c"]),
        ((0, 1, 2), ["a", "b", "c"]),
    ],
)
def test_ids_that_a_label_map_leaves_out_are_their_numbers(
    ids: tuple[int, ...], names: list[str], tmp_path: Path
) -> None:
    """COCO's has 80 items with ids up to 90."""
    items = (
        f'item {{ id: {number} name: "{name}" }}' for number, name in zip(ids, "abc", strict=False)
    )
    (tmp_path / "label_map.pbtxt").write_text("\n".join(items))
    assert label_files.read(tmp_path / "label_map.pbtxt") == names


def signature(*shapes: tuple[int | None, ...], hints: Hints | None = None) -> Signature:
    outputs = [TensorSpec(f"output_{i}", "float32", shape) for i, shape in enumerate(shapes)]
    return Signature((), tuple(outputs), {}, True, hints or Hints())


def found(demo: Demo, made: Signature) -> list[tuple[str, str]]:
    return [(one.path.name, one.output) for one in naming.found(demo, made)]


def test_a_file_is_proposed_where_the_count_fits(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    (tmp_path / "classes.txt").write_text("no\nyes\n")
    (tmp_path / "notes.txt").write_text("a\nb\nc\nd\n")
    demo = Demo(model="model.keras", folder=tmp_path)
    many = signature((None, 3), (None, 2), (None, 1), (None, 4), (None, 3, 3), (None, None))
    fits = [("labels.txt", "output_0"), ("classes.txt", "output_1"), ("classes.txt", "output_2")]
    fits.append(("labels.txt", "output_4"))  # a class at each step
    assert found(demo, many) == fits
    stated = 'model = "model.keras"\n[[outputs]]\nname = "output_0"\nlabels = ["x", "y", "z"]\n'
    (tmp_path / "model.keras").touch()
    (tmp_path / "demo.toml").write_text(stated)
    assert found(config.read(tmp_path), many) == fits[1:]
    known = Hints(outputs={"output_1": {"labels": ["u", "v"]}})
    assert found(demo, signature((None, 3), (None, 2), hints=known)) == fits[:1]


def test_files_in_a_models_folder_are_found_and_links_are_not_followed(tmp_path: Path) -> None:
    model = tmp_path / "saved"
    model.mkdir()
    (model / "labels.txt").write_text("a\nb\n")
    (tmp_path / "elsewhere.txt").write_text("a\nb\n")
    (tmp_path / "classes.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert list(label_files.beside(model)) == [model / "labels.txt"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("flower-classifier/model.keras", "Flower classifier"),
        ("flower-classifier/saved_model", "Flower classifier"),
        ("flower-classifier/my_model.h5", "Flower classifier"),
        ("flowers/1", "Flowers"),
        ("flowers/20240131", "Flowers"),
        ("flowers/roses.keras", "Roses"),
        ("models/model.keras", "Model"),
        ("Downloads/best_model.keras", "Best model"),
    ],
)
def test_a_model_that_is_called_nothing_has_its_folders_name(
    path: str, title: str, tmp_path: Path
) -> None:
    demo = Demo(model=path, folder=tmp_path)
    assert demo.shown_title == title
    assert demo.model_copy(update={"title": "Stated"}).shown_title == "Stated"


def test_new_takes_the_names_and_check_proposes_them(tmp_path: Path) -> None:
    folder = tmp_path / "wine-tasting"
    folder.mkdir()
    shutil.copy(DEMOS / "wine" / "wine.keras", folder / "model.keras")
    (folder / "class_names.json").write_text('["Barolo", "Grignolino", "Barbera"]')
    checked = run("check", folder / "model.keras")
    assert checked.returncode == 0, checked.stderr
    line = 'labels = "class_names.json"'
    assert line in checked.stdout + checked.stderr
    made = run("new", folder / "model.keras", tmp_path / "made")
    assert made.returncode == 0, made.stderr
    written = (tmp_path / "made" / "demo.toml").read_text()
    assert line in written and 'title = "Wine tasting"' in written
    read = config.with_lines(config.read(tmp_path / "made"))
    assert read.outputs[0].model_dump()["labels"] == ["Barolo", "Grignolino", "Barbera"]
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "class_names.json").write_text('["another"]')
    assert run("new", folder / "model.keras", tmp_path / "kept").returncode == 0
    assert (tmp_path / "kept" / "class_names.json").read_text() == '["another"]'
    assert line not in (tmp_path / "kept" / "demo.toml").read_text()
    again = run("check", tmp_path / "made")
    assert again.returncode == 0 and line not in again.stdout + again.stderr, again.stderr
