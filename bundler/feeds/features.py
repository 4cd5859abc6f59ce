"""Spectrograms, mel bands and cepstral coefficients of sound, as the libraries make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bundler.feeds import filters

if TYPE_CHECKING:
    import tensorflow as tf

Feature = Literal["waveform", "spectrogram", "mel", "log_mel", "mfcc"]
Preset = Literal["librosa", "tensorflow", "speech_features"]
Layout = Literal["frames first", "bands first"]
Log = Literal["db", "natural", "none"]


@dataclass(frozen=True)
class Conventions:
    """What the functions of one library do that have no key."""

    layout: Layout
    # Whether a window shorter than the transform stands in its middle; else zeros follow it.
    pads_around: bool
    # Whether a window is one period; TensorFlow's only where its length is even.
    is_periodic: Literal["always", "even", "never"]
    # Whether zeros complete the last frame; else what would not fill it is left out.
    completes: bool
    # Whether power is divided by the length of the transform.
    is_averaged: bool
    is_orthonormal: bool
    # The number of the first coefficient in a lifter.
    lifter_from: int
    # Whether the logarithm of a frame's energy stands for its first coefficient.
    has_energy: bool


# fmt: off
CONVENTIONS: dict[Preset, Conventions] = {
    "librosa": Conventions("bands first", True, "always", False, False, True, 1, False),
    "tensorflow": Conventions("frames first", False, "even", False, False, False, 1, False),
    "speech_features": Conventions("frames first", False, "never", True, True, True, 0, True),
}
# fmt: on
# What the keys are where nobody says them.
DEFAULTS: dict[Preset, dict[str, Any]] = {
    "librosa": {
        "window": "hann",
        "centered": True,
        "pad_mode": "constant",
        "power": 2,
        "n_mels": 128,
        "fmin": 0.0,
        "htk": False,
        "norm": "slaney",
        "n_mfcc": 20,
        "lifter": 0,
        "log": "db",
        "log_offset": 0.0,
        "top_db": 80.0,
        "ref": 1.0,
        "preemphasis": 0.0,
        "amplitude": 1.0,
    },
    "tensorflow": {
        "window": "hann",
        "centered": False,
        "pad_mode": "constant",
        "power": 1,
        "n_mels": 20,
        "fmin": 125.0,
        "fmax": 3800.0,
        "htk": True,
        "norm": "none",
        "n_mfcc": 13,
        "lifter": 0,
        "log": "natural",
        "log_offset": 1e-6,
        "amin": 0.0,
        "ref": 1.0,
        "top_db": "none",
        "preemphasis": 0.0,
        "amplitude": 1.0,
    },
    "speech_features": {
        "window": "ones",
        "centered": False,
        "pad_mode": "constant",
        "power": 2,
        "n_mels": 26,
        "fmin": 0.0,
        "htk": True,
        "norm": "none",
        "n_mfcc": 13,
        "lifter": 22,
        "log": "natural",
        "log_offset": 0.0,
        "amin": 2.0**-52,
        "ref": 1.0,
        "top_db": "none",
        "preemphasis": 0.97,
        "amplitude": 32768.0,
    },
}  # fmt: skip


def lengths(settings: Any, preset: Preset, rate: int) -> dict[str, int]:
    """`n_fft`, `win_length` and `hop_length` where some of them are not said."""
    n_fft, win, hop = settings.n_fft, settings.win_length, settings.hop_length
    if preset == "librosa":
        n_fft = n_fft or 2048
        win = win or n_fft
        usual = win // 4 if settings.feature == "spectrogram" else 512
        return {"n_fft": n_fft, "win_length": win, "hop_length": hop or usual}
    if preset == "speech_features":
        win, hop = win or _rounded(0.025 * rate), hop or _rounded(0.01 * rate)
    win = win or min(n_fft or 1024, 1024)
    enclosing = 1 << (win - 1).bit_length()
    return {"n_fft": n_fft or enclosing, "win_length": win, "hop_length": hop or max(1, win // 4)}


def _rounded(samples: float) -> int:
    return int(samples + 0.5)


def bands(feature: Feature, settings: Any) -> int:
    """How many numbers a frame becomes."""
    if feature == "spectrogram":
        return int(settings.n_fft) // 2 + 1
    return int(settings.n_mfcc if feature == "mfcc" else settings.n_mels)


def window_span(settings: Any) -> int:
    """The samples that a frame looks at: librosa's are as long as the transform."""
    around = CONVENTIONS[settings.preset].pads_around
    return int(settings.n_fft if around else settings.win_length)


def frame_count(samples: int, settings: Any) -> int:
    """The frames of so many samples."""
    span, hop = window_span(settings), settings.hop_length
    padded = samples + 2 * (span // 2) if settings.centered else samples
    if padded < span:
        return 1 if CONVENTIONS[settings.preset].completes else 0
    rest = padded - span
    completes = CONVENTIONS[settings.preset].completes
    return 1 + int(-(-rest // hop) if completes else rest // hop)


def trace(samples: tf.Tensor, settings: Any) -> tf.Tensor:
    """`[1, samples]` as `[1, frames, bands]`; all constants are computed in float64."""
    import tensorflow as tf

    rules = CONVENTIONS[settings.preset]
    framed = _frames(_emphasised(samples, settings.preemphasis), settings)
    spectrum = tf.signal.rfft(framed, [settings.n_fft])
    power = tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2
    if rules.is_averaged:
        power /= settings.n_fft
    values = tf.sqrt(power) if settings.power == 1 else power
    if settings.feature != "spectrogram":
        values = values @ _constant(_bank(settings))
    if settings.log != "none":
        values = _logarithm(values, settings)
    if settings.feature != "mfcc":
        return values
    coefficients = values @ _constant(
        _lifted(
            filters.cosines(settings.n_mels, settings.n_mfcc, is_orthonormal=rules.is_orthonormal),
            settings.lifter,
            rules.lifter_from,
        )
    )
    if not rules.has_energy:
        return coefficients
    energy = _logarithm(tf.reduce_sum(power, axis=-1, keepdims=True), settings)
    return tf.concat([energy, coefficients[:, :, 1:]], axis=-1)


def _constant(values: Any) -> tf.Tensor:
    import tensorflow as tf

    return tf.constant(values, tf.float32)


def _emphasised(samples: tf.Tensor, share: float) -> tf.Tensor:
    import tensorflow as tf

    if not share:
        return samples
    return tf.concat([samples[:, :1], samples[:, 1:] - share * samples[:, :-1]], axis=1)


def _frames(samples: tf.Tensor, settings: Any) -> tf.Tensor:
    """`[1, frames, n_fft or less]`, each under the window: pieces of a hop, side by side."""
    import tensorflow as tf

    span, hop = window_span(settings), settings.hop_length
    if settings.centered:
        around = [[0, 0], [span // 2, span // 2]]
        mode = "REFLECT" if settings.pad_mode == "reflect" else "CONSTANT"
        samples = tf.pad(samples, around, mode)
    known = samples.shape[1]
    length = tf.shape(samples)[1] if known is None else known
    rest = length - span
    completes = CONVENTIONS[settings.preset].completes
    count = 1 + ((rest + hop - 1) // hop if completes else rest // hop)
    pieces = -(-span // hop)
    whole = (count + pieces - 1) * hop
    # More than is needed by less than a frame, or zeros behind the last one.
    padded = tf.pad(samples, [[0, 0], [0, pieces * hop]])[:, :whole]
    blocks = tf.reshape(padded, [1, -1 if known is None else count + pieces - 1, hop])
    framed = tf.concat([blocks[:, piece : piece + count] for piece in range(pieces)], axis=2)
    return framed[:, :, :span] * _constant(_window(settings, span))


def _window(settings: Any, span: int) -> Any:
    import numpy as np

    length, kind = settings.win_length, CONVENTIONS[settings.preset].is_periodic
    is_periodic = kind == "always" or (kind == "even" and length % 2 == 0)
    values = filters.window(settings.window, length, is_periodic=is_periodic)
    before = (span - length) // 2
    return np.pad(values, (before, span - length - before))


def _bank(settings: Any) -> Any:
    return filters.bank(
        settings.preset, settings.sample_rate, settings.n_fft, settings.n_mels,
        (settings.fmin, settings.fmax), htk=settings.htk, norm=settings.norm == "slaney",
    )  # fmt: skip


def _logarithm(values: tf.Tensor, settings: Any) -> tf.Tensor:
    """Decibels below `ref`, at most `top_db` of them; or the natural one."""
    import tensorflow as tf

    least = settings.amin
    if settings.log == "natural":
        return tf.math.log(tf.maximum(values, least) + settings.log_offset)
    # Of a magnitude, a decibel is half as much.
    factor = (10.0 if settings.power == 2 else 20.0) / 2.302585092994046
    loudest = tf.reduce_max(values)
    ref = loudest if settings.ref == "max" else tf.constant(float(settings.ref), tf.float32)
    levels = factor * (tf.math.log(tf.maximum(values, least)) - tf.math.log(tf.maximum(ref, least)))
    if settings.top_db == "none":
        return levels
    return tf.maximum(levels, tf.reduce_max(levels) - settings.top_db)


def _lifted(cosines: Any, lifter: float, first: int) -> Any:
    import numpy as np

    if not lifter:
        return cosines
    numbers = np.arange(cosines.shape[1]) + first
    return cosines * (1 + lifter / 2 * np.sin(np.pi * numbers / lifter))
