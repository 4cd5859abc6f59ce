"""What happens when somebody stops the program: Ctrl-C, `kill`, a terminal that is closed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# Those of them that the system has; Windows has no SIGHUP.
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
# So many times the tidying up is not interrupted.
PATIENCE = 3


class StoppedError(KeyboardInterrupt):
    """Somebody has stopped the program by a signal; `done` says what it has finished before."""

    def __init__(self, number: int, done: str = "") -> None:
        super().__init__(number)
        self.number = number
        self.done = done

    @property
    def exit_code(self) -> int:
        """As shells count: 130 for Ctrl-C."""
        return 128 + self.number


class _Stop:
    """The signals that have come, and whether something may not be interrupted just now."""

    def __init__(self) -> None:
        self.count = 0
        self.held = 0
        self.waiting: int | None = None
        self.before: Callable[[], None] = lambda: None

    def __call__(self, number: int, _: FrameType | None) -> None:
        self.count += 1
        if self.count > PATIENCE:
            os._exit(128 + number)
        if self.held:
            self.waiting = number
        elif self.count == 1:
            self.raise_(number)

    def raise_(self, number: int, done: str = "") -> None:
        self.waiting = None
        self.before()
        raise StoppedError(number, done)


_stop = _Stop()


def listen(before: Callable[[], None]) -> None:
    """From now on signals raise StoppedError in the main thread, after a call of `before`.

    Those that are ignored, as under nohup, stay so.
    """
    _stop.before, _stop.count = before, 0
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


@contextmanager
def held(done: str = "") -> Iterator[None]:
    """What is inside is not interrupted; who has stopped it learns afterwards what was `done`.

    Other threads than the main one are never interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _stop.held += 1
    try:
        yield
    finally:
        _stop.held -= 1
    if _stop.waiting is not None and not _stop.held:
        _stop.raise_(_stop.waiting, done)
