"""What demo.toml says: of the model, the page and the build, and where its paths start."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model, model_validator

from bundler.demo import parts, reach
from bundler.demo.card import Card
from bundler.demo.parts import Parts
from bundler.demo.settings import Input, Output, tables
from bundler.ground.table import Table

FILE_NAME = "demo.toml"
# Keys of an example that name no input.
EXAMPLE_KEYS = {"title", "label"}


class Theme(Table):
    """Colours of the page."""

    accent: str | None = Field(
        None,
        pattern=r"^#[0-9a-fA-F]{6}$",
        description="the colour from which the others are derived",
        examples=["#2563eb"],
    )


class Build(Table):
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


# What models and their folders are called that are called nothing.
SAYS_NOTHING = {
    "model", "models", "my model", "keras model", "tf model", "tfjs model", "web model",
    "saved model", "savedmodel", "best model", "final model", "trained model", "best", "final",
    "export", "exported", "exports", "output", "outputs", "out", "build", "dist", "weights",
    "checkpoint", "checkpoints", "demo", "tmp", "temp", "downloads", "desktop", "documents",
    "content", "home", "root",
}  # fmt: skip


class Demo(Table):
    """What demo.toml says; `folder` is where its relative paths start."""

    model: str = Field(description="the file or folder of the model")
    signature: str | None = Field(None, description="which one of a SavedModel")
    custom_objects: str | None = Field(
        None, description="a Python file with the model's own classes; needs --trust-model"
    )
    title: str | None = Field(None, description="of the page; else made of the model's name")
    description: str = Field("", description="stands under the title, and in link previews")
    author: str | None = Field(None, description="stands in the card, or at the foot of the page")
    license: str | None = Field(None, description="of the model; stands where the author does")
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
    language: str = Field(
        "en",
        description="of the page's texts, and of yours: a tag as in HTML",
        examples=["de", "de-AT"],
    )
    card: Card = Field(
        default_factory=Card,
        description="what is to be known of the model; any other key is a row of its own",
    )
    theme: Theme = Field(default_factory=Theme, description="how the page looks")
    inputs: list[Input] = Field(default_factory=list, description="in the order of the page")
    outputs: list[Output] = Field(default_factory=list, description="in the order of the page")
    examples: list[dict[str, Any]] | str = Field(
        default_factory=list,
        description="values by the inputs' names, with a title, and the true answer as label; "
        "or a CSV file with such columns",
        examples=["examples.csv"],
    )
    build: Build = Field(default_factory=Build, description="how the site is made")
    folder: Path = Field(Path(), exclude=True)
    file: str = Field(FILE_NAME, exclude=True)
    # From the command line only, so that a cloned demo cannot switch it on.
    trusted: bool = Field(False, exclude=True)
    # The folders into which its paths may lead; None: they are the user's own, and lead anywhere.
    reach: tuple[Path, ...] | None = Field(None, exclude=True)

    @property
    def written_in(self) -> Path:
        """The demo.toml, or the bare model."""
        return self.folder / self.file

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
        """Stated, or made of the model's name; of its folder's where that says nothing."""
        path = self.model_path.absolute()
        called = (re.sub(r"[_\-\s]+", " ", name).strip() for name in (path.stem, path.parent.name))
        words = [one for one in called if one] or ["demo"]
        telling = next((one for one in words if _says_something(one)), words[0])
        return self.title or telling[:1].upper() + telling[1:]

    @classmethod
    def understanding(cls, widgets: Parts) -> type[Demo]:
        """The demos whose tables have the keys that these widgets bring themselves.

        Raises ConfigError for a key that has a meaning already.
        """
        if widgets == parts.read():
            return cls
        made, _, answer = tables(widgets)
        inputs: Any = Field(default_factory=list)
        outputs: Any = Field(default_factory=list)
        return create_model(
            "Demo",
            __base__=cls,
            inputs=(list[made], inputs),  # type: ignore[valid-type]
            outputs=(list[answer], outputs),  # type: ignore[valid-type]
        )

    def entitled(self, title: str) -> Demo:
        """With the model's own title, if demo.toml has none."""
        return self if self.title or not title else self.model_copy(update={"title": title})


def _says_something(name: str) -> bool:
    """Versions of a SavedModel are folders with a number."""
    return name.casefold() not in SAYS_NOTHING and not name.isdecimal()
