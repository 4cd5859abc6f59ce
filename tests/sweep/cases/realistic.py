"""Small models of the kinds that people build with Keras 3."""

from __future__ import annotations

from tests.sweep.cases.case import Case
from tests.sweep.cases.realistic_table import cases_of


def cases() -> list[Case]:
    import keras

    return cases_of(keras)
