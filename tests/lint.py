"""Lint and types of Python and JavaScript: `python -m tests.lint`; ends with 1 on any finding."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bundler import packages

ROOT = Path(__file__).parent.parent


def check_python() -> bool:
    commands = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
    codes = [subprocess.run([sys.executable, "-m", *c], cwd=ROOT).returncode for c in commands]
    return not any(codes)


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


if __name__ == "__main__":
    results = [check_python(), check_javascript()]
    sys.exit(0 if all(results) else 1)
