"""Sounds: float32 `[1, samples]` at a stated rate, or `[1, samples, 2]` of two channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from bundler.ground import sounds, table
from bundler.ground.kinds import BEST, IF_ASKED, Fit
from bundler.ground.shapes import format_size, is_one_of_a_batch
from bundler.ground.table import GRAPH, PAGE, Length
from bundler.ground.tensors import ENDS, Tensor, TensorSpec, is_number, is_whole
from bundler.heads.kind import AnswerPlace, Head, Kept

if TYPE_CHECKING:
    import tensorflow as tf

STEREO = 2
# What stands for 1 in whole numbers that hold more than 16 bits.
USUAL_AMPLITUDE = 32768


class Settings(table.Settings):
    """The keys of a sound that is the answer."""

    sample_rate: Annotated[Length | None, PAGE] = Field(
        None, description="samples a second; without this key those of a sound that goes in",
        examples=[16000],
    )  # fmt: skip
    amplitude: Annotated[float | None, GRAPH] = Field(
        None, gt=0, description="what the loudest sample is for the model: 1, or 32768 of 16 bits"
    )
    normalize: Annotated[bool | None, GRAPH] = Field(
        None, description="whether each answer is made as loud as can be"
    )


class Audio(Head):
    """Samples, to hear."""

    SETTINGS = Settings
    KINDS = ("sound",)

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        if not _can_be_heard(spec):
            return []
        rank = BEST if settings.sample_rate else IF_ASKED
        return [Fit("sound", rank, f"{format_size(spec)} samples")]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: AnswerPlace
    ) -> Settings:
        """The rate of the sound that goes in, where nobody states another one."""
        rate = settings.sample_rate or place.rate
        if rate is None:
            place.problem(
                "sample_rate",
                f"say how many samples a second the output {spec.name} has, such as 16000: "
                "no sound goes in that would tell",
            )
        usual = -ENDS.get(spec.dtype, (-USUAL_AMPLITUDE, 0))[0] if is_whole(spec.dtype) else 1
        update = {"sample_rate": rate, "amplitude": settings.amplitude or float(usual)}
        return settings.model_copy(update=update)

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        """As loud as the model has it: what is above 1 is cut off by who plays it, or keeps it."""
        import tensorflow as tf

        (value,) = values.values()
        value = tf.cast(value, tf.float32)
        if len(value.shape) == 1:
            value = value[tf.newaxis]
        if value.shape[2:] == [1]:
            value = value[:, :, 0]
        if settings.normalize:
            return tf.math.divide_no_nan(value, tf.reduce_max(tf.abs(value)))
        return value if settings.amplitude == 1 else value / tf.constant(settings.amplitude)

    def keep(self, answer: Tensor, settings: Settings) -> Kept:
        samples = answer.to_numpy()[0]
        facts = {"peaks": sounds.peaks(samples), "flaw": _flaw(answer)}
        return Kept(sounds.write(samples, settings.sample_rate or 0), "sound", ".wav", facts)

    def suggestions(self, settings: Settings) -> list[str]:
        return [f"sample_rate = {settings.sample_rate}"]


def _can_be_heard(spec: TensorSpec) -> bool:
    """Samples with or without a batch, of one channel or two; numbers with a sign."""
    if not is_number(spec.dtype) or (is_whole(spec.dtype) and not _has_sign(spec.dtype)):
        return False
    if len(spec.shape) > 1 and not is_one_of_a_batch(spec):
        return False
    count, *channels = spec.shape[1:] or spec.shape or (0,)
    is_long = count is None or count >= sounds.LEAST
    return is_long and (not channels or channels in ([1], [STEREO]))


def _has_sign(dtype: str) -> bool:
    return ENDS.get(dtype, (-1, 0))[0] < 0 and not dtype.startswith("uint")


def _flaw(answer: Tensor) -> str:
    """Why it is not heard as it is, in the page's terms (output/audio/samples.js)."""
    import numpy as np

    samples = answer.flat()
    if not samples.size:
        return "empty"
    if np.isnan(samples).any():
        return "numberless"
    return "loud" if np.abs(samples).max() > 1 else ""


HEAD = Audio()
