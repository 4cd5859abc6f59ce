"""All hostile models by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.hostile import (
    archives,
    configurations,
    configurations_of_keras_2,
    effects,
    frozen_graphs,
    hdf5,
    names,
    saved_models,
    tfjs,
)
from tests.hostile.bait import Bait, Hostile

# What is refused, with the words.
HOSTILE: dict[str, Hostile] = {
    **configurations.HOSTILE,
    **archives.HOSTILE,
    **hdf5.HOSTILE,
    **configurations_of_keras_2.HOSTILE,
    **saved_models.HOSTILE,
    **frozen_graphs.HOSTILE,
    **tfjs.HOSTILE,
}
# With what is built, but without its effect.
ALL: dict[str, Callable[[Bait], Path]] = {
    **{name: hostile.make for name, hostile in HOSTILE.items()},
    **{f"effect-{name}": make for name, make in effects.MODELS.items()},
    **{f"name-{name}": make for name, make in names.MODELS.items()},
}
