"""Large constants, kept beside their graph.

TensorFlow copies a graph again and again on its way, and protobuf cannot copy one of
more than 2 GB at all. So the values of large variables never become part of it: where a
constant would be, it has a placeholder of the constant's shape.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from bundler.graph.variables import Variables
from bundler.ground.errors import ModelError

Array = npt.NDArray[Any]
Weights = dict[str, Array]

# What is smaller stays in the graph: it may be a shape, an axis, or what Grappler folds.
MOST_ELEMENTS = 1 << 16
# What protobuf can hold, and so any GraphDef or SavedModel.
MOST_BYTES = 2 << 30


def without_variables(
    function: Any, prepare: Callable[[Any], Any]
) -> tuple[Any, Weights, frozenset[str]]:
    """The graph of a concrete function with constants for variables, and the large ones' values.

    `prepare` may rewrite it while it still has variables. Also gives the nodes of what differs
    from call to call (variables.py). Raises ModelError for variables that are too large
    together, or assigned in a way that no graph can say.
    """
    from tensorflow.python.framework import convert_to_constants

    variables = function.graph.variables
    _check_size(sum(_elements(one) * one.dtype.size for one in variables))
    found = {
        placeholder.name.split(":")[0]: variable
        for variable in variables
        for captured, placeholder in function.graph.captures
        if captured is variable.handle and _is_large(variable)
    }

    class Values(convert_to_constants._FunctionConverterDataInEager):  # type: ignore[misc]
        """The values of all variables, of the large ones but shape and dtype."""

        def _eval(self, tensor: Any) -> Any:
            is_large = any(tensor is variable for variable in found.values())
            return _StandIn(tensor) if is_large else tensor.numpy()

    values = Values(function, lower_control_flow=True, aggressive_inlining=True)
    values._graph_def = prepare(values.graph_def)
    changing = Variables(values.graph_def, _reader(function)).settle()
    graph, _ = convert_to_constants._replace_variables_by_constants(values)
    for node in graph.node:
        if node.name in found:
            _hollow(node)
    weights = {name: _value(variable) for name, variable in found.items()}
    return graph, {**weights, **take(graph)}, changing


def take(graph: Any, *, more_than: int = MOST_ELEMENTS) -> Weights:
    """Takes the values of float constants of more elements out of a graph."""
    from tensorflow.python.framework import tensor_util

    taken = {}
    for node in graph.node:
        # A constant with a control edge belongs to a loop, where no placeholder can be.
        is_free = node.op == "Const" and not node.input
        if is_free and _is_larger(node.attr["value"].tensor, more_than):
            taken[node.name] = tensor_util.MakeNdarray(node.attr["value"].tensor)
            _hollow(node)
    return taken


def placeholder(node: Any, value: Array) -> None:
    """Makes a node stand for a weight."""
    from tensorflow.python.framework import dtypes, tensor_shape

    node.op = "Placeholder"
    del node.input[:]
    node.attr.clear()
    node.attr["dtype"].type = dtypes.as_dtype(value.dtype).as_datatype_enum
    node.attr["shape"].shape.CopyFrom(tensor_shape.TensorShape(value.shape).as_proto())


def _reader(function: Any) -> Callable[[str], Array]:
    """Gives the value of a variable that the function captured, by its handle's node."""
    import tensorflow as tf

    handles = {inner.op.name: handle for handle, inner in function.graph.captures}

    def read(name: str) -> Array:
        if name not in handles:
            raise ModelError(f"the graph assigns a variable that the model does not have: {name}")
        (kind,) = handles[name]._handle_data.shape_and_type
        return np.asarray(tf.raw_ops.ReadVariableOp(resource=handles[name], dtype=kind.dtype))

    return read


class _StandIn:
    """Shape and dtype of a variable; as its value one element, which fills any shape."""

    def __init__(self, variable: Any) -> None:
        self.shape = tuple(variable.shape)
        self.dtype = np.dtype(variable.dtype.as_numpy_dtype)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.zeros(1, self.dtype if dtype is None else dtype)


def _hollow(node: Any) -> None:
    """Makes a constant a placeholder of its dtype and shape."""
    tensor = node.attr["value"].tensor
    dtype, shape = tensor.dtype, type(tensor.tensor_shape)()
    shape.CopyFrom(tensor.tensor_shape)
    node.op = "Placeholder"
    node.attr.clear()
    node.attr["dtype"].type = dtype
    node.attr["shape"].shape.CopyFrom(shape)


def _value(variable: Any) -> Array:
    """A variable's value in its own memory."""
    return np.asarray(memoryview(variable.read_value()))


def _is_large(variable: Any) -> bool:
    return variable.dtype.name == "float32" and _elements(variable) > MOST_ELEMENTS


def _is_larger(tensor: Any, count: int) -> bool:
    from tensorflow.python.framework import dtypes

    is_float = tensor.dtype == dtypes.float32.as_datatype_enum
    return bool(is_float and prod(dim.size for dim in tensor.tensor_shape.dim) > count)


def _elements(variable: Any) -> int:
    return int(variable.shape.num_elements() or 0)


def _check_size(count: int) -> None:
    if count > MOST_BYTES:
        raise ModelError(
            f"the model's variables take {count / 1e9:.1f} GB, and a graph of TensorFlow "
            f"(protobuf) holds at most {MOST_BYTES / 1e9:.1f} GB",
            hint="Use a smaller model. Quantising does not help, because it comes later.",
        )
