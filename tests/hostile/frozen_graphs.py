"""Frozen graphs that read and write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.hostile.bait import Bait, Hostile
from tests.hostile.saved_models import (
    in_a_loop,
    length_of,
    printing,
    python,
    writing,
)


def frozen(call: Callable[[Any, Bait], Any]) -> Callable[[Bait], Path]:
    """A frozen graph from x to y."""

    def make(bait: Bait) -> Path:
        with tf.Graph().as_default() as graph:
            x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
            tf.identity(call(x, bait), name="y")
        path = bait.folder / "graph.pb"
        path.write_bytes(graph.as_graph_def().SerializeToString())
        return path

    return make


def filling(x: Any, bait: Bait) -> Any:
    """A table whose lines are those of a file of the machine."""
    table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64, shared_name="t")
    fill = tf.raw_ops.InitializeTableFromTextFileV2(
        table_handle=table, filename=bait.secret, key_index=-2, value_index=-1
    )
    with tf.control_dependencies([fill]):
        return x + 1.0


def unused(x: Any, bait: Bait) -> Any:
    """Nothing that is asked for needs it."""
    tf.io.write_file(bait.canary, "x")
    return x + 1.0


HOSTILE: dict[str, Hostile] = {
    "frozen-read": Hostile(
        frozen(lambda x, bait: x + length_of(bait.secret)), ("ReadFile", "graph"), real=True
    ),
    "frozen-write": Hostile(frozen(writing), ("WriteFile",)),
    "frozen-loop": Hostile(frozen(in_a_loop), ("ReadFile",)),
    "frozen-table": Hostile(frozen(filling), ("InitializeTableFromTextFileV2",)),
    "frozen-python": Hostile(frozen(python), ("EagerPyFunc",)),
}
# What no answer needs is cut off.
UNUSED: dict[str, Callable[[Bait], Path]] = {
    "frozen-print": frozen(printing),
    "frozen-unused": frozen(unused),
}
