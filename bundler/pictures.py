"""Example pictures, decoded once at build time, so that Python and the browser see the same pixels."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from bundler.errors import ConfigError
from bundler.tensors import Tensor

if TYPE_CHECKING:
    from PIL import Image


def open_upright(path: Path) -> Image.Image:
    """The picture in RGB: EXIF orientation applied, alpha laid over white.

    Raises ConfigError when it cannot be decoded.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as stored:
            upright = ImageOps.exif_transpose(stored).convert("RGBA")
    except FileNotFoundError:
        raise ConfigError(f"there is no file {path}") from None
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ConfigError(f"{path} is not a picture that can be opened: {error}") from error
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright).convert("RGB")


def encode(picture: Image.Image) -> bytes:
    """The picture as PNG, which every browser decodes to the same pixels."""
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def to_tensor(picture: Image.Image) -> Tensor:
    """int32 `[1, height, width, channels]`, 0 to 255; 1 channel for a grey picture, else 3."""
    import numpy as np

    pixels = np.asarray(picture, np.int32)
    return Tensor.from_numpy(pixels[None, :, :, None] if pixels.ndim == 2 else pixels[None])


def decode(data: bytes) -> Tensor:
    """A picture that `encode` made, as `to_tensor` gives it."""
    from PIL import Image

    return to_tensor(Image.open(io.BytesIO(data)))
