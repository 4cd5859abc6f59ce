"""HDF5 files that lead elsewhere, swell, or hold programs."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np

from tests.hostile.bait import SECRET, Bait, Hostile
from tests.hostile.keras_files import (
    hdf5_config,
)
from tests.models import plain, save


def weights(edit: Callable[[h5py.File, Bait], None]) -> Callable[[Bait], Path]:
    """A .keras file whose weights are edited."""

    def make(bait: Bait) -> Path:
        path = save(plain(), bait.folder / "model.keras")
        with zipfile.ZipFile(path) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        stream = BytesIO(parts["model.weights.h5"])
        with h5py.File(stream, "r+") as file:
            edit(file, bait)
        parts["model.weights.h5"] = stream.getvalue()
        with zipfile.ZipFile(path, "w") as new:
            for name, data in parts.items():
                new.writestr(name, data)
        return path

    return make


def external_storage(file: h5py.File, bait: Bait) -> None:
    file.create_dataset("stolen", (8,), "u1", external=[(bait.secret, 0, 8)])


def virtual(file: h5py.File, bait: Bait) -> None:
    layout = h5py.VirtualLayout((8,), "u1")
    layout[:] = h5py.VirtualSource(bait.secret, "data", (8,))
    file.create_virtual_dataset("stolen", layout)


def external_link(file: h5py.File, bait: Bait) -> None:
    file["stolen"] = h5py.ExternalLink(bait.secret, "/data")


def soft_link(file: h5py.File, bait: Bait) -> None:
    file["stolen"] = h5py.SoftLink("/layers")


def cycle(file: h5py.File, bait: Bait) -> None:
    file["layers/again"] = file["layers"]


def huge(file: h5py.File, bait: Bait) -> None:
    file.create_dataset("zeros", (1 << 40,), "f4", chunks=(1 << 20,), compression="gzip")


def pickled(file: h5py.File, bait: Bait) -> None:
    file.attrs["objects"] = np.void(pickle.dumps({"a": 1}))


def reference(file: h5py.File, bait: Bait) -> None:
    file.create_dataset("references", (1,), h5py.ref_dtype)


def hdf5(edit: Callable[[h5py.File, Bait], None]) -> Callable[[Bait], Path]:
    """A .h5 file of Keras 2 that is edited."""

    def make(bait: Bait) -> Path:
        path = hdf5_config(lambda config, bait: None)(bait)
        with h5py.File(path, "r+") as file:
            edit(file, bait)
        return path

    return make


HOSTILE: dict[str, Hostile] = {
    "external-link": Hostile(weights(external_link), (SECRET, "model.weights.h5:/stolen")),
    "external-storage": Hostile(weights(external_storage), (SECRET, "/stolen")),
    "virtual-dataset": Hostile(weights(virtual), (SECRET, "/stolen")),
    "soft-link": Hostile(weights(soft_link), ("SoftLink", "/stolen")),
    "cycle": Hostile(weights(cycle), ("contains itself", "/layers/again")),
    "hdf5-bomb": Hostile(weights(huge), ("declares", "/zeros")),
    "pickle-attribute": Hostile(weights(pickled), ("neither numbers nor text", "@objects")),
    "reference": Hostile(weights(reference), ("neither numbers nor text", "/references")),
    "external-link-h5": Hostile(hdf5(external_link), (SECRET, "/stolen")),
    "external-storage-h5": Hostile(hdf5(external_storage), (SECRET, "/stolen")),
    "virtual-dataset-h5": Hostile(hdf5(virtual), (SECRET, "/stolen")),
}
