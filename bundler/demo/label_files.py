"""Files with the names of a model's classes, as people keep them beside it.

One name a line (`labels.txt`, `coco.names`; with numbers before them, as Teachable Machine writes
them), JSON (a list, Keras's `class_indices`, `imagenet_class_index.json`, Hugging Face's
`id2label`), a CSV, a `label_map.pbtxt` of TensorFlow's Object Detection API.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.ground import text_files
from bundler.ground.errors import ConfigError, DemoError
from bundler.ground.tensors import TensorSpec

# The key of demo.toml that takes them.
LABELS = "labels"

# What a file of names is called, and how it ends; one that ends in .names may be called anything.
CALLED = re.compile(r"label|class|categor|synset|(^|[^a-z])names?($|[^a-z])", re.IGNORECASE)
ENDINGS = (".txt", ".json", ".csv", ".tsv", ".pbtxt", ".names")
# What a column of names is called, and one of numbers, the likeliest first.
NAME_COLUMNS = ("display_name", "name", "label", "class_name", "class", "category", "title")
NUMBER_COLUMNS = ("index", "id", "class_id", "label_id", "number", "mid")
MOST_FILES = 200
# The highest id of a label map, for each of its items.
MOST_SPREAD = 10
# What stands before a name: its number from 0 on, or with a mark behind it from 0 or 1 on.
NUMBERED = re.compile(r"(\d+)\s+(\S.*)")
MARKED = re.compile(r"(\d+)\s*[.:,;\t)]\s*(\S.*)")
ITEM = re.compile(r"item\s*\{(.*?)\}", re.DOTALL)
FIELD = re.compile(
    r"""(id|name|display_name)\s*:\s*(?:(\d+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
)


@dataclass(frozen=True)
class Found:
    """A file whose names are as many as an output has classes."""

    path: Path
    output: str
    names: list[str]


def read(path: Path, named_by: str = "") -> list[str]:
    """The names in a file, in the order of the classes. Raises ConfigError."""
    text = text_files.read(path, named_by)
    readers = {".json": _json, ".csv": _csv, ".tsv": _csv, ".pbtxt": _label_map}
    names = readers.get(path.suffix.lower(), lines)(text)
    if names is None:
        raise ConfigError(
            f"{path} has no names of classes that can be told from the rest",
            hint="Write one name a line, in the order of the model's classes, in a .txt file.",
        )
    return names


def beside(model: Path) -> Iterator[Path]:
    """Files beside a model, or in its folder, that are called as such files are."""
    folders = [model, model.parent] if model.is_dir() else [model.parent]
    for folder in folders:
        files = sorted(folder.iterdir())[:MOST_FILES] if folder.is_dir() else []
        for file in files:
            fits = CALLED.search(file.stem) or file.suffix.lower() == ".names"
            if fits and file.suffix.lower() in ENDINGS and file.is_file() and not file.is_symlink():
                yield file


def fitting(model: Path, outputs: Sequence[TensorSpec], named: Collection[str]) -> list[Found]:
    """For each output that is not `named` already, the first file with as many names as classes."""
    found: list[Found] = []
    candidates = [(path, names) for path in beside(model) if (names := _names(path))]
    for spec in outputs:
        classes = spec.shape[-1] if len(spec.shape) in (2, 3) else None
        if not classes or spec.name in named:
            continue
        # A single score is of two classes.
        fits = [pair for pair in candidates if len(pair[1]) == max(classes, 2)]
        found += [Found(path, spec.name, names) for path, names in fits[:1]]
    return found


def told(found: list[Found]) -> list[str]:
    """Files that could be named, for the author."""
    return [
        f"{one.path.name} has {len(one.names)} names, as many as the output {one.output} has "
        f'classes: labels = "{one.path.name}" in [[outputs]] of demo.toml shows them '
        "(tfjs-demo new writes it)."
        for one in found
    ]


def _names(path: Path) -> list[str] | None:
    try:
        return read(path)
    except DemoError:
        return None


def lines(text: str) -> list[str]:
    """One name a line, without the numbers that may stand before them.

    A number that tells two names apart is of the name: "1 star", "2 stars".
    """
    found = [line.strip() for line in text.splitlines() if line.strip()]
    for pattern, first in ((NUMBERED, 0), (MARKED, 0), (MARKED, 1)):
        numbered = [pattern.fullmatch(line) for line in found]
        if all(one and int(one[1]) == first + index for index, one in enumerate(numbered)):
            names = [one[2] for one in numbered if one]
            return names if len(set(names)) == len(names) else found
    return found


def _json(text: str) -> list[str] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _named(data)


def _named(data: Any) -> list[str] | None:
    """A list of names, or of objects with one; names by number, or numbers by name."""
    if isinstance(data, list):
        names = [_name_of(one) for one in data]
        return [name for name in names if name] if data and all(names) else None
    if not isinstance(data, dict):
        return None
    for key in ("id2label", "label2id", "class_names", "labels", "classes", "names"):
        if isinstance(data.get(key), dict | list):
            return _named(data[key])
    pairs = data.items()
    by_number = {int(key): _name_of(value) for key, value in pairs if key.isdecimal()}
    if len(by_number) == len(data):
        return _in_order(by_number)
    numbers = {value: key for key, value in pairs if isinstance(value, int)}
    return _in_order(numbers) if len(numbers) == len(data) else None


def _name_of(value: Any) -> str | None:
    """A text, the last of several (as ImageNet's index has them), or what an object calls it."""
    if isinstance(value, list) and value:
        return _name_of(value[-1])
    if isinstance(value, dict):
        return next((_name_of(value[key]) for key in NAME_COLUMNS if key in value), None)
    return value.strip() or None if isinstance(value, str) else None


def _in_order(names: Mapping[int, str | None]) -> list[str] | None:
    """Names by number, from 0 or 1 on without a gap."""
    numbers = sorted(names)
    if not numbers or numbers != list(range(numbers[0], numbers[0] + len(names))) or numbers[0] > 1:
        return None
    ordered = [names[number] for number in numbers]
    return [name for name in ordered if name] if all(ordered) else None


def _csv(text: str) -> list[str] | None:
    """The column with the names; in the order of that with the numbers, if there is one."""
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max("\t;,", key=first.count)
    rows = [
        [cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter)
    ]
    rows = [row for row in rows if any(row)]
    if not rows or len({len(row) for row in rows}) != 1:
        return None
    head = [cell.casefold().replace(" ", "_") for cell in rows[0]]
    column = next((head.index(name) for name in NAME_COLUMNS if name in head), None)
    if column is None:
        return _without_head(rows)
    numbers = [head.index(name) for name in NUMBER_COLUMNS if name in head]
    body = rows[1:]
    for at in numbers:
        if all(row[at].isdecimal() for row in body):
            return _in_order({int(row[at]): row[column] for row in body})
    names = [row[column] for row in body]
    return names if names and all(names) else None


def _without_head(rows: list[list[str]]) -> list[str] | None:
    """One column of names, or one of numbers before it."""
    if len(rows[0]) == 1:
        return [row[0] for row in rows]
    if len(rows[0]) != 2 or not all(row[0].isdecimal() for row in rows):
        return None
    return _in_order({int(row[0]): row[1] for row in rows})


def _label_map(text: str) -> list[str] | None:
    """The items by their ids; one that is left out, as 12 is in COCO's, is called by its number."""
    names: dict[int, str | None] = {}
    plain = re.sub(r"#.*", "", text)
    for item in ITEM.findall(plain):
        fields = {
            key: number or double or single for key, number, double, single in FIELD.findall(item)
        }
        if not str(fields.get("id")).isdecimal():
            return None
        names[int(fields["id"])] = fields.get("display_name") or fields.get("name")
    if not names or max(names) > MOST_SPREAD * len(names):
        return None
    numbers = range(min(1, *names), max(names) + 1)
    return _in_order({number: names.get(number, str(number)) for number in numbers})
