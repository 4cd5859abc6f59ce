"""The examples of a demo: what the graph gets, and what the page shows for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bundler.demo.demo import Demo
from bundler.feeds import FEEDS
from bundler.feeds.values import Example as Value
from bundler.ground import cache
from bundler.ground.errors import ConfigError
from bundler.ground.pictures import Picture
from bundler.ground.sounds import Sound
from bundler.ground.tensors import Tensor, Tensors
from bundler.ground.texts import ENGLISH, Texts
from bundler.plan import Plan, PlannedInput, truth
from bundler.site import entries
from bundler.site.entries import Entry

# Rows with one mistake are likely to have all the same.
MOST_PROBLEMS = 20
TRUTH = "The label of an example is its true answer, one of the labels of [[outputs]]."


@dataclass(frozen=True)
class Example:
    """Inputs by name, the widgets' states by field, and pictures and sounds by their path
    in the site.

    The states stand in the order in which their values are written.
    """

    title: str
    label: str | None
    inputs: Tensors
    states: dict[str, Any]
    media: dict[str, Picture | Sound]


def field_id(input_index: int, field_index: int) -> str:
    """The id of a widget's element on the page."""
    return f"input-{input_index}-{field_index}"


def read(demo: Demo, plan: Plan, texts: Texts = ENGLISH) -> list[Example]:
    """Raises ConfigError with the problems of all examples."""
    file, written = entries.read(demo, plan)
    problems: list[str] = []
    hints: list[str] = []
    examples = []
    for index, entry in enumerate(written):
        try:
            examples.append(_read_one(demo, plan, entry, index, texts))
        except ConfigError as error:
            problems.extend(f"  {entry.place}{line}" for line in error.message.splitlines())
            hints.append(error.hint)
    if problems:
        more = len(problems) - MOST_PROBLEMS
        told = [*problems[:MOST_PROBLEMS], *([f"  and {more} more"] if more > 0 else [])]
        raise ConfigError(
            f"{file}: examples do not fit the model:\n" + "\n".join(told),
            hint=" ".join(dict.fromkeys(filter(None, hints))),
        )
    return examples


def as_written(fields: list[dict[str, Any]], shown: list[Example]) -> list[dict[str, Any]]:
    """Fields in the order in which the first example has their values."""
    written = list(shown[0].states) if shown else []
    return sorted(fields, key=lambda field: written.index(field["id"]) if written else 0)


def _read_one(demo: Demo, plan: Plan, entry: Entry, index: int, texts: Texts) -> Example:
    values = entry.values
    problems = list(entry.problems)
    inputs: Tensors = {}
    states: dict[str, Any] = {}
    names: dict[str, str] = {}
    files: dict[str, Picture | Sound] = {}
    for position, item in enumerate(plan.inputs):
        tensors = []
        for number, field in enumerate(item.fields):
            if field.name not in values:
                continue
            try:
                value = _read_value(demo, item, number, values[field.name])
            except ConfigError as error:
                problems.append(ConfigError(f"{field.name}: {error.message}", hint=error.hint))
                continue
            state = value.state
            if value.media:
                content, ending = value.media.file
                path = f"assets/example-{index + 1}-{cache.digest(content)[:8]}{ending}"
                files[path] = value.media
                state = {**(state or {}), "src": path}
            names[field_id(position, number)] = field.name
            states[field_id(position, number)] = state
            tensors.append(value.tensor)
        if item.after:
            inputs[item.spec.name] = _nothing(item)
        elif len(tensors) == len(item.fields):
            inputs[item.spec.name] = tensors[0] if len(tensors) == 1 else _join(item, tensors)
    label = values.get("label")
    wrong = None if label is None else truth.problem(str(label), plan)
    if wrong:
        problems.append(ConfigError(f"label: {wrong}", hint=TRUTH))
    if problems:
        said = dict.fromkeys(error.hint for error in problems if error.hint)
        raise ConfigError("\n".join(one.message for one in problems), hint=" ".join(said))
    made_up = texts.text("Example {number}", number=texts.number(index + 1))
    title = str(values.get("title") or made_up)
    written = {name: position for position, name in enumerate(values)}
    ordered = dict(sorted(states.items(), key=lambda item: written[names[item[0]]]))
    return Example(title, None if label is None else str(label), inputs, ordered, files)


def _nothing(item: PlannedInput) -> Tensor:
    """What goes in before there was an answer: zeros, or empty texts."""
    spec = FEEDS[item.feed].raw_spec(item.spec, item.settings)
    shape = tuple(size or 1 for size in spec.shape)
    return Tensor.zeros(spec.dtype, shape)


def _read_value(demo: Demo, item: PlannedInput, number: int, raw: Any) -> Value:
    field = item.fields[number]
    spec = entries.spec_of(item, field)
    value = FEEDS[item.feed].read_example(raw, demo.path, spec, item.settings)
    is_text = isinstance(raw, str) and spec.dtype == "string"
    if is_text or isinstance(raw, int | float | list):
        try:
            field.settings.check(raw)
        except ValueError as error:
            raise ConfigError(str(error)) from None
    return value


def _join(item: PlannedInput, tensors: list[Tensor]) -> Tensor:
    """One vector of the fields' numbers or texts, in their order."""
    numbers = b"".join(tensor.data for tensor in tensors if isinstance(tensor.data, bytes))
    texts = tuple(text for tensor in tensors for text in tensor.data if isinstance(text, str))
    shape = tuple(size or 1 for size in item.spec.shape)
    return Tensor(tensors[0].dtype, shape, texts or numbers)
