"""Boxes as they are, with a score or scores of classes: what no other format says.

One tensor of four numbers alone is one box, as a model answers that finds where its one thing is.
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
from bundler.heads.detection.geometry import best, check_units, corners, scored, shares
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf


class Boxes(Format):
    """Boxes, scores `[1, boxes]` or `[1, boxes, classes]`, and the numbers of classes."""

    ROLES = (frozenset({SOLE}), frozenset({"boxes"}), frozenset({"boxes", "scores"}))
    OPTIONAL = frozenset({"classes"})
    DEFAULTS: ClassVar[dict[str, Any]] = {"box": "yxyx", "units": "relative", "first_class": 0}

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        role = "boxes" if "boxes" in specs else SOLE
        if len(specs[role].shape) not in (2, 3) or specs[role].shape[-1] != 4:
            raise MismatchError("format", "boxes are [1, 4] or [1, boxes, 4]")
        check_units(settings, sides)
        count = specs[role].shape[1] if len(specs[role].shape) == 3 else 1
        if "classes" in specs:
            return Measured(None, count)
        shape = specs["scores"].shape if "scores" in specs else ()
        # Of one box, the scores are of classes.
        is_of_classes = len(shape) == 3 or (len(shape) == 2 and len(specs[role].shape) == 2)
        classes = (shape[-1] or 1) - int(bool(settings.background)) if is_of_classes else 1
        return Measured(classes, count)

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        given = {role: tf.cast(value, tf.float32) for role, value in values.items()}
        boxes = tf.reshape(given.get("boxes", given.get(SOLE)), [-1, 4])
        boxes = corners(boxes, settings.box or "yxyx")
        boxes = boxes * tf.tile(shares(boxes, settings), [2])
        count = tf.shape(boxes)[0]
        if "scores" not in given:
            score, kind = tf.ones_like(boxes[:, 0]), tf.zeros_like(boxes[:, 0])
        else:
            scores = scored(tf.reshape(given["scores"], tf.stack([count, -1])), settings)
            scores = tf.ensure_shape(scores, [None, _columns(given, settings)])
            score, kind = best(scores[:, int(bool(settings.background)) :])
        if "classes" in given:
            kind = tf.reshape(given["classes"], [-1]) - float(settings.first_class or 0)
        return Candidates(boxes, score, kind)


def _columns(given: Mapping[str, tf.Tensor], settings: Settled) -> int:
    """How many scores a box has."""
    if "classes" in given:
        return 1
    return len(settings.labels or ()) + int(bool(settings.background))


FORMAT = Boxes()
