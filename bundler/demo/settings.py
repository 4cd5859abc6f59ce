"""What demo.toml says of an input or an output: its keys, and which values they take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

Number = float | int
Length = Annotated[int, Field(gt=0)]


class Table(BaseModel):
    """A table of demo.toml: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


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


class Scale(Table):
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


class Output(Table):
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
