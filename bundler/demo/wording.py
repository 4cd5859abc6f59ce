"""What is wrong with the values of demo.toml, in words made from its schema alone.

So every key that there will ever be is worded: what it should be, and what it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bundler.ground import names

Location = tuple[int | str, ...]
Schema = dict[str, Any]

LONGEST_VALUE = 60
COUNTS = {2: "two", 3: "three", 4: "four"}
TYPES = {"string": "a text", "integer": "a whole number", "number": "a number"}
PLURALS = {"a text": "texts", "a whole number": "whole numbers", "a number": "numbers"}


def problems(model: type[BaseModel], error: ValidationError) -> list[str]:
    """One line for each problem, in the order of the file's keys."""
    book = _book(model)
    details: dict[Location, ErrorDetails] = {}
    for detail in error.errors():
        details.setdefault(book.location(detail), detail)
    # Of a key that may be of several types, the innermost place says the most.
    inner = [at for at in details if not any(at == other[: len(at)] != other for other in details)]
    return [book.explain(at, details[at]) for at in inner]


def key(location: Location) -> str:
    """`("inputs", 0, "size")` as "inputs[0].size"."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


def wanted(model: type[BaseModel], name: str, table: str = "") -> str:
    """What a key should be; `table` is what the file calls the one that it stands in."""
    return _book(model).wanted(name, f"{table}.{name}" if table else name)


def value(found: Any) -> str:
    """A value much as it stands in the file, cut if it is long."""
    if isinstance(found, dict):
        return "a table"
    if isinstance(found, float) and not math.isfinite(found):
        return str(found)
    text = json.dumps(found, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


@cache
def _book(model: type[BaseModel]) -> _Book:
    return _Book(model)


class _Book:
    """A model's schema, looked up by the locations of problems."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._schema = model.model_json_schema()
        self._hidden = {name for name, field in model.model_fields.items() if field.exclude}

    def location(self, detail: ErrorDetails) -> Location:
        """Where a problem is: pydantic adds the names of the types that a key may have."""
        found: Location = ()
        is_named = False
        for part in detail["loc"]:
            kinds = self._at(found)
            has_tables = any(_keys(one) is not None for one in kinds)
            # Of what may be a table or something else, the name of the one stands first.
            is_key = has_tables and (len(kinds) == 1 or is_named)
            is_named = has_tables and not is_key
            if isinstance(part, int) or is_key:
                found = (*found, part)
        # A list that is too short lacks its element, which is nowhere.
        is_short = detail["type"] == "missing" and found and isinstance(found[-1], int)
        return found[:-1] if is_short else found

    def explain(self, location: Location, detail: ErrorDetails) -> str:
        """One problem: its key, what that should be, and what it is."""
        at, given = key(location), detail["input"]
        if detail["type"] == "extra_forbidden":
            return f"{at}: there is no such key{self._instead(location)}"
        if detail["type"] == "missing" and not isinstance(given, list):
            return f"{at}: this key is needed"
        shown = "" if isinstance(given, dict) else f" (it is {value(given)})"
        if detail["type"] == "value_error":
            return f"{at}: {detail['ctx']['error']}{shown}"
        wanted = self._at(location)
        header = ".".join(part for part in location if isinstance(part, str))
        if isinstance(given, dict) and any(map(_is_tables, wanted)):
            return f"{at}: there may be several, so write [[{header}]], with two brackets"
        is_table = any(_keys(one) is not None for one in wanted)
        if is_table and isinstance(given, list) and all(isinstance(one, dict) for one in given):
            return f"{at}: there is only one, so write [{header}], with one bracket"
        if location and isinstance(location[-1], int):
            header = f"[{header}]"  # one of several
        finite = ", and finite" if detail["type"] == "finite_number" else ""
        return f"{at}: should be {self._words(wanted, header)}{finite}{shown}"

    def wanted(self, name: str, header: str) -> str:
        """What a key of the outermost table should be."""
        return self._words(self._at((name,)), header)

    def _instead(self, location: Location) -> str:
        """Where a key belongs that does not exist where it stands."""
        name = str(location[-1])
        here = [known for table in self._at(location[:-1]) for known in _keys(table) or ()]
        found = names.near(name, here, names.KEYS)
        if found and not any(name in owner for _, owner in self._tables()):
            return f'; did you mean "{found}"?'
        meant = {name, *names.KEYS.get(name, ())}
        for one in sorted(meant & self._schema["properties"].keys() - self._hidden):
            return f" here; {one} stands above all lines in [brackets]"
        for table, owner in self._tables():
            for one in sorted(meant & set(owner)):
                return f" here; {one} belongs under {table}"
        return f"; there are {', '.join(name for name in here if name not in self._hidden)}"

    def _tables(self) -> Iterator[tuple[str, list[str]]]:
        for name in self._schema["properties"]:
            for one in self._at((name,)):
                if _keys(one):
                    yield f"[{name}]", list(_keys(one) or ())
                for inner in self._resolved(one.get("items", {})):
                    if _keys(inner):
                        yield f"[[{name}]]", list(_keys(inner) or ())

    def _at(self, location: Location) -> list[Schema]:
        """What may stand at a location: one schema for each type."""
        found = [self._schema]
        for part in location:
            found = [inner for one in found for step in _steps(one, part)
                     for inner in self._resolved(step)]  # fmt: skip
        return found

    def _resolved(self, schema: Schema) -> list[Schema]:
        """Without references, alternatives apart, and without that a key may be left out."""
        if "$ref" in schema:
            return self._resolved(self._schema["$defs"][schema["$ref"].split("/")[-1]])
        if "anyOf" in schema:
            rest = {name: said for name, said in schema.items() if name != "anyOf"}
            return [{**rest, **one} for kind in schema["anyOf"] for one in self._resolved(kind)]
        return [] if schema.get("type") == "null" else [schema]

    def _words(self, wanted: list[Schema], header: str) -> str:
        if any(schema.get("type") == "number" for schema in wanted):
            wanted = [schema for schema in wanted if schema.get("type") != "integer"]
        words = dict.fromkeys(self._one(schema, header) for schema in wanted)
        said = " or ".join(words) or "something else"
        examples = [example for schema in wanted for example in schema.get("examples", ())
                    if not isinstance(example, dict)]  # fmt: skip
        if examples and any(map(_is_tables, wanted)):
            return f"a list such as {value(examples[0])}, or {said}"
        return f"{said}, such as {value(examples[0])}" if examples else said

    def _one(self, schema: Schema, header: str) -> str:
        if "enum" in schema or "const" in schema:
            allowed = [value(one) for one in schema.get("enum", [schema.get("const")])]
            return " or ".join(filter(None, [", ".join(allowed[:-1]), allowed[-1]]))
        if schema.get("type") == "boolean":
            return "true or false"
        if _is_tables(schema):
            return f"tables, each opened by [[{header}]]"
        if schema.get("type") == "array":
            return self._list(schema, header)
        if schema.get("type") == "object":
            return f"a table, opened by [{header}]"
        return TYPES.get(schema.get("type", ""), "a text or a number") + _limits(schema)

    def _list(self, schema: Schema, header: str) -> str:
        items = schema.get("prefixItems") or [schema.get("items", {})]
        kinds = self._resolved(items[0])
        others = [one for one in kinds if _keys(one) is None]
        if others and len(others) < len(kinds):
            some = self._list({**schema, "items": {"anyOf": others}}, header)
            return f"{some}, or tables, each opened by [[{header}]]"
        inner = self._words(self._resolved(items[0]), header)
        kind, _, limits = inner.partition(" above ")
        some = f"{PLURALS.get(kind, kind)}{' above ' if limits else ''}{limits}"
        count = schema.get("minItems", 0) if schema.get("maxItems") else 0
        least = " with at least one" if schema.get("minItems") == 1 and not count else ""
        return (
            f"a list of {COUNTS.get(count, count)} {some}" if count else f"a list of {some}{least}"
        )


def _limits(schema: Schema) -> str:
    said = [
        text.format(schema[name])
        for name, text in (
            ("exclusiveMinimum", "above {}"), ("gt", "above {}"), ("minimum", "at least {}"),
            ("exclusiveMaximum", "below {}"), ("maximum", "at most {}"),
        )
        if name in schema
    ]  # fmt: skip
    return f" {' and '.join(said)}" if said else ""


def _keys(schema: Schema) -> dict[str, Schema] | None:
    """The keys of a table; an empty mapping for a table of any; None for what is no table."""
    if schema.get("type") != "object":
        return None
    keys: dict[str, Schema] = schema.get("properties", {})
    return keys


def _elements(schema: Schema) -> bool:
    return schema.get("type") == "array"


def _is_tables(schema: Schema) -> bool:
    items = schema.get("items", {})
    return _elements(schema) and ("$ref" in items or items.get("type") == "object")


def _steps(schema: Schema, part: int | str) -> Iterator[Schema]:
    """The schemas one step inside of a table or a list."""
    if isinstance(part, int):
        pairs = schema.get("prefixItems", [])
        if _elements(schema):
            yield pairs[part] if part < len(pairs) else schema.get("items", {})
    elif (keys := _keys(schema)) is not None:
        if part in keys:
            yield keys[part]
        elif isinstance(schema.get("additionalProperties"), dict):
            yield schema["additionalProperties"]
