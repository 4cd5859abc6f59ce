"""Model files of the cases, made by a TensorFlow process that stays for all of them.

Run as a script: `python -m tests.sweep.making` reads one JSON request a line, and answers it.

    {"group": ...} -> its cases: [{"name", "suffix", "trusted", "demo", "missing", "family"}, ...]
    {"group": ..., "name": ..., "out": file} -> {}
"""

from __future__ import annotations

import importlib
import shutil
import zipfile
from functools import cache as memoize
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bundler.ground import cache
from tests.sweep.cases.case import SEED
from tests.sweep.service import serve

CASES = Path(__file__).parent / "cases"
# What the group of lowerings is made of.
TABLES = [CASES.parents[1] / f"{name}_cases.py" for name in ("lowering", "picture", "size")]
LIBRARIES = ("tensorflow", "keras", "tf_keras")


@memoize
def key() -> str:
    """Changes when a case could give another model; the code as it was when it was loaded."""
    return cache.digest(
        {name: version(name) for name in LIBRARIES}, cache.digest_files([CASES, *TABLES])
    )


def put(made: Path, target: Path) -> None:
    """Moves a new file to its place, unless the one there says the same, but for its date."""
    if not target.exists() or _content(made) != _content(target):
        remove(target)
        made.replace(target)
    remove(made)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _content(path: Path) -> Any:
    if path.is_dir():
        return {item.name: item.read_bytes() for item in path.rglob("*") if item.is_file()}
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        members = {item.filename: item.CRC for item in archive.infolist()}
    return {name: value for name, value in members.items() if name != "metadata.json"}


def _list(group: str) -> list[dict[str, Any]]:
    from tests.sweep import cases

    return [
        {
            "name": case.name,
            "suffix": case.suffix,
            "trusted": case.trusted,
            "demo": case.demo,
            "missing": case.make is None,
            "family": _family(group, case.name),
        }
        for case in cases.of(group)
    ]


def _family(group: str, name: str) -> str:
    """What a case is counted with: a layer's part of Keras, a format, else the whole group."""
    kind = name.split("-")[0]
    if group == "formats":
        return kind
    if not group.endswith("layers"):
        return group
    packages = getattr(_library(group).layers, kind).__module__.split(".")
    return str(packages[packages.index("layers") + 1 if "layers" in packages else 2])


def _library(group: str) -> Any:
    return importlib.import_module("tf_keras" if group.startswith("tf_keras") else "keras")


def _make(group: str, name: str, out: str) -> None:
    from tests.sweep import cases

    for library in (importlib.import_module("keras"), _library(group)):
        library.backend.clear_session()
        library.utils.set_random_seed(SEED)
    case = next(case for case in cases.of(group) if case.name == name)
    assert case.make
    case.save(case.make(), out)


def _answer(request: dict[str, Any]) -> Any:
    if "name" not in request:
        return _list(request["group"])
    _make(request["group"], request["name"], request["out"])
    return {}


if __name__ == "__main__":
    serve(_answer)
