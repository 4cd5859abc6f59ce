"""Example pictures, decoded once, so that Python and the browser see the same pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bundler.ground import cache, media_files
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import Tensor

if TYPE_CHECKING:
    from PIL import Image

# By Pillow's names. It knows many more, and starts programs for some, whatever a file is called.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
SHOWN_FORMATS = "PNG, JPEG, WebP, GIF or BMP"
# Decoding takes up to 12 bytes a pixel, however small the file is.
MOST_PIXELS = 64_000_000
# Rows of a 16-bit picture that are rounded at a time.
ROWS = 64


@dataclass(frozen=True)
class Picture:
    """A PNG file, which every browser decodes to the same pixels, and these pixels.

    `pixels` is int32 `[1, height, width, channels]`, 0 to 255, with 1 channel if grey, else 3.
    """

    png: bytes
    pixels: Tensor

    @property
    def file(self) -> tuple[bytes, str]:
        """Its content, and the ending of its name."""
        return self.png, ".png"

    @property
    def tensor(self) -> Tensor:
        """What the graph gets."""
        return self.pixels


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
    content = media_files.read(path, "a picture")
    key = cache.digest(content, longest, size, grey, FORMATS, MOST_PIXELS)

    def make(out: Path) -> None:
        image = _open_upright(content, path)
        if longest:
            image.thumbnail((longest, longest))
        if size:
            image = image.resize((size[1], size[0]))
        if grey:
            image = image.convert("L")
        image.save(out / "picture.png", optimize=True)

    png = (cache.entry("pictures", key, make) / "picture.png").read_bytes()
    return decode(png)


def _open_upright(content: bytes, name: object) -> Image.Image:
    """The picture in RGB: EXIF orientation applied, alpha laid over white."""
    from PIL import Image, ImageOps

    with _decoding(name):
        image = _to_8_bits(_open(content, FORMATS, MOST_PIXELS))
        # In place: a copy of a large picture is hundreds of megabytes.
        ImageOps.exif_transpose(image, in_place=True)
        if not image.has_transparency_data:
            return image.convert("RGB")
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")


def _open(content: bytes, formats: tuple[str, ...], most: int) -> Image.Image:
    """The first picture of a file, decoded, if its header says that it is small enough."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(content), formats=formats)
    if image.width * image.height > most:
        raise Image.DecompressionBombError
    image.load()
    return image


@contextmanager
def _decoding(name: object, most: int = MOST_PIXELS) -> Iterator[None]:
    """Says in words what Pillow raises; raises ConfigError, which calls the file by `name`."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except UnidentifiedImageError:
        raise ConfigError(f"{name} is not a picture in {SHOWN_FORMATS}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ConfigError(
            f"{name} has more than {most // 10**6} million pixels, the most that is decoded"
        ) from None
    except Exception as error:  # a damaged file ends in whatever its decoder happens to meet
        reason = getattr(error, "strerror", "") or "it is damaged, or its end is missing"
        raise ConfigError(f"{name} is a picture that cannot be decoded: {reason}") from error


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Pillow would cut the values of a 16-bit grey picture off at 255."""
    if not image.mode.startswith("I"):
        return image
    import numpy as np
    from PIL import Image

    values = np.asarray(image)
    levels = np.empty(values.shape, np.uint8)
    for row in range(0, len(values), ROWS):
        levels[row : row + ROWS] = (values[row : row + ROWS] / 257).round()
    return Image.fromarray(levels)


def decode(png: bytes, name: object = "a picture", most: int = MOST_PIXELS) -> Picture:
    """A picture that `read` made; its pixels are remembered by its content.

    Raises ConfigError for another one, and for one of more than `most` pixels.
    """

    def make(out: Path) -> None:
        import numpy as np

        with _decoding(name, most):
            image = np.asarray(_open(png, ("PNG",), most), np.int32)
        shape = (1, *image.shape, 1) if image.ndim == 2 else (1, *image.shape)
        (out / "x".join(map(str, shape))).write_bytes(image.tobytes())

    (file,) = cache.entry("pixels", cache.digest(png), make).iterdir()
    shape = tuple(int(length) for length in file.name.split("x"))
    return Picture(png, Tensor("int32", shape, file.read_bytes()))


def encode_indices(indices: Tensor, colours: list[tuple[int, int, int, int]]) -> bytes:
    """The PNG file of `[1, height, width, 1]` places in a list of at most 256 RGBA colours.

    A byte a pixel, rows without filters, so that the page can read the places; remembered.
    """

    def make(out: Path) -> None:
        import numpy as np
        from PIL import Image

        values = np.rint(indices.to_numpy()[0, :, :, 0]).astype(np.uint8)
        image = Image.fromarray(values, "P")
        # Of fewer colours, several pixels would share a byte.
        all_colours = [*colours, *((0, 0, 0, 0),) * (256 - len(colours))]
        image.putpalette([part for colour in all_colours for part in colour[:3]])
        alpha = bytes(colour[3] for colour in all_colours)
        image.save(out / "answer.png", transparency=alpha)

    key = cache.digest(indices.digest, colours, 256)
    return (cache.entry("pictures", key, make) / "answer.png").read_bytes()


def encode(pixels: Tensor) -> bytes:
    """The PNG file of float32 `[1, height, width, channels]`, 0 to 255; remembered."""

    def make(out: Path) -> None:
        import numpy as np
        from PIL import Image

        values = np.rint(pixels.to_numpy()[0]).astype(np.uint8)
        image = Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values)
        image.save(out / "answer.png", optimize=True)

    return (cache.entry("pictures", pixels.digest, make) / "answer.png").read_bytes()
