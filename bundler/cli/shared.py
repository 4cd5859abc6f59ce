"""What all commands share: options, the bar that says what is going on, and how they fail."""

from __future__ import annotations

import sys
import traceback
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import click

from bundler.cli.terminal import complain, listen_to_libraries, say_json, show
from bundler.ground import disk, processes, stopping, visible
from bundler.ground.errors import DemoError
from bundler.ground.stopping import StoppedError

# How many steps a build from scratch reports.
STEPS_OF_A_BUILD = 13

TARGET = click.argument("target", type=click.Path(path_type=Path), default=".")
ALLOW_PATH = click.option(
    "--allow-path",
    "allowed",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="FOLDER",
    help="Let demo.toml name files in this folder as well as in its own.",
)


class Commands(click.Group):
    """Prints errors in one place, and ends with their exit codes."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the command; every failure ends here."""
        kwargs["standalone_mode"] = False
        stopping.listen(processes.close)
        listen_to_libraries()
        try:
            return super().main(*args, **kwargs)
        except DemoError as error:
            _fail(error.message, error.hint, error.exit_code, error.details, error.to_json())
        except click.ClickException as error:
            _show_use(error)
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt) as error:
            # Click makes an Abort of it.
            stop = error.__cause__ if isinstance(error.__cause__, StoppedError) else error
            done = getattr(stop, "done", "") or "nothing was changed"
            _fail(f"stopped; {done}", "", getattr(stop, "exit_code", 130))
        except OSError as error:
            # A full disk or missing rights, outside of the places that expect them.
            hint = "Free some space on that disk." if disk.is_full(error) else ""
            _fail(f"{error.filename or 'the system'}: {error.strerror or error}", hint, 1)
        except Exception as error:
            hint = (
                "This is a mistake in tfjs-demo. Run again with --debug and report what it shows."
            )
            _fail(f"{type(error).__name__}: {error}", hint, 1)


def _fail(
    message: str, hint: str, code: int, details: str = "", facts: dict[str, Any] | None = None
) -> NoReturn:
    if "--debug" in sys.argv:
        show(details)
        show(traceback.format_exc())
    if "--json" in sys.argv:
        failure = {"error": message, "hint": hint, "exit_code": code}
        say_json({**failure, **(facts or {})})
    complain("error", message, hint)
    sys.exit(code)


def _show_use(error: click.ClickException) -> None:
    """How the command is used, and what is wrong with how it was."""
    text = StringIO()
    error.show(text)
    show(text.getvalue())


def output_options(command: Any) -> Any:
    """Adds --quiet, --json and --debug."""
    for option in (
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors."),
    ):
        command = option(command)
    return command


def model_options(command: Any) -> Any:
    """Adds --trust-model and --signature."""
    for option in (
        click.option("--signature", help="Which signature of a SavedModel."),
        click.option(
            "--trust-model",
            "trusted",
            is_flag=True,
            help="Let the model run Python code of its own on this machine.",
        ),
    ):
        command = option(command)
    return command


class Progress:
    """A bar that says what is going on, where there is a terminal."""

    def __init__(self, silent: bool, *, steps: int = STEPS_OF_A_BUILD) -> None:
        self._bar: Any = None
        if not silent and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                BarColumn(bar_width=24),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("starting", total=steps)

    def step(self, text: str) -> None:
        if self._bar:
            self._bar.update(self._task, description=visible.line(text), advance=1)

    def __enter__(self) -> Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()
