"""Example pictures, decoded once, so that Python and the browser see the same pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bundler import cache
from bundler.errors import ConfigError
from bundler.tensors import Tensor

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Picture:
    """A PNG file, which every browser decodes to the same pixels, and these pixels.

    `pixels` is int32 `[1, height, width, channels]`, 0 to 255, with 1 channel if grey, else 3.
    """

    png: bytes
    pixels: Tensor


def read(
    path: Path,
    *,
    longest: int | None = None,
    size: tuple[int, int] | None = None,
    grey: bool = False,
) -> Picture:
    """The picture upright and on white, its longer side at most `longest`, or of exactly `size`.

    `size` is height and width. Remembered by the file's content.
    Raises ConfigError when the file is missing or cannot be decoded.
    """
    try:
        key = cache.digest(path.read_bytes(), longest, size, grey)
    except FileNotFoundError:
        raise ConfigError(f"there is no file {path}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None

    def make(out: Path) -> None:
        image = _open_upright(path)
        if longest:
            image.thumbnail((longest, longest))
        if size:
            image = image.resize((size[1], size[0]))
        if grey:
            image = image.convert("L")
        image.save(out / "picture.png", optimize=True)

    png = (cache.entry("pictures", key, make) / "picture.png").read_bytes()
    return decode(png)


def _open_upright(path: Path) -> Image.Image:
    """The picture in RGB: EXIF orientation applied, alpha laid over white."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as stored:
            upright = ImageOps.exif_transpose(_to_8_bits(stored)).convert("RGBA")
    except UnidentifiedImageError:
        raise ConfigError(f"{path} is not a picture of a format that is known") from None
    except Image.DecompressionBombError:
        raise ConfigError(f"{path} has more pixels than are safe to decode") from None
    except OSError as error:
        reason = error.strerror or "its end may be missing"
        raise ConfigError(f"{path} is a picture that cannot be decoded: {reason}") from error
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright).convert("RGB")


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Pillow would cut the values of a 16-bit grey picture off at 255."""
    if not image.mode.startswith("I"):
        return image
    import numpy as np
    from PIL import Image

    return Image.fromarray((np.asarray(image, np.float64) / 257).round().astype(np.uint8))


def decode(png: bytes) -> Picture:
    """A picture that `read` made; its pixels are remembered by its content."""

    def make(out: Path) -> None:
        import numpy as np
        from PIL import Image

        image = np.asarray(Image.open(io.BytesIO(png)), np.int32)
        shape = (1, *image.shape, 1) if image.ndim == 2 else (1, *image.shape)
        name = "x".join(str(length) for length in shape)
        (out / name).write_bytes(image.tobytes())

    (file,) = cache.entry("pixels", cache.digest(png), make).iterdir()
    shape = tuple(int(length) for length in file.name.split("x"))
    return Picture(png, Tensor("int32", shape, file.read_bytes()))


def encode(pixels: Tensor) -> bytes:
    """The PNG file of float32 `[1, height, width, channels]`, 0 to 255; remembered."""

    def make(out: Path) -> None:
        import numpy as np
        from PIL import Image

        values = np.rint(pixels.to_numpy()[0]).astype(np.uint8)
        image = Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values)
        image.save(out / "answer.png", optimize=True)

    return (cache.entry("answers-png", pixels.digest, make) / "answer.png").read_bytes()
