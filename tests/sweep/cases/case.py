"""What a case of the sweep is, and what all groups of cases are made with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

SEED = 3


def save_model(model: Any, out: str) -> None:
    """As a file of its own library, whose kind the suffix says."""
    model.save(out)


@dataclass(frozen=True)
class Case:
    """One model: `make` builds it, `save` writes it, `demo` is its demo.toml beside `model`.

    A case without `make` is missing: the library has something that no table here covers.
    """

    name: str
    make: Callable[[], Any] | None = None
    suffix: str = ".keras"
    trusted: bool = False
    demo: dict[str, Any] = field(default_factory=dict)
    save: Callable[[Any, str], None] = save_model


@dataclass(frozen=True)
class Shape:
    """An input of a case's model, without the batch dimension."""

    shape: tuple[int | None, ...]
    dtype: str = "float32"
    batch: int | None = None


Inputs = Shape | Sequence[Shape]


def floats(*shape: int | None) -> Shape:
    return Shape(shape)


def one(*shape: int | None) -> Shape:
    """Numbers of a single sample, for layers that take no other batch."""
    return Shape(shape, batch=1)


def integers(*shape: int | None) -> Shape:
    return Shape(shape, "int32")


def booleans(*shape: int | None) -> Shape:
    return Shape(shape, "bool")


def texts(*shape: int | None) -> Shape:
    return Shape(shape, "string")


def functional(library: ModuleType, inputs: Inputs, call: Callable[[Any], Any]) -> Any:
    """A functional model of `call`, which gets one tensor or the list of them."""
    shapes = [inputs] if isinstance(inputs, Shape) else list(inputs)
    tensors = [
        library.Input(item.shape, item.batch, dtype=item.dtype, name=f"input_{letter}")
        for item, letter in zip(shapes, "abcdefgh", strict=False)
    ]
    fed = tensors[0] if isinstance(inputs, Shape) else tensors
    return randomised(library.Model(tensors, call(fed)))


def randomised(model: Any) -> Any:
    """The model with random values wherever a weight has one value for all its elements.

    Biases, means and variances are zeros and ones at first, and many a wrong answer with them
    is right by chance. Tables of embeddings are nearly zeros, and hardly an answer depends on them.
    """
    import numpy as np

    generator = np.random.default_rng(SEED)
    for layer in model._flatten_layers():
        for weight in layer.weights:
            values = np.asarray(weight)
            is_table = "embeddings" in getattr(weight, "name", "")
            if "float" not in str(values.dtype):
                continue  # words of a vocabulary, states of generators
            if values.size and np.ptp(values) > 0 and not is_table:
                continue
            is_scale = any(word in weight.name for word in ("variance", "gamma", "scale"))
            low, high = (0.5, 1.5) if is_scale else (-1.0, 1.0) if is_table else (-0.4, 0.4)
            weight.assign(np.asarray(generator.uniform(low, high, values.shape), values.dtype))
    return model


def distinct(cases: Iterable[Case]) -> list[Case]:
    """The cases, whose names must differ."""
    found = list(cases)
    names = [case.name for case in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two cases are named {', '.join(sorted(twice))}")
    return found
