"""Models put together in every way that Keras 3 knows."""

from __future__ import annotations

from tests.sweep.cases.case import Case
from tests.sweep.cases.structure_table import cases_of


def cases() -> list[Case]:
    import keras

    return cases_of(keras)
