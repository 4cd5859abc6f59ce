"""Models put together in every way that tf_keras knows, saved as .h5."""

from __future__ import annotations

from tests.sweep.cases.case import Case
from tests.sweep.cases.structure_table import cases_of


def cases() -> list[Case]:
    import tf_keras

    return cases_of(tf_keras, suffix=".h5")
