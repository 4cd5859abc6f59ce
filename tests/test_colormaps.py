"""Colour maps against matplotlib's."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import tensorflow as tf
from matplotlib import colormaps as judges

from bundler.heads import HEADS, colormaps
from bundler.heads.image import Settings
from bundler.plan import SOLE
from tests.visitor import Array

NAMES = [name for name in get_args(colormaps.Name) if name != "grey"]


def shown(values: Array, **keys: object) -> Array:
    """What the page draws of a row of values."""
    settings = Settings.model_validate(keys)
    value = tf.constant(values.reshape(1, 1, -1, 1), tf.float32)
    answer = HEADS["image"].trace({SOLE: value}, settings).numpy()
    assert answer.shape == (1, 1, len(values), 3)
    return np.asarray(answer[0, 0])


@pytest.mark.parametrize("name", NAMES)
def test_every_step_has_matplotlib_s_colour(name: str) -> None:
    levels = np.arange(256) / 255
    judge = judges[name](levels, bytes=True)[:, :3].astype(int)
    assert np.abs(shown(levels, colormap=name, range=(0, 1)) - judge).max() < 1e-2


@pytest.mark.parametrize("name", NAMES)
def test_between_two_steps_lies_what_is_between_them(name: str) -> None:
    levels = np.linspace(0, 1, 1000)
    place = levels * 255
    steps = judges[name](np.arange(256), bytes=True)[:, :3]
    judge = np.stack([np.interp(place, np.arange(256), steps[:, c]) for c in range(3)], axis=-1)
    assert np.abs(shown(levels * 4 - 2, colormap=name, range=(-2, 2)) - judge).max() < 1e-2


def test_what_nobody_stated_goes_from_the_lowest_to_the_highest() -> None:
    values = np.array([7.0, 5.0, 9.0, 6.0])
    ends = judges["magma"](np.array([0, 255]), bytes=True)[:, :3]
    drawn = shown(values, colormap="magma")
    assert np.abs(drawn[[1, 2]] - ends).max() < 1e-2
    same = shown(np.full(4, 3.0), colormap="magma")
    assert np.abs(same - ends[0]).max() < 1e-2
