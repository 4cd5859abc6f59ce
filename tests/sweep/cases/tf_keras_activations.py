"""Every function in tf_keras.activations, saved as .h5."""

from __future__ import annotations

from tests.sweep.cases.activation_table import cases_of
from tests.sweep.cases.case import Case


def cases() -> list[Case]:
    import tf_keras

    return cases_of(tf_keras, suffix=".h5")
