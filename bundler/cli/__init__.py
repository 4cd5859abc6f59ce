"""The command line: the only part that prints or exits."""

from __future__ import annotations

import click

from bundler import __version__
from bundler.cli import building, deploying, serving
from bundler.cli.shared import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tfjs-demo")
def main() -> None:
    """Turns a TensorFlow or Keras model into a page that runs it in the visitor's browser."""


for _command in (
    building.build,
    building.check,
    building.verify,
    building.new,
    serving.serve,
    deploying.deploy,
    building.clean,
):
    main.add_command(_command)
