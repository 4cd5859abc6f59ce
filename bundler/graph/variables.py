"""Variables that a graph assigns, as its first call computes: first saved, then assigned values.

A page keeps no state, so what is assigned at the end is dropped; but what is read after it was
assigned in the same call has the new value. In place of generators, whose state is such a
variable, are ops that draw without one (draws.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from bundler.formats.graph_def import node_name, set_constant
from bundler.graph.flow import Flow
from bundler.ground.errors import ModelError

Value = Callable[[str], npt.NDArray[Any]]
Branch = tuple[str, int]

ASSIGN = "AssignVariableOp"
ARITHMETIC = {"AssignAddVariableOp": "AddV2", "AssignSubVariableOp": "Sub"}
SCATTERS = {
    f"ResourceScatter{kind}{what}": f"TensorScatter{what}"
    for kind in ("", "Nd")
    for what in ("Update", "Add", "Sub", "Min", "Max")
}
SLICES = {"ResourceStridedSliceAssign": "TensorStridedSliceUpdate"}
WRITES = {ASSIGN, *ARITHMETIC, *SCATTERS, *SLICES}
READS = {"ReadVariableOp", "ResourceGather", "ResourceGatherNd"}
QUESTIONS = {"VarIsInitializedOp", "VariableShape"}
# Ops that draw from a generator's state: which op draws the same without it, and how its
# attribute of the result's dtype is called. Their inputs are the state, an algorithm, the rest.
GENERATORS = {
    "StatefulUniform": ("RandomUniform", "dtype"),
    "StatefulStandardNormalV2": ("RandomStandardNormal", "dtype"),
    "StatefulTruncatedNormal": ("TruncatedNormal", "dtype"),
    "StatefulUniformInt": ("RandomUniformInt", "Tout"),
    "StatefulUniformFullInt": ("NonDeterministicInts", "dtype"),
}
SKIPS = {"RngReadAndSkip", "RngSkip"}
# What holds a variable's handle; between it and a read are ops with the handle as first input.
HANDLES = {"Placeholder", "VarHandleOp"}


def assigns(op: str) -> bool:
    """Whether an op changes a variable, be it a generator's state."""
    return op in WRITES or op in SKIPS or op in GENERATORS


class Variables:
    """The variables of a graph without calls, and who reads and writes them."""

    def __init__(self, graph: Any, value: Value) -> None:
        """`value` gives a variable's value by the name of the node that holds its handle."""
        self.flow = Flow(graph)
        self.value = value
        self.users: dict[str, list[Any]] = {}
        for node in graph.node:
            if node.op in READS or node.op in QUESTIONS or assigns(node.op):
                self.users.setdefault(self._handle(node), []).append(node)
        self.changing: set[str] = set()

    def settle(self) -> frozenset[str]:
        """Leaves no op in the graph that assigns; what differs from call to call, by its node.

        Raises ModelError for what is assigned in a loop and read again there.
        """
        for handle, users in self.users.items():
            for node in users:
                if node.op in QUESTIONS:
                    self._answer(node, handle)
            if any(assigns(node.op) for node in users):
                self.changing.add(handle)
                self._settle_generator(handle, users)
                self._settle_variable(handle, users)
        return frozenset(self.changing)

    def _handle(self, node: Any) -> str:
        """The node that holds the handle of the variable that an op is about."""
        return str(self._way(node)[-1].name)

    def enters(self, node: Any) -> list[Any]:
        """The ops by which the handle comes into the loops that `node` is in, outermost first."""
        return [one for one in reversed(self._way(node)) if one.op == "Enter"]

    def _way(self, node: Any) -> list[Any]:
        """The nodes through which an op gets its handle, up to the one that holds it."""
        way = [node]
        while way[-1].op not in HANDLES:
            way.append(self.flow.nodes[node_name(way[-1].input[0])])
        return way

    def _answer(self, node: Any, handle: str) -> None:
        """A variable has a value, and keeps its shape."""
        shape = np.array(self.value(handle).shape)
        dtype = np.int64 if node.attr["out_type"].type == 9 else np.int32
        controls = [name for name in node.input if name.startswith("^")]
        set_constant(node, True if node.op == "VarIsInitializedOp" else shape.astype(dtype))
        node.input.extend(controls)

    def _settle_generator(self, handle: str, users: list[Any]) -> None:
        for number, node in enumerate([one for one in users if one.op in SKIPS]):
            if node.op == "RngReadAndSkip":
                # Each draw begins where no other does.
                state = self.value(handle).copy()
                state[0] += number << 32
                anchor = [f"^{node_name(node.input[2])}"]
                set_constant(node, state)
                node.input.extend(anchor)
                self.changing.add(node.name)
            else:
                self.flow.remove(node)
        for node in users:
            if node.op in GENERATORS:
                op, attribute = GENERATORS[node.op]
                dtype, shape_dtype = node.attr["dtype"].type, node.attr["shape_dtype"].type
                inputs = list(node.input)[2:]
                name = node.name
                node.Clear()
                node.name, node.op = name, op
                node.input.extend(inputs)
                node.attr[attribute].type = dtype
                node.attr["shape_dtype" if op == "NonDeterministicInts" else "T"].type = shape_dtype

    def _settle_variable(self, handle: str, users: list[Any]) -> None:
        writes = [node for node in users if node.op in WRITES]
        if not writes:
            return
        before = {node.name: self.flow.ancestors(node) for node in users}
        names = {node.name for node in writes}
        # In the order in which they happen: each comes after those that it waits for.
        writes.sort(key=lambda node: len(before[node.name] & names))
        chain = _Chain(self, handle, writes, before)
        for node in [one for one in users if one.op in READS]:
            self._check_loops(node, writes)
            reference = chain.seen_by(node)
            if reference is not None:
                self._read(node, reference)
        for node in writes:
            self.flow.remove(node)

    def _check_loops(self, read: Any, writes: list[Any]) -> None:
        """Raises ModelError for what an iteration leaves for the next in a variable.

        A seed may stay the same in every iteration.
        """
        frames = self.flow.frames(read)
        for write in writes:
            shared = frames & self.flow.frames(write)
            if shared and "int" not in _dtype_name(read.attr["dtype"].type):
                raise ModelError(
                    f"the model assigns a variable in a loop and reads it there again: {read.name}",
                    hint="Let the loop hand the value on (loop_vars of tf.while_loop, or the "
                    "states of an RNN) instead of keeping it in a variable.",
                )

    def _read(self, node: Any, reference: str) -> None:
        """Makes a read one of a value that was assigned."""
        controls = [name for name in node.input if name.startswith("^")]
        others = [name for name in node.input[1:] if not name.startswith("^")]
        name, op, dtype = node.name, node.op, node.attr["dtype"].type
        indices, batch = node.attr["Tindices"].type, node.attr["batch_dims"].i
        node.Clear()
        node.name = name
        node.input.extend([reference, *others])
        if op == "ReadVariableOp":
            node.op = "Identity"
            node.attr["T"].type = dtype
        else:
            node.op = "GatherV2" if op == "ResourceGather" else "GatherNd"
            node.attr["Tparams"].type, node.attr["Tindices"].type = dtype, indices
        if node.op == "GatherV2":
            axis = self.flow.add_number(f"{name}/axis", np.int32(batch), others[0])
            node.input.append(axis.name)
            node.attr["Taxis"].type = axis.attr["dtype"].type
            node.attr["batch_dims"].i = batch
        node.input.extend(controls)


class _Chain:
    """The values that a variable has one after the other, each seen from a branch."""

    def __init__(
        self, variables: Variables, handle: str, writes: list[Any], before: dict[str, set[str]]
    ) -> None:
        self._variables = variables
        self._flow = variables.flow
        self._handle = handle
        self._writes = writes
        self._before = before
        self._branches = {node.name: self._flow.branches(node) for node in writes}
        self._assigned: dict[str, str] = {}

    def seen_by(self, node: Any) -> str | None:
        """The value that a read sees; None while nothing has been assigned."""
        earlier = self._earlier(node)
        if not earlier:
            return None
        value = self._value(earlier, self._flow.branches(node))
        return self._entering(value, node, self._flow.frames(earlier[-1]))

    def _entering(self, value: str, node: Any, known: set[str]) -> str:
        """A value, which the loops `known` have, in those that `node` is in."""
        for enter in self._variables.enters(node):
            if enter.attr["frame_name"].s.decode() not in known:
                entered = self._flow.add(f"{node.name}/entered", "Enter", [value])
                entered.attr["frame_name"].CopyFrom(enter.attr["frame_name"])
                entered.attr["is_constant"].b = True
                entered.attr["T"].type = _dtype(node)
                value = str(entered.name)
        return value

    def _earlier(self, node: Any) -> list[Any]:
        return [one for one in self._writes if one.name in self._before[node.name]]

    def _value(self, earlier: list[Any], branches: list[Branch]) -> str:
        """The value after the writes `earlier`, seen on `branches`."""
        if not earlier:
            return self._saved()
        last = earlier[-1]
        left = [one for one in self._branches[last.name] if one not in branches]
        if not left:
            return self._after(last)
        # The last write may not have happened: then the value is that of the other side.
        condition, side = left[-1]
        sides = []
        for one, other in ((side, 1 - side), (1 - side, side)):
            there = [w for w in earlier if (condition, other) not in self._branches[w.name]]
            value = self._value(there, [*branches, (condition, one)])
            if not there or (condition, one) not in self._branches[there[-1].name]:
                value = self._only_on(value, condition, one, last)
            sides.append(value)
        merged = self._flow.add(f"{last.name}/merged", "Merge", sides)
        merged.attr["T"].type = _dtype(last)
        merged.attr["N"].i = 2
        return str(merged.name)

    def _saved(self) -> str:
        read = self._flow.add(f"{self._handle}/saved", "ReadVariableOp", [self._handle])
        read.attr["dtype"].type = _dtype(self._writes[0])
        return str(read.name)

    def _only_on(self, value: str, condition: str, side: int, write: Any) -> str:
        """A value from before a branch as it is on one side of it."""
        node = self._flow.add(f"{write.name}/else", "Switch", [value, condition])
        node.attr["T"].type = _dtype(write)
        return f"{node.name}:1" if side else str(node.name)

    def _after(self, write: Any) -> str:
        """The value that `write` gives the variable, on its own branch."""
        if write.name not in self._assigned:
            is_plain = write.op == ASSIGN
            self._assigned[write.name] = write.input[1] if is_plain else self._computed(write)
        return self._assigned[write.name]

    def _computed(self, write: Any) -> str:
        earlier = self._earlier(write)
        old = self._value(earlier, self._branches[write.name])
        known = self._flow.frames(earlier[-1]) if earlier else set()
        old = self._entering(old, write, known)
        inputs = [name for name in write.input[1:] if not name.startswith("^")]
        dtype = _dtype(write)
        add = self._flow.add
        if write.op in ARITHMETIC:
            node = add(f"{write.name}/assigned", ARITHMETIC[write.op], [old, *inputs])
            node.attr["T"].type = dtype
        elif write.op in SLICES:
            node = add(f"{write.name}/assigned", SLICES[write.op], [old, *inputs])
            for name in ("T", "Index", "begin_mask", "end_mask", "ellipsis_mask",
                         "new_axis_mask", "shrink_axis_mask"):  # fmt: skip
                node.attr[name].CopyFrom(write.attr[name])
        else:
            indices = write.attr["Tindices"].type
            if "Nd" not in write.op:
                last = self._flow.add_number(f"{write.name}/last", np.int32(-1), inputs[0])
                rows = add(f"{write.name}/rows", "ExpandDims", [inputs[0], last.name])
                rows.attr["T"].type, rows.attr["Tdim"].type = indices, last.attr["dtype"].type
                inputs[0] = rows.name
            node = add(f"{write.name}/assigned", SCATTERS[write.op], [old, *inputs])
            node.attr["T"].type, node.attr["Tindices"].type = dtype, indices
        return str(node.name)


def _dtype(write: Any) -> int:
    """The dtype of the variable, whichever attribute says it."""
    return int(write.attr["T" if "T" in write.attr else "dtype"].type)


def _dtype_name(enum: int) -> str:
    from tensorflow.python.framework import dtypes

    return str(dtypes.as_dtype(enum).name)
