"""Text files that people write with whatever editor they have."""

from __future__ import annotations

import codecs
from pathlib import Path

from bundler.ground.errors import ConfigError

MOST_BYTES = 8 * 1024 * 1024
# How a file begins that says its encoding; UTF-32's mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read(path: Path, named_by: str = "") -> str:
    """The text of a file in UTF-8, or in what its byte order mark says.

    Raises ConfigError, saying which line is no text; `named_by` is the key of demo.toml.
    """
    shown = f"{path}, named by {named_by}," if named_by else str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{shown} cannot be read: {error.strerror or error}",
            hint="It has to be a text file that you may read.",
        ) from error
    if len(data) > MOST_BYTES:
        raise ConfigError(
            f"{shown} has more than {MOST_BYTES >> 20} MiB, the most for a text file",
            hint="Is it another file that was meant?",
        )
    mark, encoding = next(((m, e) for m, e in MARKS if data.startswith(m)), (b"", _guess(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(shown, data[len(mark) :], error) from error
    if "\0" in text:
        raise _not_a_text_file(shown)
    return text


def _guess(data: bytes) -> str:
    """Windows also writes UTF-16 without a mark; there, every other byte of ASCII is zero."""
    for encoding, zeros, letters in (("utf-16-le", data[1::2], data[::2]),
                                     ("utf-16-be", data[::2], data[1::2])):  # fmt: skip
        if len(data) > 3 and not any(zeros[:64]) and all(letters[:64]):
            return encoding
    return "utf-8"


def _no_text(shown: str, data: bytes, error: UnicodeDecodeError) -> ConfigError:
    if error.encoding != "utf-8" or b"\0" in data:
        return _not_a_text_file(shown)
    number = data.count(b"\n", 0, error.start) + 1
    line = data.splitlines()[number - 1].decode("cp1252", errors="replace").strip()
    return ConfigError(
        f"{shown} is not UTF-8 text: line {number} would be, in the encoding of Windows, {line}",
        hint="Save it as UTF-8 (in most editors: Save As, Encoding).",
    )


def _not_a_text_file(shown: str) -> ConfigError:
    return ConfigError(
        f"{shown} is not a text file", hint="Write it with a text editor and save it as UTF-8."
    )
