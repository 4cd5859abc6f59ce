"""Models without symbolic inputs: their signature is the shapes that they were built for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bundler.formats.keras_files.library import Library
from bundler.formats.keras_files.names import join, places, unique
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

# No file says the dtype of a subclassed model's inputs: the first that runs is taken.
DTYPES = ("float32", "int32", "string")

Described = tuple[
    tuple[TensorSpec, ...],
    tuple[TensorSpec, ...],
    "Callable[[list[tf.Tensor]], list[tf.Tensor]]",
]


def describe(
    model: Any, library: Library, build_config: Any, run: Callable[..., Any]
) -> Described | None:
    """Inputs, outputs and a callable; None when nothing says the shapes.

    Raises what the model raises when it runs on no dtype at all.
    """
    arguments = _arguments(build_config or getattr(model, "_build_shapes_dict", None))
    if not arguments:
        return None
    failures: list[Exception] = []
    for dtype in DTYPES:
        try:
            return _traced(library, arguments, dtype, run)
        except Exception as error:
            failures.append(error)
    raise failures[0]


def _arguments(build_config: Any) -> dict[str, Any]:
    """The structure of shapes for each argument of `call`."""
    if not isinstance(build_config, dict):
        return {}
    if build_config.get("input_shape"):
        return {"input": build_config["input_shape"]}
    shapes = build_config.get("shapes_dict", build_config)
    return {name.removesuffix("_shape"): shape for name, shape in shapes.items() if shape}


def _is_shape(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        size is None or isinstance(size, int) for size in value
    )


def _specs(value: Any, dtype: str) -> Any:
    """The structure with a tf.TensorSpec for each shape."""
    import tensorflow as tf

    if _is_shape(value):
        return tf.TensorSpec([None, *value[1:]], dtype)
    if isinstance(value, dict):
        return {key: _specs(item, dtype) for key, item in value.items()}
    return [_specs(item, dtype) for item in value]


def _traced(
    library: Library, arguments: dict[str, Any], dtype: str, run: Callable[..., Any]
) -> Described:
    import tensorflow as tf

    structure = {name: _specs(shape, dtype) for name, shape in arguments.items()}
    leaves = library.tree.flatten(structure)
    where = places(structure, library)
    # One argument goes by position: its name in `call` is the author's, and not in the file.
    names = [join(place if len(arguments) > 1 else place[1:]) or "input" for place in where]
    names = [f"input_{name}" if name.isdigit() else name for name in names]

    def answer(tensors: list[tf.Tensor]) -> Any:
        packed = library.tree.pack_sequence_as(structure, tensors)
        return run(*packed.values()) if len(arguments) == 1 else run(**packed)

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        return list(library.tree.flatten(answer(tensors)))

    function = tf.function(lambda *tensors: answer(list(tensors)), autograph=False)
    traced = function.get_concrete_function(*leaves)
    outputs = library.tree.flatten(traced.structured_outputs)
    places_out = places(traced.structured_outputs, library)
    output_names = [join(place) or "output" for place in places_out]
    output_names = [f"output_{name}" if name.isdigit() else name for name in output_names]
    inputs = unique(list(zip(names, leaves, strict=True)))
    return inputs, unique(list(zip(output_names, outputs, strict=True))), call
