"""Repairs of what tensorflowjs writes for a Keras 3 model, so that `tf.loadLayersModel` opens it.

tfjs-layers reads the JSON of Keras 2; Keras 3 writes objects with modules, calls with arguments,
and weights under the whole path of their layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bundler.ground.errors import ModelError

Json = dict[str, Any]
MODELS = {"Functional", "Model", "Sequential"}
# Keys that tfjs-layers has under another name, by class; "" is any class.
RENAMED = {
    "": {"batch_shape": "batch_input_shape"},
    "LeakyReLU": {"negative_slope": "alpha"},
}
# Keys of Keras 3 that say nothing to tfjs-layers.
DROPPED = {
    "build_config", "build_input_shape", "compile_config", "optional", "quantization_config",
    "registered_name", "module", "renorm", "renorm_clipping", "renorm_momentum", "synchronized",
}  # fmt: skip
REGULARIZERS = {"L1": "l1", "L2": "l2"}


def repair(artifacts: Json) -> Json:
    """The content of a layers model's model.json, as tfjs-layers reads it.

    Models of Keras 2 are left as they are. Raises ModelError for what cannot be said there.
    """
    topology = artifacts["modelTopology"]
    if not str(topology.get("keras_version", "2")).startswith("3"):
        return artifacts
    model = topology["model_config"]
    paths, owners = {path for path, _ in _layers(model)}, _owners(model)
    for group in artifacts["weightsManifest"]:
        for weight in group["weights"]:
            weight["name"] = _weight_name(weight["name"], paths, owners)
    return {**artifacts, "modelTopology": {**topology, "model_config": _object(model)}}


def _layers(model: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """All layers of a model and of the models in it, with the names on the way to them."""
    for layer in model["config"]["layers"]:
        own = (*path, layer["config"]["name"])
        yield own, layer
        if layer["class_name"] in MODELS:
            yield from _layers(layer, own)


def _owners(model: Json) -> dict[str, str]:
    """The wrapper (Bidirectional, TimeDistributed) of each wrapped layer, by its possible names."""
    owners = {}
    for _, layer in _layers(model):
        wrapped = layer["config"].get("layer")
        if wrapped:
            stem = wrapped["config"]["name"].removeprefix("forward_")
            for prefix in ("", "forward_", "backward_"):
                owners[prefix + stem] = layer["config"]["name"]
    return owners


def _weight_name(name: str, paths: set[tuple[str, ...]], owners: dict[str, str]) -> str:
    """`model/dense/kernel` as "dense/kernel": the innermost layer that has the weight."""
    parts = tuple(name.split("/"))
    if parts[0] in owners:
        return f"{owners[parts[0]]}/{name}"
    depth = max((n for n in range(1, len(parts)) if parts[:n] in paths), default=1)
    return "/".join(parts[depth - 1 :])


def _object(value: Json) -> Any:
    """A class with its configuration: a model, a layer, an initializer, a dtype."""
    kind, config = value["class_name"], value["config"]
    if kind == "DTypePolicy":
        return config["name"]
    if kind in REGULARIZERS:
        key = REGULARIZERS[kind]
        return {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.0, key: config[key]}}
    if kind in MODELS and "layers" in config:
        return {"class_name": kind, "config": _model(config)}
    return {"class_name": kind, "config": _config(kind, config)}


def _config(kind: str, config: Json) -> Json:
    renamed = {**RENAMED[""], **RENAMED.get(kind, {})}
    repaired = {
        renamed.get(key, key): _value(value) for key, value in config.items() if key not in DROPPED
    }
    if kind == "Bidirectional":  # which adds the direction to the name by itself
        wrapped = repaired["layer"]["config"]
        wrapped["name"] = wrapped["name"].removeprefix("forward_")
    return repaired


def _value(value: Any) -> Any:
    if isinstance(value, dict) and "class_name" in value and "config" in value:
        return _object(value)
    return [_value(item) for item in value] if isinstance(value, list) else value


def _model(config: Json) -> Json:
    classes = {layer["config"]["name"]: layer["class_name"] for layer in config["layers"]}

    def reference(history: list[Any]) -> list[Any]:
        """[layer, call, output]: in tfjs-layers a model's own making is its first call."""
        name, call, output = history
        return [name, call + 1 if classes.get(name) in MODELS else call, output]

    layers = []
    for layer in config["layers"]:
        repaired = _object(layer)
        if "inbound_nodes" in layer:
            repaired["name"] = layer["config"]["name"]
            repaired["inbound_nodes"] = [_call(node, reference) for node in layer["inbound_nodes"]]
        layers.append(repaired)
    ends: Json = {
        key: [reference(item) for item in _histories(config[key])]
        for key in ("input_layers", "output_layers")
        if key in config
    }
    return {"name": config["name"], "layers": layers, **ends}


def _histories(value: Any) -> Iterator[list[Any]]:
    """The [layer, call, output] lists in what Keras 3 nests as the user nested tensors."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if len(value) == 3 and isinstance(value[0], str):
        yield value
        return
    for item in value:
        yield from _histories(item)


def _call(node: Json, reference: Any) -> list[Any]:
    """A layer's call: Keras 3's arguments as the list of tensors of Keras 2."""
    tensors = list(_tensors(node["args"]))
    kwargs = {key: value for key, value in node["kwargs"].items() if value is not None}
    tensors += _tensors([value for key, value in kwargs.items() if key == "inputs"])
    others = {key: value for key, value in kwargs.items() if key != "inputs"}
    if any(True for _ in _tensors(list(others.values()))):
        names = ", ".join(others)
        raise ModelError(
            f"the layers format cannot say that a layer is called with tensors as {names}",
            hint='Leave [build] format = "layers" out: the graph format takes every model.',
        )
    return [[*reference(tensor["keras_history"]), {}] for tensor in tensors]


def _tensors(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            yield value["config"]
        else:
            yield from _tensors(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _tensors(item)
