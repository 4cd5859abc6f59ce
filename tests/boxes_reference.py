"""Detectors' answers by their published formulas, box by box, in Python's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass
class Box:
    """A box by its corners, as shares; points are y, x, score."""

    top: float
    left: float
    bottom: float
    right: float
    score: float
    kind: int = 0
    points: list[tuple[float, float, float]] = field(default_factory=list)

    def shared(self, other: Box) -> float:
        """Intersection over union."""
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        width = min(self.right, other.right) - max(self.left, other.left)
        both = max(height, 0) * max(width, 0)
        return both / (self.area + other.area - both)

    @property
    def area(self) -> float:
        return (self.bottom - self.top) * (self.right - self.left)

    def row(self, classes: int) -> list[float]:
        """As the page gets it."""
        corners = (
            min(max(one, 0.0), 1.0) for one in (self.top, self.left, self.bottom, self.right)
        )
        points = [number for point in self.points for number in point]
        return [*corners, self.score, (self.kind + 0.5) / classes, *points]


def around(y: float, x: float, height: float, width: float, score: float, kind: int = 0) -> Box:
    """A box by its middle and sides."""
    return Box(y - height / 2, x - width / 2, y + height / 2, x + width / 2, score, kind)


def suppressed(boxes: Sequence[Box], overlap: float, least: float, most: int) -> list[Box]:
    """Greedy, the surest first, class by class; less than 1/4096 apart, the first one first."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda one: -round(one.score * 4096)):
        covers = any(one.kind == box.kind and box.shared(one) > overlap for one in kept)
        if box.score > least and not covers and len(kept) < most:
            kept.append(box)
    return kept


def yolo_8(tensor: Array, side: float, points: int = 0) -> list[Box]:
    """`[4 + classes + 3 * points, boxes]`; `side` is what pixels are shares of."""
    found = []
    classes = len(tensor) - 4 - 3 * points
    for column in tensor.T:
        x, y, width, height = (number / side for number in column[:4])
        kind = int(np.argmax(column[4 : 4 + classes]))
        box = around(y, x, height, width, column[4 + kind], kind)
        flat = column[4 + classes :]
        box.points = [
            (flat[at + 1] / side, flat[at] / side, flat[at + 2]) for at in range(0, len(flat), 3)
        ]
        found.append(box)
    return found


def yolo_5(tensor: Array) -> list[Box]:
    """`[boxes, 5 + classes]`, in shares: confidence is objectness times class."""
    found = []
    for x, y, width, height, something, *classes in tensor:
        kind = int(np.argmax(classes))
        found.append(around(y, x, height, width, something * classes[kind], kind))
    return found


def centernet(heat: Array, sides: Array, offsets: Array) -> list[Box]:
    """Cells that are the highest of the nine around them, in one class."""
    rows, columns, classes = heat.shape
    found = []
    for row, column in product(range(rows), range(columns)):
        near = heat[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        peaks = [
            heat[row, column, k] * (heat[row, column, k] == near[..., k].max())
            for k in range(classes)
        ]
        kind = int(np.argmax(peaks))
        y, x = row + offsets[row, column, 0], column + offsets[row, column, 1]
        height, width = sides[row, column]
        box = around(y / rows, x / columns, height / rows, width / columns, peaks[kind], kind)
        found.append(box)
    return found


def ssd_anchors(cells: Sequence[int]) -> list[tuple[float, float, float, float]]:
    """Liu et al., section 2.2, with the shapes of the first and other grids of TensorFlow's."""
    scales = [0.2 + 0.75 * k / (len(cells) - 1) for k in range(len(cells))] + [1.0]
    made = []
    for k, count in enumerate(cells):
        shapes = [(scales[k], ratio) for ratio in (1.0, 2.0, 1 / 2, 3.0, 0.3333)]
        shapes.append((sqrt(scales[k] * scales[k + 1]), 1.0))
        if k == 0:
            shapes = [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
        for i, j in product(range(count), range(count)):
            for scale, ratio in shapes:
                made.append(
                    ((i + 0.5) / count, (j + 0.5) / count, scale / ratio**0.5, scale * ratio**0.5)
                )
    return made


def ssd(
    codes: Array, logits: Array, anchors: Sequence[tuple[float, float, float, float]]
) -> list[Box]:
    """Boxes of TensorFlow's box coder; softmax, whose first class is nothing."""
    found = []
    for (ty, tx, th, tw), row, (y, x, height, width) in zip(codes, logits, anchors, strict=True):
        weights = [exp(value - max(row)) for value in row]
        shares = [weight / sum(weights) for weight in weights][1:]
        kind = int(np.argmax(shares))
        sides = exp(th / 5 + log(height)), exp(tw / 5 + log(width))
        found.append(around(ty / 10 * height + y, tx / 10 * width + x, *sides, shares[kind], kind))
    return found


def blazeface(numbers: Array, scores: Array, side: float) -> list[Box]:
    """MediaPipe's: 2 anchors in each of 16 x 16 cells, then 6 in each of 8 x 8."""
    middles = [
        ((row + 0.5) / cells, (column + 0.5) / cells)
        for cells, each in ((16, 2), (8, 6))
        for row, column, _ in product(range(cells), range(cells), range(each))
    ]
    found = []
    for row, score, (y, x) in zip(numbers, scores, middles, strict=True):
        box = around(
            row[1] / side + y,
            row[0] / side + x,
            row[3] / side,
            row[2] / side,
            1 / (1 + exp(-score)),
        )
        box.points = [(row[at + 1] / side + y, row[at] / side + x, 1.0) for at in range(4, 16, 2)]
        found.append(box)
    return found
