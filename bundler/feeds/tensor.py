"""Raw tensors: as the model takes them, but for dtypes that the web does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.feeds.bounded import Bounded, default_element, element_of, settle_choices
from bundler.feeds.kind import Feed
from bundler.feeds.values import Around, Example, Find
from bundler.ground.cells import Cell
from bundler.ground.errors import ConfigError
from bundler.ground.kinds import ANY, Fit
from bundler.ground.shapes import is_one_of_a_batch
from bundler.ground.tensors import Tensor, TensorSpec, format_shape, web_dtype

if TYPE_CHECKING:
    import tensorflow as tf


class Settings(Bounded):
    """The keys of a tensor's elements."""


class RawTensor(Feed):
    """A tensor as it is."""

    SETTINGS: ClassVar[type[Bounded]] = Settings
    KINDS: ClassVar[tuple[str, ...]] = ("tensor",)

    def fits(self, spec: TensorSpec) -> list[Fit]:
        return [Fit("tensor", ANY, "any tensor, as a nested list")]

    def settle(self, spec: TensorSpec, settings: Any, around: Around) -> Bounded:
        settled: Bounded = settle_choices(spec, settings, around)
        return settled

    def raw_spec(self, spec: TensorSpec, settings: Any) -> TensorSpec:
        return TensorSpec(spec.name, web_dtype(spec.dtype), spec.shape)

    def trace(self, raw: tf.Tensor, spec: TensorSpec, settings: Any) -> tf.Tensor:
        import tensorflow as tf

        return raw if raw.dtype.name == spec.dtype else tf.cast(raw, spec.dtype)

    def read_example(self, value: Any, find: Find, spec: TensorSpec, settings: Any) -> Example:
        """A number for a tensor of one element, a nested list for any other."""
        try:
            tensor = Tensor.from_nested(value, web_dtype(spec.dtype))
        except (ValueError, TypeError, OverflowError) as error:
            raise ConfigError(f"{value!r} is not a tensor of dtype {spec.dtype}: {error}") from None
        if not tensor.shape and all(size in (None, 1) for size in spec.shape):
            tensor = replace(tensor, shape=tuple(1 for _ in spec.shape))
        fits = len(tensor.shape) == len(spec.shape) and all(
            size in (None, length) for size, length in zip(spec.shape, tensor.shape, strict=True)
        )
        if not fits:
            found, wanted = format_shape(tensor.shape), format_shape(spec.shape)
            raise ConfigError(f"its shape is {found}, the input wants {wanted}")
        return Example(tensor, state=value)

    def columns(self, name: str, spec: TensorSpec, settings: Any) -> list[tuple[str, ...]]:
        """One with a nested list as JSON, or one for each element."""
        one = (name,)
        count = prod(size or 1 for size in spec.shape)
        if count == 1 or not is_one_of_a_batch(spec) or None in spec.shape[1:]:
            return [one]
        return [one, tuple(f"{name}_{number}" for number in range(1, count + 1))]

    def from_cells(self, cells: Sequence[Cell], spec: TensorSpec, settings: Any) -> Any:
        shape = [size or 1 for size in spec.shape]
        if len(cells) == 1 and (prod(shape) > 1 or None in spec.shape[1:]):
            return cells[0].json()
        elements = [element_of(cell, spec.dtype, settings) for cell in cells]
        return elements[0] if len(elements) == 1 else _nested(shape, iter(elements))

    def default(self, spec: TensorSpec, settings: Any) -> Any:
        element = default_element(spec.dtype, settings)
        return _filled([size or 1 for size in spec.shape], element)

    def example_text(self, spec: TensorSpec) -> str:
        return "[" * len(spec.shape) + "…" + "]" * len(spec.shape)


def _filled(shape: list[int], element: Any) -> Any:
    return [_filled(shape[1:], element) for _ in range(shape[0])] if shape else element


def _nested(shape: list[int], elements: Iterator[Any]) -> Any:
    return [_nested(shape[1:], elements) for _ in range(shape[0])] if shape else next(elements)


FEED = RawTensor()
