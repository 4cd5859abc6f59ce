"""A browser with a camera that films a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests import warm
from tests.visitor import Array

# Nobody is asked, and what the camera films is a file, or what Chromium draws.
FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
FRAMES_PER_SECOND = 30
ANSWER = """
import sys
from tests import keras_cases
model = keras_cases.keras.saving.load_model(sys.argv[1])
pixels = keras_cases.np.load(sys.argv[2])
answer = model(keras_cases.see_grey(keras_cases.tf.constant(pixels))).numpy()
keras_cases.np.save(sys.argv[3], answer)
"""


def film(path: Path, pictures: Iterable[Array]) -> Path:
    """Pictures of red, green and blue, of even sides, as a YUV4MPEG2 file."""
    header = b""
    with path.open("wb") as file:
        for pixels in pictures:
            height, width = pixels.shape[:2]
            if not header:
                header = (
                    f"YUV4MPEG2 W{width} H{height} F{FRAMES_PER_SECOND}:1 Ip A1:1 C420\n".encode()
                )
                file.write(header)
            light, blue, red = (np.asarray(part, float) for part in ycc(pixels))
            halves = [
                part.reshape(height // 2, 2, width // 2, 2).mean((1, 3)) for part in (blue, red)
            ]
            # Of the values of a byte, films take 16 to 235, and 16 to 240 for colours.
            parts = [16 + light * 219 / 255, *(128 + (half - 128) * 224 / 255 for half in halves)]
            file.write(
                b"FRAME\n" + b"".join(part.round().astype(np.uint8).tobytes() for part in parts)
            )
    return path


def video(path: Path, pictures: Sequence[Array], rate: int) -> Path:
    """Pictures of red, green and blue as a WebM file in VP8, which every browser plays."""
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), rate, (width, height))
    assert writer.isOpened()
    for pixels in pictures:
        writer.write(pixels[..., ::-1])
    writer.release()
    return path


def ycc(pixels: Array) -> list[Array]:
    """Light and the two differences of colour, each from 0 to 255."""
    return [np.asarray(band) for band in Image.fromarray(pixels).convert("YCbCr").split()]


def two_sides(
    width: int, height: int, left: tuple[int, int, int], right: tuple[int, int, int]
) -> Array:
    """A picture that nobody takes for its mirror image."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = left, right
    return pixels


def answer(model: Path, pixels: Array, folder: Path) -> Array:
    """What Keras answers to one picture, with the model of grey ones (tests/keras_cases.py)."""
    files = folder / "pixels.npy", folder / "answer.npy"
    np.save(files[0], pixels)
    result = warm.run_forked(ANSWER, model, *files)
    assert result.returncode == 0, result.stderr
    return np.asarray(np.load(files[1])[0])
