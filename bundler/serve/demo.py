"""A demo that is being worked on: watched, built again, and its open pages told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bundler.demo import config
from bundler.ground import layout
from bundler.pipeline import DEFAULT_OUT
from bundler.serve.files import File, LiveSite, waiting_page
from bundler.serve.live import Channel, State
from bundler.serve.problem import Problem
from bundler.serve.rebuild import Built, Listener, Rebuilder, Target
from bundler.serve.watch import Watch

# A build that ends sooner shows no progress in the page.
AT_ONCE = 0.3


class LiveDemo:
    """The files of the newest build, and what keeps them the newest."""

    def __init__(self, target: Target, on_event: Callable[[str, Mapping[str, Any]], None]) -> None:
        self.channel = Channel()
        self._target = target
        self._on_event = on_event
        self._live: LiveSite | None = None
        self._builder = Rebuilder(target, self._listener())
        self._watch: Watch | None = None
        self._outside: list[Path] = []
        self._polls = False
        self._step = ""
        self._takes_longer: asyncio.TimerHandle | None = None

    def find(self, path: str) -> File | None:
        """A file of the last good build; before the first, a page that waits for it."""
        return self._live.find(path) if self._live else waiting_page(path, self.channel.script())

    def start(self, *, polls: bool) -> None:
        """Begins to watch and to build."""
        self._loop = asyncio.get_running_loop()
        self._polls = polls
        self._begin_to_watch()
        self._builder.start()

    def stop(self, seconds: float) -> None:
        """Ends it all; a build that runs gets so long to clean up."""
        if self._watch:
            self._watch.stop()
        self._builder.stop()
        self._builder.join(seconds)

    def _begin_to_watch(self) -> None:
        path = self._target.path
        folders, files, left_out = [layout.templates()], list(self._outside), []
        if config.is_demo(path):
            folder = path if path.is_dir() else path.parent
            folders.append(folder)
            left_out.append(folder / DEFAULT_OUT)
        else:
            files.append(path)
        if self._watch:
            self._watch.stop()
        self._watch = Watch(folders, files, left_out, self._builder.notice)
        if self._watch.start(polls=self._polls) and not self._polls:
            self._polls = True
            self._on_event("polling", {})

    def _listener(self) -> Listener:
        """What the builder tells, carried into the server's thread."""

        def carry(method: Callable[..., None]) -> Callable[..., None]:
            def tell(*values: object) -> None:
                with suppress(RuntimeError):  # the server has ended
                    self._loop.call_soon_threadsafe(method, *values)

            return tell

        return Listener(
            begun=carry(self._on_begun),
            step=carry(self._on_step),
            style=carry(self.channel.restyle),
            built=carry(self._on_built),
            failed=carry(self._on_failed),
        )

    def _on_begun(self, paths: set[Path]) -> None:
        self._end_step()  # of a build that was overtaken
        self._step = ""
        self._takes_longer = self._loop.call_later(AT_ONCE, self._show_step)
        self._on_event("begun", {"changed": sorted(map(str, paths))})

    def _on_step(self, text: str) -> None:
        self._step = text
        if self._takes_longer and self._takes_longer.when() <= self._loop.time():
            self._show_step()

    def _show_step(self) -> None:
        state = self.channel.state
        self.channel.tell(State(state.build, state.problem, self._step or "building"))

    def _on_built(self, built: Built) -> None:
        self._end_step()
        number = self.channel.state.build + built.changed
        self.channel.state = State(number)
        if built.changed:
            self._live = LiveSite(built.site, self.channel.script())
        self.channel.tell(State(number), restyled=built.restyles)
        outside = [path for path in config.files(built.report.demo) if self._is_outside(path)]
        if outside != self._outside:
            self._outside = outside
            self._begin_to_watch()
            for path in outside:
                self._builder.notice(path)  # it may have changed before anybody looked at it
        self._on_event("built", {"seconds": built.seconds, "report": built.report})

    def _on_failed(self, problem: Problem) -> None:
        self._end_step()
        self.channel.tell(State(self.channel.state.build, problem))
        self._on_event("failed", {"problem": problem})

    def _end_step(self) -> None:
        if self._takes_longer:
            self._takes_longer.cancel()
        self._takes_longer = None

    def _is_outside(self, path: Path) -> bool:
        folder = self._target.path if self._target.path.is_dir() else self._target.path.parent
        return folder.resolve() not in path.resolve().parents
