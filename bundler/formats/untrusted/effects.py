"""SavedModels by others, without what has an effect outside the graph, wherever it stands.

TensorFlow runs more of a SavedModel than anybody could list: main ops, initialisers of tables and
local variables, restore functions, whatever a shape depends on. So the file that it gets has
nothing left in it that could do harm: one graph, whose files are the model's own, by our paths.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bundler.formats.untrusted import ops
from bundler.formats.untrusted.archive import leaves

TABLES = {"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"}
RESTORE = "RestoreV2"
PASSING = {"Identity", "PlaceholderWithDefault"}
ASSETS, CHECKPOINT = "assets", "variables/variables"
COLLECTION = "saved_model_assets"
COPIED = ("variables", ASSETS)
OUR_FILE = "tfjs_demo_file"
# Before the op that would fill a table from a file that is none of the model's.
FOREIGN = "TfjsDemoForeign"
# How the results of a function begin that had an effect: its op follows.
REMOVED = "tfjs_demo_without_"


@contextmanager
def without_effects(folder: Path, meta: Any) -> Iterator[Path]:
    """A SavedModel of one graph of another, `meta`, while the context lasts."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as made:
        clean = Path(made)
        for name in COPIED:
            if (folder / name).is_dir():
                _link(folder / name, clean / name)
        model = SavedModel(saved_model_schema_version=1)
        model.meta_graphs.add().CopyFrom(meta)
        _Cleaning(clean, model.meta_graphs[0]).run()
        (clean / "saved_model.pb").write_bytes(model.SerializeToString())
        yield clean


def _link(folder: Path, target: Path) -> None:
    try:
        target.symlink_to(folder.resolve(), target_is_directory=True)
    except OSError:  # Windows allows it to few
        shutil.copytree(folder, target)


def assets(meta: Any) -> list[Any]:
    """The assets, which TensorFlow 1 kept in a collection."""
    from tensorflow.core.protobuf.meta_graph_pb2 import AssetFileDef

    found = list(meta.asset_file_def)
    if COLLECTION in meta.collection_def:
        for packed in meta.collection_def[COLLECTION].any_list.value:
            asset = AssetFileDef()
            packed.Unpack(asset)
            found.append(asset)
    return found


class _Cleaning:
    """One graph with its functions, changed in place."""

    def __init__(self, place: Path, meta: Any) -> None:
        self.place = place
        self.meta = meta
        self.library = meta.graph_def.library.function
        if meta.object_graph_def.nodes:
            # Of the graph around the functions, TensorFlow 2 takes constants alone.
            constants = [node for node in meta.graph_def.node if node.op == "Const"]
            del meta.graph_def.node[:]
            meta.graph_def.node.extend(constants)
        else:
            meta.ClearField("object_graph_def")
        self.assets = _Assets(meta)

    def run(self) -> None:
        for function in self.library:
            self._point_at_own_files(function.signature.name, function.node_def)
            made = [one for one in function.node_def if _has_effect(one) and _makes_something(one)]
            if made:
                _empty(function, made[0].op)
            for node in filter(_has_effect, function.node_def):
                _disarm(node)
        graph = self.meta.graph_def
        self._point_at_own_files("", graph.node)
        self._drop({node.name for node in graph.node if _has_effect(node)})

    def _point_at_own_files(self, body: str, nodes: Any) -> None:
        """Files are named by constants of ours; a table of another file is marked."""
        added: dict[Path, str] = {}
        for node in nodes:
            if node.op == RESTORE:
                path, index = self.place / CHECKPOINT, 0
            elif node.op in TABLES:
                asset, index = self.assets.of(body, node.input[1]), 1
                if asset is None:
                    node.op = f"{FOREIGN}{node.op}"
                    continue
                path = self.place / ASSETS / asset
            else:
                continue
            name = added.setdefault(path, f"{OUR_FILE}_{len(added)}")
            node.input[index] = f"{name}:output:0" if body else name
        for path, name in added.items():
            _add_text(nodes, name, str(path))

    def _drop(self, names: set[str]) -> None:
        """Nodes of the graph, with all that is computed from them."""
        graph = self.meta.graph_def
        dropped = set(names)
        grown = True
        while grown:
            dependent = {
                node.name
                for node in graph.node
                if node.name not in dropped and not dropped.isdisjoint(_data_inputs(node))
            }
            dropped |= dependent
            grown = bool(dependent)
        kept = [node for node in graph.node if node.name not in dropped]
        for node in kept:
            inputs = [name for name in node.input if name.lstrip("^").split(":")[0] not in dropped]
            node.ClearField("input")
            node.input.extend(inputs)
        del graph.node[:]
        graph.node.extend(kept)
        self._forget(dropped)

    def _forget(self, dropped: set[str]) -> None:
        """What named nodes that are gone."""
        collections = self.meta.collection_def
        for key in list(collections):
            names = list(collections[key].node_list.value)
            left = [name for name in names if name.split(":")[0] not in dropped]
            if len(left) < len(names):
                del collections[key]
                if left:
                    collections[key].node_list.value.extend(left)
        for key, signature in list(self.meta.signature_def.items()):
            tensors = [*signature.inputs.values(), *signature.outputs.values()]
            if any(info.name.split(":")[0] in dropped for info in tensors):
                del self.meta.signature_def[key]


class _Assets:
    """Which file of the model a text in its graph names."""

    def __init__(self, meta: Any) -> None:
        files = [one.filename for one in meta.asset_file_def]
        self.by_tensor = {
            one.tensor_info.name: one.filename for one in assets(meta) if not leaves(one.filename)
        }
        self.bodies: dict[str, dict[str, Any]] = {
            function.signature.name: {node.name: node for node in function.node_def}
            for function in meta.graph_def.library.function
        }
        self.arguments = {
            function.signature.name: [one.name for one in function.signature.input_arg]
            for function in meta.graph_def.library.function
        }
        self.bodies[""] = {node.name: node for node in meta.graph_def.node}
        objects = meta.object_graph_def
        self.bound: dict[str, list[str | None]] = {
            name: [_asset_of(objects.nodes, index, files) for index in concrete.bound_inputs]
            for name, concrete in objects.concrete_functions.items()
        }

    def of(self, body: str, reference: str) -> str | None:
        """The file, if it is the same wherever the text can come from."""
        try:
            found = self._sources(body, reference, frozenset())
        except RecursionError:  # functions that call each other without an end
            return None
        return found.pop() if len(found) == 1 else None

    def _sources(
        self, body: str, reference: str, seen: frozenset[tuple[str, str]]
    ) -> set[str | None]:
        nodes = self.bodies[body]
        name = reference.split(":")[0]
        while name in nodes and nodes[name].op in PASSING and nodes[name].input:
            if not body and f"{name}:0" in self.by_tensor:
                break
            name = nodes[name].input[0].split(":")[0]
        if not body:
            return {self.by_tensor.get(f"{name}:0")}
        if name not in self.arguments[body] or (body, name) in seen:
            return {None} if name not in self.arguments[body] else set()
        index, count = self.arguments[body].index(name), len(self.arguments[body])
        found: set[str | None] = set()
        bound = self.bound.get(body, [])
        # What a function captured stands behind its own arguments.
        if body in self.bound:
            at = index - (count - len(bound))
            found.add(bound[at] if 0 <= at < len(bound) else None)
        for caller, node in self._callers(body):
            given = [one for one in node.input if not one.startswith("^")]
            at = index - count + len(given)
            found |= self._sources(caller, given[at], seen | {(body, name)}) if at >= 0 else {None}
        return found

    def _callers(self, function: str) -> Iterator[tuple[str, Any]]:
        for body, nodes in self.bodies.items():
            for node in nodes.values():
                called = [value.func.name for value in node.attr.values()]
                if node.op == function or function in called:
                    yield body, node


def _asset_of(nodes: Any, index: int, files: list[str]) -> str | None:
    node = nodes[index] if index < len(nodes) else None
    if node is None or node.WhichOneof("kind") != "asset":
        return None
    at = node.asset.asset_file_def_index
    return files[at] if at < len(files) and not leaves(files[at]) else None


def _has_effect(node: Any) -> bool:
    if node.op.startswith(FOREIGN):
        return True
    if node.op in TABLES or node.op == RESTORE:
        return False
    return ops.reason(node.op, stateful=ops.is_stateful(node.op) is True) is not None


def _makes_something(node: Any) -> bool:
    """Whether others can use what an op gives."""
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(node.op)
    return definition is not None and len(definition.output_arg) > 0


def _disarm(node: Any) -> None:
    """An op that gives nothing does nothing."""
    node.op = "NoOp"
    node.ClearField("input")
    node.ClearField("attr")


def _empty(function: Any, op: str) -> None:
    """A function that cannot be called: its results are never fed."""
    del function.node_def[:]
    function.control_ret.clear()
    function.ret.clear()
    for index, result in enumerate(function.signature.output_arg):
        node = function.node_def.add(name=f"{REMOVED}{op}_{index}", op="Placeholder")
        node.attr["dtype"].type = result.type
        node.attr["shape"].shape.unknown_rank = True
        function.ret[result.name] = f"{node.name}:output:0"
    del function.signature.control_output[:]


def _add_text(nodes: Any, name: str, text: str) -> None:
    from tensorflow.python.framework import tensor_util

    node = nodes.add(name=name, op="Const")
    node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(text))
    node.attr["dtype"].type = node.attr["value"].tensor.dtype


def _data_inputs(node: Any) -> set[str]:
    return {name.split(":")[0] for name in node.input if not name.startswith("^")}
