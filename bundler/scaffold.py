"""`tfjs-demo new`: a folder with the model and a demo.toml written from its signature."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from bundler import config, graph, parts, plan
from bundler.config import FILE_NAME
from bundler.errors import ConfigError
from bundler.graph import TensorFlowProcess
from bundler.plan import Plan, PlannedInput, PlannedOutput


def scaffold(model: Path, folder: Path | None, *, on_step: Callable[[str], None]) -> Path:
    """Makes the folder; raises ConfigError when it has a demo.toml already, ModelError."""
    if config.is_demo(model):
        raise ConfigError(
            f"{model} is a demo already", hint=f"Edit its {FILE_NAME}, or name a model file."
        )
    demo = config.read(model)
    target = folder if folder is not None else Path(model.stem)
    if (target / FILE_NAME).exists():
        raise ConfigError(
            f"{target / FILE_NAME} is there already", hint="Name another folder, or edit it."
        )
    copy = target / model.name
    if copy.exists() and not copy.samefile(model) and copy.read_bytes() != model.read_bytes():
        raise ConfigError(f"{copy} is another model", hint="Name another folder.")
    widgets = parts.read()
    with TensorFlowProcess(demo, on_step) as process:
        planned = plan.make(demo, graph.inspect(demo, process), widgets)
    text = _write_toml(model.name, demo.shown_title, planned)
    target.mkdir(parents=True, exist_ok=True)
    if not copy.exists():
        shutil.copyfile(model, copy)
    (target / FILE_NAME).write_text(text, encoding="utf-8")
    return target


def _write_toml(model: str, title: str, planned: Plan) -> str:
    lines = [
        f"model = {_quoted(model)}",
        f"title = {_quoted(title)}",
        'description = ""',
        '# author = "You"',
        '# license = "MIT"',
    ]
    for item in planned.inputs:
        lines += ["", *_input_lines(item)]
    for output in planned.outputs:
        lines += ["", *_output_lines(output)]
    names = [field.name for item in planned.inputs for field in item.fields]
    lines += [
        "",
        "# Examples are shown with Python's answers before the model has loaded.",
        "# [[examples]]",
        '# title = "An example"',
        *[f"# {_key(name)} = …" for name in names],
    ]
    return "\n".join(lines) + "\n"


def _input_lines(item: PlannedInput) -> list[str]:
    lines = ["[[inputs]]", f"name = {_quoted(item.spec.name)}  # {item.spec}"]
    if len(item.fields) > 1:
        for field in item.fields:
            lines += [
                "",
                "[[inputs.fields]]",
                f"name = {_quoted(field.name)}",
                f"label = {_quoted(field.label)}",
                f"widget = {_quoted(field.widget)}",
                "# min = 0, max = 1, step = 0.1, unit = …: each on a line of its own",
            ]
        return lines
    lines.append(f"widget = {_quoted(item.fields[0].widget)}")
    if item.feed in ("image", "sketch"):
        lines += [
            "# What the model was trained on: [0, 1], [-1, 1] or, without this line, [0, 255].",
            "# range = [0, 1]",
        ]
    return lines


def _output_lines(item: PlannedOutput) -> list[str]:
    lines = ["[[outputs]]", f"name = {_quoted(item.spec.name)}  # {item.spec}"]
    lines.append(f"widget = {_quoted(item.widget)}")
    if item.widget == "label":
        lines.append(f"labels = {json.dumps(item.options['labels'], ensure_ascii=False)}")
        lines.append(f"top = {item.options['top']}")
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else _quoted(name)
