"""BlazeFace: faces by 896 anchors, with six points each.

Source: MediaPipe, face_detection_short_range_common.pbtxt and tensors_to_detections_calculator.cc;
in one tensor, the score first, as the TensorFlow.js model has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.ground.kinds import SOLE
from bundler.ground.tensors import TensorSpec
from bundler.heads.detection import anchors
from bundler.heads.detection.format import (
    Candidates,
    Format,
    Measured,
    MismatchError,
    Sides,
    Specs,
)
from bundler.heads.detection.geometry import corners
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

POINTS = ["right eye", "left eye", "nose", "mouth", "right ear", "left ear"]
COUNT = 896
NUMBERS = 4 + 2 * len(POINTS)
# Of the model for near faces; the other one's is 256.
SIDE = 128
# Scores are cut off there before they become probabilities.
FURTHEST = 100.0


class BlazeFace(Format):
    """Boxes `[1, 896, 16]` and scores `[1, 896, 1]`, or both in `[1, 896, 17]`."""

    ROLES = (frozenset({SOLE}), frozenset({"boxes", "scores"}))
    DEFAULTS: ClassVar[dict[str, Any]] = {"keypoints": POINTS, "scores": "logits", "overlap": 0.3}
    ONLY = "face"

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        wanted = {SOLE: NUMBERS + 1, "boxes": NUMBERS, "scores": 1}
        for role, spec in specs.items():
            if spec.shape[1:] != (COUNT, wanted[role]):
                said = f"should be [1, {COUNT}, {wanted[role]}]"
                raise MismatchError(f"tensors.{role}" if role else "format", said)
        return Measured(1, COUNT)

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        given = {role: tf.cast(value, tf.float32)[0] for role, value in values.items()}
        numbers = given["boxes"] if "boxes" in given else given[SOLE][:, 1:]
        scores = (given["scores"] if "scores" in given else given[SOLE])[:, 0]
        if settings.scores == "logits":
            scores = tf.sigmoid(tf.clip_by_value(scores, -FURTHEST, FURTHEST))
        height, width = settings.sides or (SIDE, SIDE)
        middles = tf.constant(anchors.of_faces(), tf.float32)
        pairs = tf.reshape(numbers, [COUNT, -1, 2]) / tf.constant([float(width), float(height)])
        pairs = tf.reverse(pairs, [-1])
        box = tf.concat([pairs[:, 0] + middles, pairs[:, 1]], axis=-1)
        places = pairs[:, 2:] + middles[:, tf.newaxis]
        points = tf.concat([places, tf.ones_like(places[..., :1])], axis=-1)
        return Candidates(corners(box, "cycxhw"), scores, tf.zeros_like(scores), points)

    def recognise(self, specs: Sequence[TensorSpec], sides: Sides) -> dict[str, str] | None:
        wide = {spec.shape[2]: spec.name for spec in specs if _is_of_anchors(spec)}
        if NUMBERS + 1 in wide:
            return {SOLE: wide[NUMBERS + 1]}
        if NUMBERS in wide and 1 in wide:
            return {"boxes": wide[NUMBERS], "scores": wide[1]}
        return None


def _is_of_anchors(spec: TensorSpec) -> bool:
    return len(spec.shape) == 3 and spec.shape[1] == COUNT


FORMAT = BlazeFace()
