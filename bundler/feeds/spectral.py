"""The keys of a feature of sound, written out: the library's, or the tensor's."""

from __future__ import annotations

from typing import Any

from bundler.feeds import features
from bundler.feeds.features import CONVENTIONS, DEFAULTS, Layout, Preset
from bundler.feeds.values import Around
from bundler.ground.tensors import TensorSpec


def spectral(spec: TensorSpec, settings: Any, around: Around) -> Any:
    """The keys of a feature written out; how many bands there are, the tensor says."""
    preset: Preset = settings.preset
    rate = settings.sample_rate
    usual = {**DEFAULTS[preset], **features.lengths(settings, preset, rate)}
    usual["fmax"] = min(usual.get("fmax", rate / 2), rate / 2)
    if settings.feature in ("spectrogram", "mel"):
        usual["log"] = "none"
    power = settings.power or usual["power"]
    if (settings.log or usual["log"]) == "db":
        usual["amin"] = 1e-10 if power == 2 else 1e-5
    key = "n_mfcc" if settings.feature == "mfcc" else "n_mels"
    layout = settings.layout or _layout(spec, settings, key) or CONVENTIONS[preset].layout
    axes = spec.shape[1:3]
    found = axes[0] if layout == "bands first" else axes[1]
    if settings.feature != "spectrogram" and found:
        usual[key] = found
    unsaid = {name: value for name, value in usual.items() if getattr(settings, name) is None}
    settled = settings.model_copy(update={**unsaid, "layout": layout})
    _check_spectral(spec, settled, found, around)
    return settled


def _layout(spec: TensorSpec, settings: Any, key: str) -> Layout | None:
    """What the lengths of the axes say, if just one of them is that of the bands."""
    bands = getattr(settings, key)
    if settings.feature == "spectrogram" and settings.n_fft:
        bands = settings.n_fft // 2 + 1
    first, second = spec.shape[1:3]
    if bands is None:
        # What is free is time.
        return (
            None
            if (first is None) == (second is None)
            else ("frames first" if first is None else "bands first")
        )
    if (first == bands) == (second == bands):
        return None
    return "bands first" if first == bands else "frames first"


def _check_spectral(spec: TensorSpec, settings: Any, found: int | None, around: Around) -> None:
    bands = features.bands(settings.feature or "mel", settings)
    if found and found != bands:
        key = {"spectrogram": "n_fft", "mfcc": "n_mfcc"}.get(settings.feature or "", "n_mels")
        around.problem(
            key,
            f'with layout = "{settings.layout}" the input {spec.name} takes {found} bands, and '
            f"these are {bands}",
        )
    if (settings.win_length or 0) > (settings.n_fft or 0):
        around.problem("win_length", f"is more than n_fft ({settings.n_fft})")
    if (settings.fmin or 0) >= (settings.fmax or 0):
        around.problem("fmin", f"must be less than fmax ({settings.fmax:g})")
    if (settings.fmax or 0) > (settings.sample_rate or 0) / 2:
        around.problem("fmax", "is more than half of sample_rate, where there is nothing to hear")
    if (settings.n_mfcc or 0) > (settings.n_mels or 0) and settings.feature == "mfcc":
        around.problem("n_mfcc", f"is more than n_mels ({settings.n_mels})")
    if settings.log != "none" and not (settings.amin or 0) + (settings.log_offset or 0):
        around.problem("amin", "must be above 0: nothing has a logarithm of it")
