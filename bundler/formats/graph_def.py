"""GraphDefs as models: cut at named tensors, without what only training needed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.formats import branches
from bundler.formats.signature import Loaded, Signature
from bundler.ground import told
from bundler.ground.errors import ModelError
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import tensorflow as tf

Shape = tuple[int | None, ...]

# Placeholders that switch training on, and the value that switches it off.
TRAINING_FLAGS = re.compile(r"learning_phase|is_?train|training|phase_?train|train_?phase", re.I)
KEEP_PROBABILITIES = re.compile(r"keep_?prob", re.I)
# Ops that change no value, and those after which one value still belongs to the same number.
PASSING = {"Identity", "StopGradient", "Reshape", "Squeeze", "ExpandDims", "Snapshot"}
ELEMENTWISE = {"Identity", "Cast", "Sub", "Mul", "Add", "AddV2", "RealDiv", "Div", "Neg"}
# What a graph may end in besides answers.
NO_ANSWERS = {
    "Assert", "NoOp", "Const", "Placeholder", "Print", "PrintV2", "SaveV2", "RestoreV2",
    "MergeSummary", "WriteFile", "CheckNumerics",
}  # fmt: skip
CALLS = {"PartitionedCall", "StatefulPartitionedCall"}


def read(path: Path) -> Any:
    """The GraphDef in a file. Raises ModelError."""
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework.graph_pb2 import GraphDef

    graph = GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise ModelError(f"{path} is damaged: {error}", hint="Copy or download it again.") from None
    return graph


def settle(graph: Any, fed: Iterable[str] = ()) -> None:
    """Makes a graph one of inference, in place: no devices, dropout off, branches decided.

    The tensors in `fed` stay placeholders.
    """
    kept = {node_name(reference) for reference in fed}
    for node in graph.node:
        node.device = ""
        if "_class" in node.attr:
            del node.attr["_class"]
        if node.op == "PlaceholderWithDefault" and node.name not in kept:
            node.op = "Identity"
            node.attr["T"].CopyFrom(node.attr["dtype"])
            del node.attr["dtype"], node.attr["shape"]
        elif node.op == "Placeholder" and node.name not in kept:
            _switch_training_off(node)
    branches.decide(graph)


def _switch_training_off(node: Any) -> None:
    from tensorflow.core.framework.types_pb2 import DT_BOOL, DT_FLOAT

    dtype = node.attr["dtype"].type
    if dtype == DT_BOOL and TRAINING_FLAGS.search(node.name):
        set_constant(node, False)
    elif dtype == DT_FLOAT and KEEP_PROBABILITIES.search(node.name):
        set_constant(node, 1.0)


def set_constant(node: Any, value: npt.NDArray[Any] | np.generic | bool | float) -> None:
    """Makes a node a Const."""
    from tensorflow.python.framework import tensor_util

    name = node.name
    node.Clear()
    node.name, node.op = name, "Const"
    node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(value))
    node.attr["dtype"].type = node.attr["value"].tensor.dtype


def node_name(reference: str) -> str:
    """The node of a reference such as "^add" or "split:1"."""
    return reference.lstrip("^").split(":")[0]


def tensor_name(reference: str) -> str:
    """A reference as TensorFlow names tensors: with the output's number."""
    return reference if ":" in reference else f"{reference}:0"


def check_names(graph: Any, table: str, names: Iterable[str]) -> None:
    """Raises ModelError for names that no node has, with the nearest that there are."""
    known = [node.name for node in graph.node]
    for name in names:
        if node_name(name) not in set(known):
            near = difflib.get_close_matches(node_name(name), known, n=3, cutoff=0.4)
            raise ModelError(
                f'[[{table}]]: the graph has no tensor "{name}"',
                hint=f"There is {', '.join(near)}." if near else f"It has {_some(known)}.",
            )


def _some(names: list[str]) -> str:
    return ", ".join(names[:5] + (["…"] if len(names) > 5 else []))


def cut(graph: Any, outputs: Iterable[str], inputs: Iterable[str]) -> Any:
    """The part of a graph that makes `outputs` from `inputs`."""
    nodes = {node.name: node for node in graph.node}
    fed = {tensor_name(reference) for reference in inputs}
    found: set[str] = set()
    waiting = [name for name in map(tensor_name, outputs) if name not in fed]
    while waiting:
        name = node_name(waiting.pop())
        if name in found or name not in nodes:
            continue
        found.add(name)
        waiting.extend(ref for ref in nodes[name].input if tensor_name(ref) not in fed)
    part = type(graph)()
    part.versions.CopyFrom(graph.versions)
    part.library.CopyFrom(graph.library)
    part.node.extend(node for node in graph.node if node.name in found)
    return part


def placeholders(graph: Any) -> list[str]:
    """The nodes that have to be fed."""
    return [node.name for node in graph.node if node.op == "Placeholder"]


def ends(graph: Any) -> list[str]:
    """The nodes that nobody uses and that are no side effects: the answers, most likely."""
    used = {node_name(reference) for node in graph.node for reference in node.input}
    return [
        node.name
        for node in graph.node
        if node.name not in used
        and node.op not in NO_ANSWERS
        and "Summary" not in node.op
        and not node.op.startswith("Assign")
    ]


def load(
    graph: Any,
    inputs: dict[str, str],
    outputs: dict[str, str],
    stated: dict[str, Shape] | None = None,
) -> Loaded:
    """A graph as a model: `inputs` and `outputs` are tensors by the names that the page uses.

    Shapes that the graph leaves open can be `stated`. Raises ModelError.
    """
    whole = _imported(graph)
    stated = stated or {}
    specs = tuple(
        _input_spec(graph, whole.get_tensor_by_name(tensor_name(ref)), name, ref, stated.get(name))
        for name, ref in inputs.items()
    )
    part = cut(graph, outputs.values(), inputs.values())
    results = tuple(
        _spec(name, whole.get_tensor_by_name(tensor_name(ref))) for name, ref in outputs.items()
    )
    activations = {name: activation(graph, ref) for name, ref in outputs.items()}
    call = _caller(part, list(inputs.values()), list(outputs.values()), specs)
    return Loaded(call, Signature(specs, results, activations, False))


def _imported(graph: Any) -> Any:
    import tensorflow as tf

    with tf.Graph().as_default() as whole:
        try:
            tf.graph_util.import_graph_def(graph, name="")
        except (ValueError, tf.errors.NotFoundError) as error:
            raise ModelError(
                f"TensorFlow cannot import the graph{told.within(error)}: {told.line(error)}",
                hint="The file may be damaged: copy or download it again, or freeze the model anew "
                "with the TensorFlow that made it.",
            ) from error
    return whole


def _spec(name: str, tensor: Any, shape: Shape | None = None) -> TensorSpec:
    if shape is None:
        # An output whose rank only running tells is shown as it comes.
        shape = tuple(tensor.shape.as_list()) if tensor.shape.rank is not None else ()
    return TensorSpec(name, tensor.dtype.base_dtype.name, shape)


def _input_spec(
    graph: Any, tensor: Any, name: str, reference: str, stated: Shape | None
) -> TensorSpec:
    if stated is not None:
        return _spec(name, tensor, stated)
    if tensor.shape.rank is not None:
        return _spec(name, tensor)
    shape = infer_shape(graph, reference)
    if shape is None and tensor.dtype.base_dtype.name == "string":
        # Graphs of old TensorFlow mean "unknown" by an empty shape; a text is mostly a file.
        shape = ()
    if shape is None:
        raise ModelError(
            f"the graph does not say what shape its input {name} has",
            hint=f'Add the shape to demo.toml, -1 for what is free: [[inputs]] name = "{name}", '
            "shape = [-1, 224, 224, 3]",
        )
    return _spec(name, tensor, shape)


def _caller(
    graph: Any, inputs: list[str], outputs: list[str], specs: tuple[TensorSpec, ...]
) -> Callable[[list[tf.Tensor]], list[tf.Tensor]]:
    import tensorflow as tf

    names = [tensor_name(reference) for reference in outputs]
    used = {tensor_name(reference) for node in graph.node for reference in node.input}

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        shaped = [
            tf.ensure_shape(tensor, spec.shape) if tensor.shape.rank is None else tensor
            for tensor, spec in zip(tensors, specs, strict=True)
        ]
        fed = {tensor_name(ref): tensor for ref, tensor in zip(inputs, shaped, strict=True)}
        # An output that is an input as well is not in the graph any more.
        wanted = [name for name in names if name not in fed]
        mapped = {name: value for name, value in fed.items() if name in used}
        made = tf.graph_util.import_graph_def(
            graph, input_map=mapped, return_elements=wanted, name=""
        )
        found = dict(zip(wanted, map(tf.identity, made), strict=True)) | fed
        _keep_apart(tf.compat.v1.get_default_graph())
        return [found[name] for name in names]

    def call_anywhere(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        # A graph can only be imported into one.
        wrapped = tf.function(call, autograph=False) if tf.executing_eagerly() else call
        results: list[tf.Tensor] = wrapped(tensors)
        return results

    return call_anywhere


class _Loop:
    """A loop's context, as far as TensorFlow's automatic control edges ask for it."""

    outer_context = None

    def IsWhileContext(self) -> bool:  # noqa: N802
        return True


def _keep_apart(graph: Any) -> None:
    """Saves the loops of TensorFlow 1 from control edges, which would tie them together.

    tf.function makes every Merge wait for the one before, unless it is known to be in a loop,
    which an imported graph does not tell.
    """
    for op in graph.get_operations():
        if op.type == "Merge" and op._get_control_flow_context() is None:
            op._set_control_flow_context(_Loop())


def infer_shape(graph: Any, reference: str) -> Shape | None:
    """The shape that the first layer behind a tensor wants, if it tells."""
    nodes = {node.name: node for node in graph.node}
    waiting = [tensor_name(reference)]
    for wanted in waiting:
        for node in graph.node:
            indexes = [i for i, ref in enumerate(node.input) if tensor_name(ref) == wanted]
            if not indexes:
                continue
            if node.op in ELEMENTWISE:
                waiting.append(tensor_name(node.name))
            constant = _constant(nodes, node.input[1]) if len(node.input) > 1 else None
            if indexes[0] == 0 and constant is not None:
                shape = _wanted_shape(node, constant)
                if shape:
                    return shape
    return None


def _wanted_shape(node: Any, constant: npt.NDArray[Any]) -> Shape | None:
    if node.op in ("Conv2D", "DepthwiseConv2dNative"):
        channels = constant.shape[2]
        first = node.attr["data_format"].s == b"NCHW"
        return (None, channels, None, None) if first else (None, None, None, channels)
    if node.op in ("MatMul", "BatchMatMulV2") and constant.ndim == 2:
        turned = node.attr["transpose_b"].b or node.attr["adj_y"].b
        return (None, constant.shape[1 if turned else 0])
    if node.op == "Reshape":
        sizes = [int(size) for size in constant if size > 0]
        return (None if -1 in constant else 1, prod(sizes))
    return None


def _constant(nodes: dict[str, Any], reference: str) -> npt.NDArray[Any] | None:
    from tensorflow.python.framework import tensor_util

    node = nodes[node_name(reference)]
    while node.op == "Identity":
        node = nodes[node_name(node.input[0])]
    return tensor_util.MakeNdarray(node.attr["value"].tensor) if node.op == "Const" else None


def activation(graph: Any, reference: str) -> str:
    """The op that a tensor comes from: "softmax", "sigmoid", "tanh" or "linear"."""
    functions = {function.signature.name: function for function in graph.library.function}
    nodes = {node.name: node for node in graph.node}
    while node_name(reference) in nodes:
        node = nodes[node_name(reference)]
        if node.op in CALLS and node.attr["f"].func.name in functions:
            function = functions[node.attr["f"].func.name]
            index = int(tensor_name(reference).split(":")[-1])
            reference = function.ret[function.signature.output_arg[index].name]
            nodes = {node.name: node for node in function.node_def}
        elif node.op in PASSING:
            reference = node.input[0]
        else:
            return node.op.lower() if node.op in ("Softmax", "Sigmoid", "Tanh") else "linear"
    return "linear"
