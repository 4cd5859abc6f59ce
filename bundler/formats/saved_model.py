"""TensorFlow SavedModels, of TensorFlow 1 and 2: a folder with saved_model.pb and variables/."""

from __future__ import annotations

import difflib
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bundler.formats import (
    foreign_ops,
    graph_def,
    graph_model,
    hub_module,
    saved_functions,
    wire,
)
from bundler.formats.saved_functions import Entry
from bundler.formats.signature import Loaded, Signature
from bundler.formats.source import Source
from bundler.formats.untrusted import graph_ops, saved_model_ops
from bundler.formats.untrusted.effects import without_effects
from bundler.ground import shell, told, visible
from bundler.ground.errors import ModelError
from bundler.ground.lean import start_tensorflow, without_optional

NAME = "SavedModel"
FILE_NAME = "saved_model.pb"
# The signatures that are used when nobody names one: TensorFlow Serving's, TF-Hub's of version 1.
DEFAULTS = ("serving_default", "default")
SERVE, TRAIN = "serve", "train"
# Variables of TensorFlow 1 that freezing a function does not know.
REFERENCE_VARIABLES = {"Variable", "VariableV2"}


def matches(path: Path) -> bool:
    return (path / FILE_NAME).is_file()


def check(source: Source) -> None:
    """Raises ModelError for a damaged or incomplete folder."""
    path = source.path
    if not wire.is_saved_model(path / FILE_NAME):
        raise ModelError(
            f"{path / FILE_NAME} is damaged: it is no SavedModel",
            hint="Copy or download the folder again.",
        )
    # A model of TensorFlow 1 without variables has the folder, but nothing in it.
    names = {file.name for file in (path / "variables").glob("*")}
    if names and "variables.index" not in names:
        raise ModelError(
            f"{path} is incomplete: it has no variables/variables.index",
            hint="A SavedModel is the whole folder, with variables/ and assets/. Copy it again.",
        )


def load(source: Source) -> Loaded:
    start_tensorflow()
    import tensorflow as tf

    path = source.path
    saved_model_ops.check_saved_model(source)
    meta, tags = _graph(path)
    if hub_module.is_module(path, meta):
        name, _ = _choose(source, list(filter(_is_asked, meta.signature_def)), [])
        return hub_module.load(source, meta, name)
    with ExitStack() as stack:
        folder = path
        if not source.trusted:
            folder, tags = stack.enter_context(without_effects(path, meta)), None
        try:
            # Of a model with an optimizer it imports tf_keras.
            with without_optional():
                restored = tf.saved_model.load(str(folder), tags=tags)
        except Exception as error:
            raise _explain(path, error, folder) from error
    signatures = getattr(restored, "signatures", {})
    usable = [name for name, one in signatures.items() if one.structured_outputs]
    functions = saved_functions.functions(
        restored, lambda trace: graph_ops.is_allowed(source, trace)
    )
    name, is_signature = _choose(source, list(filter(_is_asked, usable)), list(functions))
    if not is_signature:
        function = functions[name]
        return _loaded(saved_functions.of_function(restored, function, source.shapes_of))
    function = signatures[name]
    if any(node.op in REFERENCE_VARIABLES for node in function.graph.as_graph_def().node):
        return _without_variables(restored, function, source)
    return _loaded(saved_functions.of_signature(restored, function, source.shapes_of))


def _loaded(entry: Entry) -> Loaded:
    return Loaded(entry.call, Signature(entry.inputs, entry.outputs, entry.activations, False))


def _graph(path: Path) -> tuple[Any, list[str] | None]:
    """The graph that is for inference on any machine, and its tags; None where there is but one.

    TensorFlow 1 keeps training's graph, and those of other processors, beside it.
    """
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel()
    model.ParseFromString((path / FILE_NAME).read_bytes())

    def fitness(meta: Any) -> tuple[bool, bool, int]:
        tags = meta.meta_info_def.tags
        return TRAIN in tags, SERVE not in tags, len(tags)

    chosen = min(model.meta_graphs, key=fitness)
    several = len(model.meta_graphs) > 1
    return chosen, list(chosen.meta_info_def.tags) if several else None


def _explain(path: Path, error: Exception, opened: Path) -> ModelError:
    """The error of TensorFlow, which has `opened` the model of `path`."""
    text = str(error).strip() or type(error).__name__
    custom = re.search(r"Op type not registered '([\w>]+)'", text)
    if custom:
        package, remedy = foreign_ops.describe(custom[1])
        return ModelError(f"{path} is made of ops of {package}: {custom[1]}", hint=remedy)
    cause = told.line(error).replace(str(opened), str(path))
    return ModelError(
        f"TensorFlow cannot open {path}{told.within(error)}: {cause}",
        hint="If it opens in Python (tf.saved_model.load), save it there anew; else copy or "
        "download the whole folder again.",
    )


def _is_asked(signature: str) -> bool:
    """Whether a signature is for users, rather than for loading."""
    return not signature.startswith("__")


def _choose(source: Source, usable: list[str], functions: list[str]) -> tuple[str, bool]:
    """The signature, or function of the root, that is asked for, or the one that is meant.

    The second value is whether it is a signature.
    """
    others = [name for name in functions if name not in usable]
    if source.signature is not None:
        if source.signature in (*usable, *others):
            return source.signature, source.signature in usable
        raise _no_such(source, usable or others)
    for name in (*DEFAULTS, *(usable if len(usable) == 1 else ())):
        if name in usable:
            return name, True
    if usable:
        raise _several(source, "signatures", usable)
    if saved_functions.CALL in others or len(others) == 1:
        return saved_functions.CALL if saved_functions.CALL in others else others[0], False
    if others:
        raise _several(source, "functions and no signature", others)
    raise ModelError(
        f"{source.path} has no signature, so nothing says what its inputs are",
        hint="Save it with one: tf.saved_model.save(model, folder, signatures="
        "model.call.get_concrete_function(tf.TensorSpec(…))). Keras models: model.export(folder)",
    )


def _no_such(source: Source, names: list[str]) -> ModelError:
    near = difflib.get_close_matches(str(source.signature), names, n=1, cutoff=0.5)
    listed = ", ".join(sorted(names)) or "none"
    return ModelError(
        f'{source.path} has no signature "{source.signature}"',
        hint=f'Did you mean "{near[0]}"?' if near else f"It has {listed}.",
    )


def _several(source: Source, what: str, names: list[str]) -> ModelError:
    first = min(names)
    chosen = shell.command("--signature", first)
    return ModelError(
        f"{source.path} has several {what}: {', '.join(sorted(names))}",
        hint=f"Choose one, for example with {chosen}, or in demo.toml: "
        f"signature = {visible.quoted(first)}",
    )


def _without_variables(restored: Any, function: Any, source: Source) -> Loaded:
    """A graph of TensorFlow 1 with its variables made constants."""
    import tensorflow as tf

    graph = function.graph.as_graph_def()
    variables = [node for node in graph.node if node.op in REFERENCE_VARIABLES]
    with restored.graph.as_default():
        read = [restored.graph.get_tensor_by_name(f"{node.name}:0") for node in variables]
        copies = [tf.identity(reference) for reference in read]
    values = restored.prune([], copies)()
    for node, value in zip(variables, values, strict=True):
        graph_def.set_constant(node, value.numpy())
    fed = dict(zip(function._arg_keywords, function.inputs, strict=True))
    made = dict(zip(sorted(function.structured_outputs), function.outputs, strict=True))
    graph_def.settle(graph, [tensor.name for tensor in fed.values()])
    inputs = sorted(fed, key=saved_functions.natural)
    return graph_model.load(
        graph,
        {name: fed[name].name for name in inputs},
        {name: made[name].name for name in sorted(made, key=saved_functions.natural)},
        source.shapes_of(inputs),
    )
