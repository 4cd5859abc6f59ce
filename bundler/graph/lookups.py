"""Lookups from numbers to numbers, made of ops that every backend has; texts stay lookups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bundler.graph import rewrite
from bundler.graph.freeze import Frozen
from bundler.graph.tables import FIND, SIZE, Table, handle_node

if TYPE_CHECKING:
    import tensorflow as tf

# Every key is compared with every entry: for more, a lookup is faster on the cpu.
MOST_COMPARED = 4096


def lower(frozen: Frozen) -> Frozen:
    """The graph without lookups of numbers, and without questions for a table's size."""
    nodes = {node.name: node for node in frozen.graph.node}

    def table_of(op: Any) -> Table | None:
        return frozen.tables.get(handle_node(nodes, nodes[op.name]).name)

    def find(op: Any, _: tf.Tensor, keys: tf.Tensor, default: tf.Tensor) -> tf.Tensor | None:
        table = table_of(op)
        is_text = "string" in (keys.dtype.name, default.dtype.name)
        if table is None or is_text or len(table.keys) > MOST_COMPARED:
            return None
        return _compare(table, keys, default)

    def size(op: Any, _: tf.Tensor) -> tf.Tensor | None:
        import tensorflow as tf

        table = table_of(op)
        return None if table is None else tf.constant(len(table.keys), tf.int64)

    return rewrite.replace(frozen, {FIND: find, SIZE: size}) if frozen.tables else frozen


def _compare(table: Table, keys: tf.Tensor, default: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    found = tf.equal(tf.expand_dims(keys, -1), tf.constant(table.keys, keys.dtype))
    places = tf.range(1, len(table.keys) + 1, dtype=tf.int32)
    place = tf.reduce_max(tf.where(found, places, tf.zeros_like(places)), axis=-1)
    values = tf.concat([tf.reshape(default, [1]), tf.constant(table.values, default.dtype)], 0)
    return tf.gather(values, place)
