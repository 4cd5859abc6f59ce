"""Twisted models that get past the first looks: TensorFlow and Keras open them, or a plain word.

Some seconds a format here; `TFJS_DEMO_FUZZ=1000 python -m pytest tests/test_fuzz_loading.py`
goes on for hours.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import h5py
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from bundler.ground.errors import ModelError
from tests import mutations
from tests.forked import Forked
from tests.hostile.bait import Bait
from tests.hostile.frozen_graphs import frozen
from tests.hostile.keras_files import archive, archive_of_keras_2, hdf5_config
from tests.hostile.saved_models import with_table
from tests.hostile.tfjs import SHARD, web, web_layers
from tests.plain_words import assert_plain

pytestmark = pytest.mark.filterwarnings("ignore")

COUNT = int(os.environ.get("TFJS_DEMO_FUZZ", "6"))
SEED = 14
Twisted = Iterator[Path]
# How the messages begin that nothing in particular has been put into words for.
UNEXPLAINED = "the conversion of "


def nothing(config: Any, bait: Bait) -> None:
    pass


def of_member(path: Path, name: str) -> Twisted:
    """An archive with another JSON in it."""
    with zipfile.ZipFile(path) as file:
        members = {member: file.read(member) for member in file.namelist()}
    for changed in mutations.of_json(json.loads(members[name]), COUNT, SEED):
        members[name] = json.dumps(changed).encode()
        with zipfile.ZipFile(path, "w") as file:
            for member, data in members.items():
                file.writestr(member, data)
        yield path


def of_attribute(path: Path) -> Twisted:
    with h5py.File(path) as file:
        good = json.loads(file.attrs["model_config"])
    for changed in mutations.of_json(good, COUNT, SEED):
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = json.dumps(changed)
        yield path


def of_bytes(path: Path, name: str = "") -> Twisted:
    file = path / name if name else path
    for data in mutations.of_bytes(file.read_bytes(), COUNT, SEED):
        file.write_bytes(data)
        yield path


def of_json_file(path: Path, name: str) -> Twisted:
    for changed in mutations.of_json(json.loads((path / name).read_text()), COUNT, SEED):
        (path / name).write_text(json.dumps(changed))
        yield path


def of_message(message: Any, path: Path, name: str = "") -> Twisted:
    """A graph of which something is another, and which is one still."""
    file = path / name if name else path
    message.ParseFromString(file.read_bytes())
    found = 0
    for changed in mutations.of_json(MessageToDict(message), COUNT * 50, SEED):
        try:
            data = ParseDict(changed, type(message)()).SerializeToString()
        except (ParseError, ValueError, TypeError, AttributeError, RecursionError):
            continue
        file.write_bytes(data)
        yield path
        found += 1
        if found == COUNT:
            return


def web_model(bait: Bait) -> Path:
    return web(web_layers, lambda _: SHARD)(bait)


def graph(bait: Bait) -> Path:
    return frozen(lambda x, _: x + 1.0)(bait)


KINDS: dict[str, Callable[[Bait], Twisted]] = {
    "keras": lambda bait: of_member(archive(nothing)(bait), "config.json"),
    "keras-2": lambda bait: of_member(archive_of_keras_2(nothing)(bait), "config.json"),
    "keras-bytes": lambda bait: of_bytes(archive(nothing)(bait)),
    "hdf5": lambda bait: of_attribute(hdf5_config(nothing)(bait)),
    "hdf5-bytes": lambda bait: of_bytes(hdf5_config(nothing)(bait)),
    "saved": lambda bait: of_message(SavedModel(), with_table(bait), "saved_model.pb"),
    "saved-bytes": lambda bait: of_bytes(with_table(bait), "saved_model.pb"),
    "saved-variables": lambda bait: of_bytes(with_table(bait), "variables/variables.index"),
    "frozen": lambda bait: of_message(GraphDef(), graph(bait)),
    "frozen-bytes": lambda bait: of_bytes(graph(bait)),
    "web": lambda bait: of_json_file(web_model(bait), "model.json"),
    "web-bytes": lambda bait: of_bytes(web_model(bait), "model.json"),
}


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    with closing(Forked()) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_opened_is_told(kind: str, forked: Forked, tmp_path: Path) -> None:
    told = []
    for number, path in enumerate(KINDS[kind](Bait(tmp_path).prepare())):
        reply = forked.open(path)
        if "message" in reply:
            assert_plain(ModelError(reply["message"], hint=reply["hint"]))
        else:
            assert reply == {"opened": True}, keep(path, number)
        told.append(reply)
    assert len(told) == COUNT and not list((tmp_path / "bait").glob("canary"))


def keep(path: Path, number: int) -> str:
    """Where the file stays that has ended the process."""
    copy = path.with_name(f"kept-{number}-{path.name}")
    (shutil.copytree if path.is_dir() else shutil.copyfile)(path, copy)
    return str(copy)
