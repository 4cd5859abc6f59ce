"""demo.toml: what it says, what it leaves out, and what is wrong with it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bundler.demo import config
from bundler.demo.card import Author, Card
from bundler.demo.demo import Build, Demo, Theme
from bundler.demo.settings import Input, InputField, Output
from bundler.feeds.bounded import Choice
from bundler.ground.errors import ConfigError
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
    "one-bracket": 'model = "model.keras"\n[inputs]\nname = "x"',
    "one-bracket-inside": 'model = "model.keras"\n[[inputs]]\n[inputs.fields]\nname = "x"',
    "two-brackets": 'model = "model.keras"\n[[build]]\nquantize = "auto"',
    "no-pair": 'model = "model.keras"\n[[inputs]]\nrange = 1\nsize = [28]',
    "no-tables": 'model = "model.keras"\ninputs = ["image"]\ncard = 1',
    "key-below-a-table": 'model = "model.keras"\n[[outputs]]\ntitle = "x"',
    "key-of-another-table": 'model = "model.keras"\nlabels = "labels.txt"\n[[inputs]]\ntop = 3',
    "brackets": 'model = "model.keras"\nx = ' + "[" * 100_000,
    "escaped-path": 'model = "C:\\new\\table.keras"',
}

# Lines that are not TOML, each with the one that was meant, which the message says.
REPAIRS = {
    "title = “Handwritten digits”": 'title = "Handwritten digits"',
    "title = „Ziffern“": 'title = "Ziffern"',
    "title = ‘Digits’": "title = 'Digits'",
    "title = “Digits": 'title = "Digits"',
    'description = "C:\\Users\\me"': "description = 'C:\\Users\\me'",
    'description = "C:\\me\'s\\Users"': 'description = "C:/me\'s/Users"',
    "title = Handwritten digits": 'title = "Handwritten digits"',
    'title = "Digits': 'title = "Digits"',
    "title = 'it's'": 'title = "it\'s"',
    'title = "a "seven""': "title = 'a \"seven\"'",
    'title: "Digits"': 'title = "Digits"',
    '"title": "Digits",': 'title = "Digits"',
    "title: Digits": 'title = "Digits"',
    "title = None": "",
    "title =": "",
    "// title": "# title",
    "card = {}\n[build\nisolate = true": "[build]",
    "[build]\nisolate = True": "isolate = true",
    "[build]\ntolerance = .001": "tolerance = 0.001",
    "[build]\ntolerance = 0,001": "tolerance = 0.001",
    "[[outputs]\ntop = 3": "[[outputs]]",
    "[[inputs]]\nrange = (0, 1)": "range = [0, 1]",
    "[[inputs]]\nrange = [0, 1": "range = [0, 1]",
    "[[inputs]]\nchoices = [red, green]": 'choices = ["red", "green"]',
    "[[inputs]]\nchoices = [“red”, “green”]": 'choices = ["red", "green"]',
    '[[inputs]]\nchoices = ["red" "green"]': 'choices = ["red", "green"]',
    '[card]\nTrained on = "digits"': '"Trained on" = "digits"',
}
# What no other line would mend: errors/toml-*.txt.
UNREADABLE = {
    "key-twice": 'model = "model.keras"\ntitle = "a"\ntitle = "b"',
    "table-twice": 'model = "model.keras"\n[build]\nisolate = true\n[build]\nformat = "graph"',
    "tables-in-one-bracket": 'model = "model.keras"\n[inputs]\nname = "a"\n[inputs]\nname = "b"',
    "no-toml": '{\n  "model": "model.keras"\n}',
}
# What editors write at the begin of a file, or instead of UTF-8.
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]

# Values of every type that TOML has.
VALUES = ['"zzz"', '""', "7", "-7", "0.5", "nan", "-inf", "true", "1979-05-27", "[]", '["zzz", 7]',
          "[-7.5]", "[true]", "[[1]]", "{}", "{ zzz = 1 }", "[{ zzz = 1 }]", "1e300"]  # fmt: skip

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

# Every table that can stand in demo.toml: its key, its model, and the text that opens it.
OPENINGS: dict[str, tuple[type[BaseModel], str]] = {
    "": (Demo, ""),
    "inputs[0].": (Input, "[[inputs]]\n"),
    "inputs[0].fields[0].": (InputField, "[[inputs]]\n[[inputs.fields]]\n"),
    "inputs[0].choices[0].": (Choice, "[[inputs]]\n[[inputs.choices]]\n"),
    "outputs[0].": (Output, "[[outputs]]\n"),
    # Any other key of a card is a row.
    "card.": (Card, "[card]\n"),
    "card.authors[0].": (Author, "[[card.authors]]\n"),
    "theme.": (Theme, "[theme]\n"),
    "build.": (Build, "[build]\n"),
}
# The words that pydantic has for what it does not take.
FOREIGN = re.compile(
    r"[Ii]nput should|valid (string|integer|number|tuple|list|dict)|pattern|\bNone\b"
)


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
    assert (demo.shown_title, demo.language, demo.card.data) == ("Houses", "de", "1,460 sales")
    assert (rooms.widget, rooms.min, rooms.max, rooms.step) == ("slider", 1, 9, 0.5)
    assert heating.choices == [Choice(label="oil"), Choice(label="gas")]
    assert demo.examples == [{"title": "A hut", "rooms": 1, "heating": 0}]
    assert (demo.build.tolerance, demo.theme.accent) == (1e-3, "#205493")
    assert demo.model_path == folder / "model.keras"
    assert config.with_lines(demo).outputs[0].labels == ["red", "Grün"]
    assert config.read(folder / "demo.toml") == demo


def test_all_but_the_model_can_be_left_out(folder: Path) -> None:
    demo = read(folder, 'model = "model.keras"')
    assert not demo.inputs and not demo.outputs and not demo.examples
    assert (demo.title, demo.description, demo.language) == (None, "", "en")
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
    outputs = config.with_lines(demo).outputs
    assert [output.labels for output in outputs] == [["a", "b"], None]


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


# But of a card, where any key is one, and of an author, whose keys are too short to be nearly one.
@pytest.mark.parametrize("key", [key for key in OPENINGS if not key.startswith("card.")])
def test_a_misspelt_key_of_any_table_finds_the_right_one(key: str, folder: Path) -> None:
    model, opening = OPENINGS[key]
    names = [name for name, field in model.model_fields.items() if not field.exclude]
    right = next(name for name in reversed(names) if len(name) > 4)
    wrong = right[:-1] + "qq"
    with pytest.raises(ConfigError) as caught:
        read(folder, with_key(key, opening, f"{wrong} = 1"))
    assert f'  {key}{wrong}: there is no such key; did you mean "{right}"?' in caught.value.message


def with_key(key: str, opening: str, line: str) -> str:
    top = 'model = "model.keras"\n' if not line.startswith("model =") else ""
    return f"{top}{opening}{line}" if key else f"{line}\n{top}"


def test_no_table_is_left_out_above() -> None:
    found = {"Demo", *Demo.model_json_schema()["$defs"]}
    assert {model.__name__ for model, _ in OPENINGS.values()} == found


def keys_of_all_tables() -> list[tuple[str, str]]:
    return [
        (key, name)
        for key, (model, _) in OPENINGS.items()
        for name, field in model.model_fields.items()
        if not field.exclude
    ]


@pytest.mark.parametrize(("key", "name"), keys_of_all_tables())
def test_every_wrong_value_of_every_key_is_worded(key: str, name: str, folder: Path) -> None:
    """Whatever is refused says what the key should be; what is shown for it is then taken."""
    opening, refused = OPENINGS[key][1], 0
    for value in VALUES:
        try:
            read(folder, with_key(key, opening, f"{name} = {value}"))
        except ConfigError as error:
            lines = [line for line in error.message.splitlines() if f"  {key}{name}" in line]
        else:
            continue
        refused += len(lines)
        for line in lines:
            assert re.search(r": (should be|there|this key|its two ends) ", line), line
            assert not FOREIGN.search(line), line
            for shown in re.findall(r": should be .*?such as (\[[^\[\]]*\]|\".*?\")[ ,]", line):
                follow(folder, with_key(key, opening, f"{name} = {shown}"), f"{key}{name}")
    assert refused or name == "default"


def follow(folder: Path, text: str, key: str) -> None:
    """What an error has shown is taken, as far as that key goes."""
    try:
        read(folder, text)
    except ConfigError as error:
        assert f"  {key}" not in error.message, error.message


@pytest.mark.parametrize("text", REPAIRS)
def test_what_is_not_toml_is_told_with_the_line_that_was_meant(text: str, folder: Path) -> None:
    lines = ['model = "model.keras"', *text.split("\n")]
    with pytest.raises(ConfigError) as caught:
        read(folder, "\n".join(lines))
    number = int(re.findall(r"in line (\d+)", caught.value.message)[0])
    wanted = REPAIRS[text]
    assert caught.value.hint == (f"Write: {wanted}" if wanted else f"Leave line {number} out.")
    assert caught.value.message.endswith(f": {lines[number - 1]}")
    lines[number - 1] = wanted
    read(folder, "\n".join(lines))


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_no_line_would_mend_is_told(name: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, UNREADABLE[name])
    assert_error(caught.value, f"toml-{name}", folder)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_of_any_editor(encoding: str, folder: Path) -> None:
    text = 'model = "model.keras"\ntitle = "Größe"\n[[outputs]]\nlabels = "labels.txt"\n'
    (folder / "demo.toml").write_bytes(text.encode(encoding))
    (folder / "labels.txt").write_bytes("groß\nklein\n".encode(encoding))
    demo = config.read(folder)
    assert demo.title == "Größe"
    assert config.with_lines(demo).outputs[0].labels == ["groß", "klein"]


def test_no_demo_in_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(tmp_path)
    assert_error(caught.value, "config-no-demo", tmp_path)


def test_no_such_target_names_the_nearest(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config.read(folder / "modle.keras")
    assert_error(caught.value, "config-no-target", folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("latin", 'model = "m.keras"\ntitle = "Größe"'.encode("latin-1")),
        ("binary", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("nothing-but-zeros", b"\0\0"),
    ],
)
def test_a_file_that_is_no_text(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.read(tmp_path)
    assert_error(caught.value, f"config-{name}", tmp_path)


def test_labels_that_are_no_text(folder: Path) -> None:
    (folder / "latin.txt").write_bytes("Grün\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.txt"):
        demo = read(folder, 'model = "model.keras"\n[[outputs]]\nlabels = "latin.txt"')
        config.with_lines(demo)


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
    place = {"folder": demo.folder, "file": demo.file, "reach": demo.reach}
    assert Demo.model_validate({**sent, **place}) == demo


@pytest.mark.parametrize("name", ["demo.toml", "labels.txt"])
def test_a_text_that_fills_the_memory_is_not_read(name: str, folder: Path) -> None:
    """A file of holes takes no room on the disk."""
    text = 'model = "model.keras"\n[[outputs]]\nlabels = "labels.txt"\n'
    (folder / "demo.toml").write_text(text)
    os.truncate(folder / name, 1 << 40)
    with pytest.raises(ConfigError, match=r"has more than 8 MiB"):
        demo = config.read(folder)
        config.with_lines(demo)
