"""Samples with Python's answers as they ship in a site, cut down to a few kilobytes.

An input of many elements repeats a short pattern (graph/samples.py) or is a picture
of the site; of an output of many elements every n-th is kept.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bundler import pictures
from bundler.graph import Case
from bundler.tensors import Tensor

MOST_ELEMENTS = 4096


def dump(cases: list[Case], picture_names: dict[str, str], *, tolerance: float) -> bytes:
    """The JSON file; `picture_names` finds the site's file by the digest of its pixels."""
    rows = [
        {
            "inputs": {k: _dump_input(v, picture_names) for k, v in case.inputs.items()},
            "outputs": {k: _dump_output(v) for k, v in case.outputs.items()},
            "own_errors": case.own_errors,
            "allowed": case.allowed,
        }
        for case in cases
    ]
    return json.dumps({"tolerance": tolerance, "cases": rows}, separators=(",", ":")).encode()


def load(path: Path, site: Path) -> tuple[list[Case], dict[str, int], float]:
    """The cases, the stride of each output, and the tolerance."""
    data = json.loads(path.read_text(encoding="utf-8"))
    strides: dict[str, int] = {}
    cases = []
    for row in data["cases"]:
        inputs = {name: _load_input(item, site) for name, item in row["inputs"].items()}
        outputs = {name: Tensor.from_json(item) for name, item in row["outputs"].items()}
        strides.update({name: item["stride"] for name, item in row["outputs"].items()})
        cases.append(Case(inputs, outputs, row["own_errors"], row["allowed"]))
    return cases, strides, data["tolerance"]


def thin(tensor: Tensor, stride: int) -> Tensor:
    """Every `stride`-th element, in the tensor's own shape."""
    if stride == 1 or isinstance(tensor.data, tuple):
        return tensor
    return Tensor(tensor.dtype, tensor.shape, tensor.flat()[::stride].tobytes())


def _stride(tensor: Tensor) -> int:
    width = 1 if tensor.dtype == "bool" else 4
    return max(1, -(-len(tensor.data) // width // MOST_ELEMENTS)) if tensor.dtype != "string" else 1


def _dump_output(tensor: Tensor) -> dict[str, Any]:
    stride = _stride(tensor)
    return {**thin(tensor, stride).to_json(), "stride": stride}


def _dump_input(tensor: Tensor, picture_names: dict[str, str]) -> dict[str, Any]:
    if tensor.digest in picture_names:
        shape = list(tensor.shape)
        return {"dtype": tensor.dtype, "shape": shape, "picture": picture_names[tensor.digest]}
    if pattern := tensor.pattern:
        repeated = pattern.to_json()["data"]
        return {"dtype": tensor.dtype, "shape": list(tensor.shape), "repeat": repeated}
    return tensor.to_json()


def _load_input(item: Any, site: Path) -> Tensor:
    if "picture" in item:
        return pictures.decode((site / item["picture"]).read_bytes()).pixels
    if "repeat" in item:
        return Tensor.from_json({**item, "data": item["repeat"]}).repeated()
    return Tensor.from_json(item)
