"""Ties what happens in a branch or a loop to it by data.

In TensorFlow a value that needs no input (`tf.cond(p, f, lambda: 0.0)`, the 0 with which an inner
loop begins) hangs on its branch and its loop by a control edge alone. Without control edges it
would be there once, outside and always: Merge would take it whatever the condition says, and an
inner loop would begin once rather than in each iteration of the outer one. Where that matters, it
goes through a Switch of the branch or the loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import GraphView, node_name

# Lists are filled in place: each iteration around needs its own.
LISTS = {"EmptyTensorList", "TensorListReserve", "TensorArrayV3"}


@dataclass(frozen=True)
class Place:
    """One branch (the condition, and its side) or the iterations of one loop (its frame)."""

    name: str
    side: int | None = None


# From the outermost to the innermost.
Places = tuple[Place, ...]


def run(frozen: Frozen) -> Frozen:
    view = GraphView(frozen)
    if not any(node.op in ("Enter", "Merge") for node in frozen.graph.node):
        return frozen
    anchors = Anchors(view)
    for node in list(frozen.graph.node):
        if node.op in ("Enter", "NextIteration", *LISTS):
            anchors.anchor(node, [0] if node.input else [])
        elif node.op == "Merge" and not _is_of_loop(view, node):
            anchors.anchor(node, range(len(_data(node))))
    for node in list(frozen.graph.node):
        if _brings_constant(view, node):
            view.replace(node, view.source(node, 0))
    return frozen


class Anchors:
    """Where nodes are, by all edges and by data alone; adds the Switches that are missing."""

    def __init__(self, view: GraphView) -> None:
        self._view = view
        self._true = _find_places(view, by_data=False)
        self._seen = _find_places(view, by_data=True)
        self._conditions = {
            frame.name: node.name
            for node in view.nodes.values()
            if node.op == "LoopCond"
            for frame in [place for place in self._true[node.name] if place.side is None][-1:]
        }

    def anchor(self, node: Any, inputs: Iterable[int]) -> None:
        """Ties some inputs of a node to all places where they are made."""
        if _brings_constant(self._view, node):
            return
        for index in inputs:
            source = node.input[index]
            seen = _behind(self._view, source, self._seen)
            for place in _behind(self._view, source, self._true):
                if place not in seen:
                    source, where = self._switch(node, source, place)
                    seen = _union([seen, (place,), where])
            node.input[index] = source

    def _switch(self, node: Any, source: str, place: Place) -> tuple[str, Places]:
        """The reference to a value in a place only; and where else its condition puts it."""
        in_loop = place.side is None
        condition = self._conditions.get(place.name, "") if in_loop else place.name
        if not condition:
            return source, ()
        switch = self._view.add(f"{node.name}/anchor", "Switch", [source, condition])
        switch.attr["T"].type = _dtype(self._view, source)
        side = 1 if in_loop else place.side
        return f"{switch.name}:{side}", _behind(self._view, condition, self._seen)


def _dtype(view: GraphView, reference: str) -> Any:
    """The dtype of a value, by the attributes that the ops here have."""
    node = view.nodes[node_name(reference)]
    for name in ("T", "dtype", "DstT", "out_type", "output_type", "Tout", "Tparams"):
        if name in node.attr and node.attr[name].WhichOneof("value") == "type":
            return node.attr[name].type
    return 1  # DT_FLOAT; TF.js does not look


def _find_places(view: GraphView, *, by_data: bool) -> dict[str, Places]:
    """The places of each node: those of what it waits for."""
    found: dict[str, Places] = {}
    for start in view.nodes:
        # Depth first without recursion.
        stack = [start]
        while stack:
            node = view.nodes[stack[-1]]
            waits = [name for name in _waits_for(view, node, by_data=by_data) if name not in found]
            if node.name in found or not waits:
                stack.pop()
                found.setdefault(node.name, _places(view, node, found, by_data=by_data))
            else:
                stack += [*waits]
    return found


def _references(view: GraphView, node: Any, *, by_data: bool) -> list[str]:
    """What decides where a node is; that a loop goes on does not."""
    data = _data(node)
    if node.op == "Merge" and _is_of_loop(view, node):
        data = [name for name in data if view.nodes[node_name(name)].op != "NextIteration"]
    return data if by_data else [*data, *(name for name in node.input if name.startswith("^"))]


def _waits_for(view: GraphView, node: Any, *, by_data: bool) -> list[str]:
    return [node_name(name) for name in _references(view, node, by_data=by_data)]


def _places(view: GraphView, node: Any, found: dict[str, Places], *, by_data: bool) -> Places:
    behind = [_behind(view, name, found) for name in _references(view, node, by_data=by_data)]
    places = _union(behind)
    if node.op == "Merge" and not _is_of_loop(view, node):
        count = len(_data(node))
        # It is there as soon as one of its values is; a control edge from a branch that is not
        # taken does not keep it from that.
        return tuple(place for place in places if all(place in one for one in behind[:count]))
    if node.op == "Enter" and not (by_data and _brings_constant(view, node)):
        return (*places, Place(node.attr["frame_name"].s.decode()))
    if node.op == "Exit":
        frames = [index for index, place in enumerate(places) if place.side is None]
        return places[: frames[-1]] if frames else places
    return places


def _behind(view: GraphView, reference: str, found: dict[str, Places]) -> Places:
    """Where an output of a node is."""
    node = view.nodes[node_name(reference)]
    places = found.get(node.name, ())
    if node.op == "Switch" and not reference.startswith("^"):
        condition = node.input[1]
        if view.nodes[node_name(condition)].op != "LoopCond":
            return _union([places, (Place(condition, int(reference.endswith(":1"))),)])
    return places


def _union(places: list[Places]) -> Places:
    return tuple(dict.fromkeys(one for many in sorted(places, key=len)[::-1] for one in many))


def _data(node: Any) -> list[str]:
    return [name for name in node.input if not name.startswith("^")]


def _is_of_loop(view: GraphView, merge: Any) -> bool:
    """Whether a Merge joins the first value of a loop with the next ones."""
    sources = [view.nodes[node_name(name)] for name in _data(merge)]
    return any(source.op in ("Enter", "NextIteration") for source in sources)


def _brings_constant(view: GraphView, node: Any) -> bool:
    """Whether a node brings a constant into a loop; TF.js finds it there anyway."""
    if node.op != "Enter" or not node.attr["is_constant"].b:
        return False
    source = view.source(node, 0)
    while source.op == "Identity" or _is_constant_enter(source):
        source = view.source(source, 0)
    return source.op == "Const" or source.name in view.frozen.weights


def _is_constant_enter(node: Any) -> bool:
    return bool(node.op == "Enter" and node.attr["is_constant"].b)
