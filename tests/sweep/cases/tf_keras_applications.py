"""The smallest member of every family in tf_keras.applications, saved as .h5."""

from __future__ import annotations

from tests.sweep.cases.application_table import cases_of
from tests.sweep.cases.case import Case


def cases() -> list[Case]:
    import tf_keras

    return cases_of(tf_keras, suffix=".h5")
