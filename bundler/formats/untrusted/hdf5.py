"""HDF5 files by others: data in the file itself, no more of it than the file can hold.

HDF5 can point anywhere on the disk (external links, external storage, virtual datasets) and
declare petabytes in a kilobyte.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bundler.formats.untrusted.error import UntrustedError
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    import h5py

MAX_DEPTH = 100
MAX_OBJECTS = 500_000
# As for archives: weights hardly compress.
MAX_RATIO = 200
ALWAYS_ALLOWED = 64 << 20
# Numbers, truth values, complex numbers and texts of fixed length.
PLAIN_KINDS = "biufcSU"
NOT_A_BOMB = "Save the model again; a real one is not packed like this."


def check(path: Path, stream: IO[bytes] | None = None, member: str = "") -> None:
    """Looks at every object of the file without following a link or reading data.

    `stream` is the file where it is a member of the archive `path`. Raises UntrustedError, or
    ModelError when the file is damaged.
    """
    import h5py

    try:
        with h5py.File(stream or path, "r") as file:
            size = _size(path, stream)
            _Walk(path, member, size).group(file, "", 0)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        name = f"{path} ({member})" if member else str(path)
        raise ModelError(
            f"{name} is damaged: it is not a whole HDF5 file",
            hint="Copy, download or save it again.",
            details=str(error),  # h5py's words change with its version
        ) from error


def _size(path: Path, stream: IO[bytes] | None) -> int:
    if stream is None:
        return path.stat().st_size
    position = stream.tell()
    end = stream.seek(0, 2)
    stream.seek(position)
    return end


class _Walk:
    """One pass through a file, that remembers what it has seen."""

    def __init__(self, path: Path, member: str, size: int) -> None:
        self.path = path
        self.member = member
        self.allowed = max(ALWAYS_ALLOWED, size * MAX_RATIO)
        self.declared = 0
        self.seen: set[int] = set()
        self.above: list[int] = []

    def refuse(self, found: str, where: str, **hint: str) -> UntrustedError:
        place = where or "/"
        return UntrustedError(
            self.path, found, f"{self.member}:{place}" if self.member else place, **hint
        )

    def group(self, group: h5py.Group, where: str, depth: int) -> None:
        import h5py

        address = _address(group)
        if address in self.above or depth > MAX_DEPTH:
            raise self.refuse(
                "has an HDF5 group that contains itself, or is nested too deep", where
            )
        if not self.first_visit(address):
            return
        self.attributes(group, where)
        self.above.append(address)
        for name in group:
            inner = f"{where}/{name}"
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                target = f"{link.filename}:{link.path}"
                raise self.refuse(f"has an HDF5 link to another file, {target}", inner)
            if not isinstance(link, h5py.HardLink):
                kind = type(link).__name__
                raise self.refuse(f"has an HDF5 link that no Keras version writes, {kind}", inner)
            item = group[name]
            if isinstance(item, h5py.Group):
                self.group(item, inner, depth + 1)
            elif isinstance(item, h5py.Dataset):
                self.dataset(item, inner)
            else:
                raise self.refuse("has an HDF5 object that is no group or dataset", inner)
        self.above.pop()

    def first_visit(self, address: int) -> bool:
        if address in self.seen:
            return False
        self.seen.add(address)
        if len(self.seen) > MAX_OBJECTS:
            raise self.refuse(f"has more than {MAX_OBJECTS} HDF5 objects", "", hint=NOT_A_BOMB)
        return True

    def dataset(self, item: h5py.Dataset, where: str) -> None:
        if not self.first_visit(_address(item)):
            return
        if item.is_virtual:
            source = item.virtual_sources()[0].file_name
            raise self.refuse(f"has an HDF5 dataset made of other files, {source}", where)
        if item.external:
            raise self.refuse(
                f"has an HDF5 dataset whose bytes are in another file, {item.external[0][0]}", where
            )
        self.plain(item.dtype, "dataset", where)
        self.attributes(item, where)
        self.declared += int(item.size or 0) * item.dtype.itemsize
        if self.declared > self.allowed:
            found = f"declares {self.declared} bytes of HDF5 data, far more than it holds"
            raise self.refuse(found, where, hint=NOT_A_BOMB)

    def attributes(self, item: Any, where: str) -> None:
        for name in item.attrs:
            self.plain(item.attrs.get_id(name).dtype, "attribute", f"{where}@{name}")

    def plain(self, dtype: Any, kind: str, where: str) -> None:
        """Raises UntrustedError for references, pickles in opaque bytes, and the like."""
        import h5py

        is_text = h5py.check_string_dtype(dtype) is not None
        # HDF5 has no bfloat16: h5py writes two opaque bytes for each number.
        is_number = dtype.kind in PLAIN_KINDS or (kind == "dataset" and dtype == "V2")
        if not is_text and not is_number:
            raise self.refuse(f"has an HDF5 {kind} that is neither numbers nor text", where)


def _address(item: Any) -> int:
    import h5py

    return int(h5py.h5o.get_info(item.id).addr)


def read_attribute(path: Path, name: str) -> bytes | str | None:
    """A text among the attributes of a checked file's root, which Keras's configurations are."""
    import h5py

    with h5py.File(path, "r") as file:
        value = file.attrs.get(name)
    if value is not None and not isinstance(value, (bytes, str)):
        raise UntrustedError(path, "has a configuration that is no text", name)
    return value
