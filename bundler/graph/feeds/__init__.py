"""What stands between the page's raw values and the model's inputs, as TensorFlow ops.

One module a kind of raw value. Each is traced into the model's own graph, so
that the browser cannot disagree with Python about preprocessing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from bundler.demo.settings import Input
from bundler.graph.feeds import image, sketch, tensor
from bundler.graph.values import Example, Find
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf


class Feed(Protocol):
    """What a module of this folder offers."""

    def raw_spec(self, spec: TensorSpec, settings: Input) -> TensorSpec:
        """The graph's input in front of the model's input `spec`."""

    def trace(self, raw: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
        """Turns a value of `raw_spec` into what the model's input `spec` takes."""

    def read_example(self, value: Any, find: Find, spec: TensorSpec, settings: Input) -> Example:
        """An example's value in demo.toml as raw value; `find` looks a path of it up.

        Raises ConfigError when it does not fit.
        """


# By the name in a widget's part.toml; a single number or text is a tensor of one element.
FEEDS: dict[str, Feed] = {"image": image, "sketch": sketch, "tensor": tensor, "element": tensor}
