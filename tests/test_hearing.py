"""What is traced in front of a model of sounds: as librosa, tf.signal and others make it."""

from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest
import python_speech_features as speech

from bundler.feeds import audio
from bundler.feeds.values import Around
from bundler.ground.kinds import Findings
from bundler.ground.tensors import TensorSpec
from tests.graphs import Array
from tests.models import tf
from tests.sounds import voice

RATE = 16000
Shape = tuple[int | None, ...]
# Of the largest magnitude of a feature; of decibels and logarithms, so many of them.
TOLERANCE = 1e-4


def settle(shape: Shape, dtype: str = "float32", **keys: Any) -> tuple[Any, Findings]:
    findings = Findings()
    settings = audio.Settings.model_validate({"sample_rate": RATE, **keys})
    around = Around("inputs[0]", findings, False)
    return audio.FEED.settle(TensorSpec("sound", dtype, shape), settings, around), findings


def hear(samples: Array, shape: Shape, dtype: str = "float32", **keys: Any) -> Array:
    """What the model gets, by a graph that does not know how long a sound is."""
    settings, findings = settle(shape, dtype, **keys)
    assert not findings.problems, findings.problems
    spec = TensorSpec("sound", dtype, shape)

    @tf.function(input_signature=[tf.TensorSpec((1, None))])  # type: ignore[untyped-decorator]
    def graph(raw: Any) -> Any:
        return audio.FEED.trace(raw, spec, settings)

    return np.asarray(graph(samples[None]).numpy())


def mel_of_librosa(sound: Array, **keys: Any) -> Array:
    return np.asarray(librosa.feature.melspectrogram(y=sound, sr=RATE, **keys))


def decibels(sound: Array, ref: Any = 1.0, top_db: float | None = 80.0, **keys: Any) -> Array:
    return np.asarray(librosa.power_to_db(mel_of_librosa(sound, **keys), ref=ref, top_db=top_db))


def magnitudes(sound: Array, length: int, step: int, n_fft: int | None = None) -> Any:
    return tf.abs(tf.signal.stft(tf.constant(sound.astype(np.float64)), length, step, n_fft))


def tensorflow_mel(sound: Array, length: int, step: int, *bank: Any) -> Any:
    spectrum = magnitudes(sound, length, step)
    matrix = tf.signal.linear_to_mel_weight_matrix(
        bank[0], spectrum.shape[-1], RATE, *bank[1:], dtype=tf.float64
    )
    return tf.tensordot(spectrum, matrix, 1)


def tensorflow_mfcc(sound: Array, count: int) -> Array:
    """As the documentation of tf.signal.mfccs_from_log_mel_spectrograms does it."""
    logs = tf.math.log(tensorflow_mel(sound, 1024, 256, 80, 80.0, 7600.0) + 1e-6)
    return np.asarray(tf.signal.mfccs_from_log_mel_spectrograms(logs)[..., :count])


# The keys, the model's shape, and the same by the library; its axes are those of the shape.
TF = {"preset": "tensorflow"}
SF = {"preset": "speech_features"}
LIBRARIES: dict[str, tuple[dict[str, Any], Shape, Any]] = {
    "librosa stft": (
        {"feature": "spectrogram", "power": 1}, (None, 1025, None),
        lambda y: np.abs(librosa.stft(y)),
    ),
    "librosa stft in decibels": (
        {"feature": "spectrogram", "power": 1, "log": "db", "ref": "max", "n_fft": 512,
         "win_length": 400, "hop_length": 160, "window": "hamming"}, (None, None, 257),
        lambda y: librosa.amplitude_to_db(
            np.abs(librosa.stft(y, n_fft=512, win_length=400, hop_length=160, window="hamming")),
            ref=np.max,
        ).T,
    ),
    "librosa mel": ({"feature": "mel"}, (None, 128, None), mel_of_librosa),
    "librosa mel, HTK": (
        {"feature": "mel", "n_fft": 400, "hop_length": 160, "fmin": 20, "fmax": 7000, "htk": True,
         "norm": "none", "pad_mode": "reflect"}, (None, None, 64),
        lambda y: mel_of_librosa(y, n_fft=400, hop_length=160, fmin=20, fmax=7000, htk=True,
                                 norm=None, pad_mode="reflect", n_mels=64).T,
    ),
    "librosa log mel": (
        {"feature": "log_mel"}, (None, 128, 32, 1), lambda y: decibels(y)[..., None],
    ),
    "librosa log mel, below the loudest": (
        {"feature": "log_mel", "ref": "max", "top_db": 40, "n_mels": 64, "n_fft": 1024,
         "centered": False}, (None, 64, None),
        lambda y: decibels(y, np.max, 40.0, n_mels=64, n_fft=1024, center=False),
    ),
    "librosa log mel, all": (
        {"feature": "log_mel", "top_db": "none", "n_mels": 40}, (None, None, 40),
        lambda y: decibels(y, top_db=None, n_mels=40).T,
    ),
    "librosa mfcc": (
        {"feature": "mfcc"}, (None, 20, None), lambda y: librosa.feature.mfcc(y=y, sr=RATE),
    ),
    "librosa mfcc, lifted": (
        {"feature": "mfcc", "lifter": 22, "n_mels": 40, "hop_length": 256}, (None, None, 13),
        lambda y: librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13, lifter=22, n_mels=40,
                                       hop_length=256).T,
    ),
    "tensorflow stft": (  # https://www.tensorflow.org/tutorials/audio/simple_audio
        {**TF, "feature": "spectrogram", "win_length": 255, "hop_length": 128}, (None, 124, 129, 1),
        lambda y: magnitudes(y, 255, 128)[..., None],
    ),
    "tensorflow stft, longer": (
        {**TF, "feature": "spectrogram", "win_length": 400, "hop_length": 160, "n_fft": 1024,
         "power": 2}, (None, None, 513),
        lambda y: magnitudes(y, 400, 160, 1024) ** 2,
    ),
    "tensorflow mel": (
        {**TF, "feature": "mel"}, (None, None, 20),
        lambda y: tensorflow_mel(y, 1024, 256, 20, 125.0, 3800.0),
    ),
    "tensorflow log mel": (
        {**TF, "feature": "log_mel", "win_length": 640, "hop_length": 320, "fmin": 80.0,
         "fmax": 7600.0}, (None, None, 80),
        lambda y: np.log(tensorflow_mel(y, 640, 320, 80, 80.0, 7600.0) + 1e-6),
    ),
    "tensorflow mfcc": (
        {**TF, "feature": "mfcc", "n_mels": 80, "fmin": 80.0, "fmax": 7600.0}, (None, None, 13),
        lambda y: tensorflow_mfcc(y, 13),
    ),
    "speech_features fbank": (
        {**SF, "feature": "mel"}, (None, None, 26),
        lambda y: speech.fbank(y * 32768.0, RATE, nfft=512)[0],
    ),
    "speech_features logfbank": (
        {**SF, "feature": "log_mel"}, (None, 99, 40),
        lambda y: speech.logfbank(y * 32768.0, RATE, nfilt=40),
    ),
    "speech_features mfcc": (
        {**SF, "feature": "mfcc", "n_mfcc": 13}, (None, 13, 99, 1),
        lambda y: speech.mfcc(y * 32768.0, RATE, nfft=512).T[..., None],
    ),
    "speech_features mfcc, in Hamming's window": (
        {**SF, "feature": "mfcc", "window": "hamming", "preemphasis": 0.9, "lifter": 0,
         "layout": "frames first"}, (None, None, 13),
        lambda y: speech.mfcc(y * 32768.0, RATE, nfft=512, winfunc=np.hamming, preemph=0.9,
                              ceplifter=0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_feature_is_that_of_the_library(name: str) -> None:
    keys, shape, of_library = LIBRARIES[name]
    sound = voice()
    expected = np.asarray(of_library(sound))[None]
    found = hear(sound, shape, **keys)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()


@pytest.mark.parametrize("shape", [(None, 16000), (None, 16000, 1), (16000,), (1, 16000)])
@pytest.mark.parametrize("length", [1, 9000, 16000, 40000])
def test_samples_have_the_models_length(shape: Shape, length: int) -> None:
    sound = voice(seconds=length / RATE)
    found = hear(sound, shape)
    assert found.shape == tuple(size or 1 for size in shape)
    kept = min(length, 16000)
    assert np.array_equal(found.ravel()[:kept], sound[:kept]) and not found.ravel()[kept:].any()


@pytest.mark.parametrize("shape", [(None, None), (None, None, 1), (None,)])
def test_a_model_of_any_length_gets_all(shape: Shape) -> None:
    sound = voice(seconds=0.3)
    found = hear(sound, shape)
    assert np.array_equal(found.ravel(), sound) and len(found.shape) == len(shape)
    frames = hear(
        sound[:20], (None, None, 129), feature="spectrogram", preset="tensorflow", n_fft=256
    )
    assert frames.shape == (1, 1, 129), "too short for a frame: silence fills it up"


def test_whole_numbers_and_scales() -> None:
    sound = voice()
    levels = hear(sound, (None, 16000), "int16")
    assert levels.dtype == np.int16 and np.abs(levels / 32768 - sound[None]).max() <= 0.5 / 32768
    scaled = hear(sound, (None, 16000), amplitude=32768, mean=10, std=2.0)
    np.testing.assert_allclose(scaled[0], (sound * 32768 - 10) / 2, rtol=1e-5, atol=1e-3)


# Keys, the model's shape, and the seconds that it hears.
HEARD: list[tuple[dict[str, Any], Shape, float]] = [
    ({}, (None, 8000), 0.5),
    ({}, (None, None), 30),
    ({"duration": 5}, (None, None, 1), 5),
    ({"feature": "log_mel"}, (None, 128, 32), 1),  # 15,873 to 16,383 samples: a second
    ({"feature": "log_mel", "duration": 1.01}, (None, 128, 32), 1.01),
    ({"feature": "spectrogram", **TF, "win_length": 255, "hop_length": 128}, (None, 124, 129), 1),
    ({"feature": "mfcc", **SF}, (None, 99, 13), 1),
    ({"feature": "mfcc", **SF}, (None, None, 13), 30),
    ({"feature": "log_mel", "hop_length": 160}, (None, 128, 98), 97 * 160 / RATE),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "shape", "seconds"), HEARD)
def test_how_much_is_heard_is_the_tensors(
    keys: dict[str, Any], shape: Shape, seconds: float
) -> None:
    settings, findings = settle(shape, **keys)
    assert not findings.problems
    assert settings.duration == pytest.approx(seconds)


# Keys and the model's shape, and the layout and number of bands that they mean.
LAYOUTS: list[tuple[dict[str, Any], Shape, str, int]] = [
    ({"feature": "log_mel"}, (None, 64, 101), "bands first", 64),
    ({"feature": "log_mel", "n_mels": 64}, (None, 101, 64), "frames first", 64),
    ({"feature": "log_mel"}, (None, None, 40), "frames first", 40),
    ({"feature": "log_mel", **TF}, (None, 40, None, 1), "bands first", 40),
    ({"feature": "log_mel", **TF}, (None, 99, 40), "frames first", 40),
    ({"feature": "log_mel", "layout": "frames first"}, (None, 99, 40, 1), "frames first", 40),
]


@pytest.mark.parametrize(("keys", "shape", "layout", "bands"), LAYOUTS)
def test_which_axis_is_which(keys: dict[str, Any], shape: Shape, layout: str, bands: int) -> None:
    settings, findings = settle(shape, **keys)
    assert not findings.problems
    assert (settings.layout, settings.n_mels) == (layout, bands)


# Keys and a shape, and what is wrong with them.
WRONG: list[tuple[dict[str, Any], Shape, str]] = [
    ({}, (None, 124, 129), "inputs[0].feature: the input sound takes 124 × 129 numbers"),
    ({"feature": "mfcc"}, (None, 16000), "inputs[0].feature: the input sound takes samples"),
    ({"n_mels": 64}, (None, 16000), "inputs[0].n_mels: means nothing without feature"),
    ({"duration": 2}, (None, 16000), "duration: the model is made for 16000 samples, 1 s"),
    ({"feature": "log_mel", "duration": 2.0}, (None, 128, 32), "2 s make 63 frames"),
    ({"feature": "spectrogram", "n_fft": 512}, (None, 100, 129), "inputs[0].n_fft: with layout"),
    ({"feature": "log_mel", "n_mels": 64}, (None, 40, 100), "takes 40 bands, and these are 64"),
    ({"feature": "mfcc", **SF}, (None, 99, 40), "inputs[0].n_mfcc: is more than n_mels (26)"),
    ({"feature": "mel", "fmax": 9000}, (None, 64, None), "inputs[0].fmax: is more than half"),
    ({"feature": "mel", "fmin": 8000}, (None, 64, None), "inputs[0].fmin: must be less than fmax"),
    ({"feature": "mel", "win_length": 4096}, (None, 64, None), "is more than n_fft (2048)"),
    ({"feature": "log_mel", "amin": 0}, (None, 64, None), "inputs[0].amin: must be above 0"),
    ({"sources": ["webcam"]}, (None, 16000), '"webcam" is none of microphone, upload'),
    ({"mean": [1, 2, 3]}, (None, 16000), "inputs[0].mean: a sound has one channel"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "shape", "said"), WRONG)
def test_what_does_not_go_together_is_said(keys: dict[str, Any], shape: Shape, said: str) -> None:
    _, findings = settle(shape, **keys)
    assert any(said in problem for problem in findings.problems), findings.problems


def test_an_unknown_rate_is_said() -> None:
    for keys, shape, rate in (
        ({}, (None, 16000), 16000),
        ({"feature": "mel"}, (None, 64, 9), 22050),
    ):
        settings, findings = settle(shape, sample_rate=None, **keys)
        assert settings.sample_rate == rate
        assert [f"gets {rate} samples a second" in notice for notice in findings.notices] == [True]


def test_what_can_be_a_sound() -> None:
    shapes: dict[Shape, bool] = {
        (None, 16000): True, (None, 16000, 1): True, (16000,): True, (None, None): True,
        (None, 64, 101): True, (None, 101, 64, 1): True, (None, None, 40): True,
        (None, 13): False, (None, 224, 224, 3): False, (None, 1): False, (8, 16000): False,
        (): False,
    }  # fmt: skip
    for shape, expected in shapes.items():
        assert bool(audio.FEED.fits(TensorSpec("x", "float32", shape))) == expected, shape
    assert not audio.FEED.fits(TensorSpec("x", "string", (None, 16000)))
