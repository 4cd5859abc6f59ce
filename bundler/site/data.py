"""What the page's scripts are told, as JSON; and the examples with Python's answers."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from bundler.graph import Case
from bundler.ground.numbers import written
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.plan import truth
from bundler.site import words
from bundler.site.contents import Assets, Contents
from bundler.site.examples import as_written

# An example's answer in the page is cut to so many elements; a click computes it anew.
MOST_ANSWER_ELEMENTS = 65_536


def answers(assets: Assets, index: int, case: Case) -> dict[str, dict[str, Any]]:
    """Python's answers to an example; of one that is a file, the file's path."""
    return {
        name: _answer(tensor, assets.answers.get((index, name)))
        for name, tensor in case.outputs.items()
    }


def _answer(tensor: Tensor, file: dict[str, Any] | None) -> dict[str, Any]:
    facts = {"dtype": tensor.dtype, "shape": list(tensor.shape)}
    if file:
        return {**facts, "data": [], **file}
    return {**facts, "data": tensor.values[:MOST_ANSWER_ELEMENTS]}


def examples(
    contents: Contents,
    assets: Assets,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """What the strip of examples shows."""
    fields = [field for item in inputs for field in item["fields"]]
    if not contents.demo.inputs:
        fields = as_written(fields, contents.examples)
    return [
        {
            "index": index,
            "title": example.title,
            "label": example.label,
            "missed": truth.missed(example.label, contents.plan, case.outputs),
            "fields": [
                {"field": field, "state": example.states[field["id"]]}
                for field in fields
                if not example.media or isinstance(example.states[field["id"]], dict)
            ],
            "thumbnail": bool(example.media),
            "answers": [
                {"output": output, "answer": answers(assets, index, case)[output["name"]]}
                for output in outputs
            ],
        }
        for index, (example, case) in enumerate(
            zip(contents.examples, contents.answers.examples, strict=True)
        )
    ]


def engine(contents: Contents, assets: Assets) -> dict[str, Any]:
    """What the page's first script starts: EngineOptions in templates/runtime/page/types.js."""
    entries = {
        name: {"url": path, "bytes": size, "sent": sent}
        for name, (path, size, sent) in assets.engine_files.items()
    }
    binaries = contents.engine.wasm
    return {
        "model": contents.model.content,
        "workers": assets.workers,
        "files": {name: entry for name, entry in entries.items() if name not in binaries},
        "wasm": {name.removeprefix("wasm-"): entries[name] for name in binaries},
        "besides": assets.besides,
        "golden": assets.golden,
        "backends": contents.engine.backends,
        "reason": words.reason(
            contents.model.multiply_adds, contents.engine.backends[0], contents.texts
        ),
        "threads": assets.threads,
        # Noise the page makes itself.
        "first": {
            item.spec.name: _repeated(contents.answers.start.inputs[item.spec.name])
            for item in contents.plan.inputs
        },
    }


def _repeated(tensor: Tensor) -> dict[str, Any]:
    """Shape and values of a tensor, without what only repeats the values before."""
    return {"shape": list(tensor.shape), "values": (tensor.pattern or tensor).values}


def data(
    contents: Contents,
    assets: Assets,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> dict[str, Any]:
    """The page's JSON: what its script needs to know."""
    return {
        "title": contents.demo.shown_title,
        "inputs": [
            {
                **_spec(spec),
                "label": item["label"],
                "fields": [_picked(field) for field in item["fields"]],
                **({"after": planned.after} if planned.after else {}),
            }
            for item in inputs
            for spec, planned in zip(contents.model.inputs, contents.plan.inputs, strict=True)
            if spec.name == item["name"]
        ],
        "outputs": [
            {**_spec(spec), **_picked(item), "columns": item["columns"]}
            for item in outputs
            for spec in contents.model.outputs
            if spec.name == item["name"]
        ],
        "examples": [
            {
                "title": example.title,
                "states": example.states,
                "answers": answers(assets, index, case),
            }
            for index, (example, case) in enumerate(
                zip(contents.examples, contents.answers.examples, strict=True)
            )
        ],
    }


def _spec(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "dtype": spec.dtype, "shape": list(spec.shape)}


def _picked(item: dict[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ("id", "name", "label", "widget", "options")}


def _finite(data: Any) -> Any:
    """With texts for the numbers that JSON has not, which scripts read as these numbers."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return written(data) if isinstance(data, float) and not isfinite(data) else data


def as_json(data: dict[str, Any]) -> str:
    """JSON that cannot end its script element, whatever a label contains."""
    compact = (",", ":")
    try:
        text = json.dumps(data, ensure_ascii=False, separators=compact, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(data), ensure_ascii=False, separators=compact)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
