"""Sound at another rate: a sinc in Kaiser's window, as the page's sound/resample.js has it.

What browsers resample with differs from one to the other. This is the same everywhere, and differs
from `librosa.resample` by less than -40 dB on a sweep, -60 dB on a voice (tests/test_sounds.py).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

# Zeros of the sinc on each side, the window's shape, and the middle of the transition to silence as
# a share of the highest frequency: that of soxr's "HQ", which librosa resamples with.
ZEROS = 96
BETA = 10.0
ROLLOFF = 0.9565


def resample(samples: npt.NDArray[Any], before: int, after: int) -> npt.NDArray[Any]:
    """float32 `[samples]` at the rate `before`, at the rate `after`."""
    import numpy as np

    if before == after or not len(samples):
        return samples.astype(np.float32)
    divisor = math.gcd(before, after)
    up, down = after // divisor, before // divisor
    count = -(-len(samples) * after // before)
    reach = math.ceil(ZEROS / min(1.0, after / before))
    padded = np.pad(samples.astype(np.float64), (reach, reach + down))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach)
    resampled = np.empty(count, np.float32)
    for start in range(min(up, count)):
        places = np.arange(start, count, up)
        # The first of a window's samples is `reach - 1` before the place itself.
        firsts = places * down // up + 1
        resampled[places] = windows[firsts] @ taps(start * down % up / up, reach, before, after)
    return resampled


def taps(fraction: float, reach: int, before: int, after: int) -> npt.NDArray[Any]:
    """The weights of the samples around a place that lies a fraction of one behind a sample."""
    import numpy as np

    distances = fraction - np.arange(1 - reach, reach + 1)
    cutoff = ROLLOFF * min(1.0, after / before)
    inside = np.maximum(0.0, 1.0 - (distances / reach) ** 2)
    window = np.i0(BETA * np.sqrt(inside)) / np.i0(BETA)
    weights: npt.NDArray[Any] = cutoff * np.sinc(cutoff * distances) * window
    return weights
