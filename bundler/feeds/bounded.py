"""Keys of numbers and texts: choices, and the ends of a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bundler.feeds.values import Around
from bundler.ground.cells import Cell
from bundler.ground.errors import ConfigError
from bundler.ground.table import Number, Settings, Table
from bundler.ground.tensors import TensorSpec


class Choice(Table):
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


class Bounded(Settings):
    """What every element of a tensor may be."""

    min: Number | None = Field(None, description="the smallest value")
    max: Number | None = Field(None, description="the largest value")
    choices: list[Choice] | None = Field(
        None,
        min_length=1,
        description="the only values: texts, or tables of `label` and `value`",
        examples=[["red", "green"]],
    )
    default: Any = Field(None, description="what stands there first")

    @field_validator("choices", mode="before")
    @classmethod
    def _spell_out(cls, value: Any) -> Any:
        """`["red", "green"]` is short for tables with just a label."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [{"label": label} for label in value]
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Bounded:
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

    def check(self, value: Any) -> None:
        if any(end is not None for end in (self.min, self.max, self.choices)):
            _check_offered(value, self.min, self.max, self.choices)

    @property
    def offered(self) -> Sequence[Any] | None:
        if self.choices:
            return [choice.value for choice in self.choices]
        return None if self.min is None or self.max is None else (self.min, self.max)


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


B = TypeVar("B", bound=Bounded)


def settle_choices(spec: TensorSpec, settings: B, around: Around) -> B:
    """The settings with the values that the model gets for the choices."""
    settled = []
    for index, choice in enumerate(settings.choices or []):
        try:
            settled.append(choice.settled(index, spec.dtype))
        except ValueError as error:
            around.problem(f"choices[{index}].value", str(error))
    return settings.model_copy(update={"choices": settled}) if settled else settings


def default_element(dtype: str, settings: Bounded, step: Number | None = None) -> Any:
    """The first choice, the middle, or the nearest to 0."""
    if settings.choices:
        return settings.choices[0].value
    if dtype == "string":
        return ""
    if settings.min is not None and settings.max is not None:
        middle = (settings.min + settings.max) / 2
        if step is None:
            return round(middle, 6)
        return settings.min + round(round((middle - settings.min) / step) * step, 9)
    if settings.min is not None:
        return max(settings.min, 0)
    return min(settings.max or 0, 0)


def element_of(cell: Cell, dtype: str, settings: Bounded) -> Any:
    """The number or text that a cell stands for; of choices, also by what is shown.

    Raises ConfigError for a cell that is neither, or could mean two of the choices.
    """
    text = cell.filled
    labelled = [one.value for one in settings.choices or () if one.label == text.strip()]
    try:
        value = _plain(cell, dtype)
    except ConfigError:
        if labelled:
            return labelled[0]
        if not settings.choices:
            raise
        known = ", ".join(choice.label for choice in settings.choices)
        raise cell.problem(f"{cell.shown} is none of the choices: {known}") from None
    is_value = any(one.value == value for one in settings.choices or ())
    if labelled and is_value and value not in labelled:
        raise cell.problem(
            f"{cell.shown} is what one choice shows and what another one stands for",
            hint="Give each of the choices in demo.toml a `value`, or other words to show.",
        )
    return labelled[0] if labelled and not is_value else value


def _plain(cell: Cell, dtype: str) -> Any:
    if dtype == "string":
        return cell.filled
    return cell.switch() if dtype == "bool" else cell.number()
