"""What is served: files by the address that a static host would give them."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from bundler import site
from bundler.ground import cache, layout
from bundler.ground.own_files import Content
from bundler.site import INDEX, MANIFEST, SERVICE_WORKER, Site

TYPES = {
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".bin": "application/octet-stream",
    ".ts": "text/plain",
}
BLOCK = 1 << 16


@dataclass(frozen=True)
class File:
    """A file as it is served; `tag` changes with its content."""

    content: Content
    type: str
    tag: str

    @property
    def size(self) -> int:
        return site.size(self.content)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in blocks."""
        if isinstance(self.content, bytes):
            yield self.content[start:end]
            return
        with self.content.open("rb") as stream:
            stream.seek(start)
            while start < end and (block := stream.read(min(BLOCK, end - start))):
                start += len(block)
                yield block


class Files(Protocol):
    """A source of files."""

    def find(self, path: str) -> File | None:
        """The file with exactly this path, without the leading slash; else None."""


def _file(path: str, content: Content) -> File:
    kind = TYPES.get(PurePosixPath(path).suffix) or mimetypes.guess_type(path)[0]
    if isinstance(content, bytes):
        tag = hashlib.sha256(content).hexdigest()[:20]
    else:
        state = content.stat()
        tag = cache.digest(str(content), state.st_size, state.st_mtime_ns)
    return File(content, kind or "application/octet-stream", f'"{tag}"')


class BuiltSite:
    """A site's folder as it is at the moment: also after it was built again.

    Raises SiteError when `folder` is not a built site.
    """

    def __init__(self, folder: Path) -> None:
        site.read_manifest(folder)
        self._folder = folder.resolve()

    def find(self, path: str) -> File | None:
        """The file with exactly this path; a folder ("" is the site's) is its page."""
        if path.endswith("/") or not path:
            path += INDEX
        if path not in {MANIFEST, *site.read_manifest(self._folder)["files"]}:
            return None
        place = (self._folder / path).resolve()
        if self._folder not in place.parents or not place.is_file():
            return None
        return _file(path, place)


class LiveSite:
    """The newest site of a demo that is being worked on, straight from the build's memory.

    Its page is what the build makes of it, with one script before all others; its service worker
    does nothing but end the one that an earlier site has left in the browser.
    """

    def __init__(self, made: Site, script: str = "") -> None:
        self._made = made
        self._script = script

    def find(self, path: str) -> File | None:
        """The file with exactly this path; "" is the page."""
        path = path or INDEX
        if path == MANIFEST:
            return _file(path, site.manifest(self._made, site.hashes(self._made)))
        content = self._made.files.get(path)
        if content is None:
            return None
        if path == INDEX:
            content = _with_script(content, self._script)
        elif path == SERVICE_WORKER:
            content = layout.templates() / "live" / "no-service-worker.js"
        return _file(path, content)


def waiting_page(path: str, script: str) -> File | None:
    """What is shown in place of a page that was never built."""
    if path not in ("", INDEX):
        return None
    page = (layout.templates() / "live" / "waiting.html").read_bytes()
    return _file(INDEX, _with_script(page, script))


def _with_script(page: Content, script: str) -> bytes:
    """A page with a script of its own before all others."""
    assert isinstance(page, bytes)
    return page.replace(b"<head>", b"<head>" + script.encode(), 1)
