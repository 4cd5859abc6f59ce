"""Keras configurations by others: every class and function that they name, at any depth.

A configuration is JSON in which an object is {"class_name": ..., "config": ...}, since Keras 3
(and 2.13) with "module" and "registered_name". Keras imports the modules and calls what it finds
there, so only the modules are allowed in which models' own parts are.
"""

from __future__ import annotations

import builtins
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bundler.formats import wire
from bundler.formats.untrusted import bytecode, ops, symbols
from bundler.formats.untrusted.error import OwnCodeError, UntrustedError

MAX_DEPTH = 200
# Names in errors are cut: they are the file's.
MAX_TEXT = 300
# The folders of Keras that hold what models are made of (`engine`, `mixed_precision`: Keras 2).
CLASS_MODULES = {
    "activations", "constraints", "dtype_policies", "engine", "initializers", "layers", "losses",
    "metrics", "mixed_precision", "models", "ops", "optimizers", "quantizers", "random",
    "regularizers", "trainers",
}  # fmt: skip
# The layers that keras.applications brings along.
APPLICATION_LAYERS = {"CustomScaleLayer", "LayerScale", "StochasticDepth"}
FUNCTION_MODULES = {"activations", "losses", "metrics", "ops"}
# What is found in `keras` itself.
TOP_LEVEL = re.compile(
    r"Constraint|Functional|Initializer|Input|InputSpec|Layer|Loss|Metric|Model|Operation|Optimizer|"
    r"Quantizer|Regularizer|Sequential|\w*DTypePolicy"
)
# Names in front of the folder: keras.src.layers, keras.api.layers, tensorflow.python.keras.layers.
ROOTS = re.compile(
    r"^(tensorflow\.(python\.)?)?(tf_)?keras(_core)?"
    r"(\.(src|api|_v1|_v2|v1|v2|legacy|_legacy|_tf_keras|keras))*(\.|$)"
)
# TensorFlow's activations, as Keras 2 writes them.
TENSORFLOW_OPS = re.compile(r"^tensorflow\.python\.ops\.(gen_)?(nn|math|array|clip)_(ops|impl)$")
ACTIVATIONS = re.compile(
    r"c?relu6?|elu|selu|gelu|sigmoid|tanh|(log_)?softmax|softplus|softsign|silu|swish|leaky_relu|"
    r"exp|abs|sin|cos|sqrt|square|erf|identity|l2_normalize"
)
# TensorFlow's initializers, as Keras 2 writes them.
TENSORFLOW_INITIALIZERS = re.compile(r"^tensorflow\.python\.ops\.init_ops(_v2)?$")
INITIALIZERS = re.compile(
    r"Constant|Identity|Ones|Orthogonal|Random(Normal|Uniform)|TruncatedNormal|VarianceScaling|"
    r"Zeros|(Glorot|He|Lecun)(Normal|Uniform)"
)
# Values that Keras writes as objects.
VALUES = {
    "__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__",
    "__tuple__", "__typespec__", "CompositeTensor", "TensorShape", "TypeSpec",
}  # fmt: skip
TYPE_SPECS = {"TensorSpec", "RaggedTensorSpec", "SparseTensorSpec"}
# Arguments that name a file to read, where a model has its data in itself.
FILE_KEYS = {"vocabulary", "vocabulary_file", "filename", "filepath", "file_path", "handle"}
CUSTOM_HINT = (
    'Name the file that defines it (custom_objects = "layers.py" in demo.toml) and pass '
    "--trust-model, or build the model from Keras's own layers."
)
LAMBDA_OF_ANOTHER = (
    "No other Python can run it: replace the Lambda by a layer or by keras.ops calls where the "
    "model opens, and save it again."
)
LAMBDA_HINT = (
    "Replace the Lambda by a layer or by keras.ops calls, and save the model again. "
    "If you trust who made it, pass --trust-model."
)


@dataclass(frozen=True)
class Place:
    """Where in a configuration: the keys from the root, and the layer around it."""

    file: Path
    part: str
    keys: str = ""
    layer: str = ""
    depth: int = 0

    def inside(self, key: str | int) -> Place:
        dotted = f"[{key}]" if isinstance(key, int) else f".{key}" if self.keys else key
        return replace(self, keys=self.keys + dotted, depth=self.depth + 1)

    def __str__(self) -> str:
        layer = f" of {self.layer}" if self.layer else ""
        return f"{self.part}: {self.keys or 'top'}{layer}"

    def refuse(self, found: str, **hint: str) -> UntrustedError:
        return UntrustedError(self.file, found[:MAX_TEXT], str(self), **hint)

    def refuse_own(self, kind: str, name: str) -> OwnCodeError:
        found = f"uses a {kind} of your own: {name[:MAX_TEXT]}"
        return OwnCodeError(self.file, found, str(self), hint=CUSTOM_HINT)


def check(file: Path, config: Any, part: str) -> None:
    """Walks the whole configuration of a model; `part` says where in the file it stands.

    What is for training only (compile_config) is never opened; see check_training.
    Raises UntrustedError.
    """
    _walk(config, Place(file, part), _check_object)


def check_training(file: Path, config: Any, part: str) -> None:
    """The same for losses, metrics and optimizers, which stay closed: custom ones are fine there.

    UntrustedError is what an installed package could run, and bytecode. Raises UntrustedError.
    """
    _walk(config, Place(file, part), _check_training_object)


Check = Callable[[dict[str, Any], Place], None]


def _walk(value: Any, place: Place, check_object: Check) -> None:
    if place.depth > MAX_DEPTH:
        raise place.refuse(f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, place.inside(index), check_object)
    elif isinstance(value, dict):
        place = replace(place, layer=_layer_name(value) or place.layer)
        if "class_name" in value:
            check_object(value, place)
        _check_keys(value, place)
        for key, item in value.items():
            training = key == "compile_config"
            _walk(item, place.inside(key), _check_training_object if training else check_object)


def _layer_name(value: dict[str, Any]) -> str:
    """What an object that is a layer is called."""
    config = value.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    if isinstance(name, str) and isinstance(value.get("class_name"), str):
        return f'{value["class_name"]} "{name[:60]}"'
    return ""


def _check_keys(value: dict[str, Any], place: Place) -> None:
    """What keys say, whatever class they belong to."""
    for key, item in value.items():
        if key.endswith("_type") and item == "lambda":
            code = value.get(key.removesuffix("_type"))
            raise _bytecode(place.inside(key), code[0] if isinstance(code, list) and code else None)
        if key in FILE_KEYS and isinstance(item, str):
            raise place.inside(key).refuse(
                f"would read a file of this machine, {item[:200]!r}",
                hint="Save the model with the vocabulary itself, as a list.",
            )


def _bytecode(place: Place, code: Any) -> UntrustedError:
    python = bytecode.foreign(code)
    if python:  # trusting it would not help
        found = f"contains Python code, the bytecode of a Lambda that {python} wrote"
        return place.refuse(found, hint=LAMBDA_OF_ANOTHER)
    return place.refuse("contains Python code, the bytecode of a Lambda", hint=LAMBDA_HINT)


def _check_object(value: dict[str, Any], place: Place) -> None:
    name = value["class_name"]
    if not isinstance(name, str):
        raise place.refuse("has a class_name that is no text")
    if name == "__lambda__":
        config = value.get("config")
        raise _bytecode(place, config.get("code") if isinstance(config, dict) else None)
    if name in VALUES:
        _check_value(name, value, place)
    elif name == "function":
        _check_function(value, place)
    else:
        _check_class(name, value, place)
        rule = RULES.get(name.rpartition(">")[2])
        if rule:
            rule(value.get("config"), place.inside("config"))


def _check_value(name: str, value: dict[str, Any], place: Place) -> None:
    if name == "__typespec__":
        module, spec = str(value.get("module")), value.get("spec_name")
        if not module.startswith("tensorflow") or spec not in TYPE_SPECS:
            raise place.refuse(f"names {module}.{spec}, which is no type of tensor")


def _check_function(value: dict[str, Any], place: Place) -> None:
    function, module = value.get("config"), value.get("module")
    if not isinstance(function, str):
        raise place.refuse("has a function without a name")
    registered = value.get("registered_name")
    if ">" in function or registered not in (None, "function", function):
        name = function if ">" in function else str(registered)
        raise place.refuse_own("function", name.rpartition(">")[2])
    if module is None or module == "builtins":
        # Keras looks these up among its own functions first, Keras 2 then in Python's.
        if hasattr(builtins, function) or not function.isidentifier():
            raise place.refuse(f"names the Python function {function}")
    elif not isinstance(module, str):
        raise place.refuse("has a module that is no text")
    elif not (_folder(module) in FUNCTION_MODULES and _is_public(function)) and not (
        TENSORFLOW_OPS.match(module) and ACTIVATIONS.fullmatch(function)
    ):
        raise _foreign(module, function, "function", place)


def _is_public(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and not symbols.NOT_THESE.match(name)


def _check_class(name: str, value: dict[str, Any], place: Place) -> None:
    # A registered name is "package>name"; Keras's own have no package, or its own.
    package, _, bare = str(value.get("registered_name") or name).rpartition(">")
    if package == "Custom" and bare in APPLICATION_LAYERS:
        package = ""
    if (package and package.lower() != "keras") or bare != name.rpartition(">")[2]:
        raise place.refuse_own("class", bare)
    module = value.get("module")
    if module is None:
        return  # looked up among Keras's own classes, by name
    if not isinstance(module, str):
        raise place.refuse("has a module that is no text")
    folder = _folder(module)
    if TENSORFLOW_INITIALIZERS.match(module):
        is_known = bool(INITIALIZERS.fullmatch(bare))
    elif folder == "":
        is_known = bool(TOP_LEVEL.fullmatch(bare))
    elif folder == "applications":
        is_known = bare in APPLICATION_LAYERS
    else:
        is_known = folder in CLASS_MODULES
    if not is_known or not all(part.isidentifier() for part in bare.split(".")):
        raise _foreign(module, bare, "class", place)


def _folder(module: str) -> str | None:
    """The folder of Keras that a module is in: "" for keras itself, None for another package."""
    root = ROOTS.match(module)
    return module[root.end() :].split(".")[0] if root else None


def _foreign(module: str, name: str, kind: str, place: Place) -> UntrustedError:
    if _folder(module) is not None:
        return place.refuse(f"names {module}.{name}, which is no part of a model")
    if not _is_importable(module):
        return place.refuse_own(kind, name)
    return place.refuse(f"names the {kind} {module}.{name}, which is not Keras's")


def _is_importable(module: str) -> bool:
    """Whether a module's package is installed here; imports nothing."""
    try:
        return importlib.util.find_spec(module.split(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _check_training_object(value: dict[str, Any], place: Place) -> None:
    """As elsewhere, but what its author wrote is not missed."""
    if _is_tensorflow_loss(value):
        return
    try:
        _check_object(value, place)
    except OwnCodeError:
        return


def _is_tensorflow_loss(value: dict[str, Any]) -> bool:
    """Whether a function of TensorFlow's ops is named; as a loss it is never called."""
    module = value.get("module")
    is_function = value["class_name"] == "function"
    return is_function and isinstance(module, str) and module.startswith("tensorflow.python.ops.")


def _check_lambda(config: Any, place: Place) -> None:
    for key in ("function", "output_shape", "mask"):
        function = config.get(key) if isinstance(config, dict) else None
        if isinstance(function, list) and function and isinstance(function[0], str):
            raise _bytecode(place.inside(key), function[0])
        if isinstance(function, str):
            raise place.inside(key).refuse_own("function", function)


def _check_symbol(config: Any, place: Place) -> None:
    name = config.get("function") if isinstance(config, dict) else None
    if not isinstance(name, str) or not symbols.is_harmless(name):
        raise place.inside("function").refuse(f"calls tf.{name}, which does more than compute")


def _check_class_method(config: Any, place: Place) -> None:
    config = config if isinstance(config, dict) else {}
    owner, method = config.get("cls_symbol"), str(config.get("method_name"))
    if owner not in symbols.CLASSES or not _is_public(method):
        raise place.refuse(f"calls the class method {owner}.{method}")


def _check_attribute(config: Any, place: Place) -> None:
    name = config.get("attr_name", config.get("method_name")) if isinstance(config, dict) else None
    if not isinstance(name, str) or not _is_public(name):
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
