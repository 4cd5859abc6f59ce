"""What can go wrong, in words for the person at the terminal."""

from __future__ import annotations

from typing import Any

from bundler.ground import visible


class DemoError(Exception):
    """A failure that the user can do something about.

    `message` says what happened and where (file, key, layer, op); `hint` what to do;
    `details` is what only --debug shows. The command ends with `exit_code`.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        """What Python prints of it, where nobody catches it: a notebook, for example."""
        return "\n".join(visible.lines(self.message))

    def to_json(self) -> dict[str, Any]:
        """What --json tells beside the texts."""
        return {}


class ConfigError(DemoError):
    """demo.toml, or a file that it names, cannot be used as it is."""

    exit_code = 2


class ModelError(DemoError):
    """The model cannot be opened or converted."""

    exit_code = 3


class ParityError(DemoError):
    """TF.js does not answer what Python answered."""

    exit_code = 4


class SetupError(DemoError):
    """Something that the tool needs on this machine is missing (Node, the network, a package)."""

    exit_code = 5


class SiteError(DemoError):
    """The site cannot be written, read or served."""

    exit_code = 6


class DeployError(DemoError):
    """The site cannot be published as it is, or the host did not take it."""

    exit_code = 7
