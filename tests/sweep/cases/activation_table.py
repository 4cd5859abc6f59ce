"""Models of each activation function that a library has."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.sweep.cases.case import Case, floats, functional

# Functions of keras.activations that are no activations, and one that needs arguments.
OTHERS = {"deserialize", "get", "serialize", "threshold"}


def cases_of(library: ModuleType, suffix: str = ".keras") -> list[Case]:
    names = sorted({name for name in dir(library.activations) if name[0] != "_"} - OTHERS)

    def make(name: str) -> Any:
        def call(x: Any) -> Any:
            hidden = library.layers.Dense(6)(x)
            return library.layers.Activation(name)(hidden)

        return functional(library, floats(5, 4), call)

    return [Case(name, lambda name=name: make(name), suffix) for name in names]  # type: ignore[misc]
