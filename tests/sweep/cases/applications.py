"""The smallest member of every family in keras.applications, on small pictures."""

from __future__ import annotations

from tests.sweep.cases.application_table import cases_of
from tests.sweep.cases.case import Case


def cases() -> list[Case]:
    import keras

    return cases_of(keras)
