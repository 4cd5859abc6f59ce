"""How a row of the tables of keras.ops is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sweep.cases.case import Inputs, Shape, booleans, floats, integers

# Sizes that no widget for pictures takes: the model's input is the graph's.
STEPS = floats(5, 4)
PICTURE = floats(6, 7, 3)
TWO = (STEPS, STEPS)
TWO_INTEGERS = (integers(5, 4), integers(5, 4))
TWO_BOOLEANS = (booleans(5, 4), booleans(5, 4))
# A whole batch of four, for functions that do not keep the first axis apart.
FOUR = Shape((), batch=4)
MATRIX = Shape((4,), batch=3)

Call = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Row:
    """A model of the function `name`: `call` gets keras.ops and the input, or the inputs."""

    name: str
    inputs: Inputs
    call: Call
    label: str = ""
    trusted: bool = False


def plain(names: str, inputs: Inputs = STEPS, prepare: Call = lambda o, x: x) -> list[Row]:
    """Functions of the tensors alone."""

    def row(name: str) -> Row:
        def call(o: Any, x: Any) -> Any:
            values = prepare(o, x)
            return getattr(o, name)(*(values if isinstance(values, list | tuple) else [values]))

        return Row(name, inputs, call)

    return [row(name) for name in names.split()]


def with_arguments(
    names: str, inputs: Inputs = STEPS, label: str = "", **arguments: Any
) -> list[Row]:
    """Functions of the tensors with the same arguments."""

    def row(name: str) -> Row:
        def call(o: Any, x: Any) -> Any:
            return getattr(o, name)(*(x if isinstance(x, list) else [x]), **arguments)

        return Row(name, inputs, call, label)

    return [row(name) for name in names.split()]
