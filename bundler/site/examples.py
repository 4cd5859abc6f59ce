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
from bundler.ground.tensors import Tensor, Tensors
from bundler.ground.texts import ENGLISH, Texts
from bundler.plan import Plan, PlannedInput
from bundler.site import entries
from bundler.site.entries import Entry

# Rows with one mistake are likely to have all the same.
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Example:
    """Inputs by name, the widgets' states by field, and pictures by their path in the site."""

    title: str
    label: str | None
    inputs: Tensors
    states: dict[str, Any]
    pictures: dict[str, Picture]


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
            f"{file}: examples do not fit the model's inputs:\n" + "\n".join(told),
            hint=" ".join(dict.fromkeys(filter(None, hints))),
        )
    return examples


def _read_one(demo: Demo, plan: Plan, entry: Entry, index: int, texts: Texts) -> Example:
    values = entry.values
    problems = list(entry.problems)
    inputs: Tensors = {}
    states: dict[str, Any] = {}
    files: dict[str, Picture] = {}
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
            if value.picture:
                path = f"assets/example-{index + 1}-{cache.digest(value.picture.png)[:8]}.png"
                files[path] = value.picture
                state = {"src": path}
            states[field_id(position, number)] = state
            tensors.append(value.tensor)
        if item.after:
            inputs[item.spec.name] = _nothing(item)
        elif len(tensors) == len(item.fields):
            inputs[item.spec.name] = tensors[0] if len(tensors) == 1 else _join(item, tensors)
    if problems:
        said = dict.fromkeys(error.hint for error in problems if error.hint)
        raise ConfigError("\n".join(one.message for one in problems), hint=" ".join(said))
    label = values.get("label")
    made_up = texts.text("Example {number}", number=texts.number(index + 1))
    title = str(values.get("title") or made_up)
    return Example(title, None if label is None else str(label), inputs, states, files)


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
