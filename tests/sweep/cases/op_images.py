"""keras.ops.image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.sweep.cases.case import floats
from tests.sweep.cases.op_row import Row

PICTURE = floats(8, 10, 3)
# Slightly turned and moved.
TRANSFORM = np.array([[1.1, 0.2, -1.0, -0.1, 0.9, 0.5, 0.01, -0.01]], "float32")
CORNERS = np.array([[[0, 0], [0, 9], [7, 0], [7, 9]]], "float32")
MOVED = np.array([[[1, 0], [0, 8], [6, 1], [7, 9]]], "float32")


def _colours(o: Any, x: Any) -> Any:
    return o.sigmoid(x)


def _row(
    name: str,
    label: str = "",
    inputs: Any = PICTURE,
    prepare: Callable[[Any, Any], Any] = lambda o, x: x,
    **arguments: Any,
) -> Row:
    def call(o: Any, x: Any) -> Any:
        values = prepare(o, x)
        return getattr(o.image, name)(
            *(values if isinstance(values, list) else [values]), **arguments
        )

    return Row(f"image.{name}", inputs, call, label)


def _coordinates(o: Any, x: Any) -> Any:
    places = np.array([[1.2, 3.0, 5.5], [0.4, 2.5, 4.0]], "float32")
    return o.image.map_coordinates(x[0, :, :, 0], places, order=1)


IMAGES: list[Row] = [
    *(
        _row("resize", name, size=(5, 7), interpolation=name)
        for name in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
    ),
    _row("resize", "larger", size=(15, 17)),
    _row("resize", "antialias", size=(5, 4), antialias=True),
    _row("resize", "crop", size=(5, 4), crop_to_aspect_ratio=True),
    _row("resize", "pad", size=(12, 9), pad_to_aspect_ratio=True),
    *(
        _row("affine_transform", name, transform=TRANSFORM, interpolation=name)
        for name in ("bilinear", "nearest")
    ),
    *(
        _row("affine_transform", name, transform=TRANSFORM, fill_mode=name)
        for name in ("nearest-edge", "reflect", "wrap")
        if "-" not in name
    ),
    _row("perspective_transform", start_points=CORNERS, end_points=MOVED),
    _row("crop_images", top_cropping=1, left_cropping=2, target_height=5, target_width=6),
    _row("pad_images", top_padding=1, left_padding=2, target_height=12, target_width=14),
    _row("extract_patches", size=(3, 2)),
    _row("extract_patches", "strides", size=(3, 2), strides=2, padding="same"),
    _row("extract_patches_3d", inputs=floats(4, 5, 6, 2), size=(2, 2, 3)),
    _row("gaussian_blur"),
    _row("elastic_transform", seed=3),
    _row("hsv_to_rgb", prepare=_colours),
    _row("rgb_to_hsv", prepare=_colours),
    _row("rgb_to_grayscale", prepare=_colours),
    _row("sobel_edges"),
    _row("ssim", inputs=(floats(12, 13, 3), floats(12, 13, 3))),
    _row(
        "scale_and_translate",
        output_shape=(2, 6, 7, 3),
        scale=np.array([0.7, 0.6], "float32"),
        translation=np.array([0.5, -0.5], "float32"),
        spatial_dims=(1, 2),
        method="linear",
    ),
    Row("image.map_coordinates", PICTURE, _coordinates),
]
