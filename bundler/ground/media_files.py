"""Files of pictures and sounds, read once: what is remembered by its hash is what is decoded."""

from __future__ import annotations

from pathlib import Path

from bundler.ground.errors import ConfigError

MOST_BYTES = 256 * 1024 * 1024


def read(path: Path, kind: str) -> bytes:
    """The content of a file of "a picture" or "a sound". Raises ConfigError, also if too large."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is not a file")
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"there is no file {path}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{path} has more than {MOST_BYTES >> 20} MiB, the most for {kind}")
    return content
