"""The widgets: reads the manifests of templates/widgets/{input,output}/*/part.toml."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bundler.ground import layout

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Role = Literal["input", "output"]
Kind = Literal["image", "scalar", "text", "vector", "scores", "any"]


class Manifest(BaseModel):
    """What a part.toml says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: str
    feed: str = "tensor"  # input widgets: a module of bundler/graph/feeds
    head: str = "tensor"  # output widgets: a module of bundler/graph/heads
    fits: list[Kind]  # the kinds of tensors that it can fill or show
    names_field: bool = False  # input widgets: whether it names its field itself
    infer: bool = False  # whether a tensor without configuration may get it
    options: list[str]  # the keys of demo.toml that mean something to it
    requires: list[str] = []  # those of them that must be given
    synonyms: list[str] = []  # what else people call it


@dataclass(frozen=True)
class Part:
    """A widget's folder and manifest."""

    role: Role
    name: str
    folder: Path
    manifest: Manifest


def read() -> dict[Role, dict[str, Part]]:
    """All widgets by role and name."""
    return {"input": _read_role("input"), "output": _read_role("output")}


def _read_role(role: Role) -> dict[str, Part]:
    parts = {}
    for file in sorted((layout.templates() / "widgets" / role).glob("*/part.toml")):
        manifest = Manifest.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        parts[file.parent.name] = Part(role, file.parent.name, file.parent, manifest)
    return parts
