"""Example sounds, decoded once, so that Python and the browser hear the same samples."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.ground import cache, media_files
from bundler.ground.errors import ConfigError
from bundler.ground.resample import resample
from bundler.ground.tensors import Tensor

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[Any]

# What a WAV file says of itself, by the numbers of its format.
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
# A vector of fewer numbers is hardly a sound.
LEAST = 256
# Columns of a waveform, as templates/runtime/page/sound/wave.js has them, and of one beside an
# example.
COLUMNS, FEWER = 160, 60
TO_WAV = "Make one with ffmpeg: ffmpeg -i sound.mp3 sound.wav"


@dataclass(frozen=True)
class Sound:
    """A WAV file of one channel, which the page reads itself, and its samples.

    `samples` is float32 `[1, samples]`, from -1 to 1.
    """

    wav: bytes
    samples: Tensor

    @property
    def file(self) -> tuple[bytes, str]:
        """Its content, and the ending of its name."""
        return self.wav, ".wav"

    @property
    def tensor(self) -> Tensor:
        """What the graph gets."""
        return self.samples

    @property
    def peaks(self) -> list[float]:
        """How far it reaches in each of a few parts, of the loudest of them."""
        loud = peaks(self.samples.flat(), FEWER)
        return [round(one / (max(loud) or 1), 2) for one in loud]


def peaks(samples: Samples, columns: int = COLUMNS) -> list[float]:
    """How far a sound reaches in each of its parts, as far as it is heard: at most 1."""
    import numpy as np

    levels = np.minimum(np.nan_to_num(np.abs(samples.ravel()), posinf=1), 1)
    ends = [(at * len(levels) // columns, -(-(at + 1) * len(levels) // columns))
            for at in range(columns)]  # fmt: skip
    return [round(float(levels[start:end].max(initial=0)), 3) for start, end in ends]


def read(path: Path, *, rate: int, most: int) -> Sound:
    """A WAV file at a rate, its channels averaged, and at most so many samples of it.

    Remembered by the file's content. Raises ConfigError when it is missing or cannot be decoded.
    """
    content = media_files.read(path, "a sound")

    def make(out: Path) -> None:
        samples, own_rate = parse(content, path)
        # What lies behind is neither resampled nor shipped.
        needed = samples[: -(-most * own_rate // rate)]
        (out / "sound.wav").write_bytes(write(resample(needed, own_rate, rate)[:most], rate))

    key = cache.digest(content, rate, most)
    return decode((cache.entry("sounds", key, make) / "sound.wav").read_bytes(), path)


def decode(wav: bytes, name: object = "a sound") -> Sound:
    """A sound of the site, as it is. Raises ConfigError."""
    samples, _ = parse(wav, name)
    return Sound(wav, Tensor.from_numpy(samples[None]))


def parse(content: bytes, name: object = "a sound") -> tuple[Samples, int]:
    """The samples of a WAV file, float32 from -1 to 1, its channels averaged; and their rate.

    PCM of 8, 16, 24 and 32 bits and floats of 32 and 64, as templates/runtime/page/sound/wav.js
    has it. Raises ConfigError.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ConfigError(f"{name} is not a WAV file", hint=TO_WAV)
    form, data = b"", b""
    at = 12
    while at + 8 <= len(content) and not data:
        kind, length = struct.unpack_from("<4sI", content, at)
        # A program that did not know how long a sound would become has said too much.
        body = content[at + 8 : at + 8 + length]
        form = body if kind == b"fmt " else form
        data = body if kind == b"data" else data
        at += 8 + length + length % 2
    if len(form) < 16 or not data:
        raise ConfigError(f"{name} is a WAV file without samples")
    code, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", form)
    if code == EXTENSIBLE and len(form) >= 26:
        (code,) = struct.unpack_from("<H", form, 24)
    width = frame // channels if channels else 0
    if not rate or (code, width) not in READERS:
        raise ConfigError(
            f"{name} is a WAV file of a kind that is not read (format {code}, {bits} bits)",
            hint=f"{TO_WAV.split(':')[0]}: ffmpeg -i {name} -c:a pcm_s16le sound.wav",
        )
    return _averaged(data, code, width, channels), rate


# Of a format and the bytes of a sample: numpy's dtype, and what stands for 1.
READERS = {
    (PCM, 1): ("u1", 1 << 7),
    (PCM, 2): ("<i2", 1 << 15),
    (PCM, 3): ("u1", 1 << 23),
    (PCM, 4): ("<i4", 1 << 31),
    (FLOAT, 4): ("<f4", 1),
    (FLOAT, 8): ("<f8", 1),
}


def _averaged(data: bytes, code: int, width: int, channels: int) -> Samples:
    import numpy as np

    dtype, full = READERS[code, width]
    count = len(data) // (width * channels)
    values = np.frombuffer(data[: count * width * channels], dtype)
    if width == 3:
        low, middle, high = (values[part::3].astype(np.int32) for part in range(3))
        values = low | middle << 8 | (high ^ 0x80) - 0x80 << 16
    # Bytes have no sign: 128 is silence.
    levels = values.astype(np.float64) - (128 if width == 1 else 0)
    mixed: Samples = (levels.reshape(count, channels).sum(axis=1) / channels / full).astype("f4")
    return mixed


def write(samples: Samples, rate: int) -> bytes:
    """A WAV file: of 16 bits, or of floats where that would cut something off.

    `samples` are `[samples]`, or `[samples, channels]`.
    """
    import numpy as np

    levels = np.rint(samples.astype(np.float64) * (1 << 15))
    fits = not len(levels) or (levels.min() >= -(1 << 15) and levels.max() < 1 << 15)
    channels = samples.shape[1] if samples.ndim > 1 else 1
    code, data = (PCM, levels.astype("<i2")) if fits else (FLOAT, samples.astype("<f4"))
    body, width = data.tobytes(), data.itemsize
    frame = width * channels
    head = HEADER.pack(
        b"RIFF", len(body) + HEADER.size - 8, b"WAVE", b"fmt ", 16,
        code, channels, rate, rate * frame, frame, 8 * width, b"data", len(body),
    )  # fmt: skip
    return head + body
