"""TF.js has no decoders of speech or handwriting: `keras.ops.ctc_decode(strategy="greedy")`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("CTCGreedyDecoder",)


def lower(op: Any, scores: tf.Tensor, lengths: tf.Tensor) -> list[tf.Tensor]:
    """The best class of each step, without blanks and repetitions: sparse, a row a sequence."""
    classes = tf.shape(scores)[2]
    blank = op.get_attr("blank_index")
    blank = classes + blank if blank < 0 else tf.constant(blank)
    best = tf.transpose(tf.argmax(scores, -1, output_type=tf.int32))
    steps = tf.range(tf.shape(scores)[0])
    within = steps[None, :] < lengths[:, None]
    kept = tf.logical_and(within, tf.not_equal(best, blank))
    if op.get_attr("merge_repeated"):
        # Before the first step there is no class.
        before = tf.concat([tf.fill([tf.shape(best)[0], 1], -1), best[:, :-1]], 1)
        kept = tf.logical_and(kept, tf.not_equal(best, before))
    places = tf.cumsum(tf.cast(kept, tf.int32), 1) - 1
    where = tf.cast(tf.where(kept), tf.int32)
    indices = tf.stack([where[:, 0], tf.gather_nd(places, where)], 1)
    longest = tf.reduce_max(tf.reduce_sum(tf.cast(kept, tf.int32), 1))
    shape = tf.stack([tf.shape(best)[0], longest])
    greatest = tf.transpose(tf.reduce_max(scores, -1))
    total = tf.reduce_sum(greatest * tf.cast(within, scores.dtype), 1, keepdims=True)
    values = tf.gather_nd(best, where)
    return [*(tf.cast(one, tf.int64) for one in (indices, values, shape)), -total]
