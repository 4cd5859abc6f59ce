"""SavedModels with an effect somewhere: refused, or it is taken out and nothing happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from bundler import formats
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from tests.hostile.bait import Bait
from tests.hostile.effects import MODELS
from tests.hostile.saved_models import with_table
from tests.test_untrusted import Watch, run

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def watched() -> Iterator[list[Watch]]:
    watches: list[Watch] = []
    yield watches
    for watch in watches:
        watch.observer.stop()
        watch.observer.join()


@pytest.mark.parametrize("name", MODELS)
def test_nothing_happens(name: str, tmp_path: Path, watched: list[Watch]) -> None:
    bait = Bait(tmp_path).prepare()
    path = MODELS[name](bait)
    Path(bait.secret).touch()
    watched.append(Watch(bait.folder / "bait"))
    try:
        run(Source(path))
    except ModelError as error:
        assert path.name in error.message and error.hint, error.message
    assert watched[0].touched() == set()


@pytest.mark.parametrize("name", ["table-initializers", "local-variable", "create", "initialize"])
def test_the_attacks_are_real(name: str, tmp_path: Path) -> None:
    bait = Bait(tmp_path).prepare()
    path = MODELS[name](bait)
    assert not Path(bait.canary).exists()
    with suppress(Exception):  # after it has done what it wanted
        run(Source(path, trusted=True))
    assert Path(bait.canary).exists()


@pytest.mark.parametrize("name", ["training-op", "other-function-writes", "other-function-reads"])
def test_what_is_not_asked_is_in_nobody_s_way(name: str, tmp_path: Path) -> None:
    """Models keep what they were trained with."""
    source = Source(MODELS[name](Bait(tmp_path).prepare()))
    loaded = formats.detect(source).load(source)
    [answer] = loaded.call([tf.constant([[1.0, 2.0, 3.0, 4.0]])])
    expected = [1, 2, 3, 4] if name == "training-op" else [2, 3, 4, 5]
    assert np.asarray(answer).tolist() == [expected]


def test_a_table_is_filled_from_the_model_s_own_file(tmp_path: Path) -> None:
    bait = Bait(tmp_path).prepare()
    path = with_table(bait)
    (bait.folder / "words.txt").unlink()
    next((path / "assets").iterdir()).write_text("7.0\n1.0\n")
    source = Source(path)
    loaded = formats.detect(source).load(source)
    [answer] = loaded.call([tf.constant([[1.0, 7.0, 2.0, 1.0]])])
    # as_string writes numbers with their decimals.
    assert np.asarray(answer).tolist() == [[-1.0, -1.0, -1.0, -1.0]]


def test_every_op_that_names_files_is_known() -> None:
    """By TensorFlow's own registry: what it calls a file, a path or an address."""
    from tensorflow.python.framework import op_def_registry

    from bundler.formats.untrusted import ops

    words = ("filename", "file_name", "filepath", "vocab_file", "path", "pattern", "address",
             "directory", "shared_memory", "url")  # fmt: skip
    harmless = {"StringSplit", "RegexReplace", "RegexFullMatch", "StaticRegexReplace",
                "StaticRegexFullMatch", "ShardedFilename", "ShardedFilespec",
                "CTCBeamSearchDecoder"}  # fmt: skip
    unknown = []
    for name in dir(tf.raw_ops):
        definition = op_def_registry.get(name)
        if definition is None or name in harmless:
            continue
        names = [one.name for one in (*definition.input_arg, *definition.attr)]
        if any(word in one for one in names for word in words):
            reason = ops.reason(name, stateful=bool(definition.is_stateful))
            if reason is None and name not in ("InitializeTableFromTextFileV2", "RestoreV2"):
                unknown.append(name)
    assert unknown == []
