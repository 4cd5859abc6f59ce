"""Every function in keras.activations."""

from __future__ import annotations

from tests.sweep.cases.activation_table import cases_of
from tests.sweep.cases.case import Case


def cases() -> list[Case]:
    import keras

    return cases_of(keras)
