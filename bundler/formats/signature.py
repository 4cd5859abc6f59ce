"""What a model says of itself: its inputs and outputs, before anything is put around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Hints:
    """What a model's own files say of how it is to be used, for where demo.toml says nothing.

    `inputs` and `outputs` hold keys of the tables of demo.toml by tensor.
    """

    title: str = ""
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Signature:
    """The model's tensors, batch dimension first.

    `activations` names the last activation of an output where it is known
    ("softmax", "sigmoid", "linear"); `normalizes` says whether the model has layers
    of its own that bring raw values into range.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    activations: dict[str, str]
    normalizes: bool
    hints: Hints = field(default_factory=Hints)

    @staticmethod
    def from_json(data: Any) -> Signature:
        return Signature(
            tuple(TensorSpec.from_json(item) for item in data["inputs"]),
            tuple(TensorSpec.from_json(item) for item in data["outputs"]),
            data["activations"],
            data["normalizes"],
            Hints(**data["hints"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "inputs": [spec.to_json() for spec in self.inputs],
            "outputs": [spec.to_json() for spec in self.outputs],
            "activations": self.activations,
            "normalizes": self.normalizes,
            "hints": asdict(self.hints),
        }


@dataclass(frozen=True)
class Loaded:
    """An opened model: `call` maps input tensors to output tensors, in the signature's order.

    `model` is the Keras model, where it is one.
    """

    call: Callable[[list[tf.Tensor]], list[tf.Tensor]]
    signature: Signature
    model: Any = None
