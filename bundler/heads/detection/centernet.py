"""Objects as points: peaks of a heat map, the sides there, and where in its cell the middle is.

Source: Zhou et al., Objects as Points, 2019 (arXiv 1904.07850), section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.ground.kinds import SOLE
from bundler.heads.detection.format import (
    Candidates,
    Format,
    Measured,
    MismatchError,
    Sides,
    Specs,
)
from bundler.heads.detection.geometry import best, corners, scored
from bundler.heads.detection.settings import Settings, Settled
from bundler.heads.detection.suppression import in_steps

if TYPE_CHECKING:
    import tensorflow as tf

# A peak is the highest of the cells around it.
AROUND = 3
WRITTEN = ("cycxhw", "cxcywh")


class CenterNet(Format):
    """Heat `[1, rows, columns, classes]`, sides and offsets `[1, rows, columns, 2]`; or all in one.

    `box` says whether y or x comes first, in sides and offsets alike.
    """

    ROLES = (frozenset({SOLE}), frozenset({"heat", "sides", "offsets"}))
    DEFAULTS: ClassVar[dict[str, Any]] = {
        "box": "cycxhw",
        "units": "cells",
        "threshold": 0.3,
        "overlap": 0.7,
    }

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        if settings.box not in (None, *WRITTEN):
            raise MismatchError("box", 'a centernet has middles: "cycxhw" or "cxcywh"')
        if settings.units == "pixels" and sides is None:
            raise MismatchError("units", "the model takes pictures of any size")
        shapes = [spec.shape for spec in specs.values()]
        if any(len(shape) != 4 or shape[3] is None for shape in shapes):
            raise MismatchError("format", "a centernet answers grids: [1, rows, columns, numbers]")
        if SOLE in specs:
            classes = (specs[SOLE].shape[3] or 0) - 4
        else:
            classes = specs["heat"].shape[3] or 0
            if specs["sides"].shape[3] != 2 or specs["offsets"].shape[3] != 2:
                raise MismatchError("tensors", "sides and offsets are two numbers each")
        if classes < 1:
            raise MismatchError("format", "a centernet in one tensor has classes, sides, offsets")
        return Measured(classes)

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        heat, sides, offsets = _parts(values)
        heat = scored(heat, settings)
        stepped = in_steps(heat)
        highest = tf.nn.max_pool2d(stepped, AROUND, 1, "SAME")
        heat = heat * tf.cast(tf.equal(stepped, highest), tf.float32)
        shape = tf.shape(heat)
        counts = tf.cast(shape[1:3], tf.float32)
        rows, columns = tf.meshgrid(tf.range(shape[1]), tf.range(shape[2]), indexing="ij")
        cells = tf.cast(tf.stack([rows, columns], axis=-1), tf.float32)
        if settings.box == "cxcywh":
            sides, offsets = tf.reverse(sides, [-1]), tf.reverse(offsets, [-1])
        middles = (cells + offsets[0]) / counts
        lengths = sides[0] / _unit(counts, settings)
        boxes = tf.reshape(tf.concat([middles, lengths], axis=-1), [-1, 4])
        score, kind = best(tf.reshape(heat, [-1, heat.shape[3]]))
        return Candidates(corners(boxes, "cycxhw"), score, kind)


def _parts(values: Mapping[str, tf.Tensor]) -> list[tf.Tensor]:
    import tensorflow as tf

    if SOLE not in values:
        return [tf.cast(values[role], tf.float32) for role in ("heat", "sides", "offsets")]
    value = tf.cast(values[SOLE], tf.float32)
    return list(tf.split(value, [value.shape[3] - 4, 2, 2], axis=-1))


def _unit(counts: tf.Tensor, settings: Settled) -> tf.Tensor:
    """What the sides are divided by."""
    import tensorflow as tf

    if settings.units == "pixels" and settings.sides:
        return tf.constant(settings.sides, tf.float32)
    return tf.ones([2]) if settings.units == "relative" else counts


FORMAT = CenterNet()
