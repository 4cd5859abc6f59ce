"""How good the dice demo is, on scenes that it has never seen: `python measure.py`.

Average precision is PASCAL VOC's, with all points.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import render

HERE = Path(__file__).resolve().parent
Array = npt.NDArray[Any]
CLASSES = 6
HELD_OUT, SEED = 500, 12
SHARED = 0.5
# The page's own.
THRESHOLD = 0.3


def corners(rows: Array) -> Array:
    """Left, top, right, bottom in pixels of the scene, of rows of top, left, bottom, right."""
    sides = np.array([render.WIDTH, render.HEIGHT] * 2)
    return np.asarray(rows[:, [1, 0, 3, 2]] * sides)


def overlaps(box: Array, others: Array) -> Array:
    """The area that a box shares with each other one, over the area of both."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = (high - low).clip(0).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1) + (box[2:] - box[:2]).prod()
    return np.asarray(shared / (areas - shared))


def average_precision(found: Array, scenes: list[render.Scene], pips: int) -> float:
    """Of one class: the area under its precision by recall, precision made to fall."""
    guesses = []
    for index, rows in enumerate(found):
        mine = rows[(rows[:, 4] > 0) & (np.floor(rows[:, 5] * CLASSES) == pips - 1)]
        guesses += [
            (score, index, box) for score, box in zip(mine[:, 4], corners(mine), strict=True)
        ]
    true = [scene.boxes[scene.pips == pips] for scene in scenes]
    taken = [np.zeros(len(boxes), bool) for boxes in true]
    hits = []
    for _, index, box in sorted(guesses, key=lambda guess: -guess[0]):
        shared = overlaps(box, true[index]) if len(true[index]) else np.zeros(0)
        best = int(shared.argmax()) if len(shared) else -1
        is_hit = best >= 0 and shared[best] >= SHARED and not taken[index][best]
        if is_hit:
            taken[index][best] = True
        hits.append(is_hit)
    right = np.cumsum(hits)
    recall = np.concatenate([[0], right / max(sum(map(len, true)), 1)])
    precision = right / np.arange(1, len(hits) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall) * falling).sum())


def sums_that_are_right(found: Array, scenes: list[render.Scene]) -> float:
    """The share of scenes whose pips the page adds up rightly."""
    sums = [(np.floor(rows[rows[:, 4] >= THRESHOLD][:, 5] * CLASSES) + 1).sum() for rows in found]
    return float(
        np.mean([one == scene.pips.sum() for one, scene in zip(sums, scenes, strict=True)])
    )


def answers(pictures: Array) -> Array:
    """What the page's graph makes of pictures, with the demo's own settings."""
    import keras
    import tensorflow as tf

    from bundler.heads import HEADS
    from bundler.heads.detection.settings import Settled

    labels = [str(pips + 1) for pips in range(CLASSES)]
    said = {"box": "cycxhw", "units": "cells", "scores": "probabilities", "overlap": 0.5}
    settings = Settled.model_validate(
        {**said, "format": "centernet", "labels": labels, "least": 0.05, "most": 20}
    )
    grids = keras.models.load_model(HERE / "dice.keras", compile=False).predict(pictures, verbose=0)
    read = tf.function(lambda grid: HEADS["boxes"].trace({"": grid}, settings))
    return np.concatenate([read(tf.constant(grid[None])).numpy() for grid in grids])


def main() -> None:
    """Prints the figures."""
    sys.path.insert(0, str(HERE.parent.parent))
    import train

    scenes = train.make_scenes(HELD_OUT, SEED)
    found = answers(np.stack([train.as_input(scene) for scene in scenes]) / np.float32(255))
    each = [average_precision(found, scenes, pips + 1) for pips in range(CLASSES)]
    # Over the six classes, where half of a box has to be shared.
    print(f"mAP50 {np.mean(each):.3f}, by pips {', '.join(f'{one:.3f}' for one in each)}")
    print(f"sums that are right {sums_that_are_right(found, scenes):.3f}")


if __name__ == "__main__":
    main()
