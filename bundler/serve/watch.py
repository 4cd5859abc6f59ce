"""Which files of a demo change: told by the system, or looked for where it does not tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

# Reading and opening are no changes: the build itself would be one, and loop for ever.
CHANGES = {"created", "modified", "moved", "deleted", "closed"}
IGNORED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}
SECONDS_BETWEEN_LOOKS = 0.5

OnChange = Callable[[Path], None]


class Watch:
    """Tells `on_change` of every change below `folders`, and of `files`, from another thread.

    What lies in `left_out`, and hidden files, are not looked at.
    """

    def __init__(
        self, folders: list[Path], files: list[Path], left_out: list[Path], on_change: OnChange
    ) -> None:
        self._folders = [folder.resolve() for folder in folders]
        self._files = [file.resolve() for file in files]
        self._left_out = [folder.resolve() for folder in left_out]
        self._on_change = on_change
        self._observer: BaseObserver | None = None

    def start(self, *, polls: bool) -> bool:
        """Begins; returns whether it looks for changes itself, because nobody tells of them."""
        if not polls:
            try:
                self._begin(Observer())
                return False
            except OSError:
                pass  # the system's watches are used up, or this disk has none
        self._begin(PollingObserver(timeout=SECONDS_BETWEEN_LOOKS))
        return True

    def _begin(self, observer: BaseObserver) -> None:
        handler = _Handler(self._notice)
        try:
            for folder in _outermost(self._folders):
                observer.schedule(handler, str(folder), recursive=True)
            for folder in {file.parent for file in self._files}:
                if not any(_is_below(folder, one) for one in self._folders):
                    observer.schedule(handler, str(folder), recursive=False)
            observer.start()
        except OSError:
            observer.unschedule_all()
            raise
        self._observer = observer

    def stop(self) -> None:
        if self._observer:
            self._observer.stop()

    def _notice(self, path: Path) -> None:
        if any(_is_below(path, folder) for folder in self._left_out):
            return
        if any(_is_below(path, file) for file in self._files) or self._is_watched(path):
            self._on_change(path)

    def _is_watched(self, path: Path) -> bool:
        """Whether it lies in one of the folders and is nobody's private file."""
        for folder in self._folders:
            if _is_below(path, folder):
                parts = path.relative_to(folder).parts
                hidden = any(part.startswith(".") or part in IGNORED_FOLDERS for part in parts)
                return not hidden and not path.name.endswith("~")
        return False


class _Handler(FileSystemEventHandler):
    def __init__(self, notice: OnChange) -> None:
        self._notice = notice

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in CHANGES:
            return
        if event.is_directory and event.event_type == "modified":
            return  # says only that one of its files is another one, of which there is an event
        # An editor that saves whole files moves them to where they belong.
        for path in (event.src_path, event.dest_path):
            if path:
                self._notice(Path(str(path)))


def _is_below(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _outermost(folders: list[Path]) -> list[Path]:
    return [one for one in folders if not any(other in one.parents for other in folders)]
