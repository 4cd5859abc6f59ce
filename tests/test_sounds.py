"""Sounds are read and resampled alike in Python and in the page, as the libraries do it."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import scipy.io.wavfile

from bundler.bundle import packages
from bundler.ground import sounds
from bundler.ground.errors import ConfigError
from bundler.ground.resample import resample
from tests.conftest import ROOT
from tests.graphs import Array
from tests.sounds import decibels, riff, sweep, voice

MODULES = ROOT / "templates" / "runtime" / "page" / "sound"
# Reads and resamples files in Node, as the page does.
READ = """
import { readFileSync, writeFileSync } from 'node:fs';
const [folder, ...rows] = JSON.parse(process.argv[1]);
const { parse, write } = await import(`${folder}/wav.js`);
const { resample } = await import(`${folder}/resample.js`);
for (const [file, rate, out] of rows) {
  const sound = parse(Uint8Array.from(readFileSync(file)).buffer);
  if (!sound) { writeFileSync(out, ''); continue; }
  const samples = await resample(sound.samples, sound.rate, rate || sound.rate);
  writeFileSync(out, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  writeFileSync(`${out}.wav`, write({ samples, rate: rate || sound.rate }));
}
"""
EXTENSIBLE = b"\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"


def in_page(rows: list[tuple[Path, int, Path]]) -> None:
    told = json.dumps([MODULES.as_uri(), *[[str(a), rate, str(b)] for a, rate, b in rows]])
    command = [str(packages.node()), "--input-type=module", "--eval", READ, told]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def tones(channels: int = 2, count: int = 999) -> Array:
    """float64 `[samples, channels]`, both ends reached."""
    generator = np.random.default_rng(3)
    values = generator.uniform(-1, 1, (count, channels))
    values[:2] = [[-1.0] * channels, [1.0] * channels]
    return np.asarray(values)


def whole(values: Array, bits: int) -> Array:
    full = 1 << (bits - 1)
    return np.asarray(np.clip(np.rint(values * full), -full, full - 1).astype(np.int64))


def packed(values: Array, bits: int) -> bytes:
    """Whole numbers of so many bits; bytes have no sign."""
    if bits == 8:
        return bytes((values + 128).astype(np.uint8).tobytes())
    wide = values.astype("<i8").tobytes()
    return b"".join(wide[at : at + bits // 8] for at in range(0, len(wide), 8))


def form(code: int, channels: int, bits: int, rate: int = 16000) -> bytes:
    frame = channels * bits // 8
    return struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)


def kinds() -> dict[str, tuple[bytes, Array]]:
    """Files of every kind, and what their samples are."""
    found: dict[str, tuple[bytes, Array]] = {}
    for bits in (8, 16, 24, 32):
        levels = whole(tones(), bits)
        expected = (levels.sum(axis=1) / 2 / (1 << (bits - 1))).astype(np.float32)
        found[f"{bits} bits"] = (riff(form(1, 2, bits), packed(levels, bits)), expected)
    for bits in (32, 64):
        values = tones(3).astype(f"<f{bits // 8}")
        expected = (values.astype(float).sum(axis=1) / 3).astype(np.float32)
        found[f"floats of {bits}"] = (riff(form(3, 3, bits), values.tobytes()), expected)
    levels = whole(tones(1, 998), 16)
    expected = (levels[:, 0] / 32768).astype(np.float32)
    extended = form(0xFFFE, 1, 16) + struct.pack("<HHI", 22, 16, 4) + EXTENSIBLE
    data = packed(levels, 16)
    found["extensible"] = (riff(extended, data), expected)
    chunk = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    found["other chunks"] = (riff(form(1, 1, 16), data, before=chunk), expected)
    endless = bytearray(riff(form(1, 1, 16), data))
    endless[40:44] = b"\xff" * 4
    found["of unknown length"] = (bytes(endless), expected)
    return found


def test_every_kind_is_read_exactly_in_python_and_in_the_page(tmp_path: Path) -> None:
    rows = []
    for number, (name, (content, expected)) in enumerate(kinds().items()):
        samples, rate = sounds.parse(content)
        assert rate == 16000 and np.array_equal(samples, expected), name
        (tmp_path / f"{number}").write_bytes(content)
        rows.append((tmp_path / f"{number}", 0, tmp_path / f"{number}.out"))
    in_page(rows)
    for (name, (_, expected)), (_, _, out) in zip(kinds().items(), rows, strict=True):
        assert np.array_equal(np.frombuffer(out.read_bytes(), np.float32), expected), name


def test_libraries_write_what_is_read_and_read_what_is_written(tmp_path: Path) -> None:
    sound = voice()
    scipy.io.wavfile.write(tmp_path / "a.wav", 8000, sound)
    samples, rate = sounds.parse((tmp_path / "a.wav").read_bytes())
    assert rate == 8000 and np.array_equal(samples, sound)
    in_page([(tmp_path / "a.wav", 0, tmp_path / "out")])
    for written in (sounds.write(sound, 8000), (tmp_path / "out.wav").read_bytes()):
        read_rate, levels = scipy.io.wavfile.read(io.BytesIO(written))
        assert (read_rate, levels.dtype) == (8000, np.int16)
        assert np.abs(levels / 32768 - sound).max() <= 0.5 / 32768
    assert sounds.write(sound, 8000) == (tmp_path / "out.wav").read_bytes()
    loud = 2 * sound / np.abs(sound).max()
    assert np.array_equal(scipy.io.wavfile.read(io.BytesIO(sounds.write(loud, 8000)))[1], loud)


# What a sweep up to the highest frequency, and a voice, may differ from librosa's.
SWEEP, VOICE = -40.0, -60.0
RATES = [
    (44100, 16000),
    (48000, 16000),
    (22050, 16000),
    (8000, 16000),
    (16000, 8000),
]


@pytest.mark.parametrize(("before", "after"), RATES)
def test_another_rate_is_as_librosa_makes_it(before: int, after: int, tmp_path: Path) -> None:
    """And to the last digits but one the same in the page."""
    spoken = librosa.resample(voice(8000), orig_sr=8000, target_sr=before)
    for sound, most in ((sweep(before), SWEEP), (spoken, VOICE)):
        expected = librosa.resample(sound, orig_sr=before, target_sr=after)
        assert decibels(resample(sound, before, after), expected) < most
    scipy.io.wavfile.write(tmp_path / "sweep.wav", before, sweep(before, 0.5))
    in_page([(tmp_path / "sweep.wav", after, tmp_path / "out")])
    found = np.frombuffer((tmp_path / "out").read_bytes(), np.float32)
    own = resample(sweep(before, 0.5), before, after)
    assert found.shape == own.shape and np.abs(found - own).max() < 2e-7


def test_odd_rates_and_lengths() -> None:
    assert len(resample(voice()[:1], 16000, 44100)) == 3
    assert len(resample(voice()[:0], 16000, 44100)) == 0
    constant = resample(np.ones(1000, np.float32), 1100, 797)
    assert len(constant) == -(-1000 * 797 // 1100)
    assert np.abs(constant[200:-200] - 1).max() < 1e-4


def test_what_lies_behind_the_model_is_not_shipped(tmp_path: Path) -> None:
    scipy.io.wavfile.write(tmp_path / "long.wav", 48000, voice(48000, 2.0))
    sound = sounds.read(tmp_path / "long.wav", rate=16000, most=4000)
    assert sound.samples.shape == (1, 4000)
    whole_sound = sounds.read(tmp_path / "long.wav", rate=16000, most=64000)
    assert whole_sound.samples.shape == (1, 32000)
    first, all_of_it = (one.samples.flat() for one in (sound, whole_sound))
    assert np.abs(first[:3800] - all_of_it[:3800]).max() < 1e-4
    assert len(sound.peaks) == sounds.FEWER and max(sound.peaks) == 1
    assert sounds.decode(sound.wav).samples == sound.samples


Damage = Callable[[bytes], bytes]
DAMAGED: dict[str, tuple[Damage, str]] = {
    "another file": (lambda content: b"ID3" + content, "is not a WAV file"),
    "no samples": (lambda content: content[:44], "without samples"),
    "no description": (lambda content: content.replace(b"fmt ", b"fmtx"), "without samples"),
    "another code": (lambda content: content[:20] + b"\x02" + content[21:], "format 2, 16 bits"),
    "no channels": (lambda content: content[:22] + b"\0\0" + content[24:], "kind that is not read"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_cannot_be_read_is_said(name: str, tmp_path: Path) -> None:
    damage, said = DAMAGED[name]
    file = tmp_path / "sound.wav"
    file.write_bytes(damage(riff(form(1, 1, 16), packed(whole(tones(1), 16), 16))))
    with pytest.raises(ConfigError, match=said) as caught:
        sounds.read(file, rate=16000, most=16000)
    assert "sound.wav" in caught.value.message and "ffmpeg" in (caught.value.hint or "ffmpeg")
    in_page([(file, 0, tmp_path / "out")])
    assert (tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize("length", range(0, 60, 3))
def test_the_beginning_of_a_file_is_a_file_or_refused(length: int) -> None:
    content: Any = riff(form(1, 1, 16), packed(whole(tones(1), 16), 16))[:length]
    try:
        samples, _ = sounds.parse(content)
    except ConfigError:
        return
    assert len(samples) == (length - 44) // 2
