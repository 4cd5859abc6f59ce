"""An opened model of either Keras as a function with a signature."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.formats.keras_files import subclassed
from bundler.formats.keras_files.batch import freed
from bundler.formats.keras_files.library import Library
from bundler.formats.keras_files.names import join, places, unique
from bundler.formats.signature import Loaded, Signature
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    import tensorflow as tf

RESCALING_LAYERS = {"Rescaling", "Normalization"}
# Activations that say between which values an answer lies.
BOUNDING = ("softmax", "sigmoid", "hard_sigmoid", "tanh")
# Layers that change no value at inference.
LAYERS_WITHOUT_EFFECT = {"Dropout", "Reshape", "Flatten", "Identity", "ActivityRegularization"}


def describe(path: Path, model: Any, library: Library, build_config: Any = None) -> Loaded:
    """The callable and signature of a model that was read from `path`.

    `build_config` is what the file says of the shapes that a subclassed model was built for.
    Raises ModelError when nothing says what the inputs are.
    """
    run = partial(model, training=False)
    normalizes = any(type(layer).__name__ in RESCALING_LAYERS for layer in model._flatten_layers())
    if not getattr(model, "inputs", None):
        found = subclassed.describe(model, library, build_config, run)
        if found is None:
            raise ModelError(
                f"{path}: the model does not say what its inputs are (a subclassed keras.Model)",
                hint="Wrap it before saving: inputs = keras.Input(shape); "
                "keras.Model(inputs, model(inputs)).save(...)",
            )
        inputs, outputs, call = found
        return Loaded(call, Signature(inputs, outputs, {}, normalizes))
    inputs = unique([(_input_name(tensor, library), tensor) for tensor in model.inputs])
    outputs = unique(list(zip(_output_names(model, library), model.outputs, strict=True)))
    activations = {
        spec.name: _activation(tensor) for spec, tensor in zip(outputs, model.outputs, strict=True)
    }
    call = _caller(model, library, run)
    inputs, outputs = freed(model, call, inputs, outputs)
    return Loaded(call, Signature(inputs, outputs, activations, normalizes), model)


def _caller(
    model: Any, library: Library, run: Callable[..., Any]
) -> Callable[[list[tf.Tensor]], list[tf.Tensor]]:
    # Lists and dictionaries of inputs: the order is that of the flattened structure.
    structure = getattr(model, "_inputs_struct" if library.is_keras_3 else "_nested_inputs", None)
    if structure is None:
        structure = model.inputs if len(model.inputs) > 1 else model.inputs[0]

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        return list(library.tree.flatten(run(library.tree.pack_sequence_as(structure, tensors))))

    return call


def _input_name(tensor: Any, library: Library) -> str:
    return str(tensor.name if library.is_keras_3 else tensor._keras_history.layer.name)


def _output_names(model: Any, library: Library) -> list[str]:
    """The keys of a dictionary of outputs, else the names of the layers that make them."""
    structure = getattr(model, "_outputs_struct" if library.is_keras_3 else "_nested_outputs", None)
    where = places(structure, library) if isinstance(structure, dict | list) else []
    names = [_maker(tensor).name for tensor in model.outputs]
    if len(where) != len(names):
        return names
    return [
        join(place) if any(isinstance(step, str) for step in place) else name
        for place, name in zip(where, names, strict=True)
    ]


def _maker(tensor: Any) -> Any:
    """The layer or operation that a symbolic tensor comes from; the two libraries name it so."""
    history = tensor._keras_history
    return history.layer if hasattr(history, "layer") else history.operation


def _activation(tensor: Any) -> str:
    """The last activation before an output, if it bounds the values; else "linear"."""
    history, maker = tensor._keras_history, _maker(tensor)
    kind = type(maker).__name__
    if getattr(maker, "outputs", None) and hasattr(maker, "layers"):
        return _activation(maker.outputs[history.tensor_index])
    if kind in LAYERS_WITHOUT_EFFECT:
        node = maker._inbound_nodes[history.node_index]
        tensors = getattr(node, "keras_inputs", None) or node.input_tensors
        return _activation(tensors[0])
    # tf_keras wraps functions of TensorFlow: their name is that of a symbol, "nn.softmax".
    symbol = str(getattr(maker, "symbol", "")).rpartition(".")[2]
    name = getattr(getattr(maker, "activation", None), "__name__", symbol or kind)
    return name.lower() if name.lower() in BOUNDING else "linear"
