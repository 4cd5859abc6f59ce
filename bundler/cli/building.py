"""build, check, verify, new and clean: what is done with a demo and its site."""

from __future__ import annotations

from pathlib import Path

import click

from bundler.cli.reports import print_parity, print_report
from bundler.cli.shared import ALLOW_PATH, TARGET, Progress, model_options, output_options
from bundler.cli.terminal import say, say_json
from bundler.ground import shell


@click.command()
@TARGET
@model_options
@ALLOW_PATH
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the site. [default: site]")
@output_options
def build(
    target: Path,
    out: Path | None,
    trusted: bool,
    signature: str | None,
    allowed: tuple[Path, ...],
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Build the site of TARGET: a folder with demo.toml, or a model file."""
    from bundler.pipeline import build as run

    with Progress(quiet or as_json) as progress:
        report = run(
            target,
            out=out,
            trusted=trusted,
            signature=signature,
            allowed=allowed,
            on_step=progress.step,
        )
    print_report(report, f"Built {report.folder}", quiet=quiet, as_json=as_json, debug=debug)
    if not quiet and not as_json:
        say(f"See it with: {shell.command('tfjs-demo', 'serve', report.folder)}")


@click.command()
@TARGET
@model_options
@ALLOW_PATH
@click.option(
    "--compare", "compares", is_flag=True, help="Compare the answers with Python's as well."
)
@output_options
def check(
    target: Path,
    trusted: bool,
    signature: str | None,
    allowed: tuple[Path, ...],
    compares: bool,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Say soon whether the model opens, fits demo.toml and can run; write nothing."""
    from bundler.pipeline import check as run

    with Progress(quiet or as_json) as progress:
        report = run(
            target,
            compares=compares,
            trusted=trusted,
            signature=signature,
            allowed=allowed,
            on_step=progress.step,
        )
    headline = "Nothing would go wrong."
    if not compares:
        headline = (
            f"It opens, fits, and TensorFlow.js has its {report.ops} kinds of ops. "
            "The answers are compared by build, or with --compare."
        )
    print_report(report, headline, quiet=quiet, as_json=as_json, debug=debug, told_plan=True)


@click.command()
@click.argument("site", type=click.Path(path_type=Path), default="site")
@click.option(
    "--trust-site",
    "trusted",
    is_flag=True,
    help="Run the site's program also where no fence can be drawn around it, and it is not ours.",
)
@output_options
def verify(site: Path, trusted: bool, quiet: bool, as_json: bool, debug: bool) -> None:
    """Compare the answers of a built SITE with Python's once more."""
    from bundler.pipeline import verify_site

    with Progress(quiet or as_json, steps=2) as progress:
        progress.step("verify")
        parity = verify_site(site, trusted=trusted)
    if as_json:
        rows = [vars(row) for row in parity.rows]
        say_json({"site": str(site), "rows": rows, "tolerance": parity.tolerance})
    elif not quiet:
        print_parity(parity)


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--templates",
    is_flag=True,
    help="Write a start of a page, a style and a script of your own; MODEL may be a demo.",
)
@model_options
@output_options
def new(
    model: Path,
    folder: Path | None,
    templates: bool,
    trusted: bool,
    signature: str | None,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Make a demo around MODEL: a FOLDER with the model and a demo.toml to edit."""
    from bundler.cli import start
    from bundler.cli.scaffold import scaffold
    from bundler.demo import config

    if templates and config.is_demo(model):
        made = model
    else:
        with Progress(quiet or as_json) as progress:
            step = progress.step
            made = scaffold(model, folder, trusted=trusted, signature=signature, on_step=step)
    if templates:
        made = start.write(made)
    if as_json:
        say_json({"folder": str(made)})
    elif not quiet:
        then = shell.command("tfjs-demo", "build", made)
        say(f"Made {made}. Edit {made / 'demo.toml'}, then: {then}")


@click.command()
@TARGET
@click.option("--cache", "with_cache", is_flag=True, help="Delete the tool's cache as well.")
@output_options
def clean(target: Path, with_cache: bool, quiet: bool, as_json: bool, debug: bool) -> None:
    """Delete the site of TARGET (a demo's folder or the site itself): only what was built."""
    from bundler import site
    from bundler.ground import cache
    from bundler.pipeline import DEFAULT_OUT

    folder = target if (target / site.MANIFEST).is_file() else target / DEFAULT_OUT
    deleted = site.clean(folder)
    if with_cache:
        cache.clear()
    if as_json:
        say_json({"deleted": deleted, "cache": with_cache})
    elif not quiet:
        say(f"Deleted {len(deleted)} files of {folder}." if deleted else "Nothing to delete.")
