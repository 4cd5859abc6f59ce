"""demo.toml: what it says, what it leaves out, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bundler import config
from bundler.config import Choice, Demo
from bundler.errors import ConfigError
from tests.conftest import DEMOS
from tests.texts import assert_error

GOOD = """
model = "model.keras"
title = "Houses"
description = "What a house costs."
language = "de"
card = { data = "1,460 sales" }
theme = { accent = "#205493" }

[[inputs]]
[[inputs.fields]]
name = "rooms"
widget = "slider"
min = 1
max = 9
step = 0.5
[[inputs.fields]]
name = "heating"
choices = ["oil", "gas"]

[[outputs]]
name = "price"
labels = "labels.txt"
top = 2

[[examples]]
title = "A hut"
rooms = 1
heating = 0

[build]
tolerance = 1e-3
"""

# One file with mistakes -> what is said about them, in errors/config-*.txt.
MISTAKES = {
    "three-mistakes": 'model = "model.keras"\ntitel = "x"\n[[inputs]]\nwigdet = "image"\n'
    "[[outputs]]\ntop = 0",
    "far-from-any-key": 'model = "model.keras"\n[build]\nxyzzy = 1',
    "no-model": 'title = "x"',
    "syntax": 'model = "model.keras"\ntitle = "x\n',
    "missing-model": 'model = "modle.keras"',
    "missing-both": 'model = "other/m.keras"\n[[outputs]]\nlabels = "label.txt"',
    "wrong-types": 'model = "model.keras"\ntitle = 5\ncard = { year = 2020 }\n[inputs]\nname = "x"',
    "not-a-number": 'model = "model.keras"\n[[inputs]]\nmin = "low"',
    "neither-list-nor-file": 'model = "model.keras"\n[[outputs]]\nlabels = 5',
    "ends-swapped": 'model = "model.keras"\n[[inputs]]\nmin = 5\nmax = 1',
    "odd-choices": 'model = "model.keras"\n[[inputs]]\nchoices = ["a", 1]',
    "colour": 'model = "model.keras"\ntheme = { accent = "blue" }',
    "reserved": 'model = "model.keras"\nfolder = "/etc"',
}

# Values that no widget, page or model can use -> the key that the message names.
UNUSABLE = {
    "[build]\ntolerance = inf": "build.tolerance",
    "[[inputs]]\nmin = nan": "inputs[0].min",
    "[[inputs]]\nmin = 0\nmax = inf": "inputs[0].max",
    "[[inputs]]\nrange = [0, nan]": "inputs[0].range",
    "[[inputs]]\nrange = [1, 1]": "inputs[0].range",
    "[[inputs]]\nsize = [0, 28]": "inputs[0].size",
    "[[inputs]]\nsize = [28, -3]": "inputs[0].size",
    "[[inputs]]\nchoices = []": "inputs[0].choices",
    "[[inputs]]\nmin = 0\nmax = 5\ndefault = 9": "inputs[0].default",
    '[[inputs]]\nmin = 0\nmax = 5\ndefault = "abc"': "inputs[0].default",
    '[[inputs]]\nchoices = ["a", "b"]\ndefault = 7': "inputs[0].default",
    '[[inputs]]\nchoices = ["a", "b"]\ndefault = "c"': "inputs[0].default",
}

# Every table that can stand in demo.toml: its key, and the text that opens it.
OPENINGS = {
    "": "",
    "inputs[0].": "[[inputs]]\n",
    "inputs[0].fields[0].": '[[inputs]]\n[[inputs.fields]]\nname = "x"\n',
    "inputs[0].choices[0].": '[[inputs]]\n[[inputs.choices]]\nlabel = "x"\nvalue = 1\n',
    "outputs[0].": "[[outputs]]\n",
    "theme.": "[theme]\n",
    "build.": "[build]\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.keras").touch()
    (tmp_path / "labels.txt").write_text("\ufeffred \n\nGrün\n", encoding="utf-8")
    return tmp_path


def read(folder: Path, text: str) -> Demo:
    (folder / "demo.toml").write_text(text, encoding="utf-8")
    return config.read(folder)


def test_a_good_file(folder: Path) -> None:
    demo = read(folder, GOOD)
    rooms, heating = demo.inputs[0].fields or []
    assert (demo.shown_title, demo.language, demo.card) == ("Houses", "de", {"data": "1,460 sales"})
    assert (rooms.widget, rooms.min, rooms.max, rooms.step) == ("slider", 1, 9, 0.5)
    assert heating.choices == [Choice(label="oil"), Choice(label="gas")]
    assert demo.examples == [{"title": "A hut", "rooms": 1, "heating": 0}]
    assert (demo.build.tolerance, demo.theme.accent) == (1e-3, "#205493")
    assert demo.model_path == folder / "model.keras"
    assert config.read_labels(demo, demo.outputs[0]) == ["red", "Grün"]
    assert config.read(folder / "demo.toml") == demo


def test_all_but_the_model_can_be_left_out(folder: Path) -> None:
    demo = read(folder, 'model = "model.keras"')
    assert not demo.inputs and not demo.outputs and not demo.examples
    assert (demo.shown_title, demo.description, demo.language) == ("Model", "", "en")
    assert demo.build.tolerance == 1e-4
    assert demo.url is demo.theme.accent is demo.homepage is None


def test_a_bare_model_is_a_demo(folder: Path) -> None:
    model = folder / "my_first-model.keras"
    model.touch()
    demo = config.read(model)
    assert demo.model_path == model
    assert demo.shown_title == "My first model"


def test_labels_in_the_file_are_taken_as_they_are(folder: Path) -> None:
    demo = read(folder, 'model = "model.keras"\n[[outputs]]\nlabels = ["a", "b"]\n[[outputs]]')
    assert [config.read_labels(demo, output) for output in demo.outputs] == [["a", "b"], None]


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_named(name: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, MISTAKES[name])
    assert_error(caught.value, f"config-{name}", folder)


@pytest.mark.parametrize("text", UNUSABLE)
def test_unusable_values_are_refused(text: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, 'model = "model.keras"\n' + text)
    assert f"  {UNUSABLE[text]}" in caught.value.message


@pytest.mark.parametrize(("key", "opening"), OPENINGS.items())
def test_a_misspelt_key_of_any_table_finds_the_right_one(
    key: str, opening: str, folder: Path
) -> None:
    name = key.rstrip(".").split(".")[-1].split("[")[0]
    model = config.TABLES[name] if name else Demo
    right = next(name for name, field in reversed(model.model_fields.items()) if not field.exclude)
    wrong = right[:-1] + "qq"
    top = 'model = "model.keras"\n'
    text = f"{wrong} = 1\n{top}" if not key else f"{top}{opening}{wrong} = 1"
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    assert f'  {key}{wrong}: there is no such key; did you mean "{right}"?' in caught.value.message


def test_no_table_is_left_out_above() -> None:
    opened = {key.rstrip(".").split(".")[-1].split("[")[0] for key in OPENINGS}
    assert opened == {"", *config.TABLES}


def test_no_demo_in_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(tmp_path)
    assert_error(caught.value, "config-no-demo", tmp_path)


def test_no_such_target_names_the_nearest(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(folder / "modle.keras")
    assert_error(caught.value, "config-no-target", folder)


@pytest.mark.parametrize("content", [b'model = "\xff"', b"\x00"])
def test_a_file_that_is_no_text(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"demo\.toml"):
        config.read(tmp_path)


def test_labels_that_are_no_text(folder: Path) -> None:
    (folder / "latin.txt").write_bytes("Grün\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.txt"):
        demo = read(folder, 'model = "model.keras"\n[[outputs]]\nlabels = "latin.txt"')
        config.read_labels(demo, demo.outputs[0])


@pytest.mark.parametrize("name", sorted(file.parent.name for file in DEMOS.glob("*/demo.toml")))
def test_the_demos_are_good_files(name: str) -> None:
    demo = config.read(DEMOS / name)
    assert demo.title and demo.description and demo.license


def test_nobody_can_trust_a_model_from_within_a_file(folder: Path) -> None:
    for key in ("trust_model", "trust-model"):
        with pytest.raises(ConfigError, match="there is no such key"):
            read(folder, f'model = "model.keras"\n{key} = true')


def test_a_demo_survives_the_way_to_the_tensorflow_process(folder: Path) -> None:
    demo = read(folder, GOOD)
    sent: dict[str, Any] = demo.model_dump(mode="json")
    assert Demo.model_validate({**sent, "folder": demo.folder, "file": demo.file}) == demo
