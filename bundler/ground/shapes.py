"""What a tensor looks like, by its dtype and shape alone."""

from __future__ import annotations

from bundler.ground.tensors import ENDS, TensorSpec, is_number, is_whole

# The least sides of what looks like a picture: of any aspect, and of a square.
LEAST_SIDE, LEAST_SQUARE = 16, 8


def is_one_of_a_batch(spec: TensorSpec) -> bool:
    """Whether the first dimension, if there is one, can be 1."""
    return not spec.shape or spec.shape[0] in (None, 1)


def is_single(spec: TensorSpec) -> bool:
    """Whether the tensor has one element."""
    return is_one_of_a_batch(spec) and all(size == 1 for size in spec.shape[1:])


def vector_length(spec: TensorSpec) -> int | None:
    """The elements of a vector of numbers; None for what is none, or of any length."""
    is_vector = len(spec.shape) == 2 and is_one_of_a_batch(spec) and not is_single(spec)
    return spec.shape[1] if is_vector and spec.dtype != "string" else None


def can_be_picture(spec: TensorSpec) -> bool:
    """Whether a picture can fill a tensor, if somebody says so."""
    grey_or_colour = len(spec.shape) == 3 or (len(spec.shape) == 4 and spec.shape[3] in (1, 3))
    return grey_or_colour and is_one_of_a_batch(spec) and is_number(spec.dtype)


def is_picture(spec: TensorSpec) -> bool:
    """Whether a tensor is most likely a picture."""
    if not can_be_picture(spec) or is_single(spec):
        return False
    height, width = spec.shape[1:3]
    if len(spec.shape) == 3 and (
        height != width or (is_whole(spec.dtype) and spec.dtype not in ENDS)
    ):
        return False  # a series, or rows of indices, more likely than grey pixels
    if height is None or width is None:
        return height == width
    return min(height, width) >= LEAST_SIDE or height == width >= LEAST_SQUARE


def format_size(spec: TensorSpec) -> str:
    """`28 × 28 × 1`: the shape without the batch, free dimensions as "any"."""
    return " × ".join("any" if size is None else str(size) for size in spec.shape[1:]) or "1"
