"""Small files of which much could become in memory."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py

from tests.hostile.bait import Bait
from tests.hostile.frozen_graphs import frozen
from tests.hostile.keras_files import hdf5_config
from tests.hostile.saved_models import saved
from tests.hostile.tfjs import SHARD, web, web_layers
from tests.models import plain, save

SIZE = 3 << 29
# Of each byte in the file, some twenty in memory.
OBJECTS = b"[" + b"{}," * 19_000_000 + b"0]"


def archive(name: str, **members: bytes) -> Callable[[Bait], Path]:
    """An archive; members are named with a double underscore for a dot."""

    def make(bait: Bait) -> Path:
        path = bait.folder / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for member, data in members.items():
                file.writestr(member.replace("__", "."), data)
        return path

    return make


def blank_metadata(bait: Bait) -> Path:
    """JSON of blanks, of which a thousand are a byte of the file."""
    path = bait.folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("model.json", "{}")
        with file.open("metadata.json", "w", force_zip64=True) as member:
            for _ in range(SIZE >> 20):
                member.write(b" " * (1 << 20))
    return path


def with_holes(make: Callable[[Bait], Path], name: str = "") -> Callable[[Bait], Path]:
    """A good model whose file goes on for long without anything being on the disk."""

    def made(bait: Bait) -> Path:
        path = make(bait)
        os.truncate(path / name if name else path, SIZE)
        return path

    return made


def one_text_many_times(attribute: str) -> Callable[[Bait], Path]:
    """An attribute of texts that are all the same bytes of the file."""

    def make(bait: Bait) -> Path:
        path = bait.folder / "model.h5"
        length, count = 300_000, 4000
        texts = [b"L" * length, *(b"%05d" % index for index in range(count - 1))]
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = plain().to_json()
            file.attrs.create(attribute, texts, dtype=h5py.string_dtype("ascii"))
        data = bytearray(path.read_bytes())
        # An element is its length (4 bytes), the address of a heap (8), and an index in it (4).
        start = data.find(struct.pack("<I", length))
        while data[start + 16 : start + 20] not in (struct.pack("<I", 5), struct.pack("<I", 6)):
            start = data.find(struct.pack("<I", length), start + 1)
        first = bytes(data[start : start + 16])
        data[start : start + 16 * count] = first * count
        path.write_bytes(data)
        return path

    return make


def layers_and_weights(bait: Bait) -> Path:
    folder = bait.folder / "net"
    folder.mkdir()
    (folder / "net.json").write_text(plain().to_json())
    plain().save_weights(str(folder / "net.weights.h5"))
    return folder


def labels(bait: Bait) -> Path:
    save(plain(), bait.folder / "model.keras")
    (bait.folder / "labels.txt").write_text("a\nb\nc\n")
    (bait.folder / "demo.toml").write_text(
        'model = "model.keras"\n[[outputs]]\nlabels = "labels.txt"\n'
    )
    return bait.folder


WEB = web(web_layers, lambda _: SHARD)
MODELS: dict[str, Callable[[Bait], Path]] = {
    "blank-metadata": blank_metadata,
    "objects-of-a-configuration": archive(
        "model.keras",
        metadata__json=json.dumps({"keras_version": "3.0.0"}).encode(),
        model__weights__h5=b"",
        config__json=OBJECTS,
    ),
    "objects-of-metadata": archive("export.zip", model__json=b"{}", metadata__json=OBJECTS),
    "objects-of-an-export": archive("export.zip", model__json=OBJECTS, metadata__json=b"{}"),
    "texts-of-a-configuration": one_text_many_times("keras_version"),
    "texts-of-training": one_text_many_times("training_config"),
    "holes-in-hdf5": with_holes(hdf5_config(lambda config, bait: None)),
    "holes-in-layers": with_holes(layers_and_weights, "net.json"),
    "holes-in-weights": with_holes(layers_and_weights, "net.weights.h5"),
    "holes-in-a-saved-model": with_holes(saved(lambda x, bait: x + 1.0), "saved_model.pb"),
    "holes-in-a-frozen-graph": with_holes(frozen(lambda x, bait: x + 1.0)),
    "holes-in-tfjs": with_holes(WEB, "model.json"),
    "holes-in-a-shard": with_holes(WEB, SHARD),
    "holes-in-a-demo": with_holes(labels, "demo.toml"),
    "holes-in-labels": with_holes(labels, "labels.txt"),
}
