"""Ultralytics' exports: YOLOv5 `[1, boxes, 5 + classes]`, YOLOv8, 11 and poses `[1, 4 + …, boxes]`.

Source: ultralytics/utils/nms.py, `non_max_suppression`, and the README of YOLOv5's export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.ground.kinds import SOLE
from bundler.ground.tensors import TensorSpec
from bundler.heads.detection.format import (
    Candidates,
    Format,
    Measured,
    MismatchError,
    Sides,
    Specs,
)
from bundler.heads.detection.geometry import best, check_units, corners, scored, shares
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

STRIDES = (8, 16, 32)
# Anchors of YOLOv5 in every cell; the newer ones have none.
ANCHORS = 3


class Yolo(Format):
    """One tensor: middle and sides, whether there is anything (YOLOv5), classes, points."""

    ROLES = (frozenset({SOLE}),)
    DEFAULTS: ClassVar[dict[str, Any]] = {"box": "cxcywh", "threshold": 0.25, "overlap": 0.45}

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        shape = specs[SOLE].shape
        columns = _columns(shape)
        points = 3 * len(settings.names_of_points)
        classes = (columns or 0) - 4 - int(_has_objectness(shape, settings)) - points
        if classes < 1:
            raise MismatchError(
                "format", "a yolo answers [1, 4 + classes, boxes] or [1, boxes, 5 + classes]"
            )
        check_units(settings, sides)
        return Measured(classes, shape[1] if _boxes_first(shape) else shape[2])

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        value = tf.cast(values[SOLE], tf.float32)
        has_objectness = _has_objectness(tuple(value.shape), settings)
        rows = value[0] if _boxes_first(tuple(value.shape)) else tf.transpose(value[0])
        boxes = corners(rows[:, :4], settings.box or "cxcywh")
        first = 5 if has_objectness else 4
        classes = len(settings.labels or ())
        scores = scored(rows[:, first : first + classes], settings)
        if has_objectness:
            scores = scores * scored(rows[:, 4:5], settings)
        factor = shares(boxes, settings)
        score, kind = best(scores)
        points = _points(rows[:, first + classes :], factor, settings)
        return Candidates(boxes * tf.tile(factor, [2]), score, kind, points)

    def recognise(self, specs: Sequence[TensorSpec], sides: Sides) -> dict[str, str] | None:
        """By the number of boxes, which follows from the picture's size."""
        if sides is None or any(side % STRIDES[-1] for side in sides):
            return None
        cells = sum((sides[0] // stride) * (sides[1] // stride) for stride in STRIDES)
        for spec in specs:
            if len(spec.shape) != 3 or not _columns(spec.shape):
                continue
            first = _boxes_first(spec.shape)
            count = spec.shape[1] if first else spec.shape[2]
            if count == (ANCHORS * cells if first else cells) and (_columns(spec.shape) or 0) > 4:
                return {SOLE: spec.name}
        return None


def _boxes_first(shape: tuple[int | None, ...]) -> bool:
    """There are more boxes than numbers of each."""
    return (shape[1] or 0) > (shape[2] or 0)


def _columns(shape: tuple[int | None, ...]) -> int | None:
    if len(shape) != 3 or None in shape[1:]:
        return None
    return shape[2] if _boxes_first(shape) else shape[1]


def _has_objectness(shape: tuple[int | None, ...], settings: Settings) -> bool:
    """YOLOv5 has it, and boxes first."""
    if settings.objectness is not None:
        return settings.objectness
    return len(shape) == 3 and _boxes_first(shape)


def _points(numbers: tf.Tensor, factor: tf.Tensor, settings: Settled) -> tf.Tensor | None:
    import tensorflow as tf

    count = len(settings.names_of_points)
    if not count:
        return None
    x, y, score = tf.unstack(tf.reshape(numbers, [-1, count, 3]), axis=-1)
    return tf.stack([y * factor[0], x * factor[1], score], axis=-1)


FORMAT = Yolo()
