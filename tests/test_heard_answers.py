"""Sounds that are answers: which outputs are some, and what is traced behind a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.ground.errors import ConfigError
from bundler.ground.kinds import Findings
from bundler.ground.tensors import TensorSpec
from bundler.heads import audio
from bundler.heads.kind import AnswerPlace
from bundler.plan import PlannedOutput
from tests.graphs import Array
from tests.models import tf
from tests.sounds import voice
from tests.test_plan import Shape, make, signature

RATE = 16000


def settle(spec: TensorSpec, rate: int | None = None, **keys: Any) -> tuple[Any, list[str]]:
    findings = Findings()
    place = AnswerPlace("outputs[0]", findings, {"": spec}, rate=rate)
    said = audio.Settings.model_validate(keys)
    return audio.HEAD.settle(spec, said, "linear", place), findings.problems


def answer(value: Array, shape: Shape, **keys: Any) -> Array:
    """What the page gets of a model's output, by a graph that knows as much of its shape."""
    spec = TensorSpec("y", str(value.dtype), shape)
    settings, problems = settle(spec, **{"sample_rate": RATE, **keys})
    assert not problems and audio.HEAD.fits(spec, settings, "linear")

    @tf.function(input_signature=[tf.TensorSpec(shape, value.dtype)])  # type: ignore[untyped-decorator]
    def graph(raw: Any) -> Any:
        return audio.HEAD.trace({"": raw}, settings)

    made = np.asarray(graph(value).numpy())
    assert made.dtype == np.float32
    return made


def test_samples_stay_what_the_model_answers() -> None:
    sound = voice(RATE, 0.1) * np.float32(9)
    assert np.abs(sound).max() > 1
    for shape in ((None, None), (None, 1600), (1, None)):
        assert np.array_equal(answer(sound[None], shape), sound[None])
    assert np.array_equal(answer(sound[None, :, None], (None, None, 1)), sound[None])
    assert np.array_equal(answer(sound, (None,)), sound[None])
    both = np.stack([sound, -sound / 2], axis=-1)[None]
    assert np.array_equal(answer(both, (None, None, 2)), both)
    assert answer(sound[None, :0], (None, None)).shape == (1, 0)
    half = sound.astype(np.float16)[None]
    assert np.array_equal(answer(half, (None, None)), half.astype(np.float32))


@pytest.mark.parametrize(
    ("dtype", "keys", "full"),
    [("int16", {}, 32768), ("int8", {}, 128), ("int32", {}, 32768),
     ("int32", {"amplitude": 2.0**31}, 2.0**31), ("float32", {"amplitude": 32768}, 32768)],
)  # fmt: skip
def test_whole_numbers_are_shares_of_what_is_loudest(
    dtype: str, keys: dict[str, Any], full: float
) -> None:
    levels = (voice(RATE, 0.05) * 0.9 * full).astype(dtype)[None]
    assert np.array_equal(answer(levels, (None, None), **keys), (levels / full).astype(np.float32))


def test_it_is_made_as_loud_as_can_be() -> None:
    sound = voice(RATE, 0.05)[None] / np.float32(7)
    made = answer(sound, (None, None), normalize=True)
    assert np.abs(made).max() == 1
    assert np.abs(made - sound / np.abs(sound).max()).max() < 1e-7
    assert not answer(np.zeros((1, 300), np.float32), (None, None), normalize=True).any()


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("string", (None, None)), ("bool", (None, 400)), ("uint8", (None, 400)),
     ("uint32", (None, 400)), ("float32", (None, 1)), ("float32", (4, 400)), ("float32", ()),
     ("float32", (None, 400, 3)), ("float32", (None, 20, 20, 1))],
)  # fmt: skip
def test_what_cannot_be_a_sound_is_none(dtype: str, shape: Shape) -> None:
    spec = TensorSpec("y", dtype, shape)
    assert audio.HEAD.fits(spec, audio.Settings(sample_rate=RATE), "linear") == []


def planned(folder: Path, text: str, given: Shape, answered: Shape) -> PlannedOutput:
    (folder / "model.keras").touch()
    return make(folder, text, signature(given, answered)).outputs[0]


HEARD = '[[inputs]]\nwidget = "audio"\nsample_rate = 22050\n'
ASKED = '[[outputs]]\nwidget = "audio"\n'


def test_the_rate_is_that_of_the_sound_that_goes_in(tmp_path: Path) -> None:
    item = planned(tmp_path, HEARD + ASKED, (None, None), (None, None, 1))
    assert (item.widget, item.options["sample_rate"], item.taken) == ("audio", 22050, ("wav",))
    item = planned(tmp_path, HEARD + ASKED + "sample_rate = 44100", (None, None), (None, None))
    assert item.options["sample_rate"] == 44100
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, ASKED, (None, 4), (None, 400))
    assert "outputs[0].sample_rate: say how many samples a second" in caught.value.message


def test_what_is_like_the_sound_that_goes_in_is_one(tmp_path: Path) -> None:
    for shape in ((None, None, 1), (None, 4000)):
        item = planned(tmp_path, HEARD, shape, shape)
        assert item.widget == "audio"
    for given, answered in (((None, 4000), (None, 10)), ((4000,), (10,))):
        item = planned(tmp_path, HEARD, given, answered)
        assert item.widget != "audio"
    # Whoever says at which rate says what it is.
    item = planned(tmp_path, "[[outputs]]\nsample_rate = 8000\n", (None, 4), (None, 400))
    assert item.widget == "audio"
