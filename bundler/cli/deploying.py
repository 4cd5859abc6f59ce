"""deploy: from a demo to a public address."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bundler.cli.shared import ALLOW_PATH, Progress, model_options, output_options
from bundler.cli.terminal import complain, say, say_json
from bundler.ground import visible
from bundler.ground.errors import DeployError

if TYPE_CHECKING:
    from bundler.deploy import Prepared
    from bundler.deploy.branch import Plan
    from bundler.deploy.targets.target import Target

MOST_LINES = 12
WAIT_SECONDS = 600
KINDS = ("added", "changed", "removed")
HOSTS = ("folder", "netlify", "cloudflare", "huggingface")


@dataclass(frozen=True)
class Said:
    """What the user wants, and how to tell what was done."""

    targets: tuple[Path, ...]
    init: bool
    branch: str | None
    remote: str | None
    host: str | None
    out: Path | None
    dry: bool
    adopt: bool
    replace: bool
    history: bool
    wait: bool
    url: str | None
    time_limit: float
    title: str
    trusted: bool
    signature: str | None
    allowed: tuple[Path, ...]
    quiet: bool
    as_json: bool
    facts: dict[str, Any] = field(default_factory=dict)

    def tell(self, text: str, *, whole: bool = False) -> None:
        """Prints a line; a `whole` text of ours has several."""
        if not self.quiet and not self.as_json:
            say(*text.split("\n") if whole else [text])

    def note(self, text: str) -> None:
        self.facts.setdefault("notes", []).append(text)
        if not self.quiet and not self.as_json:
            complain("note", text, colour="yellow", err=False)


@click.command()
@click.argument("targets", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--init",
    is_flag=True,
    help="Write the workflow with which GitHub builds, verifies and publishes whatever is pushed.",
)
@click.option("--branch", help="Push the site to this branch alone: gh-pages, for example.")
@click.option("--remote", help="Where to push. [default: origin]")
@click.option(
    "--to",
    "host",
    type=click.Choice(HOSTS),
    help="Write the folder for this host; its own command uploads it.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for --to. [default: deploy/HOST]"
)
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be done; do nothing.")
@click.option("--adopt", is_flag=True, help="Use a branch that tfjs-demo did not create.")
@click.option(
    "--replace",
    is_flag=True,
    help="Delete from the branch what tfjs-demo did not write, CNAME too; or write the workflow "
    "anew.",
)
@click.option(
    "--history", is_flag=True, help="Add a commit to the branch rather than replace the last."
)
@click.option(
    "--wait",
    is_flag=True,
    help="Wait until the public address has every file, and try the page in a browser.",
)
@click.option("--url", help="The public address. [default: that of the repository's GitHub Pages]")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0),
    default=WAIT_SECONDS,
    show_default=True,
    help="Seconds that --wait waits.",
)
@click.option("--title", default="", help="Title of the page that lists several demos.")
@model_options
@ALLOW_PATH
@output_options
def deploy(debug: bool, targets: tuple[Path, ...], **said: Any) -> None:
    """Publish TARGETS: demos, built first if need be, or sites. Several share one address.

    By default on GitHub Pages through Actions: --init writes the workflow, and from then on
    GitHub publishes what is pushed; without --init, this says what is still to be done.
    """
    options = Said(targets or (Path(),), **said)
    if sum([options.init, options.branch is not None, options.host is not None]) > 1:
        raise click.UsageError("Say one of --init, --branch and --to.")
    if options.init:
        _init(options)
    else:
        _publish(options)
    if options.as_json:
        say_json(options.facts)


def _init(said: Said) -> None:
    from bundler.deploy import workflow

    written = workflow.init(
        said.targets,
        writes=not said.dry,
        replaces=said.replace,
        trusted=said.trusted,
        signature=said.signature,
        allowed=said.allowed,
        title=said.title,
    )
    said.facts.update(workflow=str(written.path), written=written.is_new and not said.dry)
    done = "Nothing to change in" if not written.is_new else "Would write" if said.dry else "Wrote"
    said.tell(f"{done} {written.path}.")
    if said.dry:
        said.tell(written.text, whole=True)
        return
    for note in written.notes:
        said.note(note)
    said.tell("Then, once: on GitHub, Settings, Pages, Source: GitHub Actions.")
    said.tell("Commit the workflow and push it: GitHub publishes the demo, now and from then on.")


def _publish(said: Said) -> None:
    from bundler import deploy

    with Progress(said.quiet or said.as_json) as progress:
        target = deploy.TARGETS[said.host or "folder"]
        build = _builder(said, progress)
        prepared = deploy.prepare(said.targets, build, target, title=said.title)
    for note in prepared.notes:
        said.note(note)
    url = said.url
    if said.host:
        _write(said, prepared, target)
    elif said.branch is not None:
        url = _push(said, prepared) or url
    elif not said.wait:
        _remind(said, prepared)
    if said.wait and not said.dry:
        _look(said, prepared, url)


def _builder(said: Said, progress: Progress) -> Any:
    from bundler.pipeline import build

    def run(target: Path) -> Path:
        report = build(
            target,
            trusted=said.trusted,
            signature=said.signature,
            allowed=said.allowed,
            on_step=progress.step,
        )
        return report.folder

    return run


def _write(said: Said, prepared: Prepared, target: Target) -> None:
    from bundler import deploy, site

    folder = said.out or deploy.default_folder(prepared, target)
    if not said.dry:
        site.write(prepared.made, folder)
    command = target.upload(folder, prepared.name)
    said.facts.update(folder=str(folder), upload=command, written=not said.dry)
    said.tell(
        f"{'Would write' if said.dry else 'Wrote'} {len(prepared.made.files)} files to {folder}."
    )
    said.tell(f"To publish: {command}" if said.host != "folder" else command)


def _push(said: Said, prepared: Prepared) -> str | None:
    """Pushes the branch; returns the public address, if it is known."""
    from bundler import deploy
    from bundler.deploy import branch, push

    assert said.branch is not None
    options = branch.Options(said.branch, said.remote, said.adopt, said.replace, said.history)
    with Progress(said.quiet or said.as_json, steps=5) as progress:
        plan = branch.plan(prepared.made, prepared.folders, options, on_step=progress.step)
    _tell_plan(said, plan)
    url = said.url or deploy.address(plan)
    said.facts.update(url=url, commit=plan.tip, pushed=False)
    if not plan.changes:
        said.tell(f"{plan.branch} of {plan.remote} has this site already: nothing to publish.")
    elif said.dry:
        said.tell("Nothing was pushed.")
    else:
        message = f"Deploy {prepared.name}\n\n{visible.line(prepared.title)}"
        with Progress(said.quiet or said.as_json, steps=3) as progress:
            commit = push.push(plan, prepared.made, message, on_step=progress.step)
        said.facts.update(commit=commit, pushed=True)
        said.tell(f"Pushed {commit[:10]} to {plan.branch} of {plan.remote}.")
        if plan.tip:
            said.facts["backup"] = plan.backup
            said.tell(f"What it replaces, {plan.tip[:10]}, is kept there as {plan.backup}.")
        elif url:
            said.tell(f"Once, on GitHub: Settings, Pages, Deploy from a branch, {plan.branch}.")
        if url and not said.wait:
            said.tell(f"In some minutes it is at {url} (--wait looks).")
    return url


def _tell_plan(said: Said, plan: Plan) -> None:
    from bundler.site.words import human_bytes

    said.facts.update(
        branch=plan.branch,
        remote=plan.url,
        changes=[vars(change) for change in plan.changes],
        kept=list(plan.kept),
        source=plan.source,
        bytes=plan.new_bytes,
    )
    said.tell(f"Branch {plan.branch} of {plan.remote} ({plan.url})")
    for change in plan.changes[:MOST_LINES]:
        size = human_bytes(change.bytes)
        said.tell(f"  {change.kind:<8}{size:>8}  {_shown(change.path)}")
    if len(plan.changes) > MOST_LINES:
        said.tell(f"  and {len(plan.changes) - MOST_LINES} more")
    for path in plan.kept[:MOST_LINES]:
        said.tell(f"  {'kept':<16}  {_shown(path)}")
    if len(plan.kept) > MOST_LINES:
        said.tell(f"  and {len(plan.kept) - MOST_LINES} more that are kept")
    counts = {kind: sum(change.kind == kind for change in plan.changes) for kind in KINDS}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    if told:
        said.tell(f"{told}, {human_bytes(plan.new_bytes)} new; from {plan.source}.")
    for note in plan.notes:
        said.note(note)


def _shown(path: str) -> str:
    """A path in quotes, if it holds what cannot be seen."""
    return path if path.isprintable() else ascii(path)


def _remind(said: Said, prepared: Prepared) -> None:
    from bundler.deploy import workflow

    steps = workflow.state(prepared.folders)
    said.facts.update(todo=steps)
    said.tell("The site can be published as it is.")
    for step in steps:
        said.tell(f"  {step}")
    said.tell(
        "GitHub publishes it then." if steps else "All is pushed: GitHub publishes it, or has."
    )


def _look(said: Said, prepared: Prepared, url: str | None) -> None:
    from bundler import deploy
    from bundler.deploy import live, workflow

    url = url or prepared.address or workflow.address(prepared.folders)
    if not url:
        raise DeployError("the public address is not known", hint="Say --url https://…/")
    url = live.check_url(url)
    said.tell(f"Waiting until {url} has the site, {said.time_limit:.0f} s at most.")
    with Progress(said.quiet or said.as_json, steps=4) as progress:
        progress.step(f"look at {url}")
        seconds, seen = deploy.look(prepared, url, limit=said.time_limit, on_step=progress.step)
    said.facts.update(url=url, seconds=round(seconds, 1))
    said.facts["seen"] = [
        {"browser": one.browser, "backend": one.backend, "error": one.parity.largest_error}
        for one in seen
    ]
    said.tell(f"All {len(prepared.made.files)} files are at {url}, after {seconds:.0f} s.")
    for one in seen:
        said.tell(
            f"{one.browser} opened it: the same answers as Python on {one.backend} (largest error "
            f"{one.parity.largest_error:.1e})."
        )
    if not seen:
        said.note("No browser was found here (Chrome, Chromium or Edge): the page was not tried.")
