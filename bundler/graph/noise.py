"""Noise that a graph is fed: what a page draws anew for every answer, and samples have stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32

from bundler.ground.tensors import PATTERN, Tensor, Tensors, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Kind = Literal["uniform", "normal", "truncated"]
# No list of noise is longer (a prime): a draw of more numbers begins again from its start.
MOST = 65521


@dataclass(frozen=True)
class Noise:
    """An input of the graph for `length` numbers: from 0 to 1, or normal, or so within two."""

    name: str
    node: str
    kind: Kind
    length: int

    @staticmethod
    def from_json(data: Any) -> Noise:
        return Noise(**data)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def spec(self) -> TensorSpec:
        return TensorSpec(self.name, "float32", (self.length,))


def draw(kind: Kind, count: int, seed: int) -> npt.NDArray[np.float32]:
    """The same numbers for the same seed."""
    import numpy as np

    generator = np.random.default_rng(seed)
    if kind == "uniform":
        return generator.random(count, np.float32)
    values = generator.standard_normal(count, np.float32)
    while kind == "truncated" and (far := np.abs(values) > 2).any():
        values[far] = generator.standard_normal(int(far.sum()), np.float32)
    return values


def with_noise(inputs: Tensors, noise: Sequence[Noise]) -> Tensors:
    """Inputs with noise where they have none: their own, and the same every time."""
    digests = "".join(tensor.digest for tensor in inputs.values())
    seed = crc32(digests.encode())
    return {**{one.name: _sample(one, seed + number) for number, one in enumerate(noise)}, **inputs}


def _sample(noise: Noise, seed: int) -> Tensor:
    import numpy as np

    # A short pattern takes little room in a site (golden.py).
    pattern = draw(noise.kind, min(noise.length, PATTERN), seed)
    return Tensor.from_numpy(np.resize(pattern, noise.length))
