"""Archives that are none, hold more, or swell."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.hostile.bait import Bait, Hostile
from tests.models import plain, save


def members(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> Callable[[Bait], Path]:
    """A .keras file with more members."""

    def make(bait: Bait) -> Path:
        path = save(plain(), bait.folder / "model.keras")
        with zipfile.ZipFile(path, "a") as file:
            for name, data in entries:
                file.writestr(name, data)
        return path

    return make


def twice(bait: Bait) -> Path:

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return members(("config.json", b"{}"))(bait)


def link_member(bait: Bait) -> Path:
    entry = zipfile.ZipInfo("assets/link")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return members((entry, bait.secret.encode()))(bait)


def encrypted(bait: Bait) -> Path:
    path = members(("assets/closed", b"12345678901234567890"))(bait)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rfind(mark) + offset] |= 1
    path.write_bytes(data)
    return path


def bomb(bait: Bait) -> Path:
    path = save(plain(), bait.folder / "model.keras")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("assets/zeros", bytes(256 << 20))
    return path


def overlapping(bait: Bait) -> Path:
    """Many entries of the directory for the same bytes (after David Fifield)."""
    path = save(plain(), bait.folder / "model.keras")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("assets/a", bytes(1 << 20))
        first = file.infolist()[-1]
        for index in range(40):
            again = zipfile.ZipInfo(f"assets/{index}")
            again.compress_size, again.file_size = first.compress_size, first.file_size
            again.CRC, again.header_offset = first.CRC, first.header_offset
            file.filelist.append(again)
        file._didModify = True  # type: ignore[attr-defined]
    return path


def bare_pickle(bait: Bait) -> Path:
    path = bait.folder / "model.keras"
    path.write_bytes(b"\x80\x02" + pickle.dumps({"weights": [1]}, protocol=2)[2:])
    return path


HOSTILE: dict[str, Hostile] = {
    "two-configurations": Hostile(twice, ("two members of one name", "config.json")),
    "parent-path": Hostile(members(("assets/../../x", b"x")), ("leaves", "assets/../../x")),
    "absolute-path": Hostile(members(("/tmp/x", b"x")), ("leaves", "/tmp/x")),
    "backslash-path": Hostile(members(("assets\\..\\..\\x", b"x")), ("leaves",)),
    "drive-path": Hostile(members(("C:/x", b"x")), ("leaves", "C:/x")),
    "link": Hostile(link_member, ("link", "assets/link")),
    "encrypted": Hostile(encrypted, ("encrypted", "assets/closed")),
    "zip-bomb": Hostile(bomb, ("would unpack", "assets/zeros")),
    "overlapping-members": Hostile(overlapping, ("share their bytes",)),
    "pickled-weights": Hostile(members(("model.weights.npz", b"PK")), ("pickled", "npz")),
    "pickle": Hostile(bare_pickle, ("pickle",)),
}
