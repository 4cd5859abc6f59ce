"""`tfjs-demo new`: a folder with the model and a demo.toml written from its signature."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from bundler import graph, plan
from bundler.demo import config, label_files, model_card, parts, reference
from bundler.demo.card import Known
from bundler.demo.demo import FILE_NAME, Demo
from bundler.demo.label_files import Found
from bundler.demo.settings import Output
from bundler.feeds import FEEDS
from bundler.formats.source import Source
from bundler.graph import TensorFlowProcess
from bundler.ground import cache, own_files
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.ground.visible import key, line, quoted
from bundler.heads import HEADS
from bundler.plan import SOLE, Other, Plan, PlannedInput, PlannedOutput, naming

# What editors complete and check demo.toml by, as its first line tells them.
SCHEMA_NAME = "demo.schema.json"
CARD = (
    "# What visitors should know of the model; any other key is a row of its own.",
    "# [card]",
    '# use = "…"',
    '# limits = "…"',
    '# data = "…"',
    '# measures = { "Accuracy" = "…" }',
    '# citation = "…"',
)


def scaffold(
    model: Path,
    folder: Path | None,
    *,
    trusted: bool = False,
    signature: str | None = None,
    on_step: Callable[[str], None],
) -> Path:
    """Makes the folder; raises ConfigError when it has a demo.toml already, ModelError."""
    if config.is_demo(model):
        raise ConfigError(
            f"{model} is a demo already", hint=f"Edit its {FILE_NAME}, or name a model file."
        )
    demo = config.read(model, trusted=trusted, signature=signature)
    name = model.resolve().name
    target = folder if folder is not None else Path(Path(name).stem)
    written = own_files.at(target, FILE_NAME, ConfigError)
    if written.exists():
        raise ConfigError(
            f"{target / FILE_NAME} is there already", hint="Name another folder, or edit it."
        )
    copy = own_files.at(target, name, ConfigError)
    if copy.exists() and not copy.samefile(model) and _digests(copy) != _digests(model):
        raise ConfigError(f"{copy} is another model", hint="Name another folder.")
    widgets = parts.read()
    with TensorFlowProcess(demo, on_step) as process:
        found = graph.inspect(demo, process)
        fitting = naming.found(demo, found)
        named = {one.output: one for one in fitting if _is_free(target, one.path)}
        stated = [Output(name=one.output, labels=one.names) for one in named.values()]
        planned = plan.make(demo.model_copy(update={"outputs": stated}), found, widgets)
    demo = demo.entitled(found.hints.title)
    text = _write_toml(name, demo, planned, named)
    if not copy.exists():
        _copy(model, target)
    for one in named.values():
        own_files.write(target, one.path.name, one.path.read_bytes(), ConfigError)
    told = json.dumps(reference.schema(widgets), indent=1, ensure_ascii=False)
    own_files.write(target, SCHEMA_NAME, told.encode(), ConfigError)
    own_files.write(target, FILE_NAME, text.encode(), ConfigError)
    return target


def _is_free(target: Path, file: Path) -> bool:
    """Whether the folder has no other file of its name."""
    there = own_files.at(target, file.name, ConfigError)
    return not there.exists() or cache.digest_files([there]) == cache.digest_files([file])


def _digests(model: Path) -> list[str]:
    """The contents of a model's files, by their names."""
    return [cache.digest_files([file]) for file in Source(model).files]


def _copy(model: Path, target: Path) -> None:
    """Copies a model file with what lies beside it, or what a folder has of a model."""
    base = model.resolve() if model.is_dir() else model.resolve().parent
    into = f"{base.name}/" if model.is_dir() else ""
    for file in Source(model.resolve()).files:
        path = own_files.at(base, os.path.relpath(file, base).replace(os.sep, "/"), ConfigError)
        parts = own_files.listed(path) if path.is_dir() else [""]
        for part in parts:
            place = own_files.at(path, part, ConfigError)
            inside = f"{into}{place.relative_to(base).as_posix()}"
            own_files.write(target, inside, place, ConfigError)


def _write_toml(model: str, demo: Demo, planned: Plan, named: Mapping[str, Found]) -> str:
    chosen = [f"signature = {quoted(demo.signature)}"] if demo.signature else []
    lines = [
        f"#:schema {SCHEMA_NAME}",
        f"model = {quoted(model)}",
        *chosen,
        f"title = {quoted(demo.shown_title)}",
        'description = ""',
        '# author = "You"',
        '# license = "MIT"',
    ]
    for item in planned.inputs:
        lines += ["", *_input_lines(item)]
    for output in planned.outputs:
        lines += ["", *_output_lines(output, named.get(output.spec.name))]
    names = [field.name for item in planned.inputs for field in item.fields]
    lines += [
        "",
        "# Examples are shown with Python's answers before the model has loaded.",
        "# A CSV file with these columns is named at the top: examples, and its path.",
        "# [[examples]]",
        '# title = "An example"',
        *[f"# {key(name)} = …" for name in names],
        "",
        *card_lines(model_card.known(demo)),
    ]
    return "\n".join(lines) + "\n"


def card_lines(found: Known) -> list[str]:
    """What a README.md beside the model says of it, or what could be said, as comments."""
    said = found.card.model_dump(exclude_none=True)
    if not said:
        return list(CARD)
    written = [f"{key(name)} = {_written(value)}" for name, value in said.items()]
    return ["# From the README.md beside the model.", "[card]", *written]


def _written(value: str | list[str] | dict[str, str]) -> str:
    """A value of a card as TOML has it."""
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key(name)} = {quoted(one)}' for name, one in value.items())} }}"
    return quoted(value)


def _input_lines(item: PlannedInput) -> list[str]:
    lines = ["[[inputs]]", _named(item.spec)]
    if len(item.fields) > 1:
        for field in item.fields:
            lines += [
                "",
                "[[inputs.fields]]",
                f"name = {quoted(field.name)}",
                f"label = {quoted(field.label)}",
                f"widget = {quoted(field.widget)}",
                "# min = 0, max = 1, step = 0.1, unit = …: each on a line of its own",
            ]
        return lines
    lines += _widget_lines(item.fields[0].widget, item.fields[0].others)
    return [*lines, *FEEDS[item.feed].suggestions(item.spec, item.settings)]


def _widget_lines(widget: str, others: tuple[Other, ...]) -> list[str]:
    """The choice, and as comments what would fit as well."""
    lines = [f"widget = {quoted(widget)}"]
    for other in others:
        needs = f"; needs {', '.join(other.requires)}" if other.requires else ""
        lines.append(f"# or: widget = {quoted(other.widget)}  # {line(other.reason + needs)}")
    return lines


def _output_lines(item: PlannedOutput, names: Found | None) -> list[str]:
    lines = ["[[outputs]]", _named(item.spec)]
    if SOLE not in item.tensors:
        pairs = (f"{role} = {quoted(spec.name)}" for role, spec in item.tensors.items())
        lines.append(f"tensors = {{ {', '.join(pairs)} }}")
    lines += _widget_lines(item.widget, item.others)
    by_path = {label_files.LABELS: names.path.name} if names else {}
    settings = item.settings.model_copy(update=by_path)
    return [*lines, *HEADS[item.head].suggestions(settings)]


def _named(spec: TensorSpec) -> str:
    return f"name = {quoted(spec.name)}  # {line(str(spec))}"
