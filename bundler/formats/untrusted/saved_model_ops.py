"""SavedModels by others: which ops loading them runs, and asking their signatures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bundler.formats.source import Source
from bundler.formats.untrusted import links
from bundler.formats.untrusted.archive import leaves
from bundler.formats.untrusted.effects import assets
from bundler.formats.untrusted.error import UntrustedError
from bundler.formats.untrusted.graph_ops import ASSET, CHECKPOINT, Call, Walk
from bundler.ground.errors import ModelError

# What tf.saved_model.load runs by itself, for tables and other resources.
RESOURCE_FUNCTIONS = {"_create_resource", "_initialize", "_destroy_resource"}
INIT_OPS = ("saved_model_main_op", "legacy_init_op")
DEFAULT = "serving_default"


def check_saved_model(source: Source) -> None:
    """A SavedModel that is about to be loaded: what loading runs, and the signature.

    Raises UntrustedError, or ModelError when it is damaged.
    """
    if source.trusted:
        return
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    links.check(source.path, source.path.rglob("*"))
    file = source.path / "saved_model.pb"
    model = SavedModel()
    try:
        model.ParseFromString(file.read_bytes())
    except DecodeError as error:
        raise ModelError(f"{file} is damaged: {error}", hint="Copy the folder again.") from None
    for meta in model.meta_graphs:
        _check_assets(source.path, meta)
        _check_meta_graph(source, meta)


def _check_assets(path: Path, meta: Any) -> None:
    for asset in assets(meta):
        if leaves(asset.filename):
            found = f"has an asset outside of its folder, {asset.filename!r}"
            raise UntrustedError(path, found, "saved_model.pb")


def _check_meta_graph(source: Source, meta: Any) -> None:
    walk = Walk(source.path, "saved_model.pb", meta.graph_def)
    signatures = _signatures(source, set(meta.signature_def))
    objects = meta.object_graph_def
    if objects.nodes:
        # Without a signature a function of the root is asked.
        asked = source.signature or (None if any(map(_is_usable, meta.signature_def)) else "")
        for call in _object_calls(meta, signatures):
            walk.function(call)
        for traces in _functions_of_root(meta, asked):
            harmless = [call for call in traces if _is_harmless(source.path, meta, call)]
            # One of these is asked; what is traced of it is looked at once more.
            for call in harmless or traces:
                walk.function(call)
    else:
        walk.origins = {asset.tensor_info.name: ASSET for asset in assets(meta)}
        walk.origins[meta.saver_def.filename_tensor_name] = CHECKPOINT
        walk.main(list(_loading_ops(meta)), "loading")
        for name in signatures & set(meta.signature_def):
            tensors = [info.name for info in meta.signature_def[name].outputs.values()]
            walk.main(tensors, f"signature {name}")
    walk.follow()


def _signatures(source: Source, names: set[str]) -> set[str]:
    """Those of which one will be used."""
    if source.signature:
        return {source.signature}
    return {DEFAULT} if DEFAULT in names else names


def _loading_ops(meta: Any) -> Iterator[str]:
    """What loading a SavedModel of TensorFlow 1 runs in its graph."""
    if meta.saver_def.restore_op_name:
        yield meta.saver_def.restore_op_name
    for key in INIT_OPS:
        yield from meta.collection_def[key].node_list.value if key in meta.collection_def else ()
    for name in meta.signature_def:
        if name.startswith("__"):
            yield from (info.name for info in meta.signature_def[name].outputs.values())


def _is_usable(signature: str) -> bool:
    return not signature.startswith("__")


def _object_calls(meta: Any, signatures: set[str]) -> Iterator[Call]:
    """What loading a SavedModel of TensorFlow 2 runs, and the functions of its signatures."""
    nodes = meta.object_graph_def.nodes
    for index, node in enumerate(nodes):
        for child in node.children:
            if child.local_name in RESOURCE_FUNCTIONS:
                yield from _function_calls(meta, child.node_id, f"loading ({child.local_name})")
            elif child.local_name == "signatures" and index == 0:
                for entry in nodes[child.node_id].children:
                    if entry.local_name in signatures:
                        name = f"signature {entry.local_name}"
                        yield from _function_calls(meta, entry.node_id, name)
        for saveable in node.saveable_objects.values():
            yield from _function_calls(meta, saveable.restore_function, "loading (restore)")


def _functions_of_root(meta: Any, asked: str | None) -> Iterator[list[Call]]:
    """The traces of each function of the root that may be asked: `asked`, or any if it is ""."""
    for child in meta.object_graph_def.nodes[0].children:
        if asked in ("", child.local_name) and child.local_name != "signatures":
            yield list(_function_calls(meta, child.node_id, f"function {child.local_name}"))


def _is_harmless(file: Path, meta: Any, call: Call) -> bool:
    walk = Walk(file, "saved_model.pb", meta.graph_def)
    walk.function(call)
    try:
        walk.follow()
    except UntrustedError:
        return False
    return True


def _function_calls(meta: Any, index: int, reason: str) -> Iterator[Call]:
    objects = meta.object_graph_def
    node = objects.nodes[index]
    bare = node.bare_concrete_function.concrete_function_name
    for name in [*node.function.concrete_functions, *([bare] if bare else [])]:
        bound = [objects.nodes[i] for i in objects.concrete_functions[name].bound_inputs]
        origins = tuple(ASSET if one.WhichOneof("kind") == "asset" else None for one in bound)
        yield Call(name, origins, reason)
