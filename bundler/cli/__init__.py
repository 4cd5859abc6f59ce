"""The command line: the only part that prints or exits."""

from __future__ import annotations

import click

from bundler.cli import building, deploying, reference, serving, versions
from bundler.cli.shared import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    callback=versions.show,
    help="Show the version and exit.",
)
@click.option(
    "--debug",
    is_flag=True,
    is_eager=True,  # known when --version is looked at, whatever their order
    help="With --version: those of TensorFlow, Keras, TensorFlow.js and Node as well.",
)
def main(debug: bool) -> None:
    """Turns a TensorFlow or Keras model into a page that runs it in the visitor's browser."""


for _command in (
    building.build,
    building.check,
    building.verify,
    building.new,
    serving.serve,
    deploying.deploy,
    building.clean,
    reference.widgets,
    reference.schema,
):
    main.add_command(_command)
