"""Functions of a SavedModel: its signatures, and what else its root object can be asked.

A signature is flat: of a ragged input it has the values and where rows begin, each an input of its
own (`x`, `x_1`). Here every input is one dense tensor again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bundler.formats import graph_clues
from bundler.ground.errors import ModelError
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

Shape = tuple[int | None, ...]
Call = Callable[["list[tf.Tensor]"], "list[tf.Tensor]"]
CALL = "__call__"


@dataclass(frozen=True)
class Entry:
    """A function with named inputs and outputs; `call` takes and gives them in this order."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    activations: dict[str, str]
    call: Call


def functions(
    restored: Any, is_allowed: Callable[[Any], bool] = lambda trace: True
) -> dict[str, Any]:
    """What the root can be asked: the most general trace for inference of each function.

    A trace that is not allowed is chosen only where there is no other.
    """
    names = [CALL, *(name for name in vars(restored) if not name.startswith("_"))]
    traces = {name: _traces(getattr(restored, name, None)) for name in names}
    return {
        name: max(list(filter(is_allowed, found)) or found, key=_generality)
        for name, found in traces.items()
        if found
    }


def _traces(function: Any) -> list[Any]:
    traces = getattr(function, "concrete_functions", None) or []
    return [one for one in traces if any(map(_is_spec, _leaves(one)))]


def _leaves(function: Any) -> list[Any]:
    import tensorflow as tf

    return list(tf.nest.flatten(function.structured_input_signature))


def _is_spec(leaf: Any) -> bool:
    return hasattr(leaf, "shape") and hasattr(leaf, "dtype")


def _generality(function: Any) -> tuple[bool, int]:
    """A trace for inference before one for training; then the one with most free sizes."""
    leaves = _leaves(function)
    specs = [leaf for leaf in leaves if _is_spec(leaf)]
    free = [len(spec.shape) if spec.shape.rank is not None else 9 for spec in specs]
    fixed = [sum(size is not None for size in spec.shape or ()) for spec in specs]
    return not any(leaf is True for leaf in leaves), sum(free) - sum(fixed)


def of_signature(
    restored: Any, function: Any, stated: Callable[[list[str]], dict[str, Shape]]
) -> Entry:
    """A signature: its inputs and outputs have their names as keys."""
    specs = function.structured_input_signature[1]
    ragged = _ragged_inputs(restored, specs)
    parts = {part for name, spec in ragged.items() for part in _components(name, spec)[1:]}
    names = sorted(specs.keys() - parts, key=natural)
    shapes = stated(names)
    inputs = tuple(
        input_spec(name, ragged.get(name, specs[name]), shapes.get(name)) for name in names
    )
    made = function.structured_outputs
    outputs = tuple(output_spec(name, made[name]) for name in sorted(made, key=natural))

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        # With `restored` its variables and tables would go.
        assert restored is not None
        given: dict[str, tf.Tensor] = {}
        for name, tensor in zip(names, tensors, strict=True):
            spec = ragged.get(name)
            given |= _split(name, spec, tensor) if spec else {name: tensor}
        answers = function(**given)
        return [dense(answers[spec.name]) for spec in outputs]

    return Entry(inputs, outputs, _activations(function, made), call)


def of_function(
    restored: Any, function: Any, stated: Callable[[list[str]], dict[str, Shape]]
) -> Entry:
    """A function of the root: its arguments and results may be nested."""
    import tensorflow as tf

    leaves, structure = _leaves(function), function.structured_input_signature
    places = [index for index, leaf in enumerate(leaves) if _is_spec(leaf)]
    names = _input_names(function, [leaves[place] for place in places])
    shapes = stated(names)
    inputs = tuple(
        input_spec(name, leaves[place], shapes.get(name))
        for name, place in zip(names, places, strict=True)
    )
    made = dict(_named_outputs(function.structured_outputs))
    outputs = tuple(output_spec(name, spec) for name, spec in made.items())

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        assert restored is not None
        values = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            spec = leaves[place]
            values[place] = _ragged(tensor, spec) if _ragged_rank(spec) else tensor
        arguments, keywords = tf.nest.pack_sequence_as(structure, values)
        answers = dict(_named_outputs(function(*arguments, **keywords)))
        return [dense(answers[name]) for name in made]

    return Entry(inputs, outputs, _activations(function, made), call)


def _input_names(function: Any, specs: list[Any]) -> list[str]:
    parameters = list(getattr(getattr(function, "function_type", None), "parameters", {}))
    said = [str(getattr(spec, "name", None) or "") for spec in specs]
    if len(parameters) == len(specs):
        said = [one or name for one, name in zip(said, parameters, strict=True)]
    elif not all(said) and len(specs) == 1 and parameters:
        said = [parameters[0]]
    named = [one or f"input_{index}" for index, one in enumerate(said)]
    if len(set(named)) == len(named):
        return named
    return [f"{one}_{index}" for index, one in enumerate(named)]


def _named_outputs(value: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """The tensors in a structure, each with the keys that lead to it."""
    if isinstance(value, dict):
        rows: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list | tuple) and not _is_spec(value):
        rows = enumerate(value)
    else:
        return [(name or "output", value)] if _is_spec(value) else []
    return [
        row
        for key, item in rows
        for row in _named_outputs(
            item, f"{name}_{key}" if name else f"output_{key}" if isinstance(key, int) else str(key)
        )
    ]


def input_spec(name: str, spec: Any, stated: Shape | None) -> TensorSpec:
    """An input with its shape, or the one that is stated where the model has none."""
    known = spec.shape.rank is not None
    if not known and stated is None and spec.dtype.name != "string":
        raise ModelError(
            f"the SavedModel does not say what shape its input {name} has",
            hint=f'Add the shape to demo.toml, -1 for what is free: [[inputs]] name = "{name}", '
            "shape = [-1, 224, 224, 3]",
        )
    shape = tuple(spec.shape.as_list()) if known else stated or ()
    return TensorSpec(name, spec.dtype.name, shape)


def output_spec(name: str, spec: Any) -> TensorSpec:
    """An output; one whose rank only running tells is shown as it comes."""
    known = spec.shape.rank is not None
    return TensorSpec(name, spec.dtype.name, tuple(spec.shape.as_list()) if known else ())


def dense(value: Any) -> Any:
    """A tensor of rows of one length, or without gaps."""
    import tensorflow as tf

    if isinstance(value, tf.RaggedTensor):
        return value.to_tensor()
    return tf.sparse.to_dense(value) if isinstance(value, tf.SparseTensor) else value


def _ragged_rank(spec: Any) -> int:
    return int(getattr(spec, "ragged_rank", 0) or 0)


def _ragged_inputs(restored: Any, specs: dict[str, Any]) -> dict[str, Any]:
    """The inputs of a signature that are ragged in a function of the root, by their names."""
    known = [
        leaf
        for name in functions(restored)
        for one in getattr(restored, name).concrete_functions
        for leaf in _leaves(one)
        if _ragged_rank(leaf)
    ]
    # Rows of rows have all the parts that rows have.
    known.sort(key=_ragged_rank, reverse=True)
    found: dict[str, Any] = {}
    for name in sorted(specs, key=natural):
        for spec in known:
            parts = [specs.get(part) for part in _components(name, spec)]
            if all(part is not None for part in parts) and _fits(parts, spec):
                found.setdefault(name, spec)
    return found


def _components(name: str, spec: Any) -> list[str]:
    """The names that a signature has for the parts of a ragged input."""
    return [name, *(f"{name}_{index + 1}" for index in range(_ragged_rank(spec)))]


def _fits(parts: list[Any], spec: Any) -> bool:
    values, *splits = parts
    same = values.dtype == spec.dtype and values.shape.rank == spec.shape.rank - len(splits)
    return same and all(
        part.shape.rank == 1 and part.dtype == spec.row_splits_dtype for part in splits
    )


def _ragged(tensor: tf.Tensor, spec: Any) -> Any:
    import tensorflow as tf

    return tf.RaggedTensor.from_tensor(
        tensor, ragged_rank=_ragged_rank(spec), row_splits_dtype=spec.row_splits_dtype
    )


def _split(name: str, spec: Any, tensor: tf.Tensor) -> dict[str, tf.Tensor]:
    value = _ragged(tensor, spec)
    parts = [value.flat_values, *value.nested_row_splits]
    return dict(zip(_components(name, spec), parts, strict=True))


def _activations(function: Any, outputs: Iterable[str]) -> dict[str, str]:
    names = sorted(outputs)
    # The outputs of the graph are flattened: dictionaries by their sorted keys, ragged in parts.
    if len(names) != len(function.outputs):
        return {}
    graph = function.graph.as_graph_def()
    return {
        name: graph_clues.activation(graph, tensor.name)
        for name, tensor in zip(names, function.outputs, strict=True)
    }


def natural(name: str) -> list[tuple[int, str]]:
    """Sorts output_2 before output_10."""
    return [(int(part or -1), text) for text, part in re.findall(r"(\D*)(\d*)", name)]
