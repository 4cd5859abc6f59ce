"""`.keras` files: a zip archive of metadata.json, config.json and model.weights.h5.

Keras writes them since 2.12; the format: keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bundler.formats.keras_files import explain, library, model, newer, own_code, weights
from bundler.formats.keras_files.guard import guarded
from bundler.formats.keras_files.library import Library
from bundler.formats.keras_files.linked import linked, rewritten, widen
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import keras_file
from bundler.ground import json_text
from bundler.ground.errors import ModelError

NAME = "Keras"
WEIGHTS = "model.weights.h5"
MEMBERS = {"metadata.json", "config.json", WEIGHTS}
ASSETS = "assets/"


def matches(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return MEMBERS - {WEIGHTS} <= set(archive.namelist())
    except (OSError, NotImplementedError, zipfile.BadZipFile):
        return False


def check(source: Source) -> None:
    """Raises ModelError for damaged files, and for what could run code."""
    path = source.path
    own_code.check(source)
    keras_file.check_archive(source)
    try:
        with zipfile.ZipFile(path) as archive:
            _read_version(archive)
            missing = MEMBERS - set(archive.namelist())
            damaged = archive.testzip()
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise _damaged(path, str(error)) from error
    if missing:
        raise _damaged(path, f"it has no {missing.pop()}")
    if damaged:
        raise _damaged(path, f"{damaged} does not match its checksum")


def _read_version(archive: zipfile.ZipFile) -> str:
    data = json_text.read(archive.read("metadata.json"))
    version = data.get("keras_version") if isinstance(data, dict) else None
    if not isinstance(version, str):
        raise ValueError("its metadata.json has no keras_version")
    return version


def _read_config(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        config = keras_file.parse(path, archive.read("config.json"), "config.json")
    if not isinstance(config, dict):
        raise _damaged(path, "its config.json is no configuration of a model")
    return config


def _damaged(path: Path, reason: str) -> ModelError:
    return ModelError(f"{path} is damaged: {reason}", hint="Copy, download or save it again.")


def load(source: Source) -> Loaded:
    path = source.path
    config = _read_config(path)
    with zipfile.ZipFile(path) as archive:
        version = _read_version(archive)
    keras = library.start(version)
    objects = own_code.run(source, keras, config)
    open_file = _open_3 if keras.is_keras_3 else _open_2
    try:
        fitted = newer.fitted(path, config, version, keras, objects)
        with guarded(source, keras, fitted) as allowed, _holding(path, config, allowed) as file:
            opened = open_file(replace(source, path=file), keras, allowed, objects)
        return model.describe(path, opened, keras, config.get("build_config"))
    except Exception as error:
        raise explain.failed(path, error) from error


@contextmanager
def _holding(path: Path, config: Any, understood: Any) -> Iterator[Path]:
    """The archive, or a copy of it when its configuration is understood differently."""
    if understood is config:
        yield path
        return
    with rewritten(path, "config.json", json.dumps(understood).encode(), "model.keras") as copy:
        yield copy


def _open_3(source: Source, keras: Library, config: Any, objects: dict[str, Any]) -> Any:
    # Keras goes by the suffix, whatever the content.
    with linked(source.path, "model.keras") as named:
        return keras.module.saving.load_model(
            # Safe mode refuses to run code that is stored in the file (Lambda layers).
            named, custom_objects=objects, compile=False, safe_mode=not source.trusted
        )  # fmt: skip


def _open_2(source: Source, keras: Library, config: Any, objects: dict[str, Any]) -> Any:
    import h5py
    from tf_keras.src.saving.serialization_lib import ObjectSharingScope

    with ObjectSharingScope():
        opened = keras.module.saving.deserialize_keras_object(
            config | {"compile_config": None}, objects, safe_mode=not source.trusted
        )
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        with zipfile.ZipFile(source.path) as archive:
            archive.extract(WEIGHTS, folder)
            _extract_assets(archive, Path(folder))
        widen(Path(folder) / WEIGHTS)
        with h5py.File(Path(folder) / WEIGHTS) as file:
            weights.load(opened, file, Path(folder) / ASSETS)
    return opened


def _extract_assets(archive: zipfile.ZipFile, folder: Path) -> None:
    """Vocabularies and the like; Windows writes their folders with backslashes."""
    for member in archive.infolist():
        name = member.filename.replace("\\", "/")
        target = (folder / name).resolve()
        inside = target.is_relative_to((folder / ASSETS).resolve())
        if name.startswith(ASSETS) and not name.endswith("/") and inside:
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as data, target.open("wb") as out:
                shutil.copyfileobj(data, out)
