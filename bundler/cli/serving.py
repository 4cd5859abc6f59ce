"""serve: what is told of a server's builds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bundler.cli.shared import ALLOW_PATH, TARGET, model_options, output_options
from bundler.cli.terminal import complain, say, say_json, show

if TYPE_CHECKING:
    from bundler.serve.problem import Problem


@click.command()
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
@model_options
@ALLOW_PATH
@output_options
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
    allowed: tuple[Path, ...],
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Show TARGET: a built site, or a demo, which is built again whenever it changes."""
    from bundler import serve as server
    from bundler.demo import config
    from bundler.site import MANIFEST

    options = server.Options(port, host, base, strict_port, isolate, polls)
    if options.is_wide and not quiet:
        complain("warning", f"everybody who reaches {host} can see this demo", colour="yellow")
    told = _ServeEvents(open_browser, silent=quiet, as_json=as_json, debug=debug)
    if (target / MANIFEST).is_file():
        server.serve_site(target, options, told)
    else:
        # A demo stays the demo.toml that it was, also while an editor exchanges it.
        located = config.locate(target)
        server.serve_demo(server.Target(located, trusted, signature, allowed), options, told)


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
        say_json(line)

    def _print(self, kind: str, facts: Mapping[str, Any]) -> None:
        if kind == "ready":
            say(f"Serving on {facts['url']} (Ctrl-C stops)")
        elif kind == "polling":
            say("The system tells of no more changes: looking for them twice a second.")
        elif kind == "begun" and facts["changed"]:
            names = [Path(path).name for path in facts["changed"]]
            say(f"Changed: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}")
        elif kind == "begun":
            say("Building")
        elif kind == "built":
            say(f"Built in {facts['seconds']:.2f} s", colour="green")

    def _print_problem(self, problem: Problem) -> None:
        if self._debug:
            show(problem.details)
        known = problem.place.rpartition(":")[0] or problem.place
        named = f"{problem.place}: " if problem.place and known not in problem.message else ""
        complain("error", f"{named}{problem.message}", problem.hint)
