"""YOLOv10, and Ultralytics' exports with `nms=True`: rows `[1, boxes, 6]` that are chosen already.

Source: ultralytics, `Detect.postprocess` and `NMSModel`: x1, y1, x2, y2, score, class, then points.
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
from bundler.heads.detection.geometry import check_units, corners, shares
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf


class EndToEnd(Format):
    """One tensor of corners, scores and classes."""

    ROLES = (frozenset({SOLE}),)
    IS_FINAL = True
    DEFAULTS: ClassVar[dict[str, Any]] = {"box": "xyxy", "threshold": 0.25, "first_class": 0}

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        columns = 6 + 3 * len(settings.names_of_points)
        shape = specs[SOLE].shape
        if len(shape) != 3 or shape[2] != columns:
            raise MismatchError("format", f"end2end is [1, boxes, {columns}]")
        check_units(settings, sides)
        return Measured(None, shape[1])

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        rows = tf.cast(values[SOLE], tf.float32)[0]
        boxes = corners(rows[:, :4], settings.box or "xyxy")
        factor = shares(boxes, settings)
        classes = rows[:, 5] - float(settings.first_class or 0)
        boxes = boxes * tf.tile(factor, [2])
        count = len(settings.names_of_points)
        if not count:
            return Candidates(boxes, rows[:, 4], classes)
        x, y, score = tf.unstack(tf.reshape(rows[:, 6:], [-1, count, 3]), axis=-1)
        points = tf.stack([y * factor[0], x * factor[1], score], axis=-1)
        return Candidates(boxes, rows[:, 4], classes, points)


FORMAT = EndToEnd()
