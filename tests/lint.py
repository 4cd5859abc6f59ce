"""Lint and types of Python and JavaScript, and how long files are: `python -m tests.lint`.

Ends with 1 on any finding. `python -m tests.lint ruff mypy` looks with these alone, as
.pre-commit-config.yaml does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bundler.bundle import packages
from tests import catalogues, lengths
from tests.floor import check_floor

ROOT = Path(__file__).parent.parent


def python(*command: str) -> bool:
    """Whether a program of the tests' environment finds nothing."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT).returncode == 0


def check_javascript() -> bool:
    """tsc on the page's scripts, with the packages of the tool's cache."""
    modules = packages.folder(with_tools=True) / "node_modules"
    templates = ROOT / "templates"
    settings = {
        "extends": str(templates / "jsconfig.json"),
        "compilerOptions": {"paths": {"@tensorflow/*": [str(modules / "@tensorflow" / "*")]}},
        "include": [
            *(
                str(templates / name / "**" / "*")
                for name in ("live", "ops", "public", "runtime", "widgets")
            ),
            str(ROOT / "tests" / "types" / "*"),
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "tsconfig.json"
        project.write_text(json.dumps(settings))
        compiler = str(modules / "typescript" / "bin" / "tsc")
        command = [packages.node(), compiler, "--noEmit", "--project", str(project)]
        return subprocess.run(command, cwd=ROOT).returncode == 0


def check_lengths() -> bool:
    """How many files there are, how long they are, and those that are too long."""
    lines = lengths.files(ROOT)
    found = lengths.findings(lines)
    print(*lengths.summary(lines), *found, sep="\n")
    return not found


CHECKS: dict[str, Callable[[], bool]] = {
    "ruff": lambda: python("ruff", "check"),
    "format": lambda: python("ruff", "format", "--check"),
    "mypy": lambda: python("mypy"),
    "tsc": check_javascript,
    "floor": check_floor,
    "lengths": check_lengths,
    "texts": catalogues.check,
}


def main(names: list[str]) -> int:
    """Looks with all of these checks, even where one has found something."""
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
        return 2
    results = [CHECKS[name]() for name in names or CHECKS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
