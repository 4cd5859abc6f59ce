"""Random numbers of a graph: the same draw for every answer, or noise that is fed to it.

TF.js's generators are not TensorFlow's, and no two answers could be compared. So every op that
draws gives numbers out of a list: the ones that TensorFlow draws where the seed is known, else
some of our own. In place of the list may be an input of the graph, for a new draw every time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bundler.formats import branches
from bundler.formats.graph_def import node_name
from bundler.graph import freeze, rewrite
from bundler.graph.draw_ops import MARK, OPS, Fed, Listed, lower
from bundler.graph.freeze import Frozen
from bundler.graph.noise import Noise

__all__ = ["OPS", "Drawn", "settle"]


@dataclass(frozen=True)
class Drawn:
    """A graph that draws no more, and the layers that did.

    `layers` would draw anew at every call, `looped` are those of them that do so in a loop;
    `altered` have a seed, but one that only TensorFlow can make the same numbers of. `states`
    are the variables that a call leaves to the next, but seeds.
    """

    frozen: Frozen
    layers: tuple[str, ...] = ()
    looped: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


def settle(frozen: Frozen, *, anew: bool) -> Drawn:
    """The graph with the same draw for every answer, or, `anew`, with inputs for the noise.

    What a seed in the model itself fixes stays as TensorFlow draws it.
    """
    states = _states(frozen) if frozen.changing else ()
    if not any(node.op in OPS for node in frozen.graph.node):
        return Drawn(frozen, states=states)
    # Dropout that a constant switches off is gone then.
    branches.decide(frozen.graph)
    changing, looped = _changing(frozen), _in_loops(frozen)
    if anew:
        fed = partial(lower, Fed())
        chosen = {op: _only(changing - looped, fed) for op in OPS}
        frozen = _with_inputs(rewrite.replace(frozen, chosen))
    # Seeds that are known become constants.
    frozen = freeze.fold(frozen)
    listed = Listed()
    lowered = rewrite.replace(frozen, {op: partial(lower, listed) for op in OPS})
    return Drawn(
        lowered,
        _layers(changing),
        _layers(changing & looped),
        _layers(listed.used - changing),
        states,
    )


def _only(names: set[str], lower: rewrite.Lower) -> rewrite.Lower:
    return lambda op, *inputs: lower(op, *inputs) if op.name in names else None


def _changing(frozen: Frozen) -> set[str]:
    """The ops that draw anew at every call, among those that the outputs need."""
    nodes = {node.name: node for node in frozen.graph.node}
    needed = _behind(nodes, frozen.outputs)
    drawing = [node for node in frozen.graph.node if node.op in OPS and node.name in needed]
    stateful = {node.name for node in drawing if not node.op.startswith("Stateless")}
    sources = frozen.changing | stateful
    return {
        node.name
        for node in drawing
        if node.name in stateful or _behind(nodes, _seeds(node)) & sources
    }


def _states(frozen: Frozen) -> tuple[str, ...]:
    """Variables that are assigned, and that the outputs depend on other than as seeds."""
    nodes = {node.name: node for node in frozen.graph.node}
    waiting = [node_name(reference) for reference in frozen.outputs]
    found = set(waiting)
    for name in waiting:
        node = nodes[name]
        seeds = {node_name(one) for one in _seeds(node)} if node.op in OPS else set()
        data = {node_name(one) for one in node.input if not one.startswith("^")}
        waiting.extend(data - seeds - found)
        found |= data - seeds
    return tuple(sorted(found & frozen.changing))


def _seeds(node: Any) -> list[str]:
    """What a stateless op's draw depends on besides its shape and its numbers' distribution."""
    if not node.op.startswith("Stateless"):
        return []
    index = 2 if node.op == "StatelessMultinomial" else 1
    return list(node.input)[index : index + (1 if index == 2 else 2)]


def _behind(nodes: dict[str, Any], references: list[str]) -> set[str]:
    """All nodes that these tensors are computed from."""
    waiting = [node_name(reference) for reference in references]
    found = set(waiting)
    for name in waiting:
        new = {node_name(one) for one in nodes[name].input if not one.startswith("^")} - found
        found |= new
        waiting.extend(new)
    return found


def _in_loops(frozen: Frozen) -> set[str]:
    """Nodes in loops, where no input of the graph can be."""
    nodes = {node.name: node for node in frozen.graph.node}
    users: dict[str, list[str]] = {}
    for node in frozen.graph.node:
        for reference in node.input:
            users.setdefault(node_name(reference), []).append(node.name)
    waiting = [node.name for node in frozen.graph.node if node.op == "Enter"]
    found = set(waiting)
    for name in waiting:
        if nodes[name].op != "Exit":
            new = set(users.get(name, [])) - found
            found |= new
            waiting.extend(new)
    return found


def _layers(nodes: set[str]) -> tuple[str, ...]:
    """The layers in nodes' names: what Keras calls them, without what TensorFlow adds."""
    scopes = [[part for part in node.split("/")[:-1] if part[:1].islower()] for node in nodes]
    names = [
        "/".join(parts[:-1] or parts) or node for parts, node in zip(scopes, nodes, strict=True)
    ]
    return tuple(sorted(set(names)))


def _with_inputs(frozen: Frozen) -> Frozen:
    """The graph with the noise that it is fed as inputs behind its own."""
    noise: list[Noise] = []
    for node in frozen.graph.node:
        if MARK in node.attr:
            kind = node.attr.pop(MARK).s.decode()
            length = node.attr["shape"].shape.dim[0].size
            noise.append(Noise(f"noise_{len(noise) + 1}", node.name, kind, length))
            del node.input[:]
    inputs = [*frozen.inputs, *(one.node for one in noise)]
    return replace(frozen, inputs=inputs, noise=tuple(noise))
