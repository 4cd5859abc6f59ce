"""Graphs by others: which ops would run, and what files these would touch.

Needs TensorFlow for the registry of its ops, but neither imports nor runs the graph: the check
comes before `tf.saved_model.load` and `import_graph_def`, which run initialisers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.formats.source import Source
from bundler.formats.untrusted import ops
from bundler.formats.untrusted.effects import PASSING, REMOVED, RESTORE, TABLES
from bundler.formats.untrusted.error import UntrustedError

# Ops that may read exactly one file: which input names it, and whose file that has to be.
ASSET, CHECKPOINT = "asset", "checkpoint"
OWN_FILES = {**dict.fromkeys(TABLES, (1, ASSET)), RESTORE: (0, CHECKPOINT)}
# Ops that hand their inputs on to a function: the first input that the function gets.
CALLS = {
    "PartitionedCall": 0, "StatefulPartitionedCall": 0, "If": 1, "StatelessIf": 1, "Case": 1,
    "StatelessCase": 1, "While": 0, "StatelessWhile": 0, "_If": 1, "_While": 0,
}  # fmt: skip

# Whose file a value names: ASSET, CHECKPOINT, or None for any other value.
Origin = str | None


@dataclass(frozen=True)
class Call:
    """A function that runs, and where its arguments come from."""

    function: str
    origins: tuple[Origin, ...]
    reason: str


def check_graph(
    source: Source, graph: Any, inputs: Iterable[str], outputs: Iterable[str], part: str
) -> None:
    """A GraphDef that is about to be imported and run from `inputs` to `outputs`.

    Raises UntrustedError.
    """
    if not source.trusted:
        walk = Walk(source.path, part, graph)
        walk.main(list(outputs), "used for the outputs", inputs)
        walk.finish()


def check_traced(source: Source, function: Any) -> None:
    """A traced function that is about to run: whatever the format, no other ops get in.

    Raises UntrustedError.
    """
    if source.trusted:
        return
    walk = Walk(source.path, "the traced model")
    # Constants can be large: nothing is copied as a whole.
    for op in function.graph.get_operations():
        if op.type != "Const" and not function.graph._is_function(op.type):
            walk.op(op.node_def, "traced")
    for name, inner in function.graph._functions.items():
        for node in inner.definition.node_def:
            if not function.graph._is_function(node.op) and node.op not in OWN_FILES:
                walk.op(node, f"traced, function {name}")


def is_allowed(source: Source, function: Any) -> bool:
    """Whether a traced function may run."""
    try:
        check_traced(source, function)
    except UntrustedError:
        return False
    return True


class Walk:
    """One pass over what runs of a graph with its functions."""

    def __init__(self, file: Path, part: str, graph: Any = None) -> None:
        self.file = file
        self.part = part
        self.nodes = {node.name: node for node in graph.node} if graph else {}
        library = graph.library.function if graph else ()
        self.functions = {one.signature.name: one for one in library}
        self.origins: dict[str, str] = {}
        self.visited: set[str] = set()
        self.waiting: list[Call] = []
        self.seen: set[tuple[str, tuple[Origin, ...]]] = set()

    def main(self, references: list[str], reason: str, fed: Iterable[str] = ()) -> None:
        """What computing tensors of the graph itself runs, when others are fed."""
        given = {_node_name(reference) for reference in fed}
        waiting = [_node_name(reference) for reference in references]
        while waiting:
            name = waiting.pop()
            if name in self.visited | given or name not in self.nodes:
                continue
            self.visited.add(name)
            node = self.nodes[name]
            self.node(node, self.nodes, {}, reason)
            waiting.extend(_node_name(reference) for reference in node.input)

    def function(self, call: Call) -> None:
        """What calling a function runs."""
        self.waiting.append(call)

    def finish(self) -> None:
        """Follows all calls; then looks at the rest.

        TensorFlow computes what a shape depends on as soon as it sees it: a graph with a function
        that nobody calls, with a shape read from a file, reads that file when it is imported.
        """
        self.follow()
        self.rest()

    def follow(self) -> None:
        """Follows all calls."""
        while self.waiting:
            call = self.waiting.pop()
            key = (call.function, call.origins)
            function = self.functions.get(call.function)
            if function is None or key in self.seen:
                continue
            self.seen.add(key)
            arguments = [argument.name for argument in function.signature.input_arg]
            # What a function captured stands behind its own arguments.
            unknown = max(0, len(arguments) - len(call.origins))
            origins = dict(zip(arguments[unknown:], call.origins, strict=False))
            nodes = {node.name: node for node in function.node_def}
            for node in function.node_def:
                self.node(node, nodes, origins, f"{call.reason}, function {call.function}")

    def rest(self) -> None:
        """Functions that nothing calls, and nodes that nothing uses.

        Of these, importing runs what has no state and depends on no argument.
        """
        ran = {name for name, _ in self.seen}
        bodies = {name: list(one.node_def) for name, one in self.functions.items()}
        bodies[""] = list(self.nodes.values())
        called = {name for body in bodies.values() for node in body for name in self.called(node)}
        for name, body in bodies.items():
            nodes = {node.name: node for node in body}
            # A function that is called may get constants for its arguments.
            free = name not in called
            for node in body if name not in ran else []:
                is_new = name or node.name not in self.visited
                runs = not ops.is_stateful(node.op) and node.op not in OWN_FILES | self.functions
                if is_new and runs and not (free and _depends_on_argument(node, nodes)):
                    self.op(node, f"importing function {name}" if name else "importing")

    def node(
        self, node: Any, nodes: dict[str, Any], origins: dict[str, Origin], reason: str
    ) -> None:
        """Looks at a node, and remembers what it calls."""
        if node.op in OWN_FILES:
            index, owner = OWN_FILES[node.op]
            if self.origin(node.input[index], nodes, origins) != owner:
                raise self.refuse(node, f"reads a file that is no {owner} of its own", reason)
        elif node.op not in self.functions:
            self.op(node, reason)
        first = 0 if node.op in self.functions else CALLS.get(node.op)
        given: tuple[Origin, ...] = ()
        if first is not None:
            inputs = [name for name in node.input if not name.startswith("^")][first:]
            given = tuple(self.origin(name, nodes, origins) for name in inputs)
        for name in self.called(node):
            self.waiting.append(Call(name, given, reason.split(", function")[0]))

    def origin(self, reference: str, nodes: dict[str, Any], origins: dict[str, Origin]) -> Origin:
        """Whose file a tensor names, as far as it is handed on unchanged."""
        for _ in range(len(nodes) + 1):
            if reference in origins:
                return origins[reference]
            name = _node_name(reference)
            if nodes is self.nodes and f"{name}:0" in self.origins:
                return self.origins[f"{name}:0"]
            node = nodes.get(name)
            if node is None or node.op not in PASSING or not node.input:
                return None
            reference = node.input[0]
        return None

    def op(self, node: Any, reason: str) -> None:
        if node.op == "Placeholder" and node.name.startswith(REMOVED):
            found = (
                f"has the op {node.name[len(REMOVED) :].rpartition('_')[0]}, which was taken out"
            )
            raise UntrustedError(self.file, found, f"{self.part}: {reason}")
        if node.op in ("Print", "PrintV2"):
            # To the terminal it is harmless; browsers print nothing.
            if node.attr["output_stream"].s.startswith(b"file://"):
                raise self.refuse(node, "reads or writes files", reason)
            return
        # Ops that TensorFlow does not have cannot be imported: that is said there.
        said = ops.reason(node.op, stateful=ops.is_stateful(node.op) is True)
        if said:
            raise self.refuse(node, said, reason)

    def refuse(self, node: Any, said: str, reason: str) -> UntrustedError:
        found = f"has the op {node.op}, which {said}"
        return UntrustedError(self.file, found, f'{self.part}: node "{node.name}", {reason}')

    def called(self, node: Any) -> Iterator[str]:
        if node.op in self.functions:
            yield node.op
        for value in node.attr.values():
            if value.func.name:
                yield value.func.name
            yield from (function.name for function in value.list.func)


def _depends_on_argument(node: Any, nodes: dict[str, Any]) -> bool:
    """Whether a node of a function's body gets, through others, what the function is given."""
    waiting, seen = list(node.input), set()
    while waiting:
        name = _node_name(waiting.pop())
        if name not in nodes or nodes[name].op == "Placeholder":
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(nodes[name].input)
    return False


def _node_name(reference: str) -> str:
    return reference.lstrip("^").split(":")[0]
