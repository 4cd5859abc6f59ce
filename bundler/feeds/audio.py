"""Sounds: float32 samples of one channel at a stated rate, as they are or as their features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bundler.feeds import features, patterns
from bundler.feeds.features import DEFAULTS, Feature, Layout, Log, Preset
from bundler.feeds.filters import Window
from bundler.feeds.hearing import Heard, heard
from bundler.feeds.kind import Feed
from bundler.feeds.patterns import Samples
from bundler.feeds.preprocessing import Deviation, PerChannel
from bundler.feeds.sources import OF_SOUNDS, Sources, check
from bundler.feeds.spectral import spectral
from bundler.feeds.values import Around, Example, Find
from bundler.ground import sounds, table
from bundler.ground.cells import Cell
from bundler.ground.errors import ConfigError
from bundler.ground.kinds import IF_ASKED, Fit
from bundler.ground.shapes import format_size
from bundler.ground.table import GRAPH, Length
from bundler.ground.tensors import ENDS, TensorSpec, is_number, is_whole

if TYPE_CHECKING:
    import tensorflow as tf


class Settings(table.Settings):
    """The keys of a sound; those of its features have librosa's names."""

    sample_rate: Annotated[Length | None, GRAPH] = Field(
        None, description="samples a second that the model was trained on", examples=[16000]
    )
    duration: Annotated[float | None, GRAPH] = Field(
        None, gt=0, description="seconds that the model gets: silence fills up what is shorter, "
        "what is longer is cut; of a model that takes any length the most, without this key 30",
    )  # fmt: skip
    sources: Sources = None
    amplitude: Annotated[float | None, GRAPH] = Field(
        None, gt=0, description="what the loudest sample is for the model: 1, or 32768 of 16 bits"
    )
    mean: Annotated[PerChannel | None, GRAPH] = Field(
        None, description="what is taken off afterwards: a number, or one for each channel"
    )
    std: Annotated[Deviation, GRAPH] = Field(
        None, description="what is divided by then: a number, or one for each channel"
    )
    feature: Annotated[Feature | None, GRAPH] = Field(
        None, description='what the model takes; without this key "waveform", the samples'
    )
    preset: Annotated[Preset | None, GRAPH] = Field(
        None, description="the library whose feature it is, and whose defaults the keys below "
        'have: librosa, tf.signal or python_speech_features; without this key "librosa"',
    )  # fmt: skip
    layout: Annotated[Layout | None, GRAPH] = Field(
        None, description="of the model's axes, where their lengths do not say it"
    )
    n_fft: Annotated[Length | None, GRAPH] = Field(None, description="the length of the FFT")
    win_length: Annotated[Length | None, GRAPH] = Field(None, description="samples of a frame")
    hop_length: Annotated[Length | None, GRAPH] = Field(
        None, description="samples from one frame to the next"
    )
    window: Annotated[Window | None, GRAPH] = Field(None, description="what a frame is seen by")
    centered: Annotated[bool | None, GRAPH] = Field(
        None, description="whether the first frame's middle is the first sample: librosa's center"
    )
    pad_mode: Annotated[Literal["constant", "reflect"] | None, GRAPH] = Field(
        None, description="what stands before the first sample then: zeros, or the mirror image"
    )
    power: Annotated[Literal[1, 2] | None, GRAPH] = Field(
        None, description="1 for magnitudes, 2 for power"
    )
    n_mels: Annotated[Length | None, GRAPH] = Field(None, description="how many mel bands")
    fmin: Annotated[float | None, GRAPH] = Field(None, ge=0, description="their lowest frequency")
    fmax: Annotated[float | None, GRAPH] = Field(None, gt=0, description="their highest frequency")
    htk: Annotated[bool | None, GRAPH] = Field(
        None, description="whether the mel scale is HTK's; else Slaney's"
    )
    norm: Annotated[Literal["slaney", "none"] | None, GRAPH] = Field(
        None, description='"slaney": all bands have the same area'
    )
    log: Annotated[Log | None, GRAPH] = Field(
        None, description="decibels, the natural logarithm or none"
    )
    amin: Annotated[float | None, GRAPH] = Field(
        None, ge=0, description="the least that there is a logarithm of"
    )
    log_offset: Annotated[float | None, GRAPH] = Field(
        None, ge=0, description="what is added before the natural logarithm"
    )
    ref: Annotated[float | Literal["max"] | None, GRAPH] = Field(
        None, description='what 0 decibels are; "max": the loudest'
    )
    top_db: Annotated[float | Literal["none"] | None, GRAPH] = Field(
        None, description="how many decibels below the loudest are heard"
    )
    n_mfcc: Annotated[Length | None, GRAPH] = Field(None, description="how many coefficients")
    lifter: Annotated[float | None, GRAPH] = Field(
        None, ge=0, description="raises the higher coefficients; 0 does not"
    )
    preemphasis: Annotated[float | None, GRAPH] = Field(
        None, ge=0, lt=1, description="the share of each sample that is taken off the next"
    )


# What means something where there is a spectrum.
SPECTRAL = frozenset({"preset", "layout", *DEFAULTS["librosa"], "amin", "fmax"}) - {"amplitude"}


class Audio(Feed):
    """Samples at a rate."""

    SETTINGS = Settings
    KINDS = ("sound",)
    LABEL = "Sound"

    def fits(self, spec: TensorSpec) -> list[Fit]:
        if not is_number(spec.dtype) or not _can_be_sound(spec.shape):
            return []
        return [Fit("sound", IF_ASKED, f"{format_size(spec)} samples, or features of them")]

    def settle(self, spec: TensorSpec, settings: Settings, around: Around) -> Settings:
        """With every key written out."""
        feature, preset = settings.feature or "waveform", settings.preset or "librosa"
        is_known = settings.sample_rate is not None
        usual = 22050 if feature != "waveform" and preset == "librosa" else 16000
        rate = settings.sample_rate or usual
        if not is_known:
            around.findings.notices.append(
                f"The input {spec.name} gets {rate} samples a second, because nothing says how "
                "many the model was trained on: add sample_rate to [[inputs]] in demo.toml."
            )
        sources = settings.sources or OF_SOUNDS
        check(sources, OF_SOUNDS, around)
        _check_values(spec, settings, feature, around)
        said = settings.model_copy(
            update={
                "feature": feature,
                "preset": preset,
                "sample_rate": rate,
                "sources": sources,
            }
        )
        if is_waveform(spec.shape) or feature == "waveform":
            scale = 32768.0 if is_whole(spec.dtype) else 1.0
            update = {"feature": "waveform", "amplitude": settings.amplitude or scale}
            said = said.model_copy(update=update)
        else:
            said = spectral(spec, said, around)
        settled: Settings = heard(spec, said, around)
        return settled

    def raw_spec(self, spec: TensorSpec, settings: Settings) -> TensorSpec:
        return TensorSpec(spec.name, "float32", (1, None))

    def samples(self, spec: TensorSpec, settings: Settings) -> Samples:
        return Samples(
            patterns={"sound": patterns.sound, "noise": patterns.noise},
            sides=[(length,) for length in Heard.of(spec, settings).lengths],
        )

    def trace(self, raw: tf.Tensor, spec: TensorSpec, settings: Settings) -> tf.Tensor:
        """Silence up to the model's length, or cut; scaled; its features; in the model's shape."""
        import tensorflow as tf

        samples = Heard.of(spec, settings).fitted(raw) * tf.constant(settings.amplitude, tf.float32)
        made = samples
        if settings.feature != "waveform":
            made = features.trace(samples, settings)
            if settings.layout == "bands first":
                made = tf.transpose(made, [0, 2, 1])
        if settings.mean is not None:
            made -= tf.constant(settings.mean, tf.float32)
        if settings.std is not None:
            made /= tf.constant(settings.std, tf.float32)
        if is_whole(spec.dtype):
            low, high = ENDS.get(spec.dtype, (-(1 << 31), (1 << 31) - 1))
            made = tf.clip_by_value(tf.round(made), float(low), float(high))
        return tf.cast(_shaped(made, spec.shape), spec.dtype)

    def read_example(self, value: Any, find: Find, spec: TensorSpec, settings: Settings) -> Example:
        if not isinstance(value, str):
            raise ConfigError(f"a sound is the path of a WAV file, not {value!r}")
        most = Heard.of(spec, settings).most
        sound = sounds.read(find(value), rate=settings.sample_rate or 16000, most=most)
        return Example(sound.samples, state={"peaks": sound.peaks}, sound=sound)

    def from_cells(self, cells: Sequence[Cell], spec: TensorSpec, settings: Settings) -> str:
        """The path of a sound, also as Windows writes it."""
        (cell,) = cells
        return cell.filled.strip().replace("\\", "/")

    def example_text(self, spec: TensorSpec) -> str:
        return '"sound.wav"'

    def suggestions(self, spec: TensorSpec, settings: Settings) -> list[str]:
        return [
            "# How many samples a second the model was trained on, and what it takes of them:",
            f"# sample_rate = {settings.sample_rate}",
            '# feature = "log_mel"',
        ]


def is_waveform(shape: Sequence[int | None]) -> bool:
    """Whether a tensor holds samples; else frames and bands."""
    return len(shape) < 3 or (len(shape) == 3 and shape[2] == 1)


def _can_be_sound(shape: Sequence[int | None]) -> bool:
    """Samples with or without a batch and a channel; or frames and bands."""
    rest = list(shape[1:] if len(shape) > 1 else shape)
    if len(shape) > 1 and shape[0] not in (None, 1):
        return False
    if len(rest) == 3 and rest[2] == 1:
        rest = rest[:2]
    if len(rest) == 2 and rest[1] != 1:
        return all(length is None or length > 1 for length in rest)
    return len(rest) in (1, 2) and (rest[0] is None or rest[0] >= sounds.LEAST)


def _check_values(spec: TensorSpec, settings: Settings, feature: str, around: Around) -> None:
    for key in ("mean", "std"):
        if isinstance(getattr(settings, key), tuple):
            around.problem(key, "a sound has one channel: write one number")
    if feature == "waveform" and not is_waveform(spec.shape):
        around.problem(
            "feature",
            f"the input {spec.name} takes {format_size(spec)} numbers, no samples: say which "
            'feature of a sound it takes: "spectrogram", "mel", "log_mel" or "mfcc"',
        )
    elif feature != "waveform" and is_waveform(spec.shape):
        around.problem("feature", f"the input {spec.name} takes samples: leave it out")
    if feature == "waveform":
        for key in sorted(SPECTRAL):
            if getattr(settings, key) is not None:
                around.problem(key, 'means nothing without feature = "spectrogram" or the like')


def _shaped(values: tf.Tensor, shape: Sequence[int | None]) -> tf.Tensor:
    """With the model's own axes: no batch, or a channel."""
    import tensorflow as tf

    if len(shape) == 1:
        return values[0]
    return values[..., tf.newaxis] if len(shape) > len(values.shape) else values


FEED = Audio()
