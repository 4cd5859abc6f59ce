"""--version: of the tool, and with --debug of all that its pages depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import click

from bundler import __version__
from bundler.cli.terminal import say

# What converts models, asked for its version without being imported.
PYTHON_PACKAGES = ("tensorflow", "keras", "tf_keras", "tensorflowjs", "numpy")
NOT_THERE = "not installed"


def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Prints the versions that were asked for, and ends the command."""
    if not wanted or context.resilient_parsing:
        return
    say(f"tfjs-demo, version {__version__}")
    if context.params["debug"]:
        say(*(f"{name} {number}" for name, number in foundations().items()))
    context.exit()


def foundations() -> dict[str, str]:
    """The versions of Python, its packages, TensorFlow.js and Node on this machine."""
    from bundler.bundle import packages
    from bundler.ground.errors import SetupError

    try:
        node = packages.node_version()
    except SetupError:
        node = NOT_THERE
    return {
        "Python": f"{platform.python_version()}, {platform.platform()}",
        **{name: _installed(name) for name in PYTHON_PACKAGES},
        "TensorFlow.js": packages.locked("@tensorflow/tfjs-core"),
        "Node": node,
    }


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_THERE
