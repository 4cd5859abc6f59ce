"""What the kinds of input and of answer share: how they fit a tensor, and where they are found."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

# How well a kind fits: as any tensor does, only where it is asked for, well, best.
ANY, IF_ASKED, WELL, BEST = range(4)

# The role of a tensor that has its kind to itself.
SOLE = ""


@dataclass(frozen=True)
class Fit:
    """How a tensor can be filled or shown.

    `kind` is what widgets name in their part.toml, `reason` is for the person at the terminal.
    With `each`, every element of a vector gets a widget of its own.
    """

    kind: str
    rank: int
    reason: str
    each: bool = False


@dataclass
class Findings:
    """Problems end the build, notices are shown with its result."""

    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    raw_values: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """A table of demo.toml, which messages call `key`."""

    key: str
    findings: Findings

    def problem(self, setting: str, text: str) -> None:
        """Ends the build, with the setting's whole key in front of the text."""
        self.findings.problems.append(f"{self.key}.{setting}: {text}")


def discovered(package: str, folders: Iterable[str], constant: str) -> dict[str, Any]:
    """The kinds in a package by the names of the modules that have this constant."""
    names = sorted(info.name for info in pkgutil.iter_modules(folders))
    modules = {name: import_module(f"{package}.{name}") for name in names}
    return {
        name: getattr(module, constant)
        for name, module in modules.items()
        if hasattr(module, constant)
    }
