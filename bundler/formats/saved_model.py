"""TensorFlow SavedModels, of TensorFlow 1 and 2: a folder with saved_model.pb and variables/."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler import told
from bundler.errors import ModelError
from bundler.formats import foreign_ops, graph_def, wire
from bundler.formats.source import Source
from bundler.formats.untrusted import graph_ops
from bundler.lean import start_tensorflow
from bundler.signature import Loaded, Signature
from bundler.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

NAME = "SavedModel"
FILE_NAME = "saved_model.pb"
# The signature that is used when nobody names one; Keras exports the same under two names.
DEFAULT = "serving_default"
SERVE = "serve"
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
    graph_ops.check_saved_model(source)
    try:
        # Training's graph lies beside serving's in some models of TensorFlow 1.
        tags = [SERVE] if SERVE in _tags(path) else None
        restored = tf.saved_model.load(str(path), tags=tags)
    except Exception as error:
        raise _explain(path, error) from error
    function = restored.signatures[_choose(source, restored.signatures)]
    specs = function.structured_input_signature[1]
    inputs = [_spec(name, specs[name]) for name in sorted(specs, key=_natural)]
    outputs = [
        _spec(name, function.structured_outputs[name])
        for name in sorted(function.structured_outputs, key=_natural)
    ]
    signature = Signature(tuple(inputs), tuple(outputs), _activations(function), False)
    names = [spec.name for spec in inputs], [spec.name for spec in outputs]
    if any(node.op in REFERENCE_VARIABLES for node in function.graph.as_graph_def().node):
        return Loaded(_call_without_variables(restored, function, *names), signature)
    return Loaded(_caller(restored, function, *names), signature)


def _tags(path: Path) -> set[str]:
    """The tags that each alone name a graph of the model."""
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel()
    model.ParseFromString((path / FILE_NAME).read_bytes())
    tags = [list(graph.meta_info_def.tags) for graph in model.meta_graphs]
    return {names[0] for names in tags if len(names) == 1}


def _explain(path: Path, error: Exception) -> ModelError:
    text = str(error).strip() or type(error).__name__
    custom = re.search(r"Op type not registered '([\w>]+)'", text)
    if custom:
        package, remedy = foreign_ops.describe(custom[1])
        return ModelError(f"{path} is made of ops of {package}: {custom[1]}", hint=remedy)
    return ModelError(
        f"TensorFlow cannot open {path}{told.within(error)}: {told.line(error) or text[:100]}",
        hint="If it opens in Python (tf.saved_model.load), save it there anew; else copy or "
        "download the whole folder again.",
    )


def _choose(source: Source, signatures: Any) -> str:
    """The signature that is asked for, the only one, or the one that is the default."""
    usable = [
        name
        for name, function in signatures.items()
        if not name.startswith("__") and function.structured_outputs
    ]
    names = ", ".join(sorted(usable))
    if source.signature is not None:
        if source.signature in usable:
            return source.signature
        near = difflib.get_close_matches(source.signature, usable, n=1, cutoff=0.5)
        raise ModelError(
            f'{source.path} has no signature "{source.signature}"',
            hint=f'Did you mean "{near[0]}"?' if near else f"It has {names or 'none'}.",
        )
    if len(usable) == 1 or DEFAULT in usable:
        return DEFAULT if DEFAULT in usable else usable[0]
    if usable:
        raise ModelError(
            f"{source.path} has several signatures: {names}",
            hint="Choose one with --signature, or in demo.toml: signature = …",
        )
    raise ModelError(
        f"{source.path} has no signature, so nothing says what its inputs are",
        hint="Save it with one: tf.saved_model.save(model, folder, signatures="
        "model.call.get_concrete_function(tf.TensorSpec(…))). Keras models: model.export(folder)",
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts output_2 before output_10."""
    return [(int(part or -1), text) for text, part in re.findall(r"(\D*)(\d*)", name)]


def _spec(name: str, spec: Any) -> TensorSpec:
    known = spec.shape.rank is not None
    return TensorSpec(name, spec.dtype.name, tuple(spec.shape.as_list()) if known else ())


def _activations(function: Any) -> dict[str, str]:
    graph = function.graph.as_graph_def()
    # The outputs of the graph are the signature's, flattened: dictionaries by their sorted keys.
    names = sorted(function.structured_outputs)
    return {
        name: graph_def.activation(graph, tensor.name)
        for name, tensor in zip(names, function.outputs, strict=True)
    }


def _caller(
    restored: Any, function: Any, inputs: list[str], outputs: list[str]
) -> Callable[[list[tf.Tensor]], list[tf.Tensor]]:
    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        # With `restored` its variables and tables would go.
        assert restored is not None
        answers = function(**dict(zip(inputs, tensors, strict=True)))
        return [answers[name] for name in outputs]

    return call


def _call_without_variables(
    restored: Any, function: Any, inputs: list[str], outputs: list[str]
) -> Callable[[list[tf.Tensor]], list[tf.Tensor]]:
    """Calls a graph of TensorFlow 1 with its variables made constants."""
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
    loaded = graph_def.load(
        graph,
        {name: fed[name].name for name in inputs},
        {name: made[name].name for name in outputs},
    )

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        assert restored is not None
        return loaded.call(tensors)

    return call
