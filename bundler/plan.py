"""Which widget every tensor of the model gets, and what is traced around the model."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeVar

from bundler.config import Demo, Input, InputField, Output, Scale, read_labels
from bundler.errors import ConfigError
from bundler.parts import Kind, Part, Role
from bundler.signature import Signature
from bundler.tensors import TensorSpec, format_shape

# A bare vector of at most so many elements gets a number field for each.
MOST_INFERRED_FIELDS = 24

Parts = dict[Role, dict[str, Part]]
Entry = TypeVar("Entry", Input, Output)


@dataclass(frozen=True)
class PlannedField:
    """One widget on the page that fills an input, or one element of it."""

    name: str
    label: str
    widget: str
    options: dict[str, Any]


@dataclass(frozen=True)
class PlannedInput:
    """An input of the model, the feed in front of it, and its widgets."""

    spec: TensorSpec
    label: str
    feed: str
    settings: Input
    fields: tuple[PlannedField, ...]


@dataclass(frozen=True)
class PlannedOutput:
    """An output of the model, the head behind it, and its widget.

    `activation` is what the head still has to apply: "softmax", "sigmoid" or "linear".
    """

    spec: TensorSpec
    label: str
    widget: str
    head: str
    activation: str
    options: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What `make` decided, and what the user should know about it."""

    inputs: tuple[PlannedInput, ...]
    outputs: tuple[PlannedOutput, ...]
    notices: tuple[str, ...]


@dataclass
class _Findings:
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def make(demo: Demo, signature: Signature, parts: Parts) -> Plan:
    """Matches the demo's tables with the model's tensors.

    Raises ConfigError with every mismatch.
    """
    findings = _Findings()
    inputs = [
        _plan_input(key, spec, entry, parts["input"], signature, findings)
        for key, spec, entry in _match("inputs", demo.inputs, signature.inputs, Input(), findings)
    ]
    outputs = [
        _plan_output(key, spec, entry, parts["output"], signature, demo, findings)
        for key, spec, entry in _match("outputs", demo.outputs, signature.outputs, Output(), findings)
    ]
    if findings.problems:
        lines = "\n".join(f"  {problem}" for problem in findings.problems)
        raise ConfigError(
            f"{demo.folder / demo.file} does not fit the model:\n{lines}",
            hint="The model has " + "; ".join(str(s) for s in signature.inputs + signature.outputs),
        )
    return Plan(tuple(inputs), tuple(outputs), tuple(findings.notices))


def kind_of(spec: TensorSpec) -> Kind:
    """What a tensor looks like, by its dtype and shape."""
    inner = spec.shape[1:]
    if spec.dtype == "string":
        return "any"
    if all(size == 1 for size in inner):
        return "scalar"
    if len(inner) == 1:
        return "vector" if inner[0] else "any"
    if len(inner) == 3 and inner[2] in (1, 3) and _image_sides(inner[0], inner[1]):
        return "image"
    if len(inner) == 2 and inner[0] == inner[1] and _image_sides(inner[0], inner[1]):
        return "image"
    return "any"


def _image_sides(height: int | None, width: int | None) -> bool:
    if height is None or width is None:
        return height == width
    return min(height, width) >= 16 or height == width >= 8


def _match(
    table: str, entries: list[Entry], specs: tuple[TensorSpec, ...], empty: Entry, findings: _Findings
) -> list[tuple[str, TensorSpec, Entry]]:
    """Each tensor with its table: by name, the unnamed ones in order."""
    names = [spec.name for spec in specs]
    found: dict[str, tuple[str, Entry]] = {}
    named = {entry.name for entry in entries}
    free = [name for name in names if name not in named]
    for index, entry in enumerate(entries):
        key = f"{table}[{index}]"
        name = entry.name or (free.pop(0) if free else None)
        if name is None:
            findings.problems.append(f"{key}: the model has only {len(specs)} {table}")
        elif name not in names:
            nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            tail = f'did you mean "{nearest[0]}"?' if nearest else f"it has {', '.join(names)}"
            findings.problems.append(f'{key}.name: the model has no "{name}"; {tail}')
        elif name in found:
            findings.problems.append(f'{key}.name: "{name}" is there twice')
        else:
            found[name] = (key, entry)
    rest = [(spec, found.get(spec.name, (f"{table} ({spec.name})", empty))) for spec in specs]
    return [(key, spec, entry) for spec, (key, entry) in rest]


def _choose(
    key: str, asked: str | None, kinds: list[Kind], parts: dict[str, Part], findings: _Findings
) -> Part:
    """The widget that is asked for, or the first that may be inferred for these kinds."""
    if asked and asked not in parts:
        nearest = difflib.get_close_matches(asked, list(parts), n=1, cutoff=0.5)
        tail = f'did you mean "{nearest[0]}"?' if nearest else f"there are {', '.join(parts)}"
        findings.problems.append(f'{key}.widget: there is no widget "{asked}"; {tail}')
    elif asked:
        part = parts[asked]
        if not {*kinds, "any"} & set(part.manifest.fits):
            fitting = [p.name for p in parts.values() if {*kinds, "any"} & set(p.manifest.fits)]
            findings.problems.append(
                f'{key}.widget: "{asked}" does not fit this tensor; {", ".join(fitting)} would'
            )
        return part
    candidates = [part for part in parts.values() if part.manifest.infer]
    return next(p for kind in [*kinds, "any"] for p in candidates if kind in p.manifest.fits)


def _check_options(key: str, part: Part, settings: Scale | Output, findings: _Findings) -> None:
    """Every key that was given must mean something to the widget, and what it needs be there."""
    common = {"name", "label", "widget", "fields"}
    given = {name for name in settings.model_fields_set if getattr(settings, name) is not None}
    for name in sorted(given - common - set(part.manifest.options)):
        findings.problems.append(
            f'{key}.{name}: means nothing to the widget "{part.name}"; '
            f"it knows {', '.join(part.manifest.options) or 'no options'}"
        )
    for name in part.manifest.requires:
        if name not in given:
            findings.problems.append(f'{key}.{name}: the widget "{part.name}" needs this key')


def _plan_input(
    key: str, spec: TensorSpec, entry: Input, parts: dict[str, Part], signature: Signature, findings: _Findings
) -> PlannedInput:  # fmt: skip
    kind = kind_of(spec)
    label = entry.label or _humanize(spec.name)
    if entry.fields is not None:
        return _plan_vector(key, spec, entry, entry.fields, parts, findings)
    count = spec.shape[1] if kind == "vector" else None
    if kind == "vector" and not entry.widget:
        if count and count <= MOST_INFERRED_FIELDS:
            fields = [InputField(name=f"{spec.name}_{index + 1}") for index in range(count)]
            return _plan_vector(key, spec, entry, fields, parts, findings)
        kind = "any"
    part = _choose(key, entry.widget, [kind], parts, findings)
    if kind == "vector" and part.manifest.feed == "number":
        findings.problems.append(
            f'{key}: "{part.name}" gives one number, the input wants {count}: add [[inputs.fields]]'
        )
    _check_options(key, part, entry, findings)
    settings = entry
    if part.manifest.feed in ("image", "sketch"):
        settings = _complete_image(key, spec, entry, part, signature, findings)
    field = PlannedField(spec.name, label, part.name, _page_options(part, settings, spec))
    return PlannedInput(spec, label, part.manifest.feed, settings, (field,))


def _plan_vector(
    key: str, spec: TensorSpec, entry: Input, fields: list[InputField], parts: dict[str, Part], findings: _Findings
) -> PlannedInput:  # fmt: skip
    size = prod(size or 1 for size in spec.shape)
    if len(fields) != size:
        findings.problems.append(
            f"{key}.fields: there are {len(fields)}, but the input {spec.name} "
            f"{format_shape(spec.shape)} has {size} elements"
        )
    planned = []
    for index, settings in enumerate(fields):
        field_key = f"{key}.fields[{index}]"
        part = _choose(field_key, settings.widget, ["scalar"], parts, findings)
        _check_options(field_key, part, settings, findings)
        label = settings.label or _humanize(settings.name)
        options = _page_options(part, settings, TensorSpec(settings.name, spec.dtype, (1,)))
        planned.append(PlannedField(settings.name, label, part.name, options))
    label = entry.label or _humanize(spec.name)
    return PlannedInput(spec, label, "tensor", entry, tuple(planned))


def _complete_image(
    key: str, spec: TensorSpec, entry: Input, part: Part, signature: Signature, findings: _Findings
) -> Input:  # fmt: skip
    """Size and channels from the model's shape where they are fixed there."""
    height, width = spec.shape[1], spec.shape[2]
    channels = spec.shape[3] if len(spec.shape) == 4 else 1
    if height and width and entry.size not in (None, (height, width)):
        findings.problems.append(f"{key}.size: the model is made for [{height}, {width}]")
    if channels and entry.channels not in (None, channels):
        findings.problems.append(f"{key}.channels: the model is made for {channels}")
    size = entry.size or ((height, width) if height and width else None)
    if size is None and part.manifest.feed == "sketch":
        findings.problems.append(f"{key}.size: the model takes any size, so say which: [28, 28]")
    if entry.range is None and not signature.normalizes:
        what = "paper 0 and ink 255" if part.manifest.feed == "sketch" else "pixels from 0 to 255"
        findings.notices.append(
            f"The input {spec.name} gets raw values ({what}), because nothing says what the model "
            f"was trained on. If it was trained on values from 0 to 1, add range = [0, 1] to "
            f"[[inputs]] in demo.toml."
        )
    known = channels if channels in (1, 3) else None
    return entry.model_copy(update={"size": size, "channels": entry.channels or known})


def _page_options(part: Part, settings: Scale | Output, spec: TensorSpec) -> dict[str, Any]:
    options = settings.model_dump(include=set(part.manifest.options))
    options |= {"shape": list(spec.shape), "dtype": spec.dtype}
    if "default" in options and options["default"] is None:
        options["default"] = _default(part, settings, spec)
    return options


def _default(part: Part, settings: Any, spec: TensorSpec) -> Any:
    if part.manifest.feed == "tensor":
        return _zeros([size or 1 for size in spec.shape], "" if spec.dtype == "string" else 0)
    if settings.choices:
        return settings.choices[0].value
    if settings.min is not None and settings.max is not None:
        middle = (settings.min + settings.max) / 2
        return round(middle) if isinstance(settings.step, int) else round(middle, 6)
    return settings.min or 0


def _zeros(shape: list[int], zero: Any) -> Any:
    return [_zeros(shape[1:], zero) for _ in range(shape[0])] if shape else zero


def _plan_output(
    key: str, spec: TensorSpec, entry: Output, parts: dict[str, Part], signature: Signature, demo: Demo, findings: _Findings
) -> PlannedOutput:  # fmt: skip
    labels = read_labels(demo, entry)
    activation = signature.activations.get(spec.name, "linear")
    count = spec.shape[-1] if len(spec.shape) == 2 else None
    kinds: list[Kind] = []
    if count and (count > 1 or (labels and len(labels) == 2)):
        kinds.append("scores")
    if kind_of(spec) == "scalar":
        kinds.append("scalar")
    is_classifier = labels is not None or entry.scores is not None or activation == "softmax"
    inferable = kinds if is_classifier else [kind for kind in kinds if kind != "scores"]
    part = _choose(key, entry.widget, kinds if entry.widget else inferable, parts, findings)
    _check_options(key, part, entry, findings)
    options = _page_options(part, entry, spec)
    remaining = "linear"
    if part.manifest.head == "scores" and count:
        options["labels"] = _complete_labels(key, spec, count, labels, findings)
        options["top"] = min(entry.top or 5, len(options["labels"]))
        remaining = _remaining_activation(spec, entry, activation, count, findings)
    return PlannedOutput(
        spec, entry.label or _humanize(spec.name), part.name, part.manifest.head, remaining, options
    )


def _complete_labels(
    key: str, spec: TensorSpec, count: int, labels: list[str] | None, findings: _Findings
) -> list[str]:
    expected = 2 if count == 1 else count
    if labels is None:
        return [f"class {index}" for index in range(expected)]
    if len(labels) != expected:
        findings.problems.append(
            f"{key}.labels: there are {len(labels)}, but the output {spec.name} "
            f"{format_shape(spec.shape)} has {expected} classes"
        )
    return labels


def _remaining_activation(
    spec: TensorSpec, entry: Output, activation: str, count: int, findings: _Findings
) -> str:
    """The activation that turns the output into probabilities, "linear" if it has been applied."""
    if entry.scores == "probabilities" or (entry.scores is None and activation != "linear"):
        return "linear"
    missing = "sigmoid" if count == 1 else "softmax"
    if entry.scores is None:
        findings.notices.append(
            f"The output {spec.name} ends without an activation, so {missing} was added to make "
            f'probabilities. If they are probabilities already, add scores = "probabilities" to '
            f"[[outputs]] in demo.toml."
        )
    return missing


def _humanize(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
