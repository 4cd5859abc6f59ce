"""A graph that rounds otherwise before it decides: which is the highest, what is above a bound.

Two numbers that are even in Python may be told apart by who adds in another order; a comparison
at such a place shows nothing but that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bundler.graph.flow import Flow
from bundler.graph.freeze import Frozen

# The operands whose order decides.
DECIDING: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("ArgMax", "ArgMin", "TopK", "TopKV2"), (0,)),
    **dict.fromkeys(("Greater", "GreaterEqual", "Less", "LessEqual"), (0,)),
    **dict.fromkeys(("NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"), (1,)),
}
# The node that is fed with how much, of each number; 0 leaves the graph as it was.
AMOUNT = "jitter_amount"
# What a few thousand additions in another order come to.
USUAL = 2.0**-19


def with_jitter(frozen: Frozen) -> Frozen:
    """The graph with AMOUNT among its weights; loops stay as they are."""
    from tensorflow.core.framework.types_pb2 import DT_FLOAT

    own = frozen.copy()
    flow = Flow(own.graph)
    deciding = [
        node
        for node in own.graph.node
        if node.op in DECIDING and node.attr["T"].type == DT_FLOAT and not flow.frames(node)
    ]
    if not deciding:
        return own
    amount = flow.add(AMOUNT, "Placeholder", [])
    amount.attr["dtype"].type = DT_FLOAT
    amount.attr["shape"].shape.SetInParent()
    own.weights[amount.name] = np.zeros([], np.float32)
    for seed, node in enumerate(deciding, 1):
        for operand in DECIDING[node.op]:
            node.input[operand] = _moved(flow, node.input[operand], amount.name, seed)
    return own


def _moved(flow: Flow, tensor: str, amount: str, seed: int) -> str:
    """`tensor * (1 + amount * random)`, with random numbers around 0 that are always the same."""
    from tensorflow.core.framework.types_pb2 import DT_FLOAT, DT_INT32

    shape = flow.add(f"jitter_{seed}_shape", "Shape", [tensor])
    shape.attr["T"].type, shape.attr["out_type"].type = DT_FLOAT, DT_INT32
    random = flow.add(f"jitter_{seed}_random", "RandomUniform", [shape.name])
    random.attr["T"].type, random.attr["dtype"].type = DT_INT32, DT_FLOAT
    random.attr["seed"].i = random.attr["seed2"].i = seed
    half = flow.add_number(f"jitter_{seed}_half", np.float32(0.5), tensor)
    around = _binary(flow, f"jitter_{seed}_around", "Sub", random.name, half.name)
    share = _binary(flow, f"jitter_{seed}_share", "Mul", around, amount)
    change = _binary(flow, f"jitter_{seed}_change", "Mul", tensor, share)
    return _binary(flow, f"jitter_{seed}", "AddV2", tensor, change)


def _binary(flow: Flow, name: str, op: str, one: str, other: str) -> str:
    from tensorflow.core.framework.types_pb2 import DT_FLOAT

    node: Any = flow.add(name, op, [one, other])
    node.attr["T"].type = DT_FLOAT
    return str(node.name)
