"""Builds a demo again, once for each burst of changes, beside the server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bundler import pipeline
from bundler.bundle import authors, runtime
from bundler.demo import config, own
from bundler.demo.demo import Demo
from bundler.demo.parts import Part
from bundler.ground import layout, processes
from bundler.pipeline import Report
from bundler.serve.problem import Problem, describe
from bundler.site import Site

# Seconds without a change after which a burst is over: of an editor that saves several files;
# of a program that writes a model.
QUIET, MODEL_QUIET = 0.04, 0.5
# A model that was changed less than so long ago and cannot be read may not be whole yet.
FRESH = 2.0


class SupersededError(Exception):
    """Something changed that makes the running build pointless, or the server ends."""


@dataclass(frozen=True)
class Target:
    """What is built, as the command line says it."""

    path: Path
    trusted: bool = False
    signature: str | None = None
    allowed: tuple[Path, ...] = ()

    def read(self) -> Demo:
        return config.read(
            self.path, trusted=self.trusted, signature=self.signature, allowed=self.allowed
        )


@dataclass(frozen=True)
class Built:
    """A new site; `restyles` if it differs from the last one in its style sheet only."""

    site: Site
    report: Report
    seconds: float
    changed: bool
    restyles: bool = False


@dataclass(frozen=True)
class Listener:
    """Whom the builder tells what, from its thread."""

    begun: Callable[[set[Path]], None]
    step: Callable[[str], None]
    style: Callable[[str], None]
    built: Callable[[Built], None]
    failed: Callable[[Problem], None]


@dataclass
class _Waiting:
    """Changes that no build has seen yet."""

    paths: set[Path] = field(default_factory=set)
    last: float = 0.0


class Rebuilder(threading.Thread):
    """Builds at first and after every burst of changes, until it is stopped."""

    def __init__(self, target: Target, listener: Listener) -> None:
        super().__init__(name="build", daemon=True)
        self._target = target
        self._listener = listener
        self._waiting = _Waiting()
        self._changed = threading.Condition()
        self._running: set[Path] | None = None
        self._superseded = False
        self._stopped = False
        self._demo: Demo | None = None
        self._site: Site | None = None
        self._widgets: list[Part] = []

    def notice(self, path: Path) -> None:
        """Something changed; may be called from any thread."""
        with self._changed:
            self._waiting.paths.add(path)
            self._waiting.last = time.monotonic()
            if self._running is not None and self._is_decisive(path):
                self._supersede()
            self._changed.notify_all()

    def stop(self) -> None:
        """Ends it, also in the middle of a conversion."""
        with self._changed:
            self._stopped = True
            self._supersede()
            self._changed.notify_all()

    def run(self) -> None:
        paths: set[Path] | None = set()
        while paths is not None:
            self._build(paths)
            paths = self._await_burst()

    def _supersede(self) -> None:
        self._superseded = True
        processes.end_all()

    def _await_burst(self) -> set[Path] | None:
        """The changes of the next burst, when it is over; None at the end."""
        with self._changed:
            while not self._stopped:
                waiting = self._waiting
                if not waiting.paths:
                    self._changed.wait()
                    continue
                models = any(map(self._is_of_model, waiting.paths))
                rest = waiting.last + (MODEL_QUIET if models else QUIET) - time.monotonic()
                if rest > 0:
                    self._changed.wait(rest)
                    continue
                self._waiting = _Waiting()
                return waiting.paths
        return None

    def _build(self, paths: set[Path]) -> None:
        with self._changed:
            self._running, self._superseded = paths, self._stopped
        self._listener.begun(paths)
        try:
            if styled := self._only_style(paths):
                self._listener.style(styled)
            self._listener.built(self._make(bool(styled)))
        except BaseException as error:
            self._fail(error, paths)
        finally:
            with self._changed:
                self._running = None

    def _make(self, restyles: bool) -> Built:
        begin = time.perf_counter()
        self._demo = self._target.read()
        report, made = pipeline.prepare(self._demo, on_step=self._step)
        changed = self._site is None or made.files != self._site.files
        self._site = made
        self._widgets = report.widgets
        return Built(made, report, time.perf_counter() - begin, changed, restyles)

    def _only_style(self, paths: set[Path]) -> str:
        """The new style sheet, if nothing but style sheets has changed."""
        if not paths or not self._demo or not self._site:
            return ""
        folders = {layout.templates(), (self._demo.folder / own.FOLDER).resolve()}
        if any(path.suffix != ".css" or not folders & {*path.parents} for path in paths):
            return ""
        kept, widgets = pipeline.own_and_widgets(self._demo)
        used = [widgets[part.role][part.name] for part in self._widgets]
        theirs = authors.live_style(used, kept)
        if theirs is None:
            return ""
        return "\n".join([runtime.read_style(used, self._demo.theme.accent, kept), theirs])

    def _step(self, text: str) -> None:
        if self._superseded:
            raise SupersededError
        self._listener.step(text)

    def _fail(self, error: BaseException, paths: set[Path]) -> None:
        with self._changed:
            if self._superseded:
                return  # the next build begins at once, or none
            age = self._model_age() if any(map(self._is_of_model, paths)) else FRESH
            if age < FRESH:
                # Perhaps it is still being written: it is tried again when nobody touches it.
                self._waiting.paths |= paths
                self._waiting.last = time.monotonic() + FRESH - age
                return
        self._listener.failed(describe(error))

    def _model_age(self) -> float:
        """Seconds since the model's newest file was written."""
        assert self._demo
        path = self._demo.folder / self._demo.model
        files = [path, *path.rglob("*")] if path.is_dir() else [path]
        times = [file.stat().st_mtime for file in files if file.exists()]
        return time.time() - max(times, default=0.0)

    def _is_decisive(self, path: Path) -> bool:
        """Whether a build that does not know this change would be for nothing."""
        return path.name == (self._demo.file if self._demo else "") or self._is_of_model(path)

    def _is_of_model(self, path: Path) -> bool:
        if not self._demo:
            return False
        # Whether it still lies in the demo's reach is for the next build to say.
        model = (self._demo.folder / self._demo.model).resolve()
        return path == model or model in path.parents
