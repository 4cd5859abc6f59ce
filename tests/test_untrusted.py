"""Untrusted models: none of the corpus runs, reads or writes anything, and each is told by name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from bundler import formats
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import graph_ops
from bundler.ground.errors import ModelError
from tests.command import run as run_command
from tests.conftest import BuildDemo
from tests.hostile.bait import CANARY, SECRET, Bait
from tests.hostile.models import HOSTILE
from tests.hostile.saved_models import with_table

# Keras, TensorFlow and numpy 2 warn about each other.
pytestmark = pytest.mark.filterwarnings("ignore")


# How Python's marshalled code begins, in base64.
MARSHALLED = b'"4wEAAAAA'


class Watch(FileSystemEventHandler):
    """What was opened, created and changed in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        self.observer = Observer()
        self.observer.schedule(self, str(folder))
        self.observer.start()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if not event.is_directory:
            self.names.append(Path(str(event.src_path)).name)

    def touched(self) -> set[str]:
        """All names so far: events come in order, so that of a file of our own is the last."""
        (self.folder / "end").write_text("")
        end = time.monotonic() + 10
        while "end" not in self.names:
            assert time.monotonic() < end
            time.sleep(0.01)
        return set(self.names) - {"end"}


@pytest.fixture
def bait(tmp_path: Path) -> Bait:
    return Bait(tmp_path).prepare()


@pytest.fixture
def watched(bait: Bait) -> Iterator[list[Watch]]:
    """The watch begins when a model has been made, which may touch the bait."""
    watches: list[Watch] = []
    yield watches
    for watch in watches:
        watch.observer.stop()
        watch.observer.join()


def run(source: Source) -> None:
    """All that a build does with a model: detect, check, load, trace, answer."""
    loaded = formats.detect(source).load(source)
    function = trace(loaded)
    graph_ops.check_traced(source, function)
    shapes = [[size or 1 for size in spec.shape] for spec in loaded.signature.inputs]
    function(*[tf.constant(np.zeros(shape), tf.float32) for shape in shapes])


def trace(loaded: Loaded) -> tf.types.experimental.ConcreteFunction:
    specs = [tf.TensorSpec(spec.shape, spec.dtype) for spec in loaded.signature.inputs]
    call = tf.function(lambda *tensors: loaded.call(list(tensors)), autograph=False)
    return call.get_concrete_function(*specs)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_attack_gets_anywhere(name: str, bait: Bait, watched: list[Watch]) -> None:
    hostile = HOSTILE[name]
    path = hostile.make(bait)
    watched.append(Watch(bait.folder / "bait"))
    with pytest.raises(ModelError) as caught:
        run(Source(path))
    assert watched[0].touched() == set()
    assert path.name in caught.value.message
    assert all(text in caught.value.message for text in hostile.says), caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", [name for name, hostile in HOSTILE.items() if hostile.real])
def test_the_attacks_are_real(name: str, bait: Bait, watched: list[Watch]) -> None:
    """Under --trust-model the same files do what they are meant to."""
    path = HOSTILE[name].make(bait)
    watched.append(Watch(bait.folder / "bait"))
    try:
        run(Source(path, trusted=True))
    except Exception as error:  # after it has read what it wanted
        assert SECRET in name or error
    assert watched[0].touched() & {CANARY, SECRET}


def test_a_table_with_its_own_asset_passes(bait: Bait) -> None:
    run(Source(with_table(bait)))


def test_code_beside_the_model_is_not_run(bait: Bait) -> None:
    path = HOSTILE["lambda"].make(bait)
    code = bait.folder / "layers.py"
    code.write_text(f"open({bait.canary!r}, 'w')")
    with pytest.raises(ModelError, match=r"layers\.py"):
        run(Source(path, custom_objects=code))
    assert not Path(bait.canary).exists()


@pytest.mark.parametrize("name", ["lambda", "lambda-h5"])
def test_bytecode_is_in_no_published_file(name: str, bait: Bait, build_demo: BuildDemo) -> None:
    """The code runs while the model is traced; what is published is the graph."""
    build_demo("wine")  # fetches the JavaScript packages, which can take longer than a command may
    path = HOSTILE[name].make(bait)
    model = path.read_bytes()
    folders = {key: bait.folder / key for key in ("HOME", "TMPDIR")}
    for folder in folders.values():
        folder.mkdir()
    settings = {key: str(folder) for key, folder in folders.items()}
    site = bait.folder / "site"
    result = run_command("build", path, "--trust-model", "--out", site, settings=settings)
    assert result.returncode == 0, result.stderr
    assert Path(bait.canary).exists()
    published = b"".join(file.read_bytes() for file in sorted(site.rglob("*")) if file.is_file())
    for trace_of_code in (MARSHALLED, CANARY.encode()):
        assert trace_of_code not in published
    assert MARSHALLED in model
    # Nothing is left anywhere else either: no settings of Keras, no temporary files.
    assert {key: list(folder.rglob("*")) for key, folder in folders.items()} == {
        "HOME": [], "TMPDIR": [],
    }  # fmt: skip
