"""The models of the sweep, one module a group; `of(group)` needs TensorFlow."""

from __future__ import annotations

from importlib import import_module

from tests.sweep.cases.case import Case, distinct

# A group named tf_keras_x is made of the same table as x.
GROUPS = (
    "formats",
    "layers",
    "activations",
    "ops",
    "lowerings",
    "structures",
    "realistic",
    "applications",
    "tf_keras_layers",
    "tf_keras_activations",
    "tf_keras_structures",
    "tf_keras_realistic",
    "tf_keras_applications",
)


def of(group: str) -> list[Case]:
    """The cases of a group, those that are missing included."""
    found: list[Case] = import_module(f"tests.sweep.cases.{group}").cases()
    return distinct(found)
