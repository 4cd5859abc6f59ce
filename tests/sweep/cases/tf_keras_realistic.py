"""Small models of the kinds that people build with tf_keras, saved as .h5."""

from __future__ import annotations

from tests.sweep.cases.case import Case
from tests.sweep.cases.realistic_table import cases_of


def cases() -> list[Case]:
    import tf_keras

    return cases_of(tf_keras, suffix=".h5")
