"""How much of a sound a model hears: what its tensor, its features and `duration` say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bundler.feeds import features
from bundler.feeds.values import Around
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

# Seconds of a model that takes any length.
MOST_SECONDS = 30.0
# Sounds of a model that takes any length, as shares of a second; others are tried after them.
SECONDS = (1.0, 0.6, 0.25, 2.0, 0.1, 4.0, 8.0)
# Sounds of a model of one length, as shares of it.
SHARES = (1.0, 0.7, 1.2)


@dataclass(frozen=True)
class Heard:
    """So many samples; where the length is free, at least what one frame needs, and at most."""

    least: int
    most: int
    rate: int

    @staticmethod
    def of(spec: TensorSpec, settings: Any) -> Heard:
        """What settled settings say."""
        rate = settings.sample_rate
        most = max(1, round(settings.duration * rate))
        return Heard(_shortest(settings) if is_free(spec, settings) else most, most, rate)

    def fitted(self, raw: tf.Tensor) -> tf.Tensor:
        """`[1, samples]`, cut, or with silence behind it."""
        import tensorflow as tf

        if self.least == self.most:
            padded = tf.pad(raw, [[0, 0], [0, self.most]])[:, : self.most]
            return tf.reshape(padded, [1, self.most])
        missing = tf.maximum(self.least - tf.shape(raw)[1], 0)
        return tf.pad(raw, [[0, 0], [0, missing]])

    @property
    def lengths(self) -> list[int]:
        """Lengths of sounds to try it with."""
        if self.least == self.most:
            return [max(1, round(self.most * share)) for share in SHARES]
        found = [round(self.rate * seconds) for seconds in SECONDS]
        return [min(max(length, self.least), self.most) for length in found]


def is_free(spec: TensorSpec, settings: Any) -> bool:
    """Whether the model takes sounds of any length."""
    return _time(spec, settings) is None


def _time(spec: TensorSpec, settings: Any) -> int | None:
    """The length of the model's axis of time: samples, or frames."""
    if settings.feature == "waveform":
        return spec.shape[0] if len(spec.shape) == 1 else spec.shape[1]
    return spec.shape[2] if settings.layout == "bands first" else spec.shape[1]


def _shortest(settings: Any) -> int:
    """The samples of one frame; of a mirror image it takes one more than it has."""
    if settings.feature == "waveform":
        return 1
    span = features.window_span(settings)
    return int(span // 2 + 1 if settings.centered else span)


def heard(spec: TensorSpec, settings: Any, around: Around) -> Any:
    """With `duration` in seconds, as the tensor says it."""
    time, rate = _time(spec, settings), settings.sample_rate
    if time is None:
        return settings.model_copy(update={"duration": settings.duration or MOST_SECONDS})
    said = settings.duration and max(1, round(settings.duration * rate))
    if settings.feature == "waveform":
        if said not in (None, time):
            around.problem("duration", f"the model is made for {time} samples, {time / rate:g} s")
        return settings.model_copy(update={"duration": time / rate})
    if said:
        made = features.frame_count(said, settings)
        if made != time:
            around.problem(
                "duration",
                f"{settings.duration:g} s make {made} frames, and the model takes {time}: "
                f"{_samples(time, settings) / rate:g} s would make as many",
            )
        return settings
    return settings.model_copy(update={"duration": _samples(time, settings) / rate})


def _samples(frames: int, settings: Any) -> int:
    """The fewest samples of so many frames; half seconds where some are as many frames."""
    span, hop, rate = features.window_span(settings), settings.hop_length, settings.sample_rate
    padding = 2 * (span // 2) if settings.centered else 0
    fewest = max(1, span + (frames - 1) * hop - padding)
    if features.frame_count(max(1, fewest - hop + 1), settings) == frames:
        fewest = max(1, fewest - hop + 1)
    half = rate / 2
    round_length = round(-(-fewest // half) * half)
    is_same = features.frame_count(round_length, settings) == frames
    return int(round_length if is_same else fewest)
