"""The boxes that a model's own are told by: middles and sides, as shares of the picture."""

from __future__ import annotations

from math import ceil, sqrt

Anchor = tuple[float, float, float, float]
# The defaults of TensorFlow's ssd_anchor_generator, and of the first models that had it.
LEAST, LARGEST = 0.2, 0.95
RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)
STRIDES = (16, 32, 64, 128, 256, 512)
# Two grids: cells on a side, and anchors in each cell.
FACE_GRIDS = ((16, 2), (8, 6))


def of_faces() -> list[tuple[float, float]]:
    """The middles (y, x) of BlazeFace's 896 anchors, which have no sides.

    Source: MediaPipe, ssd_anchors_calculator.cc, with the options of its face detectors.
    """
    return [
        ((row + 0.5) / cells, (column + 0.5) / cells)
        for cells, each in FACE_GRIDS
        for row in range(cells)
        for column in range(cells)
        for _ in range(each)
    ]


def of_grids(sides: tuple[int, int], strides: tuple[int, ...] = STRIDES) -> list[Anchor]:
    """Middle (y, x), height and width, from grid to grid larger.

    Source: tensorflow/models, multiple_grid_anchor_generator.py, `create_ssd_anchors`.
    """
    last = max(len(strides) - 1, 1)
    scales = [LEAST + (LARGEST - LEAST) * index / last for index in range(len(strides))] + [1.0]
    made = []
    for index, stride in enumerate(strides):
        rows, columns = (ceil(side / stride) for side in sides)
        shapes = _shapes(scales[index], scales[index + 1], is_first=index == 0)
        made += [
            ((row + 0.5) / rows, (column + 0.5) / columns, height, width)
            for row in range(rows)
            for column in range(columns)
            for height, width in shapes
        ]
    return made


def _shapes(scale: float, next_scale: float, *, is_first: bool) -> list[tuple[float, float]]:
    """Heights and widths in each cell of a grid."""
    if is_first:
        pairs = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
    else:
        pairs = [(scale, ratio) for ratio in RATIOS] + [(sqrt(scale * next_scale), 1.0)]
    return [(size / sqrt(ratio), size * sqrt(ratio)) for size, ratio in pairs]
