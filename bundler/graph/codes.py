"""Float weights stored as fewer bytes, in the way of TF.js's `weightsManifest`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bundler.graph.large import Array


@dataclass(frozen=True)
class Code:
    """How a weight is stored: as half floats, or as whole numbers times `scale` plus `min`."""

    dtype: str
    scale: float = 1.0
    min: float = 0.0

    @staticmethod
    def of(value: Array, dtype: str) -> Code:
        """The code whose numbers span a weight's values."""
        if dtype == "float16":
            return Code(dtype)
        low, high = float(value.min()), float(value.max())
        scale = (high - low) / np.iinfo(dtype).max or 1.0
        if low < 0 < high:
            # Nothing stays nothing: weights that were pruned away, and masks.
            low = round(low / scale) * scale
        return Code(dtype, scale, low)

    @property
    def bytes(self) -> int:
        """What an element takes."""
        return np.dtype(self.dtype).itemsize

    def encode(self, value: Array) -> Array:
        if self.dtype == "float16":
            return value.astype(np.float16)
        numbers = np.rint((value.astype(np.float64) - self.min) / self.scale)
        largest = np.iinfo(self.dtype).max
        codes: Array = np.clip(numbers, 0, largest).astype(self.dtype)
        return codes

    def decode(self, numbers: Array) -> Array:
        """What TF.js and the page compute, to the last bit."""
        if self.dtype == "float16":
            return numbers.astype(np.float32)
        return (numbers * np.float64(self.scale) + self.min).astype(np.float32)

    def approximate(self, value: Array) -> Array:
        """What comes back of a weight."""
        return self.decode(self.encode(value))

    def to_json(self) -> dict[str, Any]:
        """The manifest's `quantization`."""
        if self.dtype == "float16":
            return {"dtype": self.dtype, "original_dtype": "float32"}
        return {**asdict(self), "original_dtype": "float32"}


Codes = dict[str, Code]
