"""Raw tensors: as the model gives them, but for dtypes that the web does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from bundler.ground import table
from bundler.ground.kinds import ANY, WELL, Fit
from bundler.ground.shapes import is_single
from bundler.ground.table import PAGE
from bundler.ground.tensors import TensorSpec, web_dtype
from bundler.ground.texts import Texts
from bundler.heads.kind import Head

if TYPE_CHECKING:
    import tensorflow as tf


class Settings(table.Settings):
    """The keys of a number; other tensors have none."""

    unit: Annotated[str | None, PAGE] = Field(None, description="what stands behind the number")
    decimals: Annotated[int | None, PAGE] = Field(
        None, ge=0, le=9, description="how many are shown; else four digits"
    )


class RawTensor(Head):
    """A tensor as it is."""

    SETTINGS = Settings
    KINDS = ("number", "tensor")

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        any_tensor = Fit("tensor", ANY, "any tensor, as a nested list")
        is_number = is_single(spec) and spec.dtype != "string"
        return [Fit("number", WELL, "one number"), any_tensor] if is_number else [any_tensor]

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        import tensorflow as tf

        (value,) = values.values()
        dtype = web_dtype(value.dtype.name)
        return value if value.dtype.name == dtype else tf.cast(value, dtype)

    def columns(self, label: str, settings: Settings, texts: Texts) -> tuple[str, ...]:
        return (f"{label} ({settings.unit})" if settings.unit else label,)


HEAD = RawTensor()
