"""Pictures of strangers: a few formats by their content, and no more pixels than memory holds."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from bundler.ground import pictures
from bundler.ground.errors import ConfigError
from tests import mutations
from tests.command import PRINT_MEMORY, run_python
from tests.texts import assert_error

MOST_MEMORY = 1 << 30
# Reads every picture that is named, and prints the bytes of memory that this took at most.
READ_ALL = f"""
import sys
from pathlib import Path
from bundler.ground import pictures
from bundler.ground.errors import ConfigError

for path in map(Path, sys.argv[1:]):
    try:
        print(path.name, pictures.read(path, longest=320).pixels.shape)
    except ConfigError as error:
        print(path.name, error.message.removeprefix(str(path) + " "))
{PRINT_MEMORY}"""


def stored(format_name: str, mode: str = "RGB") -> bytes:
    """A small picture in one of Pillow's formats."""
    stream = io.BytesIO()
    Image.new(mode, (40, 20), 1).save(stream, format_name)
    return stream.getvalue()


def png(width: int, height: int, *, depth: int = 8, kind: int = 0, channels: int = 1) -> bytes:
    """A PNG of zeros, some hundred kilobytes whatever its size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    squeezed = zlib.compressobj(9)
    row = b"\0" + bytes(width * depth // 8 * channels)
    data = b"".join(squeezed.compress(row) for _ in range(height)) + squeezed.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def jpeg(width: int, height: int) -> bytes:
    """A small JPEG whose header says another size."""
    data = bytearray(stored("JPEG"))
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif(width: int, height: int) -> bytes:
    """A small GIF whose first picture says another size than its screen."""
    data = bytearray(stored("GIF", "L"))
    start = data.index(b",\0\0\0\0") + 5
    data[start : start + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def bmp(width: int, height: int) -> bytes:
    data = bytearray(stored("BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def webp(width: int, height: int) -> bytes:
    """A small WebP on a large canvas."""
    stream = io.BytesIO()
    frames = [Image.new("RGB", (40, 20), colour) for colour in ("red", "blue")]
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:])
    data = bytearray(stream.getvalue())
    start = data.index(b"VP8X") + 12
    data[start : start + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


LARGE: dict[str, Callable[[], bytes]] = {
    "grey.png": lambda: png(15_000, 15_000),
    "dots.png": lambda: png(40_000, 40_000, depth=1),
    "long.png": lambda: png(64_000_001, 1),
    "photo.jpg": lambda: jpeg(65_000, 65_000),
    "moving.gif": lambda: gif(60_000, 60_000),
    "old.bmp": lambda: bmp(100_000, 100_000),
    "new.webp": lambda: webp(16_000, 16_000),
    "misnamed.webp": lambda: jpeg(9_000, 9_000),
}


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    for name, make in LARGE.items():
        (tmp_path / name).write_bytes(make())
    result = run_python(READ_ALL, *(tmp_path / name for name in LARGE))
    assert result.returncode == 0, result.stderr
    *told, memory = result.stdout.splitlines()
    said = "has more than 64 million pixels, the most that is decoded"
    assert told == [f"{name} {said}" for name in LARGE]
    assert int(memory) < MOST_MEMORY // 4
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("depth", "kind", "channels"), [(8, 6, 4), (16, 0, 1), (8, 4, 2)], ids=["RGBA", "16 bits", "LA"]
)
def test_what_is_decoded_fits_into_memory(
    depth: int, kind: int, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / "most.png"
    path.write_bytes(png(8_000, 8_000, depth=depth, kind=kind, channels=channels))
    result = run_python(READ_ALL, path)
    told, memory = result.stdout.splitlines()
    assert told == "most.png (1, 320, 320, 3)"
    assert int(memory) < MOST_MEMORY


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_known_formats_are_seen_by_their_content(name: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.dat"
    path.write_bytes(stored(name))
    assert pictures.read(path).pixels.shape == (1, 20, 40, 3)


POSTSCRIPT = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 8 8
%%EndComments
0 0 8 8 rectfill showpage
"""
OTHERS: dict[str, Callable[[], bytes]] = {
    "eps": lambda: POSTSCRIPT,
    "tiff": lambda: stored("TIFF"),
    "ico": lambda: stored("ICO"),
    "pcx": lambda: stored("PCX"),
    "ppm": lambda: stored("PPM"),
    "tga": lambda: stored("TGA"),
    "jpeg2000": lambda: stored("JPEG2000"),
    "dds": lambda: stored("DDS"),
    "pdf": lambda: stored("PDF"),
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "empty": lambda: b"",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_formats_are_refused_whatever_they_are_called(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For some of them, Pillow would start a program."""
    (tmp_path / "bin").mkdir()
    for program in ("gs", "gswin32c", "gswin64c", "djpeg"):
        script = tmp_path / "bin" / program
        script.write_text(f"#!/bin/sh\ntouch {tmp_path}/it-ran\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "seven.png").write_bytes(OTHERS[kind]())
    with pytest.raises(ConfigError) as caught:
        pictures.read(tmp_path / "seven.png")
    assert_error(caught.value, "pictures-other-format", tmp_path)
    assert not (tmp_path / "it-ran").exists()


def damaged_exif() -> bytes:
    """Pillow raises whatever it likes for EXIF data that are none."""
    stream = io.BytesIO()
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def swollen_text() -> bytes:
    """A PNG with a text that unpacks to far more than it may."""
    whole, text = png(8, 8), b"zTXtnote\0\0" + zlib.compress(bytes(80_000_000))
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return whole[:33] + chunk + whole[33:]


DAMAGED: dict[str, Callable[[], bytes]] = {
    "half of a PNG": lambda: png(80, 80)[:60],
    "half of a GIF": lambda: stored("GIF")[:40],
    "half of a WebP": lambda: stored("WEBP")[:30],
    "half of a BMP": lambda: stored("BMP")[:60],
    "a WebP on a canvas of its own": lambda: webp(30, 10),
    "a text that swells": swollen_text,
    "a PNG without pixels": lambda: png(8, 8)[:33] + png(8, 8)[-12:],
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damage_is_told_in_words(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.png"
    path.write_bytes(DAMAGED[kind]())
    with pytest.raises(ConfigError) as caught:
        pictures.read(path)
    assert caught.value.message.startswith(f"{path} is ")
    assert "decoded" in caught.value.message or "is not a picture" in caught.value.message


def test_a_picture_with_damaged_exif_is_told_or_read(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(damaged_exif())
    try:
        assert pictures.read(path).pixels.shape == (1, 8, 8, 3)
    except ConfigError as error:
        assert "cannot be decoded" in error.message


def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ConfigError, match="is not a file"):
        pictures.read(tmp_path / "pipe.png")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_damaged_pictures_are_read_or_told(name: str) -> None:
    """Never a traceback: 500 of each format, of which some are still pictures."""
    told = 0
    for damaged in mutations.of_bytes(stored(name), 500, seed=1):
        try:
            pictures._open_upright(damaged, "damaged.png")
        except ConfigError as error:
            assert error.message.startswith("damaged.png ")
            told += 1
    assert 50 < told < 500
