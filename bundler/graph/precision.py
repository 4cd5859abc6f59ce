"""A frozen graph in other float types: half floats computed as float32, float32 as float64.

Every op, constant, weight and function takes the new type. Where TensorFlow has no kernel for
that, or an op has one type for good, it stays as it is between casts, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from bundler.graph import large
from bundler.graph.freeze import Frozen
from bundler.ground.errors import ModelError

# A type's bits are what these are about, or they belong to a table that keeps its own type.
KEPT = ("Bitcast", "DecodeRaw", "LookupTable", "HashTable", "MutableHashTable")
# Kernels that any CPU has; "DEFAULT" are those without a device of their own.
DEVICES = ("CPU", "DEFAULT")


@dataclass(frozen=True)
class Retyped:
    """The graph in its new types; `kept` are the ops, if any, that still compute in the old."""

    frozen: Frozen
    kept: tuple[str, ...]


def retyped(frozen: Frozen, types: dict[str, str], *, keep_inputs: bool = True) -> Retyped:
    """The graph in which each dtype of `types` is another: `{"float32": "float64"}`.

    What is fed keeps its type, with a cast behind it, unless told otherwise; what is fetched
    has the new one. `frozen` stays as it is.

    Raises ModelError for an op that TensorFlow does not know.
    """
    from tensorflow.python.framework import dtypes

    enums = {
        dtypes.as_dtype(old).as_datatype_enum: dtypes.as_dtype(new).as_datatype_enum
        for old, new in types.items()
    }
    graph = type(frozen.graph)()
    graph.CopyFrom(frozen.graph)
    names = frozenset(function.signature.name for function in graph.library.function)
    body = _Body(enums, names, frozenset(frozen.inputs if keep_inputs else ()), _plain)
    body.run(graph.node)
    kept = set(body.kept)
    for function in graph.library.function:
        for argument in [*function.signature.input_arg, *function.signature.output_arg]:
            argument.type = enums.get(argument.type, argument.type)
        inner = _Body(enums, names, frozenset(), _of_function)
        inner.run(function.node_def)
        for name, reference in function.ret.items():
            function.ret[name] = inner.moved.get(reference, reference)
        kept |= inner.kept
    weights = {name: _converted(value, enums) for name, value in frozen.weights.items()}
    outputs = [body.moved.get(name, name) for name in frozen.outputs]
    # Half floats that became large enough.
    weights |= large.take(graph)
    result = replace(frozen, graph=graph, outputs=outputs, weights=weights)
    return Retyped(result, tuple(sorted(kept)))


def has(frozen: Frozen, dtypes: Sequence[str]) -> bool:
    """Whether any op or constant of the graph has one of these dtypes."""
    import tensorflow as tf

    wanted = {tf.as_dtype(name).as_datatype_enum for name in dtypes}
    functions = [function.node_def for function in frozen.graph.library.function]
    nodes = (node for body in [frozen.graph.node, *functions] for node in body)
    return any(
        value.type in wanted or wanted.intersection(value.list.type)
        for node in nodes
        for value in node.attr.values()
    )


def _plain(node: Any, definition: Any, types: list[int]) -> list[str]:
    """How nodes of a graph refer to a node's outputs."""
    return [node.name if index == 0 else f"{node.name}:{index}" for index in range(len(types))]


def _of_function(node: Any, definition: Any, types: list[int]) -> list[str]:
    """How nodes of a function's body refer to a node's outputs: by the argument's name."""
    return [
        f"{node.name}:{argument.name}:{index}"
        for argument in definition.output_arg
        for index in range(len(_types([argument], node, definition)))
    ]


@dataclass
class _Body:
    """The nodes of a graph or of a function, with the casts that become necessary."""

    enums: dict[int, int]
    functions: frozenset[str]
    fed: frozenset[str]
    references: Callable[[Any, Any, list[int]], list[str]]

    def __post_init__(self) -> None:
        # What users of an output get instead of it, and the ops that stay in their old type.
        self.moved: dict[str, str] = {}
        self.kept: set[str] = set()

    def run(self, nodes: Any) -> None:
        """Retypes the nodes in place."""
        self.names = {node.name for node in nodes}
        present = list(nodes)
        changes = {
            node.name: self._retype(node, nodes)
            for node in present
            if node.op not in self.functions
        }
        for node in present:
            references = [self.moved.get(_short(name), name) for name in node.input]
            for index, (given, wanted) in enumerate(changes.get(node.name, [])):
                name = f"{node.name}/input_{index}"
                references[index] = self._cast(nodes, references[index], given, wanted, name)
            del node.input[:]
            node.input.extend(references)

    def _retype(self, node: Any, nodes: Any) -> list[tuple[int, int]]:
        """Retypes one node; what each of its inputs is given, and what it wants."""
        definition = _definition(node.op)
        given = [self._new(kind) for kind in _types(definition.input_arg, node, definition)]
        made = [self._new(kind) for kind in _types(definition.output_arg, node, definition)]
        if node.name not in self.fed and not node.op.startswith(KEPT):
            changed = type(node)()
            changed.CopyFrom(node)
            for name in _type_attributes(definition):
                self._change(changed, definition, name)
            if _is_possible(changed, definition):
                node.CopyFrom(changed)
                if node.op == "Const":
                    _convert_constant(node, self.enums)
        wants = _types(definition.input_arg, node, definition)
        gives = _types(definition.output_arg, node, definition)
        if node.name not in self.fed and (wants != given or gives != made):
            self.kept.add(node.op)
        for index, reference in enumerate(self.references(node, definition, gives)):
            if gives[index] != made[index]:
                name = f"{node.name}/output_{index}"
                self.moved[reference] = self._cast(
                    nodes, reference, gives[index], made[index], name
                )
        return list(zip(given, wants, strict=True))

    def _new(self, kind: int) -> int:
        return self.enums.get(kind, kind)

    def _change(self, node: Any, definition: Any, name: str) -> None:
        value = _attribute(node, definition, name)
        if value.WhichOneof("value") == "list":
            new = [self._new(kind) for kind in value.list.type]
            if new != list(value.list.type):
                node.attr[name].list.type[:] = new
        elif self._new(value.type) != value.type:
            node.attr[name].type = self._new(value.type)

    def _cast(self, nodes: Any, reference: str, given: int, wanted: int, name: str) -> str:
        """The reference, or that to a new cast of it."""
        if given == wanted:
            return reference
        while name in self.names:
            name += "_"
        self.names.add(name)
        node = nodes.add(name=name, op="Cast")
        node.input.append(reference)
        node.attr["SrcT"].type, node.attr["DstT"].type = given, wanted
        return name if self.references is _plain else f"{name}:y:0"


def _short(reference: str) -> str:
    """The first output of a graph's node by its shortest name; a function's has two colons."""
    return reference[:-2] if reference.endswith(":0") and reference.count(":") == 1 else reference


def _definition(op: str) -> Any:
    from tensorflow.python.framework import op_def_registry

    found = op_def_registry.get(op)
    if found is None:
        raise ModelError(f"TensorFlow does not know the op {op}")
    return found


def _type_attributes(definition: Any) -> Iterator[str]:
    return (one.name for one in definition.attr if one.type in ("type", "list(type)"))


def _attribute(node: Any, definition: Any, name: str) -> Any:
    """An attribute's value, or the default that stands for it."""
    if name in node.attr:
        return node.attr[name]
    return next(one.default_value for one in definition.attr if one.name == name)


def _types(arguments: Sequence[Any], node: Any, definition: Any) -> list[int]:
    """The dtypes of a node's inputs or outputs, as its attributes say them."""
    types: list[int] = []
    for argument in arguments:
        if argument.type_list_attr:
            types += _attribute(node, definition, argument.type_list_attr).list.type
            continue
        kind = argument.type or _attribute(node, definition, argument.type_attr).type
        number = argument.number_attr
        types += [kind] * (_attribute(node, definition, number).i if number else 1)
    return types


def _is_possible(node: Any, definition: Any) -> bool:
    """Whether TensorFlow allows these types, and can compute them."""
    values = []
    for name in _type_attributes(definition):
        value = _attribute(node, definition, name)
        is_list = value.WhichOneof("value") == "list"
        values.append((name, tuple(value.list.type) if is_list else (value.type,)))
    return _has_kernel(node.op, tuple(values))


@lru_cache(maxsize=4096)
def _has_kernel(op: str, types: tuple[tuple[str, tuple[int, ...]], ...]) -> bool:
    from tensorflow.python.framework import kernels

    of_node = dict(types)
    for one in _definition(op).attr:
        allowed = one.allowed_values.list.type
        if one.name in of_node and allowed and not set(of_node[one.name]) <= set(allowed):
            return False
    registered = kernels.get_registered_kernels_for_op(op).kernel
    if not registered:  # what calls functions is expanded before anything runs
        return True
    return any(
        all(
            set(of_node[constraint.name]) <= set(constraint.allowed_values.list.type)
            for constraint in kernel.constraint
            if constraint.name in of_node and constraint.allowed_values.list.type
        )
        for kernel in registered
        if kernel.device_type in DEVICES
    )


def _convert_constant(node: Any, enums: dict[int, int]) -> None:
    """The constant's value in the type that the node has now."""
    from tensorflow.python.framework import tensor_util

    tensor = node.attr["value"].tensor
    if tensor.dtype in enums:
        value = _converted(tensor_util.MakeNdarray(tensor), enums)
        tensor.CopyFrom(tensor_util.make_tensor_proto(value))


def _converted(value: large.Array, enums: dict[int, int]) -> large.Array:
    from tensorflow.python.framework import dtypes

    kind = dtypes.as_dtype(value.dtype).as_datatype_enum
    if kind not in enums:
        return value
    result: large.Array = np.asarray(value, dtypes.as_dtype(enums[kind]).as_numpy_dtype)
    return result
