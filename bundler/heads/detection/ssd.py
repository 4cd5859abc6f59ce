"""Single shot detectors: boxes by how far they are from anchors, and scores of classes.

Source: Liu et al., SSD, 2016 (arXiv 1512.02325); the factors of faster_rcnn_box_coder.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

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
from bundler.heads.detection.geometry import best, corners
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

# What middles and sides were multiplied with before they were learned.
MIDDLES, SIDES = 10.0, 5.0
WRITTEN = ("cycxhw", "cxcywh")


class SingleShot(Format):
    """Boxes `[1, anchors, 4]` and scores `[1, anchors, classes]`, the first class nothing."""

    ROLES = (frozenset({"boxes", "scores"}),)
    DEFAULTS: ClassVar[dict[str, Any]] = {"box": "cycxhw", "units": "relative", "background": True}

    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        boxes, scores = specs["boxes"].shape, specs["scores"].shape
        if len(boxes) != 3 or boxes[2] != 4 or len(scores) != 3 or boxes[1] != scores[1]:
            raise MismatchError(
                "format", "an ssd answers [1, anchors, 4] and [1, anchors, classes]"
            )
        if settings.box not in (None, *WRITTEN):
            raise MismatchError("box", 'an ssd has middles: "cycxhw" or "cxcywh"')
        if sides is None and not settings.anchors:
            raise MismatchError("anchors", "the model takes pictures of any size: state them")
        count = len(_anchors(settings, sides))
        if count != boxes[1]:
            raise MismatchError(
                "anchors" if settings.anchors else "strides",
                f"make {count} anchors, but there are {boxes[1]} boxes",
            )
        return Measured((scores[2] or 0) - int(_has_background(settings)), count)

    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        import tensorflow as tf

        box = settings.box or "cycxhw"
        known = tf.constant(_anchors(settings, settings.sides), tf.float32)
        if settings.anchors and box == "cxcywh":
            known = tf.gather(known, [1, 0, 3, 2], axis=-1)
        codes = tf.cast(values["boxes"], tf.float32)[0]
        if box == "cxcywh":
            codes = tf.gather(codes, [1, 0, 3, 2], axis=-1)
        middles = codes[:, :2] / MIDDLES * known[:, 2:] + known[:, :2]
        sides = tf.exp(codes[:, 2:] / SIDES) * known[:, 2:]
        scores = tf.cast(values["scores"], tf.float32)[0]
        if settings.scores == "logits":
            has_nothing = _has_background(settings)
            scores = tf.nn.softmax(scores) if has_nothing else tf.sigmoid(scores)
        score, kind = best(scores[:, int(_has_background(settings)) :])
        return Candidates(corners(tf.concat([middles, sides], -1), "cycxhw"), score, kind)

    def recognise(self, specs: Sequence[TensorSpec], sides: Sides) -> dict[str, str] | None:
        """By the number of the usual anchors."""
        if sides is None:
            return None
        count = len(anchors.of_grids(sides))
        grids = [spec for spec in specs if len(spec.shape) == 3 and spec.shape[1] == count]
        boxes = [spec.name for spec in grids if spec.shape[2] == 4]
        scores = [spec.name for spec in grids if spec.shape[2] != 4]
        if len(boxes) != 1 or len(scores) != 1:
            return None
        return {"boxes": boxes[0], "scores": scores[0]}


def _has_background(settings: Settings) -> bool:
    return settings.background is not False


def _anchors(settings: Settings, sides: Sides) -> list[anchors.Anchor]:
    if settings.anchors:
        return settings.anchors
    return anchors.of_grids(sides or (0, 0), tuple(settings.strides or anchors.STRIDES))


FORMAT = SingleShot()
