"""Windows, filter banks and cosines of sound, in float64, as the libraries make them.

Sources: librosa.filters (McFee and others), tf.signal, python_speech_features (Lyons).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

Window = Literal["hann", "hamming", "ones"]
# The share of a window's constant part.
RAISED: dict[Window, float] = {"hann": 0.5, "hamming": 0.54, "ones": 1.0}
# Slaney's mel scale is straight up to 1 kHz, in steps of 200/3 Hz, then logarithmic.
STRAIGHT, BREAK, STEP = 200.0 / 3, 1000.0, math.log(6.4) / 27.0


def window(name: Window, length: int, *, is_periodic: bool) -> Array:
    """One period of a raised cosine; one that is not periodic ends as it begins."""
    import numpy as np

    raised = RAISED[name]
    turns = np.arange(length) / max(1, length if is_periodic else length - 1)
    values: Array = raised - (1 - raised) * np.cos(2 * np.pi * turns)
    return values


def to_mel(hertz: Any, *, htk: bool) -> Any:
    """HTK's mel scale, or Slaney's."""
    import numpy as np

    hertz = np.asarray(hertz, np.float64)
    if htk:
        return 2595.0 * np.log10(1.0 + hertz / 700.0)
    above = BREAK / STRAIGHT + np.log(np.maximum(hertz, BREAK) / BREAK) / STEP
    return np.where(hertz >= BREAK, above, hertz / STRAIGHT)


def to_hertz(mel: Any, *, htk: bool) -> Any:
    """The inverse of `to_mel`."""
    import numpy as np

    mel = np.asarray(mel, np.float64)
    if htk:
        return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    above = BREAK * np.exp(STEP * (np.maximum(mel, BREAK / STRAIGHT) - BREAK / STRAIGHT))
    return np.where(mel >= BREAK / STRAIGHT, above, mel * STRAIGHT)


def edges(bands: int, low: float, high: float, *, htk: bool) -> Array:
    """The ends and the middles of bands that overlap, in mel."""
    import numpy as np

    ends = to_mel([low, high], htk=htk)
    made: Array = np.linspace(ends[0], ends[1], bands + 2)
    return made


def triangles(places: Any, around: Any) -> Array:
    """`[places, bands]`: each band rises from its low edge to its middle, and falls to the high."""
    import numpy as np

    places, low, middle, high = places[:, None], around[:-2], around[1:-1], around[2:]
    rising, falling = (places - low) / (middle - low), (high - places) / (high - middle)
    made: Array = np.maximum(0.0, np.minimum(rising, falling))
    return made


def bank(
    kind: Kind, rate: int, n_fft: int, bands: int, ends: tuple[float, float], *,
    htk: bool, norm: bool,
) -> Array:  # fmt: skip
    """`[bins, bands]`: how much each band hears of each bin; with `norm` all of the same area."""
    around = edges(bands, *ends, htk=htk)
    made = BANKS[kind](rate, n_fft, around, htk)
    hertz = to_hertz(around, htk=htk)
    return made * (2.0 / (hertz[2:] - hertz[:-2])) if norm else made


def _over_hertz(rate: int, n_fft: int, around: Array, htk: bool) -> Array:
    import numpy as np

    return triangles(np.fft.rfftfreq(n_fft, 1.0 / rate), to_hertz(around, htk=htk))


def _over_mel(rate: int, n_fft: int, around: Array, htk: bool) -> Array:
    """Nothing hears what is constant."""
    import numpy as np

    made = triangles(to_mel(np.fft.rfftfreq(n_fft, 1.0 / rate), htk=htk), around)
    made[0] = 0.0
    return made


def _over_bins(rate: int, n_fft: int, around: Array, htk: bool) -> Array:
    """The edges are whole bins, the higher of which is outside."""
    import numpy as np

    places = np.floor((n_fft + 1) * to_hertz(around, htk=htk) / rate).astype(int)
    made = np.zeros((n_fft // 2 + 1, len(around) - 2))
    for band, (low, middle, high) in enumerate(zip(places, places[1:], places[2:], strict=False)):
        rising, falling = np.arange(low, middle), np.arange(middle, high)
        made[rising, band] = (rising - low) / max(1, middle - low)
        made[falling, band] = (high - falling) / max(1, high - middle)
    return made


Kind = Literal["librosa", "tensorflow", "speech_features"]
BANKS = {"librosa": _over_hertz, "tensorflow": _over_mel, "speech_features": _over_bins}


def cosines(bands: int, count: int, *, is_orthonormal: bool) -> Array:
    """`[bands, count]`: the discrete cosine transform of the second kind.

    That of HTK and TensorFlow has a first coefficient that is larger by the root of 2.
    """
    import numpy as np

    angles = np.pi * np.outer(np.arange(bands) + 0.5, np.arange(count)) / bands
    made: Array = np.cos(angles) * math.sqrt(2.0 / bands)
    if is_orthonormal:
        made[:, 0] /= math.sqrt(2.0)
    return made
