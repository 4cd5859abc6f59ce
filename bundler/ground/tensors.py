"""Tensors as the page sees them: four dtypes, row-major, little-endian."""

from __future__ import annotations

import base64
import hashlib
from array import array
from dataclasses import dataclass
from math import isfinite, prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

# Samples fill a tensor of more elements by repeating a pattern of this (prime) length.
PATTERN = 1021
# The ends of what can be kept.
KEPT = {"float32": (-3.4028234e38, 3.4028234e38), "int32": (-(2**31), 2**31 - 1)}
TYPE_CODES = {"float32": "f", "int32": "i", "bool": "B"}
# The smallest and the largest number of dtypes that hold fewer than a picture may be made of.
ENDS = {
    "bool": (0, 1), "uint8": (0, 255), "int8": (-128, 127),
    "uint16": (0, (1 << 16) - 1), "int16": (-(1 << 15), (1 << 15) - 1),
}  # fmt: skip


def is_whole(dtype: str) -> bool:
    """Whether a dtype holds whole numbers alone."""
    return dtype in ENDS or dtype.startswith(("int", "uint"))


def is_number(dtype: str) -> bool:
    """Whether a dtype holds real numbers; flags count as 0 and 1."""
    return is_whole(dtype) or "float" in dtype


def whole_range(dtype: str) -> tuple[float, float]:
    """What black and white are for whole numbers of a dtype, if nobody says."""
    return {"int8": (-128.0, 127.0), "bool": (0.0, 1.0)}.get(dtype, (0.0, 255.0))


def web_dtype(dtype: str) -> str:
    """The nearest of the dtypes that TF.js has: float32, int32, bool and string."""
    if dtype in ("bool", "string"):
        return dtype
    return "float32" if "float" in dtype else "int32"


@dataclass(frozen=True)
class TensorSpec:
    """Name, dtype (TensorFlow's name) and shape; None is a free dimension."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    @staticmethod
    def from_json(data: Any) -> TensorSpec:
        return TensorSpec(data["name"], data["dtype"], tuple(data["shape"]))

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "shape": list(self.shape)}

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype} {format_shape(self.shape)}"


def format_shape(shape: tuple[int | None, ...]) -> str:
    """`(None, 28, 28)` as "[?, 28, 28]"."""
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


@dataclass(frozen=True)
class Tensor:
    """A value of dtype float32, int32, bool (one byte each) or string."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | tuple[str, ...]

    @staticmethod
    def zeros(dtype: str, shape: tuple[int, ...]) -> Tensor:
        """Zeros, false, or empty texts."""
        if dtype == "string":
            return Tensor(dtype, shape, ("",) * prod(shape))
        return Tensor(dtype, shape, bytes(prod(shape) * array(TYPE_CODES[dtype]).itemsize))

    @property
    def digest(self) -> str:
        """A content hash."""
        data = self.data if isinstance(self.data, bytes) else "\0".join(self.data).encode()
        head = f"{self.dtype} {self.shape} ".encode()
        return hashlib.sha256(head + data).hexdigest()

    @property
    def values(self) -> list[Any]:
        """The elements in row-major order; floats with the fewest digits that tell them apart."""
        if isinstance(self.data, tuple):
            return list(self.data)
        values = array(TYPE_CODES[self.dtype], self.data).tolist()
        if self.dtype == "float32":
            return [_shortest(value) for value in values]
        return [bool(value) for value in values] if self.dtype == "bool" else values

    @property
    def pattern(self) -> Tensor | None:
        """The few first elements, as a list, that the whole tensor only repeats, if it does."""
        for count in (1, PATTERN):
            start = self._start(count)
            if len(start) < len(self.data):
                repeats = -(-len(self.data) // len(start))
                if (start * repeats)[: len(self.data)] == self.data:
                    return Tensor(self.dtype, (count,), start)
        return None

    def repeated(self) -> Tensor:
        """With its elements repeated until they fill its shape."""
        whole = prod(self.shape) * self._width
        repeats = -(-whole // len(self.data)) if self.data else 0
        return Tensor(self.dtype, self.shape, (self.data * repeats)[:whole])

    @property
    def fills_its_shape(self) -> bool:
        """Whether it has as many elements as its shape says."""
        width = self._width if isinstance(self.data, bytes) else 1
        return len(self.data) == prod(self.shape) * width

    @property
    def _width(self) -> int:
        """Of an element in `data`."""
        return 4 if self.dtype in ("float32", "int32") else 1

    def _start(self, count: int) -> Any:
        """The data of the first elements."""
        return self.data[: count * self._width]

    @property
    def nested(self) -> Any:
        """The elements as nested lists."""
        values = iter(self.values)

        def nest(shape: tuple[int, ...]) -> Any:
            return [nest(shape[1:]) for _ in range(shape[0])] if shape else next(values)

        return nest(self.shape)

    @staticmethod
    def from_nested(value: Any, dtype: str) -> Tensor:
        """A number or text, or nested lists of them.

        Raises ValueError when rows differ in length, TypeError for a wrong element.
        """
        shape, flat = _flatten(value)
        if dtype == "string":
            if not all(isinstance(item, str) for item in flat):
                raise TypeError("every element must be a text")
            return Tensor(dtype, shape, tuple(flat))
        if not all(isinstance(item, int | float) and isfinite(item) for item in flat):
            raise TypeError("every element must be a number")
        if dtype == "bool" and not all(item in (0, 1) for item in flat):
            raise TypeError("every element must be true or false")
        if dtype != "float32" and not all(item == int(item) for item in flat):
            raise TypeError("every element must be a whole number")
        low, high = KEPT.get(dtype, (0, 1))
        if not all(low <= item <= high for item in flat):
            raise TypeError(f"every element must be between {low} and {high}")
        cast = float if dtype == "float32" else int
        return Tensor(dtype, shape, array(TYPE_CODES[dtype], map(cast, flat)).tobytes())

    @staticmethod
    def from_numpy(value: npt.NDArray[Any]) -> Tensor:
        """Any dtype; int64 becomes int32, float64 float32, as everywhere on the web."""
        import numpy as np

        value = np.asarray(value)
        if value.dtype.kind in "OSU":
            texts = (
                item.decode(errors="replace") if isinstance(item, bytes) else str(item)
                for item in value.flat
            )
            return Tensor("string", value.shape, tuple(texts))
        dtype = {"f": "float32", "b": "bool"}.get(value.dtype.kind, "int32")
        return Tensor(dtype, value.shape, value.astype(dtype).tobytes())

    def to_numpy(self) -> npt.NDArray[Any]:
        return self.flat().reshape(self.shape)

    def flat(self) -> npt.NDArray[Any]:
        """The elements in row-major order, whatever the shape says."""
        import numpy as np

        if isinstance(self.data, tuple):
            return np.array(self.data, dtype=object)
        return np.frombuffer(self.data, dtype=np.dtype(self.dtype))

    @staticmethod
    def from_json(data: Any) -> Tensor:
        value = data["data"]
        raw = tuple(value) if isinstance(value, list) else base64.b64decode(value)
        return Tensor(data["dtype"], tuple(data["shape"]), raw)

    def to_json(self) -> dict[str, Any]:
        """Numbers as base64, texts as a list."""
        data: Any = self.data
        value = list(data) if isinstance(data, tuple) else base64.b64encode(data).decode()
        return {"dtype": self.dtype, "shape": list(self.shape), "data": value}


def _shortest(value: float) -> float:
    """The number with the fewest digits that is the same in float32."""
    for digits in (7, 8):
        short = float(f"{value:.{digits}g}")
        if array("f", (short,))[0] == value:
            return short
    return float(f"{value:.9g}")


def _flatten(value: Any) -> tuple[tuple[int, ...], list[Any]]:
    """Shape and elements of nested lists."""
    if not isinstance(value, list):
        return (), [value]
    parts = [_flatten(item) for item in value]
    shapes = {shape for shape, _ in parts}
    if len(shapes) > 1:
        raise ValueError("rows differ in length")
    inner = shapes.pop() if shapes else ()
    return (len(value), *inner), [item for _, flat in parts for item in flat]


Tensors = dict[str, Tensor]


def tensors_to_json(tensors: Tensors) -> dict[str, Any]:
    """Tensors by name as `Tensor.to_json` gives them."""
    return {name: tensor.to_json() for name, tensor in tensors.items()}


def tensors_from_json(data: Any) -> Tensors:
    """The inverse of `tensors_to_json`."""
    return {name: Tensor.from_json(value) for name, value in data.items()}
