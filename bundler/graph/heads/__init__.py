"""What stands between the model's outputs and the page's answers, as TensorFlow ops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bundler.graph.heads import image, scores, tensor

if TYPE_CHECKING:
    import tensorflow as tf

    from bundler.plan import PlannedOutput


class Head(Protocol):
    """What a module of this folder offers."""

    def trace(self, value: tf.Tensor, output: PlannedOutput) -> tf.Tensor:
        """Turns the model's output into the answer that the page shows."""


# By the name in a widget's part.toml.
HEADS: dict[str, Head] = {"image": image, "scores": scores, "tensor": tensor}
