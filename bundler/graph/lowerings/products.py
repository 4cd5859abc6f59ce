"""Products of matrices and tensors, all as batched products of float32.

Einsum has no kernel on wasm (every MultiHeadAttention) and no ellipses, diagonals or broadcasts in
TF.js; BatchMatMulV3 and narrow integers (quantized Keras models) are missing, integers are refused
by wasm and WebGPU, and broadcast batches are wrong on wasm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

TRANSPOSED = ("MatMul", "SparseMatMul")
# TF.js has no kernel of these; "sparse" only tells TensorFlow of zeros in a dense matrix.
MISSING = ("BatchMatMulV3", "SparseMatMul")
MATMULS = (*TRANSPOSED, "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")
OPS = (*MATMULS, "Einsum", "BiasAdd")


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.type == "Einsum":
        return _einsum(op.get_attr("equation").decode(), inputs)
    return _bias(op, *inputs) if op.type == "BiasAdd" else _matmul(op, *inputs)


def _bias(op: Any, x: tf.Tensor, bias: tf.Tensor) -> tf.Tensor | None:
    """TF.js adds along the last axis whatever the data format says."""
    if op.get_attr("data_format") != b"NCHW" or x.shape.rank in (None, 2, 4, 5):
        return None  # channels_first.py has those of pictures and volumes
    return x + tf.reshape(bias, [-1, *[1] * (x.shape.rank - 2)])


def _matmul(op: Any, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor | None:
    ranks = x.shape.rank, y.shape.rank
    if None in ranks:
        return None
    names = ("transpose_a", "transpose_b") if op.type in TRANSPOSED else ("adj_x", "adj_y")
    options = dict(zip(("transpose_a", "transpose_b"), map(op.get_attr, names), strict=True))
    target = op.outputs[0].dtype
    inner = -2 if options["transpose_a"] else -1, -1 if options["transpose_b"] else -2
    if 0 in (x.shape[inner[0]], y.shape[inner[1]]):
        # A sum of nothing, for which wasm answers what its memory holds.
        return tf.matmul(_longer(x, inner[0]), _longer(y, inner[1]), **options)
    if x.dtype.is_integer or y.dtype.is_integer:
        # Exact as long as the sums stay below 2^24.
        x, y = tf.cast(x, tf.float32), tf.cast(y, tf.float32)
        return tf.cast(tf.matmul(x, y, **options), target)
    batches = x.shape[:-2], y.shape[:-2]
    same = ranks[0] == ranks[1] and all(
        left == right or (None in (left, right) and 1 not in (left, right))
        for left, right in zip(*(batch.as_list() for batch in batches), strict=False)
    )
    if same or 2 in ranks:
        return tf.matmul(x, y, **options) if op.type in MISSING else None
    shape = tf.broadcast_dynamic_shape(tf.shape(x)[:-2], tf.shape(y)[:-2])
    known = tf.broadcast_static_shape(*batches)

    def spread(z: tf.Tensor) -> tf.Tensor:
        whole = tf.broadcast_to(z, tf.concat([shape, tf.shape(z)[-2:]], 0))
        whole.set_shape([*known, *z.shape[-2:]])
        return whole

    return tf.matmul(spread(x), spread(y), **options)


def _longer(x: tf.Tensor, axis: int) -> tf.Tensor:
    """With one zero more along an axis."""
    padding = [[0, 0] for _ in x.shape]
    padding[axis][1] = 1
    return tf.pad(x, padding)


def _einsum(equation: str, inputs: Sequence[tf.Tensor]) -> tf.Tensor | None:
    parts, _, result = equation.replace(" ", "").partition("->")
    terms = parts.split(",")
    if any(x.shape.rank is None for x in inputs):
        return None
    named = [_name_ellipsis(term, x.shape.rank) for term, x in zip(terms, inputs, strict=True)]
    most = max((sum(label.isdigit() for label in term) for term in named), default=0)
    wanted = result.replace("...", "".join(map(str, range(most - 1, -1, -1))))
    operands = [_diagonal(x, term) for x, term in zip(inputs, named, strict=True)]
    while len(operands) > 1:
        (x, left), (y, right), *others = operands
        needed = set(wanted).union(*(term for _, term in others))
        operands = [_contract(x, left, y, right, needed), *others]
    x, term = operands[0]
    x, term = _sum_out(x, term, set(wanted))
    return x if term == wanted else tf.transpose(x, [term.index(label) for label in wanted])


def _name_ellipsis(term: str, rank: int) -> str:
    """An ellipsis as digits, counted from the right, because that is how it broadcasts."""
    count = rank - len(term.replace("...", ""))
    return term.replace("...", "".join(map(str, range(count - 1, -1, -1))))


def _diagonal(x: tf.Tensor, term: str) -> tuple[tf.Tensor, str]:
    """Takes the diagonal of axes with one label."""
    for label in dict.fromkeys(term):
        while term.count(label) > 1:
            first, second = [at for at, other in enumerate(term) if other == label][:2]
            others = [at for at in range(len(term)) if at not in (first, second)]
            x = tf.linalg.diag_part(tf.transpose(x, [*others, first, second]))
            term = "".join(term[at] for at in others) + label
    return x, term


def _sum_out(x: tf.Tensor, term: str, needed: set[str]) -> tuple[tf.Tensor, str]:
    gone = [at for at, label in enumerate(term) if label not in needed]
    kept = "".join(label for label in term if label in needed)
    return (tf.reduce_sum(x, gone) if gone else x), kept


def _contract(
    x: tf.Tensor, left: str, y: tf.Tensor, right: str, needed: set[str]
) -> tuple[tf.Tensor, str]:
    """Multiplies two operands and sums what nobody else needs."""
    x, left = _sum_out(x, left, needed | set(right))
    y, right = _sum_out(y, right, needed | set(left))
    batch = [label for label in left if label in right and label in needed]
    summed = [label for label in left if label in right and label not in needed]
    rows = [label for label in left if label not in right]
    columns = [label for label in right if label not in left]
    sizes: dict[str, Any] = {}
    for z, term in ((x, left), (y, right)):
        dynamic: Any = None if z.shape.is_fully_defined() else tf.shape(z)
        for at, label in enumerate(term):
            size = z.shape[at]
            known = sizes.get(label)
            # An ellipsis may broadcast: the one that is not 1 is the size.
            if known is None or (isinstance(known, int) and known == 1):
                sizes[label] = dynamic[at] if size is None else size
            elif not isinstance(known, int) and size not in (None, 1):
                sizes[label] = size
    x = _arranged(x, left, [batch, rows, summed], sizes, set(batch))
    y = _arranged(y, right, [batch, summed, columns], sizes, set(batch))
    product = tf.matmul(x, y) if summed else x * y
    labels = [*batch, *rows, *columns]
    product = tf.reshape(product, _pack([sizes[label] for label in labels]))
    return product, "".join(labels)


def _arranged(
    x: tf.Tensor, term: str, groups: list[list[str]], sizes: dict[str, Any], batch: set[str]
) -> tf.Tensor:
    """The operand as a batch of matrices: each group of labels becomes one axis."""
    order = [term.index(label) for group in groups for label in group]
    if order != list(range(len(order))):
        x = tf.transpose(x, order)
    stretched = [
        label
        for label in batch
        if x.shape[groups[0].index(label)] == 1 and not _is_one(sizes[label])
    ]
    if stretched:
        x = tf.broadcast_to(x, _pack([sizes[label] for group in groups for label in group]))
    wanted = []
    for group in groups:
        size: Any = 1
        for label in group:
            size = sizes[label] if _is_one(size) else size * sizes[label]
        wanted.append(size)
    return tf.reshape(x, _pack(wanted))


def _is_one(size: Any) -> bool:
    return isinstance(size, int) and size == 1


def _pack(sizes: list[Any]) -> Any:
    unknown = [at for at, size in enumerate(sizes) if not isinstance(size, int)]
    if len(unknown) <= 1:
        return [-1 if at in unknown else size for at, size in enumerate(sizes)]
    return tf.stack(sizes)
