"""Raw tensors: as the model takes them, but for dtypes that the web does not have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.feeds.bounded import Bounded, default_element, settle_choices
from bundler.feeds.kind import Feed
from bundler.feeds.values import Around, Example, Find
from bundler.ground.errors import ConfigError
from bundler.ground.kinds import ANY, Fit
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

    def default(self, spec: TensorSpec, settings: Any) -> Any:
        element = default_element(spec.dtype, settings)
        return _filled([size or 1 for size in spec.shape], element)

    def example_text(self, spec: TensorSpec) -> str:
        return "[" * len(spec.shape) + "…" + "]" * len(spec.shape)


def _filled(shape: list[int], element: Any) -> Any:
    return [_filled(shape[1:], element) for _ in range(shape[0])] if shape else element


FEED = RawTensor()
