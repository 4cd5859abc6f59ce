"""Carries every complex tensor as two of floats, and makes Fourier transforms products.

TF.js has complex tensors on cpu alone, with few ops, and wasm none: `keras.ops.fft`, `stft`,
`STFTSpectrogram`, `MelSpectrogram`. A transform of a known length is a product with matrices of
cosines and sines; of a long one two, by Cooley's and Tukey's rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from bundler.graph.freeze import Frozen
from bundler.graph.rewrite import known_value, redirect, rename
from bundler.graph.view import import_graph, node_name


class Pair(NamedTuple):
    """The real and the imaginary part."""

    real: Any
    imaginary: Any


Rule = Callable[..., Any]
# Longer transforms are made of two, if their length can be divided.
MOST_DIRECT = 192


def run(frozen: Frozen) -> Frozen:
    """The graph without complex tensors; as it is, if there is an op that has no rule."""
    if not any(_has_complex_type(node) for node in frozen.graph.node):
        return frozen
    touched = [op for op in import_graph(frozen).get_operations() if _is_complex(op)]
    if any(op.type not in RULES and op.type not in EACH for op in touched):
        return frozen
    parts: dict[str, tuple[str, str]] = {}
    moved: dict[str, list[str]] = {}
    added: list[Any] = []
    for op in touched:
        nodes, results = _trace(op, parts)
        added += nodes
        moved[op.name] = []
        for tensor, result in zip(op.outputs, results, strict=True):
            if isinstance(result, tuple):
                parts[tensor.name] = result
            moved[op.name].append(result if isinstance(result, str) else result[0])
    gone = {op.name for op in touched}
    kept = [node for node in frozen.graph.node if node.name not in gone] + added
    for node in kept:
        if any(node_name(reference) in moved for reference in node.input):
            references = [redirect(reference, moved) for reference in node.input]
            del node.input[:]
            node.input.extend(references)
    return frozen.with_nodes(kept)


def _has_complex_type(node: Any) -> bool:
    import tensorflow as tf

    wide = (tf.complex64.as_datatype_enum, tf.complex128.as_datatype_enum)
    values = node.attr.values()
    return any(value.WhichOneof("value") == "type" and value.type in wide for value in values)


def _is_complex(op: Any) -> bool:
    return any(tensor.dtype.is_complex for tensor in [*op.inputs, *op.outputs])


def _trace(op: Any, parts: dict[str, tuple[str, str]]) -> tuple[list[Any], list[Any]]:
    """The nodes that replace `op`; of each output the reference, or those of its parts."""
    import tensorflow as tf

    sources: dict[str, str] = {}

    def placeholder(tensor: Any, reference: str) -> Any:
        dtype = tf.float32 if tensor.dtype.is_complex else tensor.dtype
        made = tf.compat.v1.placeholder(dtype, tensor.shape, f"input_{len(sources)}")
        sources[made.op.name] = reference
        return made

    with tf.Graph().as_default() as graph:
        inputs = []
        for tensor in op.inputs:
            value = known_value(tensor)
            if not tensor.dtype.is_complex:
                known = value is not None
                inputs.append(
                    tf.constant(value, tensor.dtype) if known else placeholder(tensor, tensor.name)
                )
            elif value is not None:
                inputs.append(_constant(value))
            else:
                real, imaginary = parts[tensor.name]
                inputs.append(Pair(placeholder(tensor, real), placeholder(tensor, imaginary)))
        rule: Any = RULES.get(op.type, _each)
        results = rule(op, *inputs)
        results = results if isinstance(results, list) else [results]
        # An output may be an input as it came.
        results = [
            Pair(*map(tf.identity, one)) if isinstance(one, Pair) else tf.identity(one)
            for one in results
        ]
    nodes, reference = rename(graph.as_graph_def(), op, sources, "parts")
    return nodes, [
        tuple(reference(part.name) for part in one)
        if isinstance(one, Pair)
        else reference(one.name)
        for one in results
    ]


def _constant(value: Any) -> Pair:
    import tensorflow as tf

    return Pair(
        tf.constant(np.real(value).astype(np.float32)),
        tf.constant(np.imag(value).astype(np.float32)),
    )


# Ops that do the same to both parts.
EACH = {
    "Reshape", "Transpose", "StridedSlice", "Slice", "ConcatV2", "Pack", "Unpack", "Split",
    "SplitV", "ExpandDims", "Squeeze", "Identity", "GatherV2", "GatherNd", "ReverseV2", "Pad",
    "PadV2", "MirrorPad", "Tile", "BroadcastTo", "Sum", "Mean", "Neg", "AddV2", "Add", "Sub",
    "AddN", "StopGradient", "Snapshot", "SelectV2", "Cumsum", "ZerosLike", "EnsureShape",
    "ScatterNd", "TensorScatterUpdate", "Roll", "MatrixDiagV3", "MatrixDiagPartV3",
    "UnsortedSegmentSum", "SegmentSum", "PreventGradient",
}  # fmt: skip


def _each(op: Any, *inputs: Any) -> list[Any]:
    """The op itself, once for each part."""
    import tensorflow as tf

    attributes = {}
    for name, value in op.node_def.attr.items():
        attributes[name] = tf.compat.v1.AttrValue.FromString(value.SerializeToString())
        if value.WhichOneof("value") == "type" and tf.as_dtype(value.type).is_complex:
            attributes[name].type = tf.float32.as_datatype_enum
    dtypes = [tf.float32 if one.dtype.is_complex else one.dtype for one in op.outputs]
    answers = []
    for part in range(2):
        own = [one[part] if isinstance(one, Pair) else one for one in inputs]
        graph = own[0].graph
        answers.append(graph.create_op(op.type, own, dtypes, attrs=attributes).outputs)
    return [Pair(*both) for both in zip(*answers, strict=True)]


def _pair(x: Any) -> Pair:
    import tensorflow as tf

    return x if isinstance(x, Pair) else Pair(x, tf.zeros_like(x))


def multiply(x: Pair, y: Pair) -> Pair:
    """The product of two complex tensors."""
    return Pair(
        x.real * y.real - x.imaginary * y.imaginary, x.real * y.imaginary + x.imaginary * y.real
    )


def _divide(op: Any, x: Pair, y: Pair) -> Pair:
    size = y.real * y.real + y.imaginary * y.imaginary
    product = multiply(x, Pair(y.real, -y.imaginary))
    return Pair(product.real / size, product.imaginary / size)


def absolute(x: Pair) -> Any:
    """The magnitude."""
    import tensorflow as tf

    return tf.sqrt(x.real * x.real + x.imaginary * x.imaginary)


def _square_root(op: Any, x: Pair) -> Pair:
    import tensorflow as tf

    size = absolute(x)
    real = tf.sqrt(tf.maximum((size + x.real) / 2.0, 0.0))
    imaginary = tf.sqrt(tf.maximum((size - x.real) / 2.0, 0.0))
    return Pair(real, tf.where(x.imaginary < 0.0, -imaginary, imaginary))


def _exponential(op: Any, x: Pair) -> Pair:
    import tensorflow as tf

    size = tf.exp(x.real)
    return Pair(size * tf.cos(x.imaginary), size * tf.sin(x.imaginary))


def _logarithm(op: Any, x: Pair) -> Pair:
    import tensorflow as tf

    return Pair(tf.math.log(absolute(x)), tf.atan2(x.imaginary, x.real))


def _product(op: Any, x: Pair, y: Pair) -> Pair:
    import tensorflow as tf

    names = ("transpose_a", "transpose_b") if op.type == "MatMul" else ("adj_x", "adj_y")
    first, second = map(op.get_attr, names)
    if op.type != "MatMul":  # the adjoint is the conjugate as well
        x = Pair(x.real, -x.imaginary) if first else x
        y = Pair(y.real, -y.imaginary) if second else y

    def product(left: Any, right: Any) -> Any:
        return tf.matmul(left, right, transpose_a=first, transpose_b=second)

    return Pair(
        product(x.real, y.real) - product(x.imaginary, y.imaginary),
        product(x.real, y.imaginary) + product(x.imaginary, y.real),
    )


def _cast(op: Any, x: Any) -> Any:
    import tensorflow as tf

    if op.outputs[0].dtype.is_complex:
        return x if isinstance(x, Pair) else _pair(tf.cast(x, tf.float32))
    return tf.cast(x.real, op.outputs[0].dtype)


def _matrices(rows: int, columns: int, length: int, sign: int) -> Pair:
    """The cosines and sines of all products of two numbers, around a circle."""
    # Whole turns are taken away first, so that no digits are lost.
    turns = np.outer(np.arange(rows), np.arange(columns)) % length
    angle = sign * 2.0 * math.pi * turns / length
    # Zeros are none but for rounding, and angles hang on the sign of zero.
    cosine, sine = (np.round(part, 15) + 0.0 for part in (np.cos(angle), np.sin(angle)))
    return _constant(cosine + 1j * sine)


def _last_axis(x: Any, matrix: Any) -> Any:
    import tensorflow as tf

    shape = tf.concat([tf.shape(x)[:-1], [matrix.shape[-1]]], 0)
    flat = tf.matmul(tf.reshape(x, [-1, matrix.shape[0]]), matrix)
    result = tf.reshape(flat, shape)
    result.set_shape([*x.shape[:-1], matrix.shape[-1]])
    return result


def _directly(x: Pair, length: int, sign: int) -> Pair:
    matrices = _matrices(length, length, length, sign)
    return Pair(
        _last_axis(x.real, matrices.real) - _last_axis(x.imaginary, matrices.imaginary),
        _last_axis(x.real, matrices.imaginary) + _last_axis(x.imaginary, matrices.real),
    )


def transform(x: Pair, length: int, sign: int) -> Pair:
    """The discrete Fourier transform along the last axis."""
    import tensorflow as tf

    outer = next((n for n in range(math.isqrt(length), 1, -1) if length % n == 0), 1)
    if length <= MOST_DIRECT or outer == 1:
        return _directly(x, length, sign)
    inner = length // outer
    shape = tf.shape(x.real)[:-1]
    folded = [tf.reshape(part, [-1, outer, inner]) for part in x]
    columns = transform(Pair(*map(tf.linalg.matrix_transpose, folded)), outer, sign)
    turned = multiply(columns, _matrices(inner, outer, length, sign))
    rows = transform(Pair(*map(tf.linalg.matrix_transpose, turned)), inner, sign)
    whole = tf.concat([shape, [length]], 0)
    parts = [tf.reshape(tf.linalg.matrix_transpose(part), whole) for part in rows]
    for part, before in zip(parts, x, strict=True):
        part.set_shape(before.shape)
    return Pair(*parts)


def _along(x: Pair, axis: int, length: int, sign: int) -> Pair:
    """The transform along an axis counted from the end."""
    import tensorflow as tf

    rank = x.real.shape.rank
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    turned = x if axis == -1 else Pair(*(tf.transpose(part, order) for part in x))
    done = transform(turned, length, sign)
    return done if axis == -1 else Pair(*(tf.transpose(part, order) for part in done))


def _fit(x: Any, axis: int, length: int) -> Any:
    """Cut, or filled with zeros, to a length."""
    import tensorflow as tf

    rank = x.shape.rank
    if x.shape[axis] is None:
        padding = [[0, length if at == rank + axis else 0] for at in range(rank)]
        return tf.gather(tf.pad(x, padding), np.arange(length), axis=rank + axis)
    missing = length - x.shape[axis]
    if missing > 0:
        padding = [[0, missing if at == rank + axis else 0] for at in range(rank)]
        return tf.pad(x, padding)
    return tf.gather(x, np.arange(length), axis=rank + axis) if missing else x


def _scaled(x: Pair, count: int) -> Pair:
    return Pair(x.real * (1.0 / count), x.imaginary * (1.0 / count))


def _fourier(axes: int, sign: int) -> Rule:
    def rule(op: Any, x: Pair) -> Pair:
        count = 1
        for axis in range(-1, -axes - 1, -1):
            length = _length(op, x.real.shape[axis])
            x = _along(x, axis, length, sign)
            count *= length
        return _scaled(x, count) if sign > 0 else x

    return rule


def _length(op: Any, length: int | None) -> int:
    from bundler.ground.errors import ModelError

    if length is None:
        raise ModelError(
            f"{op.name} is a Fourier transform of a length that is not known before the model runs",
            hint="Give the model's input a fixed length.",
        )
    return int(length)


def _lengths(op: Any, lengths: Any) -> list[int]:
    import tensorflow as tf

    values = tf.get_static_value(lengths)
    return [_length(op, value) for value in ([None] if values is None else values)]


def _real_fourier(op: Any, x: Any, lengths: Any) -> Pair:
    import tensorflow as tf

    sizes = _lengths(op, lengths)
    for axis, size in zip(range(-1, -len(sizes) - 1, -1), reversed(sizes), strict=True):
        x = _fit(x, axis, size)
    bins = sizes[-1] // 2 + 1
    if sizes[-1] <= MOST_DIRECT:
        matrices = _matrices(sizes[-1], bins, sizes[-1], -1)
        result = Pair(*(_last_axis(x, matrix) for matrix in matrices))
    else:
        whole = transform(Pair(x, tf.zeros_like(x)), sizes[-1], -1)
        result = Pair(*(_fit(part, -1, bins) for part in whole))
    for axis, size in zip(range(-2, -len(sizes) - 1, -1), reversed(sizes[:-1]), strict=True):
        result = _along(result, axis, size, -1)
    return result


def _inverse_real_fourier(op: Any, x: Pair, lengths: Any) -> Any:
    import tensorflow as tf

    sizes = _lengths(op, lengths)
    last, bins, count = sizes[-1], sizes[-1] // 2 + 1, int(np.prod(sizes))
    for axis, size in zip(
        range(-1, -len(sizes) - 1, -1), [bins, *reversed(sizes[:-1])], strict=True
    ):
        x = Pair(*(_fit(part, axis, size) for part in x))
    for axis, size in zip(range(-2, -len(sizes) - 1, -1), reversed(sizes[:-1]), strict=True):
        x = _along(x, axis, size, 1)
    # Every bin but the first, and the middle one of an even length, stands for its mirror image.
    places = np.arange(bins)
    single = (places == 0) | (2 * places == last)
    if last <= MOST_DIRECT:
        matrices = _matrices(bins, last, last, 1)
        weights = tf.constant(np.where(single, 1.0, 2.0)[:, None] / count, tf.float32)
        return _last_axis(x.real, matrices.real * weights) - _last_axis(
            x.imaginary, matrices.imaginary * weights
        )
    mirror = np.arange(last - bins, 0, -1)
    imaginary = x.imaginary * tf.constant(np.where(single, 0.0, 1.0), tf.float32)
    whole = Pair(
        tf.concat([x.real, tf.gather(x.real, mirror, axis=-1)], -1),
        tf.concat([imaginary, -tf.gather(imaginary, mirror, axis=-1)], -1),
    )
    return transform(whole, last, 1).real * (1.0 / count)


def _both(function: Callable[[Pair], Any]) -> Rule:
    return lambda op, x: function(x)


def _angle(op: Any, x: Pair) -> Any:
    import tensorflow as tf

    return tf.atan2(x.imaginary, x.real)


def _complex_constant(op: Any) -> Pair:
    from tensorflow.python.framework import tensor_util

    return _constant(tensor_util.MakeNdarray(op.get_attr("value")))


RULES: dict[str, Rule] = {
    "Const": _complex_constant,
    "Complex": lambda op, real, imaginary: Pair(real, imaginary),
    "Real": _both(lambda x: x.real),
    "Imag": _both(lambda x: x.imaginary),
    "Conj": _both(lambda x: Pair(x.real, -x.imaginary)),
    "ComplexAbs": _both(absolute),
    "Angle": _angle,
    "Cast": _cast,
    "Mul": lambda op, x, y: multiply(x, y),
    "Square": _both(lambda x: multiply(x, x)),
    "RealDiv": _divide,
    "MatMul": _product,
    "BatchMatMul": _product,
    "BatchMatMulV2": _product,
    "Exp": _exponential,
    "Log": _logarithm,
    "Sqrt": _square_root,
    "RFFT": _real_fourier,
    "RFFT2D": _real_fourier,
    "RFFT3D": _real_fourier,
    "IRFFT": _inverse_real_fourier,
    "IRFFT2D": _inverse_real_fourier,
    "IRFFT3D": _inverse_real_fourier,
    **{f"{'I' if sign > 0 else ''}FFT{'' if axes == 1 else f'{axes}D'}": _fourier(axes, sign)
       for axes in (1, 2, 3) for sign in (-1, 1)},
}  # fmt: skip
