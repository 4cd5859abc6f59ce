"""What a tensor looks like, by its dtype and shape alone."""

from __future__ import annotations

from math import isqrt

from bundler.ground.tensors import ENDS, TensorSpec, is_number, is_whole

# The least sides of what looks like a picture: of any aspect, and of a square.
LEAST_SIDE, LEAST_SQUARE = 16, 8
# What MNIST's drawings have, and those of all data that were made like it.
DRAWN = (28, 28)


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


def can_be_flat_picture(spec: TensorSpec) -> bool:
    """Whether a vector has the numbers of a picture, row by row, if somebody says so."""
    return is_number(spec.dtype) and (vector_length(spec) or 0) >= LEAST_SQUARE**2


def square_of(length: int) -> tuple[int, int] | None:
    """The sides of the square of so many pixels, or of so many numbers in colour."""
    sides = (isqrt(length), isqrt(length // 3))
    return next(((side, side) for side in sides if length in (side**2, 3 * side**2)), None)


def is_drawing(spec: TensorSpec) -> bool:
    """Whether a tensor is most likely what somebody drew: grey, of the usual size, flat as well."""
    height, width = DRAWN
    usual = ((height, width), (height, width, 1), (height * width,))
    may_be = can_be_picture(spec) or can_be_flat_picture(spec)
    return may_be and spec.shape[1:] in usual


def format_size(spec: TensorSpec) -> str:
    """`28 × 28 × 1`: the shape without the batch, free dimensions as "any"."""
    return " × ".join("any" if size is None else str(size) for size in spec.shape[1:]) or "1"
