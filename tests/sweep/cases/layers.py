"""Every layer class that keras.layers exports."""

from __future__ import annotations

from tests.sweep.cases.case import Case
from tests.sweep.cases.layer_table import cases_of


def cases() -> list[Case]:
    import keras

    return cases_of(keras)
