"""What the demo is trained with: people's voices and espeak-ng's, each varied in many ways.

People's are those of the Free Spoken Digit Dataset, which lies beside the repository.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import librosa
import numpy as np
from scipy import signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "spoken-digits.npz"
SEED = 3
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# As in demo.toml: two seconds, of which there are 126 frames.
RATE, LENGTH = 8000, 16000
N_FFT, HOP, BANDS, TOP_DB = 256, 128, 40, 60
# What is trained with is shorter: a digit with less around it.
FRAMES = 75
BANK = librosa.filters.mel(sr=RATE, n_fft=N_FFT, n_mels=BANDS)
ACCENTS = (
    "en-us", "en-gb", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-rp", "en-gb-x-gbcwmd", "en-029",
)  # fmt: skip
PER_VOICE = 4
VARIANTS = {"people": 4, "voices": 2}


@dataclass(frozen=True)
class Spoken:
    """Sounds of one digit each, who spoke them, and what is heard of each of their variants."""

    sounds: list[Array]
    digits: NDArray[np.int64]
    speakers: NDArray[np.int64]
    varied: NDArray[np.float16]

    def but(self, left_out: NDArray[np.bool_]) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
        """Variants `[n, bands, frames]` and digits of all others."""
        heard = self.varied[~left_out]
        digits = np.repeat(self.digits[~left_out], heard.shape[1])
        return heard.reshape(-1, BANDS, FRAMES), digits


def recordings() -> tuple[list[Array], NDArray[np.int64], NDArray[np.int64]]:
    """Recordings, what was said, and by whom."""
    if not DATA.is_file():
        sys.exit(f"There are no recordings: {DATA} is missing.")
    with np.load(DATA) as file:
        sounds = np.split(file["samples"] / np.float32(32768), file["offsets"][1:-1])
        return sounds, file["digit"].astype(int), file["speaker"].astype(int)


def run(*arguments: str) -> bytes:
    """What espeak-ng writes."""
    try:
        return subprocess.run(["espeak-ng", *arguments], capture_output=True, check=True).stdout
    except FileNotFoundError:
        sys.exit("espeak-ng is not installed: apt-get install espeak-ng")


def voice_names() -> list[str]:
    """The voices that each accent can be spoken with."""
    rows = run("--voices=variant").decode().splitlines()[1:]
    return sorted(row.split("!v/")[1].split()[0] for row in rows)


def speak(word: str, voice: str, pitch: int = 50, speed: int = 140) -> Array:
    """A word by espeak-ng, without the silence around it."""
    wav = run("-v", voice, "-p", str(pitch), "-s", str(speed), "--stdout", word)
    # A stream's length stands in its head as the most there can be.
    head = wav.index(b"data") + 8
    rate = int.from_bytes(wav[24:28], "little")
    samples = np.frombuffer(wav[head:], "<i2") / 32768
    samples = signal.resample_poly(samples, RATE, rate)
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return np.asarray(samples[loud[0] : loud[-1] + 1], np.float32)


def speak_all(voice: str, rng: np.random.Generator) -> list[Array]:
    """Each word so many times, in any accent, high and low, fast and slow."""
    return [
        speak(
            word + rng.choice(["", "!", "?", ","]), f"{rng.choice(ACCENTS)}+{voice}",
            int(rng.integers(15, 85)), int(rng.integers(110, 230)),
        )
        for word in WORDS for _ in range(PER_VOICE)
    ]  # fmt: skip


def log_mel(samples: Array, hop: int = HOP) -> Array:
    """`[bands, frames]` in decibels below the loudest, as the page's graph makes them."""
    power = np.abs(librosa.stft(samples, n_fft=N_FFT, hop_length=hop)) ** 2
    return np.asarray(librosa.power_to_db(BANK @ power, ref=np.max, top_db=TOP_DB), np.float32)


def without_ends(sound: Array, rng: np.random.Generator) -> Array:
    """Without what is weak at the beginning or the end, as recorders that wait for a voice do.

    What is left of a six may have lost its last sound.
    """
    energy = np.convolve(sound**2, np.ones(80), "same")
    # The first sound of a word tells more than its last one.
    weak = 10 ** -rng.uniform((2.5, 1), (4.5, 4))
    least = np.where(rng.random(2) < 0.5, weak, 0) * energy.max()
    start = np.flatnonzero(energy >= least[0])[0]
    return sound[start : np.flatnonzero(energy >= least[1])[-1] + 1]


def noise(length: int, rng: np.random.Generator) -> Array:
    """From white to red, of deviation 1."""
    size = 1 << 15
    spectrum = np.fft.rfft(rng.normal(size=size))
    spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** -rng.uniform(0, 1)
    samples = np.fft.irfft(spectrum)[:length]
    return np.asarray(samples / samples.std(), np.float32)


def colour(sound: Array, rng: np.random.Generator) -> Array:
    """As another microphone in another room hears it: uneven, without lows, with an echo."""
    size = 1 << (len(sound) + RATE // 2).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    gain = np.interp(hertz, np.linspace(0, RATE / 2, 6), rng.normal(0, 4, 6))
    if rng.random() < 0.5:
        octaves = np.log2(rng.uniform(80, 350) / np.maximum(hertz, 20))
        gain -= 12 * np.clip(octaves, 0, 4)
    spectrum, length = np.fft.rfft(sound, size) * 10 ** (gain / 20), len(sound)
    if rng.random() < 0.6:
        time = np.arange(int(RATE * rng.uniform(0.05, 0.35)))
        echo = rng.normal(size=len(time)) * 1e-3 ** (time / len(time))
        echo *= rng.uniform(0.05, 0.6) / np.sqrt((echo**2).sum())
        echo[0] += 1
        spectrum, length = spectrum * np.fft.rfft(echo, size), length + len(time)
    return np.asarray(np.fft.irfft(spectrum)[:length], np.float32)


def vary(sound: Array, rng: np.random.Generator) -> Array:
    """What the network hears of a sound from another mouth, faster, somewhere in its frames."""
    sound = without_ends(sound, rng)
    longer = round(40 * np.exp(rng.uniform(-0.2, 0.2)))
    sound = signal.resample_poly(sound, longer, 40)
    # Frames that lie closer make it slower without making it lower.
    hop = round(HOP * np.exp(rng.uniform(-0.3, 0.3)))
    length = hop * (FRAMES - 1)
    sound = colour(sound[:length], rng)[:length]
    loudness = np.sqrt(np.mean(sound**2)) + 1e-9
    at = rng.integers(length - len(sound) + 1) if rng.random() < 0.75 else 0
    end = at + len(sound)
    heard = np.zeros(length, np.float32)
    heard[at:end] = sound
    if rng.random() < 0.6:
        # A room, which may be left before the end.
        heard += loudness * 10 ** -rng.uniform(0.4, 2.25) * noise(length, rng)
        if rng.random() < 0.4:
            heard[rng.integers(end, length + 1) :] = 0
    else:
        heard[at:end] += loudness * 10 ** -rng.uniform(0.4, 2.5) * noise(len(sound), rng)
    return log_mel(heard, hop)


def vary_some(sounds: list[Array], count: int, seed: list[int]) -> NDArray[np.float16]:
    """So many variants of each, `[n, count, bands, frames]`."""
    rng = np.random.default_rng(seed)
    varied = [[vary(sound, rng) for _ in range(count)] for sound in sounds]
    return np.asarray(varied, np.float16)


def vary_all(
    workers: ProcessPoolExecutor, sounds: list[Array], count: int, seed: int
) -> NDArray[np.float16]:
    """In parts, each with its own seed."""
    parts = [sounds[at : at + 100] for at in range(0, len(sounds), 100)]
    seeds = [[SEED, seed, part] for part in range(len(parts))]
    return np.concatenate(list(workers.map(vary_some, parts, repeat(count), seeds)))


def gather() -> tuple[Spoken, Spoken]:
    """What people and what espeak-ng's voices say."""
    sounds, digits, people = recordings()
    names = voice_names()
    rngs = [np.random.default_rng([SEED, 1, at]) for at in range(len(names))]
    with ProcessPoolExecutor(2) as workers:
        said = Spoken(sounds, digits, people, vary_all(workers, sounds, VARIANTS["people"], 0))
        made = [sound for sounds in workers.map(speak_all, names, rngs) for sound in sounds]
        varied = vary_all(workers, made, VARIANTS["voices"], 2)
    digits = np.tile(np.repeat(np.arange(len(WORDS)), PER_VOICE), len(names))
    voices = np.repeat(np.arange(len(names)), len(WORDS) * PER_VOICE)
    return said, Spoken(made, digits, voices, varied)
