"""demo.toml: read, understood, and checked against the disk; all problems at once."""

from __future__ import annotations

import difflib
import re
import sys
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
from pydantic_core import ErrorDetails

from bundler.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAME = "demo.toml"
EXAMPLE_KEYS = {"title", "label"}

Number = float | int
Length = Annotated[int, Field(gt=0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Choice(_Table):
    """One row of a dropdown: what is shown, and the number that the model gets."""

    label: str
    value: Number


class Scale(_Table):
    """What widgets for a single number understand."""

    unit: str | None = None
    min: Number | None = None
    max: Number | None = None
    step: Number | None = Field(None, gt=0)
    choices: list[Choice] | None = Field(None, min_length=1)
    default: Any = None

    @field_validator("choices", mode="before")
    @classmethod
    def _number_the_texts(cls, value: Any) -> Any:
        """`["red", "green"]` is short for the labels of 0, 1, ..."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [{"label": label, "value": index} for index, label in enumerate(value)]
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

    def check(self, value: Number) -> None:
        """Raises ValueError for a number that the widget does not offer."""
        _check_offered(value, self.min, self.max, self.choices)


def _check_offered(value: Any, low: Any, high: Any, choices: list[Choice] | None) -> None:
    if not isinstance(value, int | float):
        raise ValueError("must be a number")
    if choices and value not in [choice.value for choice in choices]:
        known = ", ".join(str(choice.value) for choice in choices)
        raise ValueError(f"{value} is none of the choices: {known}")
    if (low is not None and value < low) or (high is not None and value > high):
        ends = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        raise ValueError(f"{value} is not {' and '.join(ends)}")


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
    size: tuple[Length, Length] | None = Field(None, description="height and width in pixels")
    channels: Literal[1, 3] | None = None
    range: tuple[float, float] | None = Field(
        None, description="what the model wants for black and white (a sketch: paper and ink)"
    )
    fit: Literal["stretch", "crop"] | None = None
    center: Literal["mass", "box", "none"] | None = None
    fill: float | None = Field(None, gt=0, le=1)
    stroke: float | None = Field(None, gt=0, lt=0.5)
    fields: list[InputField] | None = None

    @field_validator("range")
    @classmethod
    def _not_flat(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value and value[0] == value[1]:
            raise ValueError("its two ends must differ")
        return value


class Output(_Table):
    """One output of the model and how it is shown."""

    name: str | None = None
    label: str | None = None
    widget: str | None = None
    labels: list[str] | str | None = Field(None, description="names, or a file with one a line")
    top: int | None = Field(None, gt=0)
    scores: Literal["probabilities", "logits"] | None = None
    unit: str | None = None
    decimals: int | None = Field(None, ge=0, le=9)


class Theme(_Table):
    """Colours of the page."""

    accent: str | None = Field(None, pattern=r"^#[0-9a-fA-F]{6}$")


class Build(_Table):
    """How the site is made."""

    tolerance: float = Field(1e-4, gt=0, description="of an output's largest magnitude")


class Demo(_Table):
    """What demo.toml says; `folder` is where its relative paths start."""

    model: str
    title: str | None = None
    description: str = ""
    author: str | None = None
    license: str | None = None
    homepage: str | None = Field(None, pattern=r"^https?://", description="of the author's project")
    url: str | None = Field(None, pattern=r"^https?://", description="where the page will be")
    language: str = "en"
    card: dict[str, str] = {}
    theme: Theme = Field(default_factory=Theme)
    inputs: list[Input] = []
    outputs: list[Output] = []
    examples: list[dict[str, Any]] = []
    build: Build = Field(default_factory=Build)
    folder: Path = Field(Path(), exclude=True)
    file: str = Field(FILE_NAME, exclude=True)

    @property
    def model_path(self) -> Path:
        return self.folder / self.model

    @property
    def shown_title(self) -> str:
        words = re.sub(r"[_\-\s]+", " ", Path(self.model).stem).strip()
        return self.title or words[:1].upper() + words[1:] or "Demo"


def read(target: Path) -> Demo:
    """The demo in a folder, in a demo.toml, or around a bare model file.

    Raises ConfigError with every problem of the file.
    """
    if target.is_dir() and not (target / FILE_NAME).exists() and not _looks_like_model(target):
        raise ConfigError(
            f"{target} has no {FILE_NAME}",
            hint=f"Name a model file, or make one with: tfjs-demo new MODEL {target}",
        )
    if target.is_dir() and (target / FILE_NAME).exists():
        target = target / FILE_NAME
    if not target.exists():
        raise ConfigError(
            f"there is no file or folder {target}", hint=_nearest_file(target) or "Check the path."
        )
    if target.suffix == ".toml":
        demo = _understand(target, _parse(target))
    else:
        demo = Demo(model=target.name, folder=target.parent, file=target.name)
    _check_files(demo)
    return demo


def is_demo(target: Path) -> bool:
    """Whether `target` is a demo.toml or a folder with one."""
    return target.suffix == ".toml" or (target / FILE_NAME).exists()


def _looks_like_model(folder: Path) -> bool:
    return (folder / "saved_model.pb").exists() or (folder / "model.json").exists()


def _parse(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return data
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def _understand(path: Path, data: dict[str, Any]) -> Demo:
    reserved = {"folder", "file"} & data.keys()
    try:
        demo = Demo.model_validate({k: v for k, v in data.items() if k not in reserved})
        problems = []
    except ValidationError as error:
        # A key that may be of several types has a detail for each: the first says enough.
        details = {_location(detail): detail for detail in reversed(error.errors())}
        problems = [_explain(key, detail) for key, detail in reversed(details.items())]
    problems += [f"{key}: there is no such key" for key in sorted(reserved)]
    if problems:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise ConfigError(f"{path} has {count}:\n" + "\n".join(f"  {line}" for line in problems))
    return demo.model_copy(update={"folder": path.parent, "file": path.name})


def _location(detail: ErrorDetails) -> tuple[int | str, ...]:
    """Where a problem is, without pydantic's names of the types that a key may have."""
    return tuple(part for part in detail["loc"] if part not in ("list[str]", "str", "int", "float"))


def _explain(location: tuple[int | str, ...], detail: ErrorDetails) -> str:
    """One problem, with its key as it stands in the file and the nearest valid name."""
    key = _key(location)
    if detail["type"] == "extra_forbidden":
        names = _valid_keys(location[:-1])
        nearest = difflib.get_close_matches(str(location[-1]), names, n=1, cutoff=0.5)
        if nearest:
            return f'{key}: there is no such key; did you mean "{nearest[0]}"?'
        return f"{key}: there is no such key; there are {', '.join(names)}"
    if detail["type"] == "missing" and isinstance(location[-1], int):
        return f"{_key(location[:-1])}: another element is needed (it is {detail['input']!r})"
    if detail["type"] == "missing":
        return f"{key}: this key is needed"
    if detail["type"] == "model_type":
        return f"{key}: input should be a table (it is {detail['input']!r})"
    message = detail["msg"].removeprefix("Value error, ")
    value = "" if isinstance(detail["input"], dict) else f" (it is {detail['input']!r})"
    return f"{key}: {message[:1].lower() + message[1:]}{value}"


def _key(location: tuple[int | str, ...]) -> str:
    """`("inputs", 0, "size")` as "inputs[0].size"."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


TABLES: dict[str, type[BaseModel]] = {
    "inputs": Input, "outputs": Output, "fields": InputField, "choices": Choice,
    "theme": Theme, "build": Build,
}  # fmt: skip


def _valid_keys(location: tuple[int | str, ...]) -> list[str]:
    table = next((TABLES[str(p)] for p in reversed(location) if str(p) in TABLES), Demo)
    return [name for name, field in table.model_fields.items() if not field.exclude]


def _check_files(demo: Demo) -> None:
    """Raises ConfigError when the model or a labels file is not there."""
    problems, hints = [], []
    if not demo.model_path.exists():
        problems.append(f"model: there is no file {demo.model_path}")
        hints.append(_nearest_file(demo.model_path))
    for index, output in enumerate(demo.outputs):
        if isinstance(output.labels, str) and not (demo.folder / output.labels).is_file():
            problems.append(
                f"outputs[{index}].labels: there is no file {demo.folder / output.labels}"
            )
            hints.append(_nearest_file(demo.folder / output.labels))
    if problems:
        raise ConfigError(
            f"{demo.folder / demo.file}: " + "; ".join(problems),
            hint=" ".join(filter(None, hints)) or "Paths are relative to the folder of demo.toml.",
        )


def _nearest_file(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    names = [file.name for file in path.parent.iterdir()]
    nearest = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {path.parent / nearest[0]}?" if nearest else ""


def read_labels(demo: Demo, output: Output) -> list[str] | None:
    """The names of an output's classes, from the list or the file."""
    if not isinstance(output.labels, str):
        return output.labels
    path = demo.folder / output.labels
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}, named by labels, is not UTF-8 text: {error}") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
