"""All keys of demo.toml, told: for a person by widget, for an editor as a JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bundler.demo import settings, wording
from bundler.demo.demo import Demo
from bundler.demo.parts import Part, Parts, Role
from bundler.demo.settings import FieldTable, InputTable, OutputTable

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The tables in which a widget is chosen, and the keys that all of their rows have.
TABLES: dict[str, tuple[Role, type[BaseModel]]] = {
    "Input": ("input", InputTable),
    "InputField": ("input", FieldTable),
    "Output": ("output", OutputTable),
}


@dataclass(frozen=True)
class KeyInWords:
    """One key of a widget: what it should be, what for, and whether it must be there."""

    name: str
    wanted: str
    description: str
    needed: bool


def keys(part: Part, widgets: Parts) -> Iterator[KeyInWords]:
    """The keys that mean something to a widget."""
    whole, _, answer = settings.tables(widgets)
    table = whole if part.role == "input" else answer
    for name in part.known:
        description = table.model_fields[name].description or ""
        wanted = wording.wanted(table, name, f"{part.role}s")
        yield KeyInWords(name, wanted, description, name in part.manifest.requires)


def schema(widgets: Parts) -> dict[str, Any]:
    """The JSON Schema of demo.toml: in tables with a widget, the keys that it knows."""
    demo = Demo.understanding(widgets)
    whole = demo.model_json_schema()
    for name, field in demo.model_fields.items():
        if field.exclude:
            del whole["properties"][name]
    for table, (role, common) in TABLES.items():
        definition = whole["$defs"][table]
        for said in definition["properties"].values():
            _allow_short(said)
        own = set(common.model_fields)
        chosen = [_chosen(definition, own, part) for part in widgets[role].values()]
        whole["$defs"][table] = {"anyOf": [*chosen, _open(definition)]}
    return {"$schema": DIALECT, **whole}


def _allow_short(said: dict[str, Any]) -> None:
    """Where an example of tables is of texts, these are short for tables."""
    shown = [
        one for example in said.get("examples", ()) if isinstance(example, list) for one in example
    ]
    for kind in said.get("anyOf", ()):
        if "$ref" in kind.get("items", {}) and any(isinstance(one, str) for one in shown):
            kind["items"] = {"anyOf": [{"type": "string"}, kind["items"]]}


def _chosen(definition: dict[str, Any], common: set[str], part: Part) -> dict[str, Any]:
    """A table with this widget."""
    known = common | set(part.known)
    properties = {key: said for key, said in definition["properties"].items() if key in known}
    properties["widget"] = {"const": part.name, "description": part.manifest.summary}
    required = {*definition.get("required", ()), "widget", *part.manifest.requires}
    return {**definition, "properties": properties, "required": sorted(required)}


def _open(definition: dict[str, Any]) -> dict[str, Any]:
    """A table whose widget follows from the model."""
    properties = {key: said for key, said in definition["properties"].items() if key != "widget"}
    return {**definition, "properties": properties}
