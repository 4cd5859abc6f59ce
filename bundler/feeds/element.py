"""One number or text; of a vector, each element in a widget of its own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bundler.feeds.bounded import Bounded, default_element, settle_choices
from bundler.feeds.tensor import RawTensor
from bundler.feeds.values import Around
from bundler.ground.kinds import BEST, IF_ASKED, Fit
from bundler.ground.shapes import is_single, vector_length
from bundler.ground.table import PAGE, Number
from bundler.ground.tensors import TensorSpec, is_whole

# A bare vector of at most so many elements gets a field for each.
MOST_FIELDS = 24


class Settings(Bounded):
    """The keys of one number or text."""

    unit: Annotated[str | None, PAGE] = Field(None, description="what stands behind the number")
    step: Annotated[Number | None, PAGE] = Field(None, gt=0, description="from value to value")
    placeholder: Annotated[str | None, PAGE] = Field(None, description="what an empty box shows")
    lines: Annotated[int | None, PAGE] = Field(
        None, gt=0, le=40, description="how high the box for a text is"
    )
    generate: Annotated[bool, PAGE] = Field(
        False, description="whether a button “Generate” draws its value, with those beside it"
    )


class Element(RawTensor):
    """A tensor of one element."""

    SETTINGS = Settings
    KINDS = ("number", "text")
    EACH = True

    def fits(self, spec: TensorSpec) -> list[Fit]:
        if is_single(spec):
            kind = "text" if spec.dtype == "string" else "number"
            return [Fit(kind, BEST, f"one {kind}")]
        length = vector_length(spec)
        if not length:
            return []
        return [
            Fit(
                "number",
                BEST if length <= MOST_FIELDS else IF_ASKED,
                f"{length} numbers",
                each=True,
            )
        ]

    def settle(self, spec: TensorSpec, settings: Settings, around: Around) -> Settings:
        wanted = str if spec.dtype == "string" else int | float
        if not isinstance(settings.default, wanted | None):
            kind = "text" if spec.dtype == "string" else "number"
            around.problem("default", f"must be a {kind} (it is {settings.default!r})")
        if settings.generate and settings.offered is None:
            around.problem("generate", "needs min and max, or choices, to draw from")
        if is_whole(spec.dtype) and spec.dtype != "bool" and settings.step is None:
            settings = settings.model_copy(update={"step": 1})
        return settle_choices(spec, settings, around)

    def default(self, spec: TensorSpec, settings: Settings) -> Any:
        return default_element(spec.dtype, settings, settings.step)

    def example_text(self, spec: TensorSpec) -> str:
        return '"a text"' if spec.dtype == "string" else "0.5"


FEED = Element()
