"""Layers that can do more than compute: what their configurations may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bundler.formats import wire
from bundler.formats.untrusted import ops, symbols
from bundler.formats.untrusted.keras_names import is_public
from bundler.formats.untrusted.place import Place, refuse_bytecode


def _check_lambda(config: Any, place: Place) -> None:
    for key in ("function", "output_shape", "mask"):
        function = config.get(key) if isinstance(config, dict) else None
        if isinstance(function, list) and function and isinstance(function[0], str):
            raise refuse_bytecode(place.inside(key), function[0])
        if isinstance(function, str):
            raise place.inside(key).refuse_own("function", function)


def _check_symbol(config: Any, place: Place) -> None:
    name = config.get("function") if isinstance(config, dict) else None
    if not isinstance(name, str) or not symbols.is_harmless(name):
        raise place.inside("function").refuse(f"calls tf.{name}, which does more than compute")


def _check_class_method(config: Any, place: Place) -> None:
    config = config if isinstance(config, dict) else {}
    owner, method = config.get("cls_symbol"), str(config.get("method_name"))
    if owner not in symbols.CLASSES or not is_public(method):
        raise place.refuse(f"calls the class method {owner}.{method}")


def _check_attribute(config: Any, place: Place) -> None:
    name = config.get("attr_name", config.get("method_name")) if isinstance(config, dict) else None
    if not isinstance(name, str) or not is_public(name):
        raise place.refuse(f"reads the attribute {name} of a tensor")


def _check_op(config: Any, place: Place) -> None:
    node = config.get("node_def") if isinstance(config, dict) else None
    op = _node_op(node)
    # Whether it has state is known once TensorFlow runs: graph_ops looks at it again there.
    said = ops.reason(op, stateful=False) if op else "cannot be read"
    if said:
        raise place.inside("node_def").refuse(f"has the TensorFlow op {op}, which {said}")


def _node_op(node: Any) -> str:
    """The op of a NodeDef as Keras writes it: a dictionary, or serialized, as a text; else ""."""
    if isinstance(node, dict):
        return str(node.get("op", ""))
    if not isinstance(node, str):
        return ""
    try:
        fields = wire.fields(memoryview(node.encode("utf-8")))
        # Of a field that is there twice, protobuf takes the last.
        found = [value for number, _, value in fields if number == wire.OP]
        return bytes(found[-1]).decode("utf-8") if found else ""
    except (TypeError, ValueError):
        return ""


def _refuse_outside(config: Any, place: Place) -> None:
    raise place.refuse("has a layer that runs code from outside the model")


# Layers whose configuration is more than numbers and layers.
RULES: dict[str, Callable[[Any, Place], None]] = {
    "ClassMethod": _check_class_method,
    "FlaxLayer": _refuse_outside,
    "HubLayer": _refuse_outside,
    "InstanceMethod": _check_attribute,
    "InstanceProperty": _check_attribute,
    "JaxLayer": _refuse_outside,
    "KerasLayer": _refuse_outside,
    "Lambda": _check_lambda,
    "SlicingOpLambda": _check_symbol,
    "TFOpLambda": _check_symbol,
    "TFSMLayer": _refuse_outside,
    "TensorFlowOpLayer": _check_op,
    "TorchModuleWrapper": _refuse_outside,
}
