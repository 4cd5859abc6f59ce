"""The widgets: reads the manifests of templates/widgets/{input,output}/*/part.toml."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bundler.demo import toml, wording
from bundler.feeds import FEEDS, Feed
from bundler.ground import layout, names
from bundler.ground.errors import ConfigError
from bundler.ground.table import GRAPH, PAGE, Number
from bundler.heads import HEADS, Head

Role = Literal["input", "output"]
# What browsers let a page use only if it says so beforehand, as a permissions policy names it.
Feature = Literal["camera", "microphone"]
MANIFEST = "part.toml"
KIND_KEYS: dict[Role, str] = {"input": "feed", "output": "head"}
# What a widget's folder holds besides, and its style sheet if it has one.
FILES: dict[Role, tuple[str, ...]] = {
    "input": ("widget.html.j2", "widget.js", "example.html.j2"),
    "output": ("widget.html.j2", "widget.js", "caption.html.j2"),
}
# What takes an answer away, of a widget that says in which forms.
TAKEN = "take.js"
# It stands in scripts and selectors.
NAME = re.compile(r"[a-z][a-z0-9_]*")
TYPES: dict[str, Any] = {"text": str, "texts": list[str], "whole number": int, "number": Number}
TYPES["true or false"] = bool


class Key(BaseModel):
    """A key of demo.toml that a widget brings itself, for its page side alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["text", "texts", "whole number", "number", "true or false"]
    description: str
    default: Any = None
    min: Number | None = None
    max: Number | None = None

    @property
    def field(self) -> tuple[Any, Any]:
        """Its annotation and default, as pydantic takes them."""
        said = Field(self.default, description=self.description, ge=self.min, le=self.max)
        return Annotated[TYPES[self.type] | None, PAGE], said


class Addition(BaseModel):
    """What a widget has besides on pages where one of its fields has a key that holds a value.

    Of the name that it has in `also`, `<name>.js` stands for widget.js there, and `<name>.css`,
    if there is one, comes after widget.css.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # keys, and what each of them is or has among its values; true: that they are stated
    where: dict[str, str | int | Literal[True]]
    browser: list[Feature] = []  # what it needs of the browser

    def is_meant(self, options: Mapping[str, Any]) -> bool:
        """Whether the keys of a field ask for it."""
        return all(_holds(options.get(key), value) for key, value in self.where.items())


def _holds(found: Any, value: str | int) -> bool:
    if value is True:
        return found not in (None, False)
    return value in found if isinstance(found, list | tuple) else found == value


class Manifest(BaseModel):
    """What a part.toml says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: str
    feed: str = "tensor"  # input widgets: a module of bundler/feeds
    head: str = "tensor"  # output widgets: a module of bundler/heads
    fits: list[str]  # which kinds of tensors of its feed or head it can fill or show
    names_field: bool = False  # input widgets: whether it names its field itself
    clear_button: bool = False  # input widgets: whether the page needs a button to clear it
    over: bool = False  # output widgets: whether it needs a picture that went in, to show over
    infer: bool = False  # whether a tensor without configuration may get it
    options: list[str]  # the keys of its feed or head that its page side needs
    requires: list[str] = []  # those of them that must be given
    keys: dict[str, Key] = {}  # keys of its own, for its page side alone
    # output widgets: how an answer can be taken away, each an export of their take.js
    taken: list[Literal["text", "png", "mask", "wav", "csv", "json"]] = []
    packages: list[str] = []  # the npm packages that its script loads when it needs them
    browser: list[Feature] = []  # what it needs of the browser on every page
    media: bool = False  # whether it plays what only the page has: the visitor's own file
    also: dict[str, Addition] = {}  # what it has besides where its keys say so
    synonyms: list[str] = []  # what else people call it


@dataclass(frozen=True)
class Part:
    """A widget's folder and manifest; on a page, with the addition that its fields ask for."""

    role: Role
    name: str
    folder: Path
    manifest: Manifest
    addition: str = ""

    @property
    def kind(self) -> str:
        """Its feed, or its head."""
        return self.manifest.feed if self.role == "input" else self.manifest.head

    @property
    def roles(self) -> tuple[str, ...]:
        """The tensors that it needs by what `tensors` calls them; none for a single one."""
        return _kinds(self.role)[self.kind].ROLES

    def takes(self, roles: Collection[str]) -> bool:
        """Whether tensors that are called so are all that it needs, and none that it does not."""
        kind = _kinds(self.role)[self.kind]
        return set(kind.ROLES) <= set(roles) <= {*kind.ROLES, *kind.OPTIONAL}

    @property
    def known(self) -> list[str]:
        """The keys of demo.toml that mean something to it."""
        settings = _kinds(self.role)[self.kind].SETTINGS
        return list(
            dict.fromkeys([*settings.marked(GRAPH), *self.manifest.options, *self.manifest.keys])
        )

    def on_page(self, fields: Collection[Mapping[str, Any]]) -> Part:
        """With the first addition that the options of one of its fields ask for."""
        meant = (
            name for name, said in self.manifest.also.items() if any(map(said.is_meant, fields))
        )
        return replace(self, addition=next(meant, ""))

    @property
    def script(self) -> str:
        """The file that mounts it."""
        return f"{self.addition or 'widget'}.js"

    @property
    def sheets(self) -> list[str]:
        """The names of its style sheets, each of which may be left out."""
        return [f"{name}.css" for name in ("widget", self.addition) if name]

    @property
    def browser(self) -> list[Feature]:
        """What a page with it needs of the browser."""
        also = self.manifest.also
        return self.manifest.browser + (also[self.addition].browser if self.addition else [])


Parts = dict[Role, dict[str, Part]]


def read(folders: Sequence[Path] = ()) -> Parts:
    """All widgets by role and name; one in a demo's own `folders` stands for ours of its name.

    Raises ConfigError for a folder that is no widget.
    """
    places = [layout.templates(), *folders]
    return {"input": _read_role("input", places), "output": _read_role("output", places)}


def _read_role(role: Role, places: list[Path]) -> dict[str, Part]:
    folders = (sorted((place / "widgets" / role).glob("*")) for place in places)
    parts = [_read_part(role, path) for paths in folders for path in paths if path.is_dir()]
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
    part = Part(role, folder.name, folder, manifest)
    problem = _misfit(part)
    if problem:
        raise ConfigError(f"{file} has a problem:\n  {problem}")
    return part


def _kinds(role: Role) -> Mapping[str, Feed | Head]:
    return FEEDS if role == "input" else HEADS


def _misfit(part: Part) -> str:
    """What a manifest says of its feed or head that is not so; "" if all is."""
    known = _kinds(part.role)
    if part.kind not in known:
        tail = names.ending(part.kind, sorted(known))
        return f'{KIND_KEYS[part.role]}: there is no "{part.kind}"; {tail}'
    if part.manifest.packages and layout.templates() not in part.folder.parents:
        return "packages: only the tool's own widgets have some; put the script beside this file"
    if part.manifest.taken and part.role == "input":
        return "taken: only answers can be taken away"
    if part.manifest.taken and not (part.folder / TAKEN).is_file():
        return f"taken: {TAKEN} is missing, whose exports take the answer away"
    for name, said in part.manifest.also.items():
        if not (part.folder / f"{name}.js").is_file():
            return f"also.{name}: {name}.js is missing, which stands for widget.js there"
        pages = [*part.manifest.options, *part.manifest.keys]
        unsaid = [key for key in said.where if key not in pages]
        if unsaid:
            tail = names.ending(unsaid[0], pages)
            return f"also.{name}: {unsaid[0]} is no key of its page side; {tail}"
    keys = known[part.kind].SETTINGS.model_fields
    foreign = [key for key in part.manifest.options if key not in keys]
    if foreign:
        tail = names.ending(foreign[0], list(keys))
        return f'options: "{part.kind}" has no key {foreign[0]}; {tail}'
    kinds = known[part.kind].KINDS
    strange = [kind for kind in part.manifest.fits if kind not in kinds]
    if strange:
        return f'fits: "{part.kind}" finds no {strange[0]}; {names.ending(strange[0], list(kinds))}'
    return ""
