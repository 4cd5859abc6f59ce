"""What the command line ends with, whatever a command raises."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from typing import NoReturn

import click
import pytest

from bundler.cli.shared import Commands
from bundler.ground.errors import DemoError
from bundler.ground.stopping import SIGNALS, StoppedError
from tests.readme import exit_codes

ERRORS = DemoError.__subclasses__()
ENDS: list[tuple[BaseException, int, str]] = [
    *((error("words", hint="a hint"), error.exit_code, "words\na hint") for error in ERRORS),
    (DemoError("words"), 1, "words"),
    (OSError(28, "No space left on device", "/disk"), 1, "/disk: No space left on device"),
    (ValueError("words"), 1, "ValueError: words\nThis is a mistake in tfjs-demo."),
    (KeyboardInterrupt(), 130, "stopped; nothing was changed"),
    (StoppedError(signal.SIGTERM, "half was done"), 143, "stopped; half was done"),
    (click.UsageError("words"), 2, "Error: words"),
]


@pytest.fixture(autouse=True)
def listening_as_before() -> Iterator[None]:
    """Signals and logs, to which a program listens from its start."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    root = logging.getLogger()
    logs = list(root.handlers)
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
    root.handlers[:] = logs
    logging.captureWarnings(False)


@pytest.mark.parametrize(("error", "code", "said"), ENDS, ids=lambda value: type(value).__name__)
def test_every_failure_has_its_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.group(cls=Commands)
    def program() -> None: ...

    @program.command()
    def fail() -> NoReturn:
        raise error

    with pytest.raises(SystemExit) as ended:
        program(["fail"])
    assert ended.value.code == code
    assert said in capsys.readouterr().err


def test_the_table_has_every_code_once() -> None:
    codes = [line.split("|")[1].strip() for line in exit_codes().splitlines()[2:]]
    assert codes == ["0", "1", "2", "3", "4", "5", "6", "7", "128 + n"]
    assert sorted(error.exit_code for error in ERRORS) == [2, 3, 4, 5, 6, 7]
