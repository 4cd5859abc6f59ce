"""What demo.toml may say, told for people and for editors."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from bundler.cli import main
from bundler.demo import parts, reference, toml
from bundler.demo.parts import Part
from tests.conftest import DEMOS

WIDGETS = parts.read()
ALL = [part for role in WIDGETS.values() for part in role.values()]
SCHEMA = reference.schema(WIDGETS)


def problems(data: dict[str, Any]) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(data)]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", sorted(file.parent.name for file in DEMOS.glob("*/demo.toml")))
def test_every_demo_is_good(name: str) -> None:
    data = toml.read(DEMOS / name / "demo.toml")
    assert problems(data) == []
    assert problems({**data, "titel": "x"}) != []


@pytest.mark.parametrize(
    ("table", "row", "is_good"),
    [
        ("inputs", {}, True),
        ("inputs", {"fit": "crop"}, True),
        ("inputs", {"widget": "image", "fit": "crop"}, True),
        ("inputs", {"widget": "sketchpad", "fit": "crop"}, False),
        ("inputs", {"widget": "sketchpad", "center": "box"}, True),
        ("inputs", {"widget": "slider", "min": 0, "max": 1}, True),
        ("inputs", {"widget": "slider", "min": 0}, False),
        ("inputs", {"widget": "slyder", "min": 0, "max": 1}, False),
        ("inputs", {"fields": [{"name": "a", "widget": "dropdown", "choices": ["x"]}]}, True),
        ("inputs", {"fields": [{"widget": "number"}]}, False),
        ("outputs", {"widget": "label", "labels": "labels.txt"}, True),
        ("outputs", {"widget": "number", "labels": ["a"]}, False),
        ("outputs", {"tensors": {"boxes": "b"}, "over": "x"}, True),
    ],
)
def test_a_widget_has_its_own_keys_alone(table: str, row: dict[str, Any], is_good: bool) -> None:
    assert (problems({"model": "m.keras", table: [row]}) == []) == is_good


def test_what_only_the_command_line_says_is_no_key() -> None:
    assert not {"folder", "file", "trusted", "reach"} & SCHEMA["properties"].keys()


def tell(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_prints_the_same_schema() -> None:
    assert json.loads(tell("schema")) == SCHEMA


def test_all_widgets_are_listed() -> None:
    said = tell("widgets")
    assert all(f"{one.name} ({one.role}): {one.manifest.summary}" in said for one in ALL)


@pytest.mark.parametrize("part", ALL, ids=lambda part: f"{part.role}-{part.name}")
def test_every_key_of_a_widget_is_told(part: Part) -> None:
    said = tell("widgets", part.name)
    assert all(f"  {key}: " in said for key in part.known)
    rows = json.loads(tell("widgets", part.name, "--json"))["widgets"]
    (row,) = (row for row in rows if row["role"] == part.role)
    assert [key["name"] for key in row["keys"]] == part.known
    assert all(key["wanted"] and key["description"] for key in row["keys"])


def test_a_widget_that_is_none_is_told() -> None:
    result = CliRunner().invoke(main, ["widgets", "slidr"])
    assert result.exit_code != 0 and 'did you mean "slider"?' in result.output
