"""MoveNet: the 17 points of a body, of one person or of up to six.

Source: its model card; tensorflow.org/hub/tutorials/movenet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.ground.kinds import SOLE
from bundler.ground.tensors import TensorSpec
from bundler.heads.detection.bodies import POINTS
from bundler.heads.detection.format import (
    Candidates,
    Format,
    Measured,
    MismatchError,
    Sides,
    Specs,
)
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

COUNT = len(POINTS)
ONE = (1, COUNT, 3)
NUMBERS = 3 * COUNT + 5


class MoveNet(Format):
    """`[1, 1, 17, 3]` of one person, `[1, 6, 56]` of several: y, x and score of each point."""

    ROLES = (frozenset({SOLE}),)
    IS_FINAL = True
    DEFAULTS: ClassVar[dict[str, Any]] = {"keypoints": POINTS, "threshold": 0.3}
    ONLY = "person"

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        if not _is_its_own(specs[SOLE]):
            said = f"movenet is [1, 1, {COUNT}, 3] or [1, persons, {NUMBERS}]"
            raise MismatchError("format", said)
        return Measured(1, specs[SOLE].shape[1])

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        value = tf.cast(values[SOLE], tf.float32)[0]
        if value.shape[-1] == NUMBERS:
            points = tf.reshape(value[:, : 3 * COUNT], [-1, COUNT, 3])
            boxes, scores = value[:, 3 * COUNT : -1], value[:, -1]
        else:
            points = value
            low, high = tf.reduce_min(points, axis=1), tf.reduce_max(points, axis=1)
            boxes = tf.concat([low[:, :2], high[:, :2]], axis=-1)
            scores = tf.reduce_mean(points[..., 2], axis=-1)
        return Candidates(boxes, scores, tf.zeros_like(scores), points)

    def recognise(self, specs: Sequence[TensorSpec], sides: Sides) -> dict[str, str] | None:
        named = [spec.name for spec in specs if _is_its_own(spec)]
        return {SOLE: named[0]} if len(named) == 1 == len(specs) else None


def _is_its_own(spec: TensorSpec) -> bool:
    is_of_many = len(spec.shape) == 3 and spec.shape[2] == NUMBERS and spec.shape[1] in (6, None)
    return spec.shape[1:] == ONE or is_of_many


FORMAT = MoveNet()
