"""Of all candidates, those that are the answer: the best of those that cover each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundler.heads.detection.format import Candidates
from bundler.heads.detection.settings import Settled

if TYPE_CHECKING:
    import tensorflow as tf

# Boxes of two classes never cover each other: each class has a plane of its own, this far away.
APART = 4.0
# Scores that are less than this part apart are the same where boxes are chosen.
STEPS = 4096.0


def chosen(found: Candidates, settings: Settled, *, is_final: bool) -> tf.Tensor:
    """Rows of top, left, bottom, right, score, class, then y, x and score of every point.

    float32 `[1, most, 6 + 3 * points]`, the best first, filled with zeros; all from 0 to 1: a
    class is the middle of its part of the line between, so that none of the numbers drowns
    another one's error.
    """
    import tensorflow as tf

    classes = len(settings.labels or ())
    index = tf.clip_by_value(found.classes, 0.0, classes - 1.0)
    columns = [
        tf.clip_by_value(found.boxes, 0.0, 1.0),
        found.scores[:, tf.newaxis],
        ((index + 0.5) / classes)[:, tf.newaxis],
    ]
    if found.points is not None:
        columns.append(tf.reshape(found.points, [-1, 3 * found.points.shape[1]]))
    rows = tf.concat(columns, axis=-1)
    most = settings.most or 1
    kept = _first(rows, settings, most) if is_final else _uncovered(rows, found, settings, most)
    return tf.reshape(kept, [1, most, rows.shape[-1]])


def _first(rows: tf.Tensor, settings: Settled, most: int) -> tf.Tensor:
    """The model has chosen: its own order, without what is below the least score."""
    import tensorflow as tf

    is_enough = rows[:, 4:5] >= tf.constant(settings.least or 0.0, tf.float32)
    kept = tf.where(is_enough, rows, tf.zeros_like(rows))[:most]
    return tf.pad(kept, [[0, most - tf.shape(kept)[0]], [0, 0]])


def _uncovered(rows: tf.Tensor, found: Candidates, settings: Settled, most: int) -> tf.Tensor:
    """Non-maximum suppression, class by class; what stays, in the order of the tensors.

    The order of scores would change with the last digit of one, and with it all rows behind.
    """
    import tensorflow as tf

    # A step must not lift a score over the least one, nor drop one that is above it.
    is_enough = tf.cast(found.scores > tf.constant(settings.least or 0.0, tf.float32), tf.float32)
    stepped = tf.maximum(in_steps(found.scores), 1.0 / STEPS) * is_enough
    places, count = tf.raw_ops.NonMaxSuppressionV4(
        boxes=found.boxes + found.classes[:, tf.newaxis] * APART,
        scores=stepped,
        max_output_size=tf.constant(most),
        iou_threshold=tf.constant(settings.overlap or 0.0, tf.float32),
        score_threshold=tf.constant(0.0),
        pad_to_max_output_size=True,
    )
    last = tf.shape(rows)[0]
    places = tf.sort(tf.where(tf.range(most) < count, places, last))
    is_there = tf.cast(places < last, tf.float32)
    return tf.gather(rows, tf.minimum(places, last - 1)) * is_there[:, tf.newaxis]


def in_steps(scores: tf.Tensor) -> tf.Tensor:
    """With those as equal that are hardly apart: of these the first counts, everywhere."""
    import tensorflow as tf

    return tf.round(scores * STEPS) / STEPS
