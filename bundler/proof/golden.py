"""Samples with Python's answers as they ship in a site, cut down to a few kilobytes.

An input of many elements repeats a short pattern (graph/samples.py) or is a picture or a sound
of the site; of an output of many elements every n-th is kept.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bundler.graph import Case
from bundler.ground import own_files, pictures, sounds
from bundler.ground.errors import ConfigError, SiteError
from bundler.ground.tensors import Tensor

MOST_KEPT = 4096
# Of all samples that somebody else's site may have: a repeated pattern of a few bytes is as large
# as it says.
MOST_ELEMENTS = 1 << 26
MOST_BYTES = 64 * 1024 * 1024
MOST_PIXELS = 1 << 24


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Value(_Table):
    """A tensor as it is written: whole, as a pattern, as a picture or a sound of the site."""

    dtype: Literal["float32", "int32", "bool", "string"]
    shape: tuple[Annotated[int, Field(ge=0)], ...]
    data: str | list[str] | None = None
    repeat: str | list[str] | None = None
    picture: str | None = None
    sound: str | None = None
    stride: Annotated[int, Field(gt=0)] = 1

    def read(self, site: Path) -> Tensor:
        """The tensor. Raises ValueError, ConfigError or SiteError."""
        if self.picture is not None:
            file = own_files.at(site, self.picture)
            pixels = pictures.decode(file.read_bytes(), file, MOST_PIXELS).pixels
            if pixels.shape != self.shape:
                raise ValueError("a picture of another size")
            return pixels
        if self.sound is not None:
            file = own_files.at(site, self.sound)
            samples = sounds.decode(file.read_bytes(), file).samples
            if samples.shape != self.shape:
                raise ValueError("a sound of another length")
            return samples
        data = self.data if self.repeat is None else self.repeat
        if data is None or isinstance(data, list) != (self.dtype == "string"):
            raise ValueError("a tensor without data of its dtype")
        tensor = Tensor.from_json({"dtype": self.dtype, "shape": self.shape, "data": data})
        return tensor if self.repeat is None else tensor.repeated()


class _Case(_Table):
    inputs: dict[str, _Value]
    outputs: dict[str, _Value] = Field(min_length=1)
    own_errors: dict[str, float]
    allowed: dict[str, Annotated[float, Field(gt=0)]]

    def read(self, site: Path) -> Case:
        inputs = {name: value.read(site) for name, value in self.inputs.items()}
        if not all(tensor.fills_its_shape for tensor in inputs.values()):
            raise ValueError("fewer or more elements than a shape says")
        outputs = {name: value.read(site) for name, value in self.outputs.items()}
        return Case(inputs, outputs, self.own_errors, self.allowed)


class _Samples(_Table):
    tolerance: float = Field(gt=0)
    cases: list[_Case] = Field(min_length=1)

    @property
    def elements(self) -> int:
        """Of all inputs and outputs together."""
        values = [v for case in self.cases for v in (*case.inputs.values(), *case.outputs.values())]
        return sum(prod(value.shape) for value in values)


def dump(cases: list[Case], names: dict[str, str], *, tolerance: float) -> bytes:
    """The JSON file; `names` finds the site's file by the digest of what it holds."""
    rows = [
        {
            "inputs": {k: _dump_input(v, names) for k, v in case.inputs.items()},
            "outputs": {k: _dump_output(v) for k, v in case.outputs.items()},
            "own_errors": case.own_errors,
            "allowed": case.allowed,
        }
        for case in cases
    ]
    return json.dumps({"tolerance": tolerance, "cases": rows}, separators=(",", ":")).encode()


def load(
    path: Path, site: Path, *, most: int | None = MOST_ELEMENTS
) -> tuple[list[Case], dict[str, int], float]:
    """The cases, the stride of each output, and the tolerance.

    A site may be somebody else's: all its samples have at most `most` elements. Raises SiteError.
    """
    try:
        with path.open("rb") as stream:
            written = stream.read() if most is None else stream.read(MOST_BYTES)
        samples = _Samples.model_validate_json(written)
        names = samples.cases[0].outputs.keys()
        if any(case.outputs.keys() != names for case in samples.cases):
            raise ValueError("cases with other outputs")
        if most is not None and samples.elements > most:
            raise ValueError(f"more than {most} elements")
        cases = [case.read(site) for case in samples.cases]
    except (OSError, ValueError, ConfigError) as error:
        raise SiteError(
            f"the samples of {site} cannot be read",
            hint="Build the site again.",
            details=str(error),
        ) from error
    strides = {name: value.stride for name, value in samples.cases[0].outputs.items()}
    return cases, strides, samples.tolerance


def thin(tensor: Tensor, stride: int) -> Tensor:
    """Every `stride`-th element, in the tensor's own shape."""
    if stride == 1 or isinstance(tensor.data, tuple):
        return tensor
    return Tensor(tensor.dtype, tensor.shape, tensor.flat()[::stride].tobytes())


def _stride(tensor: Tensor) -> int:
    width = 1 if tensor.dtype == "bool" else 4
    return max(1, -(-len(tensor.data) // width // MOST_KEPT)) if tensor.dtype != "string" else 1


def _dump_output(tensor: Tensor) -> dict[str, Any]:
    stride = _stride(tensor)
    return {**thin(tensor, stride).to_json(), "stride": stride}


def _dump_input(tensor: Tensor, names: dict[str, str]) -> dict[str, Any]:
    if path := names.get(tensor.digest):
        kind = "sound" if path.endswith(".wav") else "picture"
        return {"dtype": tensor.dtype, "shape": list(tensor.shape), kind: path}
    if pattern := tensor.pattern:
        repeated = pattern.to_json()["data"]
        return {"dtype": tensor.dtype, "shape": list(tensor.shape), "repeat": repeated}
    return tensor.to_json()
