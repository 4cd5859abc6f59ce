"""The classes, functions and values that a configuration may name: parts of models alone."""

from __future__ import annotations

import builtins
import importlib.util
import re
from typing import Any

from bundler.formats.untrusted import symbols
from bundler.formats.untrusted.error import UntrustedError
from bundler.formats.untrusted.place import Place

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


def check_value(name: str, value: dict[str, Any], place: Place) -> None:
    """An object that Keras writes for a value: of types, only those of tensors."""
    if name == "__typespec__":
        module, spec = str(value.get("module")), value.get("spec_name")
        if not module.startswith("tensorflow") or spec not in TYPE_SPECS:
            raise place.refuse(f"names {module}.{spec}, which is no type of tensor")


def check_function(value: dict[str, Any], place: Place) -> None:
    """A function that is named: one of Keras's own, or an activation of TensorFlow."""
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
    elif not (_folder(module) in FUNCTION_MODULES and is_public(function)) and not (
        TENSORFLOW_OPS.match(module) and ACTIVATIONS.fullmatch(function)
    ):
        raise _foreign(module, function, "function", place)


def is_public(name: str) -> bool:
    """Whether a name is one that Keras or TensorFlow has for users."""
    return name.isidentifier() and not name.startswith("_") and not symbols.NOT_THESE.match(name)


def check_class(name: str, value: dict[str, Any], place: Place) -> None:
    """A class that is named: a part of models, of Keras or one of TensorFlow's initializers."""
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
