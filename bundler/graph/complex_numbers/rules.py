"""What takes the place of each op on complex tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bundler.graph.complex_numbers.fourier import fourier, inverse_real_fourier, real_fourier
from bundler.graph.complex_numbers.pairs import Pair, absolute, constant, multiply

Rule = Callable[..., Any]
# Ops that do the same to both parts.
EACH = {
    "Reshape", "Transpose", "StridedSlice", "Slice", "ConcatV2", "Pack", "Unpack", "Split",
    "SplitV", "ExpandDims", "Squeeze", "Identity", "GatherV2", "GatherNd", "ReverseV2", "Pad",
    "PadV2", "MirrorPad", "Tile", "BroadcastTo", "Sum", "Mean", "Neg", "AddV2", "Add", "Sub",
    "AddN", "StopGradient", "Snapshot", "SelectV2", "Cumsum", "ZerosLike", "EnsureShape",
    "ScatterNd", "TensorScatterUpdate", "Roll", "MatrixDiagV3", "MatrixDiagPartV3",
    "UnsortedSegmentSum", "SegmentSum", "PreventGradient",
}  # fmt: skip


def each(op: Any, *inputs: Any) -> list[Any]:
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


def _divide(op: Any, x: Pair, y: Pair) -> Pair:
    size = y.real * y.real + y.imaginary * y.imaginary
    product = multiply(x, Pair(y.real, -y.imaginary))
    return Pair(product.real / size, product.imaginary / size)


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


def _both(function: Callable[[Pair], Any]) -> Rule:
    return lambda op, x: function(x)


def _angle(op: Any, x: Pair) -> Any:
    import tensorflow as tf

    return tf.atan2(x.imaginary, x.real)


def _complex_constant(op: Any) -> Pair:
    from tensorflow.python.framework import tensor_util

    return constant(tensor_util.MakeNdarray(op.get_attr("value")))


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
    "RFFT": real_fourier,
    "RFFT2D": real_fourier,
    "RFFT3D": real_fourier,
    "IRFFT": inverse_real_fourier,
    "IRFFT2D": inverse_real_fourier,
    "IRFFT3D": inverse_real_fourier,
    **{f"{'I' if sign > 0 else ''}FFT{'' if axes == 1 else f'{axes}D'}": fourier(axes, sign)
       for axes in (1, 2, 3) for sign in (-1, 1)},
}  # fmt: skip
