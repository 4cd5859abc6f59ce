"""The tool's own ops take regular expressions that never change: `tf.strings.regex_replace`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("RegexReplace", "RegexFullMatch")


def lower(op: Any, text: tf.Tensor, *parts: tf.Tensor) -> tf.Tensor | None:
    known = [tf.get_static_value(part) for part in parts]
    if any(part is None for part in known):
        return None
    pattern = known[0].item()
    if op.type == "RegexFullMatch":
        return tf.raw_ops.StaticRegexFullMatch(input=text, pattern=pattern)
    return tf.raw_ops.StaticRegexReplace(
        input=text,
        pattern=pattern,
        rewrite=known[1].item(),
        replace_global=op.get_attr("replace_global"),
    )
