"""Pictures as cameras store them: turned, with what turns them back."""

from __future__ import annotations

from PIL import ExifTags, Image

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(upright: Image.Image, orientation: int) -> tuple[Image.Image, Image.Exif]:
    """The picture as it lies in the file, and the EXIF data that say so."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return upright.transpose(TURNS[orientation]) if orientation > 1 else upright, exif
