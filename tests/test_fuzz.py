"""Damaged and twisted files of every format: a plain word, and never much memory.

A minute here; `TFJS_DEMO_FUZZ=20000 python -m pytest tests/test_fuzz.py` goes on for an hour.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundler import formats
from bundler.demo import config
from bundler.formats.source import Source
from bundler.graph import limits
from bundler.ground.errors import DemoError
from tests.conftest import DEMOS
from tests.hostile.bait import Bait
from tests.hostile.frozen_graphs import frozen
from tests.hostile.keras_files import hdf5_config
from tests.hostile.saved_models import saved
from tests.hostile.swelling import layers_and_weights
from tests.hostile.tfjs import web, web_layers
from tests.models import plain, save

pytestmark = pytest.mark.filterwarnings("ignore")

EXAMPLES = int(os.environ.get("TFJS_DEMO_FUZZ", "100"))
MOST_MEMORY = 1 << 30
# What twists more than bytes by chance: ends and sizes, links of JSON, TOML, HDF5 and archives.
TOKENS = (
    b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"../", b"/etc/passwd",
    b"{", b"[" * 3000, b'{"class_name": ' * 500, b'"class_name"', b'"module": "os"', b"null", b"-1",
    b"1e999", b"PK\x03\x04", b"\x89HDF", b"SNOD", b"TREE", b'"', b"'''", b"[[inputs]]\n", b"=",
    b"\n", b"\xef\xbb\xbf", b"99999999999999",
)  # fmt: skip
Change = tuple[str, float, float, bytes]
CHANGES: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(
        st.sampled_from(["replace", "insert", "delete", "repeat", "cut"]),
        st.floats(0, 1),
        st.floats(0, 1),
        st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=8)),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def changed(data: bytes, changes: list[Change]) -> bytes:
    for kind, where, extent, token in changes:
        at = int(where * len(data))
        end = min(len(data), at + int(extent**4 * len(data)) + 1)
        middle = {
            "replace": token + data[at + len(token) :], "insert": token + data[at:],
            "delete": data[end:], "repeat": data[at:end] * 3 + data[end:], "cut": b"",
        }[kind]  # fmt: skip
        data = data[:at] + middle
    return data


def archive_of(bait: Bait) -> Path:
    return save(plain(), bait.folder / "model.keras")


def teachable_machine(bait: Bait) -> Path:
    made = web(web_layers, lambda _: "group1-shard1of1.bin")(bait)
    folder = made if made.is_dir() else made.parent
    (folder / "metadata.json").write_text(json.dumps({"labels": ["a", "b", "c"], "imageSize": 4}))
    path = bait.folder / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    return path


MAKERS: dict[str, Callable[[Bait], Path]] = {
    "keras": archive_of,
    "hdf5": hdf5_config(lambda config, bait: None),
    "json": layers_and_weights,
    "saved": saved(lambda x, bait: x + 1.0),
    "frozen": frozen(lambda x, bait: x + 1.0),
    "web": web(web_layers, lambda _: "group1-shard1of1.bin"),
    "zip": teachable_machine,
}


@pytest.fixture(scope="module", params=MAKERS)
def good(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bait = Bait(tmp_path_factory.mktemp("good")).prepare()
    return MAKERS[request.param](bait)


def looked_at(path: Path) -> None:
    """All that is done before TensorFlow starts: only errors of ours, within its bound."""
    with limits.growth(MOST_MEMORY):
        try:
            source = Source(path)
            assert source.files
            formats.detect(source)
        except DemoError as error:
            assert error.message and "Traceback" not in error.message


@settings(max_examples=EXAMPLES, deadline=5000, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(changes=CHANGES, which=st.floats(0, 0.999))
def test_whatever_becomes_of_a_file_is_told(
    good: Path, changes: list[Change], which: float
) -> None:
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / good.name
        if good.is_dir():
            shutil.copytree(good, copy)
        else:
            shutil.copy(good, copy)
        files = sorted(file for file in copy.rglob("*") if file.is_file()) or [copy]
        file = files[int(which * len(files))]
        file.write_bytes(changed(file.read_bytes(), changes))
        looked_at(copy)


@settings(max_examples=EXAMPLES, deadline=5000, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(changes=CHANGES, member=st.sampled_from(["config.json", "metadata.json"]))
def test_whatever_becomes_of_a_member_is_told(
    changes: list[Change], member: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Compressed, a change by chance hardly gets past the checksum."""
    content = _members()
    content[member] = changed(content[member], changes)
    path = tmp_path_factory.mktemp("member") / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    looked_at(path)


_archive: dict[str, bytes] = {}


def _members() -> dict[str, bytes]:
    if not _archive:
        with tempfile.TemporaryDirectory() as place:
            path = save(plain(), Path(place) / "model.keras")
            with zipfile.ZipFile(BytesIO(path.read_bytes())) as archive:
                _archive.update({name: archive.read(name) for name in archive.namelist()})
    return dict(_archive)


@settings(max_examples=EXAMPLES, deadline=5000, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(changes=CHANGES, name=st.sampled_from(["digits", "wine", "diabetes"]))
def test_whatever_becomes_of_a_demo_is_told(
    changes: list[Change], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Any = tmp_path_factory.mktemp("demo")
    data = (DEMOS / name / "demo.toml").read_bytes()
    (folder / "demo.toml").write_bytes(changed(data, changes))
    shutil.copy(DEMOS / name / f"{name}.keras", folder)
    with limits.growth(MOST_MEMORY):
        try:
            config.read(folder)
        except DemoError as error:
            assert error.message
