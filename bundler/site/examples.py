"""[[examples]] of demo.toml: what the graph gets, and what the page shows for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bundler.demo.demo import EXAMPLE_KEYS, Demo
from bundler.feeds import FEEDS
from bundler.feeds.values import Example as Value
from bundler.ground import cache
from bundler.ground.errors import ConfigError
from bundler.ground.names import ending
from bundler.ground.pictures import Picture
from bundler.ground.tensors import Tensor, Tensors, TensorSpec
from bundler.ground.texts import ENGLISH, Texts
from bundler.plan import Plan, PlannedField, PlannedInput


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
    problems: list[str] = []
    hints: list[str] = []
    examples = []
    for index, entry in enumerate(demo.examples):
        try:
            examples.append(_read_one(demo, plan, entry, index, texts))
        except ConfigError as error:
            problems.extend(f"  examples[{index}].{line}" for line in error.message.splitlines())
            hints.append(error.hint)
    if problems:
        raise ConfigError(
            f"{demo.written_in}: examples do not fit the model's inputs:\n" + "\n".join(problems),
            hint=" ".join(dict.fromkeys(filter(None, hints))),
        )
    return examples


def _read_one(demo: Demo, plan: Plan, entry: dict[str, Any], index: int, texts: Texts) -> Example:
    names = [field.name for item in plan.inputs for field in item.fields]
    known = {*names, *EXAMPLE_KEYS}
    problems = [_unknown(key, names) for key in entry if key not in known]
    problems += [f"{name}: this key is needed" for name in names if name not in entry]
    hints: list[str] = []
    inputs: Tensors = {}
    states: dict[str, Any] = {}
    files: dict[str, Picture] = {}
    for position, item in enumerate(plan.inputs):
        tensors = []
        for number, field in enumerate(item.fields):
            if field.name not in entry:
                continue
            try:
                value = _read_value(demo, item, number, entry[field.name])
            except ConfigError as error:
                problems.append(f"{field.name}: {error.message}")
                hints.append(error.hint)
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
        raise ConfigError("\n".join(problems), hint=" ".join(dict.fromkeys(filter(None, hints))))
    label = entry.get("label")
    made_up = texts.text("Example {number}", number=texts.number(index + 1))
    title = str(entry.get("title") or made_up)
    return Example(title, None if label is None else str(label), inputs, states, files)


def _nothing(item: PlannedInput) -> Tensor:
    """What goes in before there was an answer: zeros, or empty texts."""
    spec = FEEDS[item.feed].raw_spec(item.spec, item.settings)
    shape = tuple(size or 1 for size in spec.shape)
    return Tensor.zeros(spec.dtype, shape)


def _unknown(key: str, names: list[str]) -> str:
    return f"{key}: the demo has no such input; {ending(key, [*names, *sorted(EXAMPLE_KEYS)])}"


def _read_value(demo: Demo, item: PlannedInput, number: int, raw: Any) -> Value:
    field = item.fields[number]
    spec = item.spec if len(item.fields) == 1 else _element(item, field)
    value = FEEDS[item.feed].read_example(raw, demo.path, spec, item.settings)
    is_text = isinstance(raw, str) and spec.dtype == "string"
    if is_text or isinstance(raw, int | float | list):
        try:
            field.settings.check(raw)
        except ValueError as error:
            raise ConfigError(str(error)) from None
    return value


def _element(item: PlannedInput, field: PlannedField) -> TensorSpec:
    return TensorSpec(field.name, item.spec.dtype, (1,))


def _join(item: PlannedInput, tensors: list[Tensor]) -> Tensor:
    """One vector of the fields' numbers or texts, in their order."""
    numbers = b"".join(tensor.data for tensor in tensors if isinstance(tensor.data, bytes))
    texts = tuple(text for tensor in tensors for text in tensor.data if isinstance(text, str))
    shape = tuple(size or 1 for size in item.spec.shape)
    return Tensor(tensors[0].dtype, shape, texts or numbers)
