"""Functions of a SavedModel's root that were called with several kinds of inputs.

The tutorial on audio saves one that takes a waveform or the name of a file: of its traces the one
that reads no file is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundler import formats
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from tests.models import tf

WAVE = tf.TensorSpec([None, 16], tf.float32)
NAME = tf.TensorSpec([], tf.string)
NAMES = tf.TensorSpec([None, None], tf.string)


def reads(x: Any) -> Any:
    return tf.io.decode_raw(tf.io.read_file(x), tf.float32)[None, :16]


def writes(x: Any) -> Any:
    with tf.control_dependencies([tf.io.write_file(x, "content")]):
        return tf.zeros([1, 16])


def matches(x: Any) -> Any:
    return tf.zeros([1, 16]) + tf.cast(tf.size(tf.io.matching_files(x[0])), tf.float32)


def saved(open_file: Callable[[Any], Any], specs: list[Any], folder: Path) -> Source:
    class Listener(tf.Module):  # type: ignore[misc]
        @tf.function  # type: ignore[untyped-decorator]
        def __call__(self, x: Any) -> Any:
            wave = open_file(x) if x.dtype == tf.string else x
            return {"loudness": tf.reduce_mean(tf.abs(wave), -1)}

    module = Listener()
    for spec in specs:
        module.__call__.get_concrete_function(spec)
    tf.saved_model.save(module, str(folder))
    return Source(folder)


@pytest.mark.parametrize(
    ("open_file", "name"), [(reads, NAME), (writes, NAME), (matches, NAMES)], ids=["r", "w", "m"]
)
@pytest.mark.parametrize("is_first", [True, False])
def test_the_trace_without_files_is_asked(
    open_file: Callable[[Any], Any], name: Any, is_first: bool, tmp_path: Path
) -> None:
    source = saved(open_file, [name, WAVE] if is_first else [WAVE, name], tmp_path)
    loaded = formats.detect(source).load(source)
    [spec] = loaded.signature.inputs
    assert (spec.dtype, spec.shape) == ("float32", (None, 16))
    [answer] = loaded.call([tf.fill([2, 16], -3.0)])
    assert answer.numpy().tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("open_file", "name", "op"), [(reads, NAME, "ReadFile"), (writes, NAME, "WriteFile")]
)
def test_where_every_trace_has_files_all_are_refused(
    open_file: Callable[[Any], Any], name: Any, op: str, tmp_path: Path
) -> None:
    source = saved(open_file, [name], tmp_path)
    with pytest.raises(ModelError, match=op):
        formats.detect(source).load(source)
