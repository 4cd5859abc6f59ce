"""GraphDefs as models: functions from the tensors that are fed to those that are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bundler.formats.graph_clues import Shape, activation, infer_shape
from bundler.formats.graph_def import cut, tensor_name
from bundler.formats.signature import Loaded, Signature
from bundler.ground import told
from bundler.ground.errors import ModelError
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf


def load(
    graph: Any,
    inputs: dict[str, str],
    outputs: dict[str, str],
    stated: dict[str, Shape] | None = None,
) -> Loaded:
    """A graph as a model: `inputs` and `outputs` are tensors by the names that the page uses.

    Shapes that the graph leaves open can be `stated`. Raises ModelError.
    """
    whole = _imported(graph)
    stated = stated or {}
    specs = tuple(
        _input_spec(graph, whole.get_tensor_by_name(tensor_name(ref)), name, ref, stated.get(name))
        for name, ref in inputs.items()
    )
    part = cut(graph, outputs.values(), inputs.values())
    results = tuple(
        _spec(name, whole.get_tensor_by_name(tensor_name(ref))) for name, ref in outputs.items()
    )
    activations = {name: activation(graph, ref) for name, ref in outputs.items()}
    call = _caller(part, list(inputs.values()), list(outputs.values()), specs)
    return Loaded(call, Signature(specs, results, activations, False))


def _imported(graph: Any) -> Any:
    import tensorflow as tf

    with tf.Graph().as_default() as whole:
        try:
            tf.graph_util.import_graph_def(graph, name="")
        except (ValueError, tf.errors.NotFoundError) as error:
            raise ModelError(
                f"TensorFlow cannot import the graph{told.within(error)}: {told.line(error)}",
                hint="The file may be damaged: copy or download it again, or freeze the model anew "
                "with the TensorFlow that made it.",
            ) from error
    return whole


def _spec(name: str, tensor: Any, shape: Shape | None = None) -> TensorSpec:
    if shape is None:
        # An output whose rank only running tells is shown as it comes.
        shape = tuple(tensor.shape.as_list()) if tensor.shape.rank is not None else ()
    return TensorSpec(name, tensor.dtype.base_dtype.name, shape)


def _input_spec(
    graph: Any, tensor: Any, name: str, reference: str, stated: Shape | None
) -> TensorSpec:
    if stated is not None:
        return _spec(name, tensor, stated)
    if tensor.shape.rank is not None:
        return _spec(name, tensor)
    shape = infer_shape(graph, reference)
    if shape is None and tensor.dtype.base_dtype.name == "string":
        # Graphs of old TensorFlow mean "unknown" by an empty shape; a text is mostly a file.
        shape = ()
    if shape is None:
        raise ModelError(
            f"the graph does not say what shape its input {name} has",
            hint=f'Add the shape to demo.toml, -1 for what is free: [[inputs]] name = "{name}", '
            "shape = [-1, 224, 224, 3]",
        )
    return _spec(name, tensor, shape)


def _caller(
    graph: Any, inputs: list[str], outputs: list[str], specs: tuple[TensorSpec, ...]
) -> Callable[[list[tf.Tensor]], list[tf.Tensor]]:
    import tensorflow as tf

    names = [tensor_name(reference) for reference in outputs]
    used = {tensor_name(reference) for node in graph.node for reference in node.input}

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        shaped = [
            tf.ensure_shape(tensor, spec.shape) if tensor.shape.rank is None else tensor
            for tensor, spec in zip(tensors, specs, strict=True)
        ]
        fed = {tensor_name(ref): tensor for ref, tensor in zip(inputs, shaped, strict=True)}
        # An output that is an input as well is not in the graph any more.
        wanted = [name for name in names if name not in fed]
        mapped = {name: value for name, value in fed.items() if name in used}
        made = tf.graph_util.import_graph_def(
            graph, input_map=mapped, return_elements=wanted, name=""
        )
        found = dict(zip(wanted, map(tf.identity, made), strict=True)) | fed
        _keep_apart(tf.compat.v1.get_default_graph())
        return [found[name] for name in names]

    def call_anywhere(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        # A graph can only be imported into one.
        wrapped = tf.function(call, autograph=False) if tf.executing_eagerly() else call
        results: list[tf.Tensor] = wrapped(tensors)
        return results

    return call_anywhere


class _Loop:
    """A loop's context, as far as TensorFlow's automatic control edges ask for it."""

    outer_context = None

    def IsWhileContext(self) -> bool:  # noqa: N802
        return True


def _keep_apart(graph: Any) -> None:
    """Saves the loops of TensorFlow 1 from control edges, which would tie them together.

    tf.function makes every Merge wait for the one before, unless it is known to be in a loop,
    which an imported graph does not tell.
    """
    for op in graph.get_operations():
        if op.type == "Merge" and op._get_control_flow_context() is None:
            op._set_control_flow_context(_Loop())
