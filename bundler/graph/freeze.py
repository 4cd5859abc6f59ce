"""A traced function as a plain GraphDef: variables become constants, Grappler tidies up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# The official converter's list; its fusing ("remap") is done by passes/ instead.
GRAPPLER = ["pruning", "constfold", "arithmetic", "dependency"] * 2


@dataclass
class Frozen:
    """A GraphDef, and the nodes of its inputs and outputs in the plan's order."""

    graph: Any
    inputs: list[str]
    outputs: list[str]


def freeze(function: Any) -> Frozen:
    """The function's graph without variables, calls and while-functions."""
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    frozen = convert_variables_to_constants_v2(
        function, lower_control_flow=True, aggressive_inlining=True
    )
    return Frozen(
        frozen.graph.as_graph_def(),
        [tensor.name.split(":")[0] for tensor in frozen.inputs],
        [tensor.name.split(":")[0] for tensor in frozen.outputs],
    )


def optimise(frozen: Frozen) -> Frozen:
    """The graph after Grappler's folding and simplifying."""
    from tensorflow.core.protobuf import config_pb2, meta_graph_pb2
    from tensorflow.python.grappler import tf_optimizer

    config = config_pb2.ConfigProto()
    rewrite = config.graph_options.rewrite_options
    rewrite.min_graph_nodes = -1
    rewrite.optimizers.extend(GRAPPLER)
    meta = meta_graph_pb2.MetaGraphDef(graph_def=frozen.graph)
    # Grappler keeps what is to be trained: here, what goes in and comes out.
    meta.collection_def["train_op"].node_list.value.extend(frozen.inputs + frozen.outputs)
    return Frozen(tf_optimizer.OptimizeGraph(config, meta), frozen.inputs, frozen.outputs)
