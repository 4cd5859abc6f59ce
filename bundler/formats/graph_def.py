"""GraphDefs: read, cut at named tensors, without what only training needed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.formats import branches
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Placeholders that switch training on, and the value that switches it off.
TRAINING_FLAGS = re.compile(r"learning_phase|is_?train|training|phase_?train|train_?phase", re.I)
KEEP_PROBABILITIES = re.compile(r"keep_?prob", re.I)
# What a graph may end in besides answers.
NO_ANSWERS = {
    "Assert", "NoOp", "Const", "Placeholder", "Print", "PrintV2", "SaveV2", "RestoreV2",
    "MergeSummary", "WriteFile", "CheckNumerics",
}  # fmt: skip


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
