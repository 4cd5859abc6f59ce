"""Carries every complex tensor as two of floats, and makes Fourier transforms products.

TF.js has complex tensors on cpu alone, with few ops, and wasm none: `keras.ops.fft`, `stft`,
`STFTSpectrogram`, `MelSpectrogram`.
"""

from __future__ import annotations

from typing import Any

from bundler.graph.complex_numbers.pairs import Pair, constant
from bundler.graph.complex_numbers.rules import EACH, RULES, each
from bundler.graph.freeze import Frozen
from bundler.graph.rewrite import known_value, redirect, rename
from bundler.graph.view import import_graph, node_name


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
                inputs.append(constant(value))
            else:
                real, imaginary = parts[tensor.name]
                inputs.append(Pair(placeholder(tensor, real), placeholder(tensor, imaginary)))
        rule: Any = RULES.get(op.type, each)
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
