"""Sounds for tests: a voice, a sweep, and files of them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from tests.graphs import Array


def voice(rate: int = 16000, seconds: float = 1.0) -> Array:
    """A voice's harmonics, louder and softer, with breath: float32 `[samples]`."""
    generator = np.random.default_rng(7)
    time = np.arange(round(seconds * rate)) / rate
    pitch = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 2 * time)) / rate
    voiced = sum(np.sin(order * pitch) / order for order in range(1, 30))
    loud = 0.05 + 0.5 * np.sin(np.pi * time * 3) ** 2
    return np.asarray(0.2 * loud * voiced + 0.003 * generator.normal(size=len(time)), np.float32)


def sweep(rate: int, seconds: float = 2.0) -> Array:
    """All frequencies one after the other, up to the highest."""
    time = np.arange(round(seconds * rate)) / rate
    turns = 20 * time + (rate / 2 - 20) / (2 * seconds) * time**2
    return np.asarray(0.5 * np.sin(2 * np.pi * turns), np.float32)


def decibels(found: Array, expected: Array) -> float:
    """How much of a sound differs from another one."""
    length = min(len(found), len(expected))
    difference = found[:length].astype(float) - expected[:length]
    return float(20 * np.log10(np.linalg.norm(difference) / np.linalg.norm(expected[:length])))


def wav(path: Path, samples: Array, rate: int) -> Path:
    """A file of 16 bits, of one channel."""
    data = np.rint(samples * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    path.write_bytes(riff(form, data))
    return path


def riff(form: bytes, data: bytes, *, before: bytes = b"") -> bytes:
    """A WAV file with this description and these samples; `before` are other chunks."""
    chunks = [b"fmt ", struct.pack("<I", len(form)), form, before]
    chunks += [b"data", struct.pack("<I", len(data)), data, b"\0" * (len(data) % 2)]
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
