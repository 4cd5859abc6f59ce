"""A traced function as a plain GraphDef: variables become constants, Grappler tidies up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bundler.graph import large, tables
from bundler.graph.large import Array
from bundler.graph.noise import Noise
from bundler.graph.tables import Table

# The official converter's list; its fusing ("remap") is done by passes/ instead.
TIDY = ["pruning", "constfold", "arithmetic", "dependency"] * 2
# Marks that keep a call from being inlined: Keras compiles grouped convolutions by XLA.
CALL_MARKS = ("_XlaMustCompile", "_noinline")


@dataclass
class Frozen:
    """A GraphDef, and the nodes of its inputs and outputs in the plan's order.

    `weights` holds the values of large constants by node; in the graph these are
    placeholders of known shape, so that no copy of the graph copies them (large.py).
    `tables` are those that it looks into, by the node that holds the handle. `changing` are
    nodes of what differs from call to call: variables that are assigned, states of generators.
    `noise` are inputs that the page fills by itself, the last ones.
    """

    graph: Any
    inputs: list[str]
    outputs: list[str]
    weights: dict[str, Array] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    changing: frozenset[str] = frozenset()
    noise: tuple[Noise, ...] = ()

    def copy(self) -> Frozen:
        """Another graph that may be rewritten; the weights' values are the same."""
        graph = type(self.graph)()
        graph.CopyFrom(self.graph)
        return replace(self, graph=graph, weights=dict(self.weights), tables=dict(self.tables))

    def with_nodes(self, nodes: Iterable[Any]) -> Frozen:
        """The graph of these nodes, with what it needs of weights and tables."""
        graph = type(self.graph)()
        graph.node.extend(nodes)
        graph.library.CopyFrom(self.graph.library)
        graph.versions.CopyFrom(self.graph.versions)
        names = {node.name for node in graph.node}
        weights = {name: value for name, value in self.weights.items() if name in names}
        return replace(self, graph=graph, weights=weights)


def freeze(function: Any) -> Frozen:
    """The function's graph without variables, calls and while-functions.

    Raises ModelError for more weights than a graph can hold.
    """
    fed = function.inputs[: len(function.inputs) - len(function.graph.captures)]
    inputs = [tensor.op.name for tensor in fed]
    outputs = [tensor.op.name for tensor in function.outputs]
    ends = [tensor.op.name for tensor in [*function.inputs, *function.outputs]]
    graph, weights, changing = large.without_variables(
        function, lambda graph: _inline_calls(graph, ends)
    )
    frozen = Frozen(graph, inputs, outputs, weights, changing=changing)
    return replace(frozen, tables=tables.read(frozen.graph, function))


def _inline_calls(graph: Any, ends: list[str]) -> Any:
    """The graph without the calls that are left because they are marked."""
    functions = graph.library.function
    if not functions:
        return graph
    for nodes in [graph.node, *(function.node_def for function in functions)]:
        for node in nodes:
            for mark in CALL_MARKS:
                node.attr.pop(mark, None)
    for function in functions:
        for mark in CALL_MARKS:
            function.attr.pop(mark, None)
    # They may have effects: what these come to is worked out afterwards (variables.py).
    return _run_grappler(Frozen(graph, ends, []), ["function"], aggressive=True).graph


def optimise(frozen: Frozen) -> Frozen:
    """The graph after Grappler's folding and simplifying."""
    return _run_grappler(frozen, TIDY)


def fold(frozen: Frozen) -> Frozen:
    """The graph with constants for what only depends on constants."""
    return _run_grappler(frozen, ["constfold"])


def _run_grappler(frozen: Frozen, optimizers: list[str], *, aggressive: bool = False) -> Frozen:
    from tensorflow.core.protobuf import config_pb2, meta_graph_pb2, rewriter_config_pb2
    from tensorflow.python.grappler import tf_optimizer

    config = config_pb2.ConfigProto()
    rewrite = config.graph_options.rewrite_options
    rewrite.min_graph_nodes = -1
    rewrite.optimizers.extend(optimizers)
    if aggressive:
        rewrite.function_optimization = rewriter_config_pb2.RewriterConfig.AGGRESSIVE
    meta = meta_graph_pb2.MetaGraphDef(graph_def=frozen.graph)
    # Grappler keeps what is to be trained: here, what goes in and comes out.
    meta.collection_def["train_op"].node_list.value.extend(frozen.inputs + frozen.outputs)
    return replace(frozen, graph=tf_optimizer.OptimizeGraph(config, meta))
