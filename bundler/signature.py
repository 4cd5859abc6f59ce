"""What a model says of itself: its inputs and outputs, before anything is put around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bundler.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf


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

    @staticmethod
    def from_json(data: Any) -> Signature:
        return Signature(
            tuple(TensorSpec.from_json(item) for item in data["inputs"]),
            tuple(TensorSpec.from_json(item) for item in data["outputs"]),
            data["activations"],
            data["normalizes"],
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "inputs": [spec.to_json() for spec in self.inputs],
            "outputs": [spec.to_json() for spec in self.outputs],
            "activations": self.activations,
            "normalizes": self.normalizes,
        }


@dataclass(frozen=True)
class Loaded:
    """An opened model: `call` maps input tensors to output tensors, in the signature's order."""

    call: Callable[[list[tf.Tensor]], list[tf.Tensor]]
    signature: Signature
