"""The widgets: reads the manifests of templates/widgets/{input,output}/*/part.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bundler.demo import toml, wording
from bundler.ground import layout, names
from bundler.ground.errors import ConfigError

Role = Literal["input", "output"]
MANIFEST = "part.toml"
KIND_KEYS: dict[Role, str] = {"input": "feed", "output": "head"}
# What a widget's folder holds besides, and its style sheet if it has one.
FILES: dict[Role, tuple[str, ...]] = {
    "input": ("widget.html.j2", "widget.js", "example.html.j2"),
    "output": ("widget.html.j2", "widget.js", "caption.html.j2"),
}
Kind = Literal["image", "scalar", "text", "vector", "scores", "any"]
# It stands in scripts and selectors.
NAME = re.compile(r"[a-z][a-z0-9_]*")


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

    @property
    def kind(self) -> str:
        """Its feed, or its head."""
        return self.manifest.feed if self.role == "input" else self.manifest.head


def read(folders: Sequence[Path] = ()) -> dict[Role, dict[str, Part]]:
    """All widgets by role and name; one in a demo's own `folders` stands for ours of its name.

    Raises ConfigError for a folder that is no widget.
    """
    places = [layout.templates(), *folders]
    return {"input": _read_role("input", places), "output": _read_role("output", places)}


def _read_role(role: Role, places: list[Path]) -> dict[str, Part]:
    ours, *others = (sorted((place / "widgets" / role).glob("*")) for place in places)
    parts = [_read_part(role, path) for path in ours if path.is_dir()]
    # There is none that no widget of ours stands for.
    kinds = sorted({part.kind for part in parts})
    for path in (path for paths in others for path in paths if path.is_dir()):
        parts.append(_read_part(role, path))
        if parts[-1].kind not in kinds:
            key, tail = KIND_KEYS[role], names.ending(parts[-1].kind, kinds)
            raise ConfigError(
                f'{path / MANIFEST} has a problem:\n  {key}: there is no "{parts[-1].kind}"; {tail}'
            )
    return {part.name: part for part in parts}


def _read_part(role: Role, folder: Path) -> Part:
    """The widget in a folder. Raises ConfigError, naming the file and the key."""
    if not NAME.fullmatch(folder.name):
        raise ConfigError(
            f"{folder} cannot be the name of a widget",
            hint="It takes small letters, digits and _, the first a letter.",
        )
    for name in (MANIFEST, *FILES[role]):
        if not (folder / name).is_file():
            needed = ", ".join((MANIFEST, *FILES[role]))
            raise ConfigError(
                f"{folder / name} is missing", hint=f"The folder of a widget needs {needed}."
            )
    file = folder / MANIFEST
    try:
        manifest = Manifest.model_validate(toml.read(file))
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in wording.problems(Manifest, error))
        raise ConfigError(f"{file} has a problem:\n{lines}") from error
    return Part(role, folder.name, folder, manifest)
