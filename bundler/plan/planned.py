"""What planning decides: plain values that the graph and the page are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bundler.demo.settings import Input
from bundler.ground.tensors import TensorSpec


@dataclass(frozen=True)
class PlannedField:
    """One widget on the page that fills an input, or one element of it."""

    name: str
    label: str
    widget: str
    options: dict[str, Any]
    # Whether the widget says the label itself.
    names_itself: bool = False


@dataclass(frozen=True)
class PlannedInput:
    """An input of the model, the feed in front of it, and its widgets."""

    spec: TensorSpec
    label: str
    feed: str
    settings: Input
    fields: tuple[PlannedField, ...]


@dataclass(frozen=True)
class PlannedOutput:
    """An output of the model, the head behind it, and its widget.

    `activation` is what the head still has to apply: "softmax", "sigmoid" or "linear".
    """

    spec: TensorSpec
    label: str
    widget: str
    head: str
    activation: str
    options: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What planning decided, and what the user should know about it.

    `raw_values` are the inputs of which nothing says what values they were trained on.
    """

    inputs: tuple[PlannedInput, ...]
    outputs: tuple[PlannedOutput, ...]
    notices: tuple[str, ...]
    raw_values: tuple[str, ...] = ()
