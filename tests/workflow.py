"""The project's workflow that publishes its demos: `python -m tests.workflow` writes it.

It is the one that `tfjs-demo deploy --init` writes for users, but for what pip installs. Here is
also the linter of all workflows.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from bundler.bundle import packages
from bundler.deploy import workflow
from bundler.deploy.workflow import Built
from tests.conftest import DEMO_NAMES, ROOT

FILE = ROOT / workflow.PATH
FOLDER = PurePosixPath(workflow.PATH).parent


def own() -> str:
    """The text of the file."""
    built = [Built(f"demos/{name}", f"demos/{name}/site") for name in DEMO_NAMES]
    return workflow.render(built, branch="main", requirement=".", title="tfjs-demo")


def lint(file: Path) -> list[str]:
    """What actionlint, of the project's lock file, finds in a workflow of a repository."""
    package = packages.folder(with_tools=True) / "node_modules" / "@tktco" / "node-actionlint"
    command = [
        packages.node(),
        str(package / "bin" / "node-actionlint.js"),
        f"{FOLDER}/{file.name}",
    ]
    folder = file.parent.parent.parent
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    found = result.stdout + result.stderr
    assert "Checking 1 workflow file(s)" in found
    lines = [line for line in found.splitlines() if re.search(r"\.yml:\d+:\d+ ", line)]
    assert bool(lines) == bool(result.returncode), found
    return lines


def read(file: Path) -> Any:
    """What a workflow or a form says."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(own(), encoding="utf-8")
