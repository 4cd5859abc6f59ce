"""demo.toml: read, understood, and checked against the disk; all problems at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bundler.demo import reach, toml, wording
from bundler.ground import folders, names, shell, text_files
from bundler.ground.errors import ConfigError

FILE_NAME = "demo.toml"
# What a folder that is a model has in it: a SavedModel, TensorFlow.js's, Teachable Machine's.
MODEL_FILES = ("saved_model.pb", "model.json", "keras_model.h5")
# What files with a model in them are called, or begin with, whatever they are called.
MODEL_ENDINGS = (".keras", ".h5", ".hdf5", ".pb", ".tflite", ".zip")
MODEL_BEGINNINGS = (b"\x89HDF\r\n\x1a\n", b"PK\x03\x04")
EXAMPLE_KEYS = {"title", "label"}

Number = float | int
Length = Annotated[int, Field(gt=0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Choice(_Table):
    """One row of a dropdown: what is shown, and what the model gets.

    Where no value is stated, an input of texts gets the label, any other the row's index.
    """

    label: str
    value: Number | str | None = None

    def settled(self, index: int, dtype: str) -> Choice:
        """The choice with the value that an input of `dtype` gets.

        Raises ValueError for a stated value of another kind.
        """
        wanted = str if dtype == "string" else int | float
        if self.value is None:
            value: Number | str = self.label if dtype == "string" else index
            return self.model_copy(update={"value": value})
        if not isinstance(self.value, wanted):
            kind = "texts" if dtype == "string" else "numbers"
            raise ValueError(f"{self.value!r} cannot be a value of an input of {kind}")
        return self


class Scale(_Table):
    """What widgets for a single number or text understand."""

    unit: str | None = None
    min: Number | None = None
    max: Number | None = None
    step: Number | None = Field(None, gt=0)
    choices: list[Choice] | None = Field(None, min_length=1, examples=[["red", "green"]])
    placeholder: str | None = None
    lines: int | None = Field(None, gt=0, le=40)
    default: Any = None

    @field_validator("choices", mode="before")
    @classmethod
    def _spell_out(cls, value: Any) -> Any:
        """`["red", "green"]` is short for tables with just a label."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [{"label": label} for label in value]
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Scale:
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError(f"min ({self.min}) must be less than max ({self.max})")
        return self

    @field_validator("default")
    @classmethod
    def _offered(cls, value: Any, info: ValidationInfo) -> Any:
        ends = [info.data.get(name) for name in ("min", "max", "choices")]
        if value is not None and any(end is not None for end in ends):
            _check_offered(value, *ends)
        return value

    def check(self, value: Number | str) -> None:
        """Raises ValueError for a value that the widget does not offer."""
        if any(end is not None for end in (self.min, self.max, self.choices)):
            _check_offered(value, self.min, self.max, self.choices)


def _check_offered(value: Any, low: Any, high: Any, choices: list[Choice] | None) -> None:
    if isinstance(value, list):  # a tensor: each of its elements
        for element in value:
            _check_offered(element, low, high, choices)
        return
    if choices:
        _check_chosen(value, choices)
    elif not isinstance(value, int | float):
        raise ValueError("must be a number")
    if (low is not None and value < low) or (high is not None and value > high):
        ends = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        raise ValueError(f"{value} is not {' and '.join(ends)}")


def _check_chosen(value: Any, choices: list[Choice]) -> None:
    """Until the input's dtype is known, a choice without a value may be meant by two."""
    offered = [
        (choice.label, index) if choice.value is None else (choice.value,)
        for index, choice in enumerate(choices)
    ]
    if not any(value in values for values in offered):
        known = ", ".join(str(values[0]) for values in offered)
        raise ValueError(f"{value} is none of the choices: {known}")


def _not_flat(value: tuple[float, float] | None) -> tuple[float, float] | None:
    if value and value[0] == value[1]:
        raise ValueError("its two ends must differ")
    return value


class InputField(Scale):
    """One named element of an input vector."""

    name: str
    label: str | None = None
    widget: str | None = None


class Input(Scale):
    """One input of the model: its widget, and how the widget's value becomes a tensor."""

    name: str | None = None
    label: str | None = None
    widget: str | None = None
    size: tuple[Length, Length] | None = Field(
        None, description="height and width in pixels", examples=[[28, 28]]
    )
    channels: Literal[1, 3] | None = None
    range: tuple[float, float] | None = Field(
        None,
        description="what the model wants for black and white (a sketch: paper and ink)",
        examples=[[0, 1]],
    )
    fit: Literal["stretch", "crop"] | None = None
    center: Literal["mass", "box", "none"] | None = None
    fill: float | None = Field(None, gt=0, le=1)
    stroke: float | None = Field(None, gt=0, lt=0.5)
    fields: list[InputField] | None = None
    shape: tuple[int | None, ...] | None = Field(
        None,
        description="where the model does not say it: batch first, -1 for what is free",
        examples=[[-1, 224, 224, 3]],
    )

    @field_validator("shape")
    @classmethod
    def _free_sizes(cls, value: tuple[int | None, ...] | None) -> tuple[int | None, ...] | None:
        return value and tuple(None if size == -1 else size for size in value)

    _check_range = field_validator("range")(_not_flat)


class Output(_Table):
    """One output of the model and how it is shown."""

    name: str | None = None
    label: str | None = None
    widget: str | None = None
    labels: list[str] | str | None = Field(
        None, description="names, or a file with one a line", examples=["labels.txt"]
    )
    top: int | None = Field(None, gt=0)
    scores: Literal["probabilities", "logits"] | None = None
    range: tuple[float, float] | None = Field(
        None, description="the output's values for black and white", examples=[[0, 1]]
    )
    unit: str | None = None
    decimals: int | None = Field(None, ge=0, le=9)

    _check_range = field_validator("range")(_not_flat)


class Theme(_Table):
    """Colours of the page."""

    accent: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$", examples=["#2563eb"])


class Build(_Table):
    """How the site is made."""

    tolerance: float = Field(1e-4, gt=0, description="of an output's largest magnitude")
    quantize: Literal["none", "float16", "uint16", "uint8", "auto"] = Field(
        "none", description='how weights are stored; "auto": the smallest that keeps the answers'
    )
    random: Literal["same", "each answer"] = Field(
        "same", description="what a model draws: the same for every answer, or anew each time"
    )
    format: Literal["auto", "graph", "layers"] = Field(
        "auto", description="of the model in the site; auto is graph"
    )
    isolate: bool = Field(
        False, description="several threads for WebAssembly, by a page isolated from others"
    )

    @property
    def quantises(self) -> bool:
        """Whether weights may become smaller; "auto" leaves those of a layers model alone."""
        return self.quantize != "none" and self.format != "layers"

    @model_validator(mode="after")
    def _whole_weights_in_layers(self) -> Build:
        if self.format == "layers" and self.quantize not in ("none", "auto"):
            raise ValueError(f'quantize: "{self.quantize}" is for the graph format only')
        if self.format == "layers" and self.random != "same":
            raise ValueError(f'random: "{self.random}" is for the graph format only')
        return self


class Demo(_Table):
    """What demo.toml says; `folder` is where its relative paths start."""

    model: str
    signature: str | None = Field(None, description="which one of a SavedModel")
    custom_objects: str | None = Field(
        None, description="a Python file with the model's own classes; needs --trust-model"
    )
    title: str | None = None
    description: str = ""
    author: str | None = None
    license: str | None = None
    homepage: str | None = Field(
        None,
        pattern=r"^https?://",
        description="of the author's project",
        examples=["https://example.org/project"],
    )
    url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="where the page will be",
        examples=["https://example.org/demo/"],
    )
    language: str = "en"
    card: dict[str, str] = {}
    theme: Theme = Field(default_factory=Theme)
    inputs: list[Input] = []
    outputs: list[Output] = []
    examples: list[dict[str, Any]] = []
    build: Build = Field(default_factory=Build)
    folder: Path = Field(Path(), exclude=True)
    file: str = Field(FILE_NAME, exclude=True)
    # From the command line only, so that a cloned demo cannot switch it on.
    trusted: bool = Field(False, exclude=True)
    # The folders into which its paths may lead; None: they are the user's own, and lead anywhere.
    reach: tuple[Path, ...] | None = Field(None, exclude=True)

    @property
    def model_path(self) -> Path:
        return self.path(self.model)

    def path(self, name: str) -> Path:
        """Where a path of demo.toml leads: every one is looked up here.

        Raises ConfigError for one that leads out of the demo's reach.
        """
        place = self.folder / name
        return place if self.reach is None else reach.check(place, self.reach)

    @property
    def shown_title(self) -> str:
        words = re.sub(r"[_\-\s]+", " ", Path(self.model).stem).strip()
        return self.title or words[:1].upper() + words[1:] or "Demo"

    def entitled(self, title: str) -> Demo:
        """With the model's own title, if demo.toml has none."""
        return self if self.title or not title else self.model_copy(update={"title": title})


def read(
    target: Path,
    *,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
) -> Demo:
    """The demo in a folder, in a demo.toml, or around a bare model file.

    `trusted`, `signature` and the folders that are `allowed` besides the demo's own are the
    command line's.

    Raises ConfigError with every problem of the file.
    """
    target = locate(target)
    if target.suffix == ".toml":
        demo = _understand(target, {}, allowed)
    else:
        demo = Demo(model=target.name, folder=target.parent, file=target.name)
    return _settled(demo, trusted, signature)


def _settled(demo: Demo, trusted: bool, signature: str | None) -> Demo:
    """With what the command line or a program says, and files that are there."""
    said = {"trusted": trusted} | ({"signature": signature} if signature else {})
    demo = demo.model_copy(update=said)
    _check_files(demo)
    return demo


def locate(target: Path) -> Path:
    """The demo.toml or the bare model that `target` means. Raises ConfigError for neither."""
    if target.is_dir() and not (target / FILE_NAME).exists() and not _looks_like_model(target):
        raise ConfigError(
            f"{target} has no {FILE_NAME}",
            hint="Name a model file, or make one with: "
            + shell.command("tfjs-demo", "new", "MODEL", target),
        )
    if target.is_dir() and (target / FILE_NAME).exists():
        target = target / FILE_NAME
    if not target.exists():
        raise ConfigError(
            f"there is no file or folder {target}",
            hint=names.near_file(target) or "Check the path.",
        )
    return target


def around(
    target: Path,
    settings: dict[str, Any],
    *,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
) -> Demo:
    """The demo in `target`, or around a bare model, with the settings of a Python program.

    They have the keys of demo.toml, whose own they replace. Paths are relative to demo.toml, or
    else to the working directory. Raises ConfigError with every problem.
    """
    target = locate(target)
    if target.suffix == ".toml":
        demo = _understand(target, settings, allowed)
    else:
        data = {"model": str(target.resolve()), **settings}
        demo = _validated(Path(target.name), data)
    return _settled(demo, trusted, signature)


def is_demo(target: Path) -> bool:
    """Whether `target` is a demo.toml or a folder with one."""
    return target.suffix == ".toml" or (target / FILE_NAME).exists()


def _looks_like_model(folder: Path) -> bool:
    """A folder that a library wrote, or one with something in it that may be a model."""
    apart = any(folder.glob("*.json")) and any(folder.glob("*.h5"))
    return apart or any(_may_be_model(file) for level in folders.levels(folder) for file in level)


def _may_be_model(path: Path) -> bool:
    if path.name in MODEL_FILES or path.suffix.lower() in MODEL_ENDINGS:
        return True
    if not path.is_file():
        return False  # opening a pipe would wait for whoever writes to it
    try:
        with path.open("rb") as stream:
            return stream.read(8).startswith(MODEL_BEGINNINGS)
    except OSError:
        return False


def _understand(path: Path, settings: dict[str, Any], allowed: Sequence[Path]) -> Demo:
    """What a demo.toml says, where the settings do not say otherwise."""
    within = (path.parent, *allowed)
    data = toml.read(reach.check(path, within))
    return _validated(path, {**data, **settings}).model_copy(update={"reach": within})


def _validated(path: Path, data: dict[str, Any]) -> Demo:
    reserved = {"folder", "file", "trusted", "reach"} & data.keys()
    try:
        demo = Demo.model_validate({k: v for k, v in data.items() if k not in reserved})
        problems = []
    except ValidationError as error:
        problems = wording.problems(Demo, error)
    problems += [f"{key}: there is no such key" for key in sorted(reserved)]
    if problems:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise ConfigError(f"{path} has {count}:\n" + "\n".join(f"  {line}" for line in problems))
    return demo.model_copy(update={"folder": path.parent, "file": path.name})


def _named(demo: Demo) -> Iterator[tuple[str, str]]:
    """The paths that demo.toml names, but for those of examples, by their keys."""
    yield "model", demo.model
    if demo.custom_objects is not None:
        yield "custom_objects", demo.custom_objects
    for index, output in enumerate(demo.outputs):
        if isinstance(output.labels, str):
            yield f"outputs[{index}].labels", output.labels


def _check_files(demo: Demo) -> None:
    """Raises ConfigError for paths that lead elsewhere, or to nothing."""
    problems, hints = [], []
    for key, name in _named(demo):
        try:
            path = demo.path(name)
        except ConfigError as error:
            problems.append(f"{key}: {error.message}")
            hints.append(error.hint)
            continue
        # A file of Python code is refused for what it is first.
        is_there = path.exists() if key == "model" else path.is_file()
        if not is_there and key != "custom_objects":
            problems.append(f"{key}: there is no file {_path(demo, name)}")
            hints.append(_file_hint(demo, key, name))
    if problems:
        raise ConfigError(
            f"{demo.folder / demo.file}: " + "; ".join(problems),
            hint=" ".join(dict.fromkeys(filter(None, hints)))
            or "Paths are relative to the folder of demo.toml.",
        )


def _path(demo: Demo, name: str) -> str:
    """A path on one line, whatever characters are in it."""
    path = str(demo.folder / name)
    return path if path.isprintable() else repr(path)


def _file_hint(demo: Demo, key: str, name: str) -> str:
    if not name.isprintable():
        written = repr(name)[1:-1]  # what stood between the quotes
        return f"In \"…\", a \\ begins an escape: {key.split('.')[-1]} = '{written}' has none."
    return names.near_file(demo.folder / name)


def read_labels(demo: Demo, output: Output) -> list[str] | None:
    """The names of an output's classes, from the list or the file."""
    if not isinstance(output.labels, str):
        return output.labels
    text = text_files.read(demo.path(output.labels), "labels")
    return [line.strip() for line in text.splitlines() if line.strip()]
