"""The command line: the only module that prints or exits."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bundler import __version__
from bundler.errors import DemoError

if TYPE_CHECKING:
    from bundler.graph.changes import Quantization
    from bundler.pipeline import Report
    from bundler.serve.problem import Problem
    from bundler.verify import Parity

# How many steps a build from scratch reports.
STEPS_OF_A_BUILD = 13

TARGET = click.argument("target", type=click.Path(path_type=Path), default=".")


class Commands(click.Group):
    """Prints errors in one place, and ends with their exit codes."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the command; every failure ends here."""
        kwargs["standalone_mode"] = False
        try:
            return super().main(*args, **kwargs)
        except DemoError as error:
            _fail(error.message, error.hint, error.exit_code, error.details, error.to_json())
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            _fail("stopped; nothing was changed", "", 130)
        except OSError as error:
            # A full disk or missing rights, outside of the places that expect them.
            _fail(f"{error.filename or 'the system'}: {error.strerror or error}", "", 1)
        except Exception as error:
            hint = (
                "This is a mistake in tfjs-demo. Run again with --debug and report what it shows."
            )
            _fail(f"{type(error).__name__}: {error}", hint, 1)


def _fail(
    message: str, hint: str, code: int, details: str = "", facts: dict[str, Any] | None = None
) -> NoReturn:
    if "--debug" in sys.argv:
        click.echo(details, err=True)
        traceback.print_exc()
    if "--json" in sys.argv:
        failure = {"error": message, "hint": hint, "exit_code": code}
        click.echo(json.dumps({**failure, **(facts or {})}))
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(message, err=True)
    if hint:
        click.echo(hint, err=True)
    sys.exit(code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tfjs-demo")
def main() -> None:
    """Turns a TensorFlow or Keras model into a page that runs it in the visitor's browser."""


def _output_options(command: Any) -> Any:
    for option in (
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--quiet", "-q", is_flag=True, help="Print nothing but errors."),
    ):
        command = option(command)
    return command


def _model_options(command: Any) -> Any:
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


@main.command()
@TARGET
@_model_options
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the site. [default: site]")
@_output_options
def build(
    target: Path,
    out: Path | None,
    trusted: bool,
    signature: str | None,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Build the site of TARGET: a folder with demo.toml, or a model file."""
    from bundler.pipeline import build as run

    with _Progress(quiet or as_json) as progress:
        report = run(target, out=out, trusted=trusted, signature=signature, on_step=progress.step)
    _print_report(report, f"Built {report.folder}", quiet=quiet, as_json=as_json)
    if not quiet and not as_json:
        click.echo(f"See it with: tfjs-demo serve {report.folder}")


@main.command()
@TARGET
@_model_options
@_output_options
def check(
    target: Path, trusted: bool, signature: str | None, quiet: bool, as_json: bool, debug: bool
) -> None:
    """Say what would go wrong in a build; write nothing."""
    from bundler.pipeline import check as run

    with _Progress(quiet or as_json) as progress:
        report = run(target, trusted=trusted, signature=signature, on_step=progress.step)
    _print_report(report, "Nothing would go wrong.", quiet=quiet, as_json=as_json)


@main.command()
@click.argument("site", type=click.Path(path_type=Path), default="site")
@_output_options
def verify(site: Path, quiet: bool, as_json: bool, debug: bool) -> None:
    """Compare the answers of a built SITE with Python's once more."""
    from bundler.pipeline import verify_site

    with _Progress(quiet or as_json, steps=2) as progress:
        progress.step("verify")
        parity = verify_site(site)
    if as_json:
        rows = [vars(row) for row in parity.rows]
        click.echo(json.dumps({"site": str(site), "rows": rows, "tolerance": parity.tolerance}))
    elif not quiet:
        _print_parity(parity)


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@_model_options
@_output_options
def new(
    model: Path,
    folder: Path | None,
    trusted: bool,
    signature: str | None,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Make a demo around MODEL: a FOLDER with the model and a demo.toml to edit."""
    from bundler.scaffold import scaffold

    with _Progress(quiet or as_json) as progress:
        made = scaffold(model, folder, trusted=trusted, signature=signature, on_step=progress.step)
    if as_json:
        click.echo(json.dumps({"folder": str(made)}))
    elif not quiet:
        click.echo(f"Made {made}. Edit {made / 'demo.toml'}, then: tfjs-demo build {made}")


@main.command()
@TARGET
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; a busy one gives way to one of the next ten.",
)
@click.option("--strict-port", is_flag=True, help="This port or none.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is all."
)
@click.option("--base", default="/", help="Sub-path of the page, such as /repository/.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--isolate", is_flag=True, help="Send the headers that threads need.")
@click.option("--poll", "polls", is_flag=True, help="Look for changes, for network drives.")
@_model_options
@_output_options
def serve(
    target: Path,
    port: int,
    strict_port: bool,
    host: str,
    base: str,
    open_browser: bool,
    isolate: bool,
    polls: bool,
    trusted: bool,
    signature: str | None,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Show TARGET: a built site, or a demo, which is built again whenever it changes."""
    from bundler import config
    from bundler import serve as server
    from bundler.site import MANIFEST

    options = server.Options(port, host, base, strict_port, isolate, polls)
    if options.is_wide and not quiet:
        click.secho("warning: ", fg="yellow", nl=False, err=True)
        click.echo(f"everybody who reaches {host} can see this demo", err=True)
    told = _ServeEvents(open_browser, silent=quiet, as_json=as_json, debug=debug)
    if (target / MANIFEST).is_file():
        server.serve_site(target, options, told)
    else:
        config.locate(target)
        server.serve_demo(server.Target(target, trusted, signature), options, told)


class _ServeEvents:
    """Prints what a server tells: a line for each build."""

    def __init__(self, opens: bool, *, silent: bool, as_json: bool, debug: bool) -> None:
        self._opens, self._silent, self._as_json, self._debug = opens, silent, as_json, debug

    def __call__(self, kind: str, facts: Mapping[str, Any]) -> None:
        if kind == "ready" and self._opens:
            click.launch(facts["url"])
        if self._as_json:
            self._print_json(kind, facts)
        elif kind == "failed":
            self._print_problem(facts["problem"])
        elif not self._silent:
            self._print(kind, facts)

    def _print_json(self, kind: str, facts: Mapping[str, Any]) -> None:
        if kind == "ready":
            line = dict(facts)
        elif kind == "failed":
            problem = facts["problem"]
            line = {"event": kind, "error": problem.message, "hint": problem.hint}
            line["place"] = problem.place
        elif kind == "built":
            line = {"event": kind, "seconds": round(facts["seconds"], 3)}
            line["tensorflow_started"] = facts["report"].tensorflow
        else:
            line = {"event": kind, **facts}
        click.echo(json.dumps(line))

    def _print(self, kind: str, facts: Mapping[str, Any]) -> None:
        if kind == "ready":
            click.echo(f"Serving on {facts['url']} (Ctrl-C stops)")
        elif kind == "polling":
            click.echo("The system tells of no more changes: looking for them twice a second.")
        elif kind == "begun" and facts["changed"]:
            names = [Path(path).name for path in facts["changed"]]
            click.echo(f"Changed: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}")
        elif kind == "begun":
            click.echo("Building")
        elif kind == "built":
            click.secho(f"Built in {facts['seconds']:.2f} s", fg="green")

    def _print_problem(self, problem: Problem) -> None:
        if self._debug:
            click.echo(problem.details, err=True)
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        known = problem.place.rpartition(":")[0] or problem.place
        named = f"{problem.place}: " if problem.place and known not in problem.message else ""
        click.echo(f"{named}{problem.message}", err=True)
        if problem.hint:
            click.echo(problem.hint, err=True)


@main.command()
@TARGET
@click.option("--cache", "with_cache", is_flag=True, help="Delete the tool's cache as well.")
@_output_options
def clean(target: Path, with_cache: bool, quiet: bool, as_json: bool, debug: bool) -> None:
    """Delete the site of TARGET (a demo's folder or the site itself): only what was built."""
    from bundler import cache, site
    from bundler.pipeline import DEFAULT_OUT

    folder = target if (target / site.MANIFEST).is_file() else target / DEFAULT_OUT
    deleted = site.clean(folder)
    if with_cache:
        cache.clear()
    if as_json:
        click.echo(json.dumps({"deleted": deleted, "cache": with_cache}))
    elif not quiet:
        click.echo(
            f"Deleted {len(deleted)} files of {folder}." if deleted else "Nothing to delete."
        )


class _Progress:
    """A bar that says what is going on, where there is a terminal."""

    def __init__(self, silent: bool, *, steps: int = STEPS_OF_A_BUILD) -> None:
        self._bar: Any = None
        if not silent and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                BarColumn(bar_width=24),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("starting", total=steps)

    def step(self, text: str) -> None:
        if self._bar:
            self._bar.update(self._task, description=text, advance=1)

    def __enter__(self) -> _Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()


def _print_report(report: Report, headline: str, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_json()))
        return
    if quiet:
        return
    from rich.console import Console
    from rich.table import Table

    from bundler.page import human_bytes

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("file")
    table.add_column("size", justify="right")
    table.add_column("gzipped", justify="right")
    for path, size, gzipped in report.files:
        table.add_row(path, human_bytes(size), human_bytes(gzipped))
    console.print(table)
    if report.parity:
        _print_parity(report.parity, report.quantization)
    for backend, kernels in report.borrowed.items():
        names = ", ".join(kernels)
        click.echo(f"On {backend}, plain JavaScript computes {names}.")
    steps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in report.seconds.items())
    click.echo(f"Starts on {report.backends[0]}. {steps}.")
    for notice in report.notices:
        click.secho("note: ", fg="yellow", nl=False)
        click.echo(notice)
    click.secho(headline, bold=True)


def _print_parity(parity: Parity, quantization: Quantization | None = None) -> None:
    """The largest error of all outputs and backends, and what smaller weights change."""
    worst = max(parity.rows, key=lambda row: row.error)
    samples = worst.samples
    quantised = quantization is not None and quantization.saves
    click.echo(
        f"Same answers as Python{' with the same weights' * quantised}: "
        f"largest error {worst.error:.1e}, {parity.tolerance:.0e} allowed "
        f"({worst.output} on {worst.backend}, {samples} samples)."
    )
    if quantization and quantised:
        _print_quantization(quantization)


def _print_quantization(quantization: Quantization) -> None:
    from bundler.page import human_bytes

    counts = ", ".join(f"{count} {dtype}" for dtype, count in quantization.weights.items())
    click.echo(
        f"Weights ({counts}): {human_bytes(quantization.bytes)} instead of "
        f"{human_bytes(quantization.float_bytes)}. Beside the original weights:"
    )
    for change in quantization.changes:
        click.echo(f"  {change}")
