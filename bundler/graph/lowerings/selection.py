"""Picking elements: what TF.js lacks, and what it gets wrong.

OneHot has no axis in TF.js, and wasm writes outside of its memory for indices out of range;
GatherV2 with batch dimensions is wrong on wasm (`keras.ops.take_along_axis`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = (
    "OneHot", "GatherV2", "GatherNd", "Roll", "ReverseSequence", "InTopK", "InTopKV2", "Bucketize",
    "InvertPermutation", "DynamicPartition", "DynamicStitch", "ParallelDynamicStitch",
    "UniqueWithCounts", "UniqueWithCountsV2",
    "TensorScatterAdd", "TensorScatterSub", "TensorScatterMax", "TensorScatterMin",
    "TensorScatterUpdate",
)  # fmt: skip


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | list[tf.Tensor] | None:
    return _LOWER[op.type](op, *inputs)


def _one_hot(
    op: Any, indices: tf.Tensor, depth: tf.Tensor, on: tf.Tensor, off: tf.Tensor
) -> tf.Tensor:
    rank, axis = indices.shape.rank, op.get_attr("axis")
    if rank is None:
        return None
    axis = rank if axis == -1 else axis
    indices = tf.cast(indices, tf.int32)
    steps = tf.reshape(tf.range(depth), [-1] + [1] * (rank - axis))
    hot = tf.equal(tf.expand_dims(indices, axis), steps)
    on_value, off_value = tf.get_static_value(on), tf.get_static_value(off)
    if on_value == 1 and off_value == 0:
        return tf.cast(hot, on.dtype)
    return tf.where(hot, on, off)


def _gather(op: Any, x: tf.Tensor, indices: tf.Tensor, axis: tf.Tensor) -> tf.Tensor | None:
    batch, place = op.get_attr("batch_dims"), tf.get_static_value(axis)
    if batch == 0 or place is None or x.shape.rank is None or indices.shape.rank is None:
        return None
    place = int(place) + (x.shape.rank if place < 0 else 0)
    batch = batch + (indices.shape.rank if batch < 0 else 0)
    if place != batch:
        # The axis that is gathered along goes next to the batch, and what it becomes comes back.
        others = [at for at in range(batch, x.shape.rank) if at != place]
        moved = tf.transpose(x, [*range(batch), place, *others])
        gathered = tf.gather(moved, indices, batch_dims=batch, axis=batch)
        count, before = indices.shape.rank - batch, place - batch
        new, rest = range(batch, batch + count), range(batch + count, gathered.shape.rank)
        return tf.transpose(gathered, [*range(batch), *rest[:before], *new, *rest[before:]])
    shape, wanted = _sizes(x), _sizes(indices)
    rows, length = _product(shape[:batch]), shape[batch]
    flat = tf.reshape(x, _pack([_multiply(rows, length), *shape[batch + 1 :]]))
    starts = tf.range(rows) * length
    positions = tf.reshape(tf.cast(indices, tf.int32), _pack([rows, _product(wanted[batch:])]))
    gathered = tf.gather(flat, tf.reshape(positions + starts[:, None], [-1]))
    return tf.reshape(gathered, _pack([*wanted, *shape[batch + 1 :]]))


def _gather_nd(op: Any, x: tf.Tensor, indices: tf.Tensor) -> tf.Tensor | None:
    depth = indices.shape[-1]
    if depth is None or x.shape.rank is None or depth == 0:
        return None
    shape, wanted = _sizes(x), _sizes(indices)
    position = tf.zeros((), tf.int32)
    for at in range(depth):
        position = position * shape[at] + tf.cast(indices[..., at], tf.int32)
    flat = tf.reshape(x, _pack([_product(shape[:depth]), *shape[depth:]]))
    gathered = tf.gather(flat, tf.reshape(position, [-1]))
    return tf.reshape(gathered, _pack([*wanted[:-1], *shape[depth:]]))


def _sizes(x: tf.Tensor) -> list[Any]:
    """Each dimension: a number where it is known, else a tensor."""
    dynamic: Any = None if x.shape.is_fully_defined() else tf.shape(x)
    return [dynamic[at] if size is None else size for at, size in enumerate(x.shape.as_list())]


def _multiply(x: Any, y: Any) -> Any:
    return y if isinstance(x, int) and x == 1 else x if isinstance(y, int) and y == 1 else x * y


def _product(sizes: list[Any]) -> Any:
    result: Any = 1
    for size in sizes:
        result = _multiply(result, size)
    return result


def _pack(sizes: list[Any]) -> Any:
    return sizes if all(isinstance(size, int) for size in sizes) else tf.stack(sizes)


def _roll(op: Any, x: tf.Tensor, shift: tf.Tensor, axis: tf.Tensor) -> tf.Tensor | None:
    axes, known = tf.get_static_value(axis), tf.get_static_value(shift)
    if axes is None:
        return None
    places = np.ravel(axes)
    steps = tf.reshape(tf.cast(shift, tf.int32), [-1]) if known is None else np.ravel(known)
    for at, place in enumerate(places):
        size = x.shape[int(place)]
        if size == 0:
            continue
        length = size if size is not None else tf.shape(x)[int(place)]
        step = steps[at] if known is None else int(steps[at])
        positions = tf.math.floormod(tf.range(length) - step, length)
        x = tf.gather(x, positions, axis=int(place))
    return x


def _reverse_sequence(op: Any, x: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    along, batch = op.get_attr("seq_dim"), op.get_attr("batch_dim")
    first = [batch, along, *(at for at in range(x.shape.rank) if at not in (batch, along))]
    moved = tf.transpose(x, first)
    steps, lengths = tf.range(tf.shape(moved)[1]), tf.cast(lengths, tf.int32)[:, None]
    positions = tf.where(steps[None] < lengths, lengths - 1 - steps[None], steps[None])
    reversed_ = tf.gather(moved, positions, axis=1, batch_dims=1)
    return tf.transpose(reversed_, np.argsort(first))


def _in_top_k(
    op: Any, predictions: tf.Tensor, targets: tf.Tensor, k: tf.Tensor | None = None
) -> tf.Tensor:
    k = tf.constant(op.get_attr("k")) if k is None else tf.cast(k, tf.int32)
    hot = tf.one_hot(targets, tf.shape(predictions)[1], axis=-1)
    own = tf.reduce_sum(
        tf.where(hot > 0.0, predictions, tf.zeros_like(predictions)), 1, keepdims=True
    )
    better = tf.reduce_sum(tf.cast(predictions > own, tf.int32), 1)
    return tf.logical_and(better < k, tf.math.is_finite(own[:, 0]))


def _bucketize(op: Any, x: tf.Tensor) -> tf.Tensor:
    boundaries = tf.constant(np.array(op.get_attr("boundaries"), np.float32))
    reached = tf.cast(x, tf.float32)[..., None] >= boundaries
    return tf.reduce_sum(tf.cast(reached, tf.int32), -1)


def _invert_permutation(op: Any, x: tf.Tensor) -> tf.Tensor:
    steps = tf.range(tf.size(x))
    found = tf.cast(tf.equal(steps[:, None], tf.cast(x, tf.int32)[None]), tf.int32)
    return tf.cast(tf.argmax(found, 1, tf.int32), x.dtype)


def _dynamic_partition(op: Any, x: tf.Tensor, partitions: tf.Tensor) -> list[tf.Tensor]:
    rank = partitions.shape.rank
    flat = tf.reshape(x, tf.concat([[-1], tf.shape(x)[rank:]], 0))
    owners = tf.reshape(partitions, [-1])
    parts = range(op.get_attr("num_partitions"))
    return [tf.gather(flat, tf.where(tf.equal(owners, part))[:, 0]) for part in parts]


def _dynamic_stitch(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    count = len(inputs) // 2
    known = [tf.get_static_value(places) for places in inputs[:count]]
    if any(places is None for places in known):
        return None
    places = np.concatenate([np.ravel(one) for one in known])
    rows = [
        tf.reshape(values, tf.concat([[-1], tf.shape(values)[one.ndim :]], 0))
        for one, values in zip(known, inputs[count:], strict=True)
    ]
    # The last one wins.
    order = {int(place): row for row, place in enumerate(places)}
    if sorted(order) != list(range(len(order))):
        return None
    return tf.gather(tf.concat(rows, 0), [order[place] for place in range(len(order))])


def _unique_with_counts(op: Any, x: tf.Tensor, axis: tf.Tensor | None = None) -> list[tf.Tensor]:
    values, positions = tf.unique(tf.reshape(x, [-1]))
    steps = tf.range(tf.size(values))
    found = tf.cast(tf.equal(steps[:, None], positions[None]), tf.int32)
    return [values, positions, tf.reduce_sum(found, 1)]


def _tensor_scatter(
    op: Any, x: tf.Tensor, indices: tf.Tensor, updates: tf.Tensor
) -> tf.Tensor | None:
    if op.type in ("TensorScatterAdd", "TensorScatterSub"):
        added = tf.scatter_nd(indices, updates, tf.cast(tf.shape(x), indices.dtype))
        return x + added if op.type == "TensorScatterAdd" else x - added
    depth = indices.shape[-1]
    if depth is None or x.shape.rank is None:
        return None
    if op.type == "TensorScatterUpdate":
        # The cpu backend writes into the input.
        if not (x.dtype.is_floating or x.dtype.is_integer):
            return None
        shape = tf.cast(tf.shape(x), indices.dtype)
        hits = tf.scatter_nd(indices, tf.ones_like(updates), shape)
        return tf.where(hits > 0, tf.scatter_nd(indices, updates, shape), x)
    shape = _sizes(x)
    position = tf.zeros((), tf.int32)
    for at in range(depth):
        position = position * shape[at] + tf.cast(indices[..., at], tf.int32)
    rows = tf.reshape(x, _pack([_product(shape[:depth]), -1]))
    changes = tf.reshape(updates, [tf.size(position), -1])
    reduce = (
        tf.math.unsorted_segment_max
        if op.type == "TensorScatterMax"
        else tf.math.unsorted_segment_min
    )
    merge = tf.maximum if op.type == "TensorScatterMax" else tf.minimum
    best = reduce(changes, tf.reshape(position, [-1]), tf.shape(rows)[0])
    return tf.reshape(merge(rows, best), _pack(shape))


_LOWER: dict[str, Any] = {
    "OneHot": _one_hot,
    "GatherV2": _gather,
    "GatherNd": _gather_nd,
    "Roll": _roll,
    "ReverseSequence": _reverse_sequence,
    "InTopK": _in_top_k,
    "InTopKV2": _in_top_k,
    "Bucketize": _bucketize,
    "InvertPermutation": _invert_permutation,
    "DynamicPartition": _dynamic_partition,
    "DynamicStitch": _dynamic_stitch,
    "ParallelDynamicStitch": _dynamic_stitch,
    "UniqueWithCounts": _unique_with_counts,
    "UniqueWithCountsV2": _unique_with_counts,
    "TensorScatterUpdate": _tensor_scatter,
    "TensorScatterAdd": _tensor_scatter,
    "TensorScatterSub": _tensor_scatter,
    "TensorScatterMax": _tensor_scatter,
    "TensorScatterMin": _tensor_scatter,
}
