"""The folder of a site: written, finished and emptied whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from bundler.ground import locks, own_files, stopping
from bundler.ground.errors import SiteError
from bundler.ground.own_files import Content
from bundler.site.listing import (
    FIXED_NAMES,
    INDEX,
    MANIFEST,
    NEXT_MANIFEST,
    UNFINISHED,
    Site,
    has_page_of,
    hashes,
    is_inside,
    manifest,
    parse,
)

# How long a build waits for another one that writes to the same folder.
BUSY_SECONDS = 60


def write(site: Site, folder: Path, *, on_wait: Callable[[], None] = lambda: None) -> None:
    """Makes `folder` this site; `on_wait` is told when another build is at it.

    Raises SiteError; then the earlier site is as it was.
    """
    was_there = folder.exists()
    with _alone(folder, on_wait):
        _check_foreign(folder)
        _finish_killed(folder)
        earlier = _known_files(folder)
        digests = hashes(site)
        changed = [
            path for path, new in digests.items() if not own_files.is_same(folder, path, new)
        ]
        fixed = sorted(filter(_has_fixed_name, changed), key=lambda path: path != INDEX)
        new = [path for path in changed if path not in fixed]
        try:
            # First, so that a killed build's files are known as the tool's own.
            _replace(folder, NEXT_MANIFEST, manifest(site, digests))
            for path in new:
                _replace(folder, path, site.files[path])
            for path in fixed:
                own_files.write(folder, path + UNFINISHED, site.files[path])
        except BaseException as error:
            _delete(folder, {*new, NEXT_MANIFEST} - earlier | _unfinished(folder))
            if not was_there and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
            if isinstance(error, OSError):
                raise _not_written(folder, error) from error
            raise
        with stopping.held(f"{folder} is the new site"):
            for path in fixed:
                (folder / (path + UNFINISHED)).replace(folder / path)
            # Last, so that the earlier files stay known as the tool's own until they are gone.
            _delete(folder, earlier - site.files.keys() - {MANIFEST, NEXT_MANIFEST})
            (folder / NEXT_MANIFEST).replace(folder / MANIFEST)


def _not_written(folder: Path, error: OSError) -> SiteError:
    return SiteError(
        f"the site could not be written to {folder}: {error.strerror or error}",
        hint="The earlier site, if there was one, is as it was. Free some space or choose "
        "another folder with --out.",
    )


@contextmanager
def _alone(folder: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """No other build writes to the folder meanwhile; it is made if it is not there."""
    while True:
        with ExitStack() as stack:
            _check_is_folder(folder)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locks.locked(folder, BUSY_SECONDS, on_wait))
            except FileNotFoundError:
                continue  # another build has failed, and taken its empty folder away
            except locks.BusyError:
                raise SiteError(
                    f"another tfjs-demo has been writing to {folder} for {BUSY_SECONDS} seconds",
                    hint="Wait until it has ended, or choose another folder with --out.",
                ) from None
            except OSError as error:
                raise _not_written(folder, error) from error
            yield
            return


def _has_fixed_name(path: str) -> bool:
    return "/" not in path or PurePosixPath(path).name in FIXED_NAMES


def _finish_killed(folder: Path) -> None:
    """Brings a folder in which a build was killed to the site whose page it has."""
    waiting, facts = parse(folder, NEXT_MANIFEST), parse(folder, MANIFEST)
    listed, earlier = (
        set(filter(is_inside, waiting["files"])),
        set(filter(is_inside, facts["files"])),
    )
    if listed and has_page_of(folder, waiting):
        for path in filter(_has_fixed_name, listed):
            if own_files.is_same(folder, path + UNFINISHED, waiting["files"][path]):
                (folder / (path + UNFINISHED)).replace(folder / path)
        _delete(folder, earlier - listed | _unfinished(folder))
        (folder / NEXT_MANIFEST).replace(folder / MANIFEST)
    else:
        _delete(folder, (listed - earlier if listed else set()) | _unfinished(folder))
        _delete(folder, {NEXT_MANIFEST} if listed else set())


def check_target(folder: Path) -> None:
    """Raises SiteError when `folder` holds files that the tool did not make."""
    _check_is_folder(folder)
    if folder.exists():
        with _alone(folder, lambda: None):
            _check_foreign(folder)


def _check_is_folder(folder: Path) -> None:
    own_files.refuse_link(folder)
    if folder.exists() and not folder.is_dir():
        raise SiteError(f"{folder} is a file", hint="Choose a folder with --out.")


def _check_foreign(folder: Path) -> None:
    for path in sorted(_known_files(folder)):
        own_files.at(folder, path)
    foreign = foreign_files(folder)
    if foreign:
        shown = ", ".join(foreign[:3]) + (" …" if len(foreign) > 3 else "")
        raise SiteError(
            f"{folder} holds files that tfjs-demo did not make: {shown}",
            hint="Choose an empty folder with --out, or move these files away.",
        )


def foreign_files(folder: Path) -> list[str]:
    """The paths of the files in a site's folder that no build has made."""
    present = own_files.listed(folder)
    return sorted(present - _known_files(folder) - _unfinished(folder))


def _known_files(folder: Path) -> set[str]:
    """All paths of the site, and of one that was being written over it."""
    listed = {name: parse(folder, name)["files"] for name in (MANIFEST, NEXT_MANIFEST)}
    names = {name for name, files in listed.items() if files}
    return names | {path for files in listed.values() for path in files if is_inside(path)}


def _unfinished(folder: Path) -> set[str]:
    """What a killed process was writing."""
    return {path for path in own_files.listed(folder) if path.endswith(UNFINISHED)}


def _replace(folder: Path, path: str, content: Content) -> None:
    own_files.replace(folder, path, content, beside=UNFINISHED)


def clean(folder: Path) -> list[str]:
    """Deletes a site's files and the folders that become empty; returns the paths.

    Raises SiteError, with nothing deleted, where a link is in the way.
    """
    own_files.refuse_link(folder)
    if not _known_files(folder):
        return []
    with _alone(folder, lambda: None):
        known = _known_files(folder)
        for path in sorted(known):
            own_files.at(folder, path)
        _delete(folder, known | _unfinished(folder))
        if not any(folder.iterdir()):
            folder.rmdir()
    return sorted(known - {MANIFEST, NEXT_MANIFEST})


def _delete(folder: Path, paths: set[str]) -> None:
    """Deletes files, pages before what they need, and the folders that this leaves empty."""
    own_files.delete(folder, sorted(paths, key=lambda path: PurePosixPath(path).name != INDEX))
