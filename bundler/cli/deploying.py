"""deploy: from a demo to a public address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bundler.cli.pushing import push_branch
from bundler.cli.said import Said
from bundler.cli.shared import ALLOW_PATH, Progress, model_options, output_options
from bundler.cli.terminal import say_json
from bundler.ground.errors import DeployError

if TYPE_CHECKING:
    from bundler.deploy import Prepared
    from bundler.deploy.targets.target import Target

WAIT_SECONDS = 600
HOSTS = ("folder", "netlify", "cloudflare", "huggingface")


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
        url = push_branch(said, prepared) or url
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
