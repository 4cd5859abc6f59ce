"""TensorFlow's Object Detection API, and TFLite's detectors: boxes that are chosen already.

Source: tensorflow/models, research/object_detection/exporter_lib_v2.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.ground.tensors import TensorSpec
from bundler.heads.detection.format import (
    Candidates,
    Format,
    Measured,
    MismatchError,
    Sides,
    Specs,
)
from bundler.heads.detection.geometry import corners, scored, shares
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

# What its own names say, by role; the last ones are what the others were made of.
NAMES = {
    "boxes": ("detection_boxes", "TFLite_Detection_PostProcess"),
    "scores": ("detection_scores", "TFLite_Detection_PostProcess:2"),
    "classes": ("detection_classes", "TFLite_Detection_PostProcess:1"),
    "count": ("num_detections", "TFLite_Detection_PostProcess:3"),
    "points": ("detection_keypoints",),
    "point_scores": ("detection_keypoint_scores",),
    "all_boxes": ("raw_detection_boxes",),
    "all_scores": ("raw_detection_scores",),
    "class_scores": ("detection_multiclass_scores",),
    "anchors": ("detection_anchor_indices",),
}
NEEDED = frozenset({"boxes", "scores", "classes"})
# Most have learned COCO, whose numbers go up to 90.
CLASSES = 90


class ObjectDetection(Format):
    """Boxes, scores, the numbers of classes, and how many are meant."""

    ROLES = (NEEDED,)
    OPTIONAL = frozenset(NAMES) - NEEDED
    IS_FINAL = True
    DEFAULTS: ClassVar[dict[str, Any]] = {"box": "yxyx", "units": "relative", "first_class": 1}

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        boxes = specs["boxes"].shape
        if len(boxes) != 3 or boxes[2] not in (4, None):
            raise MismatchError("tensors.boxes", "should be [1, boxes, 4]")
        for role in ("scores", "classes"):
            if len(specs[role].shape) != 2:
                raise MismatchError(f"tensors.{role}", "should be [1, boxes]")
        known = specs.get("all_scores") or specs.get("class_scores")
        # Where there is a class for nothing, it is in both.
        return Measured(known.shape[-1] if known and settings.labels is None else None, boxes[1])

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        values = {role: tf.cast(value[0], tf.float32) for role, value in values.items()}
        boxes = corners(values["boxes"], settings.box or "yxyx")
        scores = scored(values["scores"], settings)
        if "count" in values:
            meant = tf.cast(tf.range(tf.shape(scores)[0]), tf.float32) < values["count"]
            scores = scores * tf.cast(meant, tf.float32)
        boxes = boxes * tf.tile(shares(boxes, settings), [2])
        classes = values["classes"] - float(settings.first_class or 0)
        return Candidates(boxes, scores, classes, _points(values))

    def recognise(self, specs: Sequence[TensorSpec], sides: Sides) -> dict[str, str] | None:
        found = {}
        for role, names in NAMES.items():
            for spec in specs:
                if re.sub(r":0$", "", spec.name) in names:
                    found[role] = spec.name
        return found if found.keys() >= NEEDED else None


def _points(values: Mapping[str, tf.Tensor]) -> tf.Tensor | None:
    import tensorflow as tf

    if "points" not in values:
        return None
    places = values["points"]
    scores = values.get("point_scores", tf.ones_like(places[..., 0]))
    return tf.concat([places, scores[..., tf.newaxis]], axis=-1)


FORMAT = ObjectDetection()
