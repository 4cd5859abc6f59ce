"""New environments for tests: interpreters of this machine, clones, commands run in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

VERSIONS = ("3.10", "3.11", "3.12", "3.13")


def run(*command: str | Path, cwd: Path, environment: dict[str, str] | None = None) -> str:
    """Output of a command, which must succeed; its whole output is in the failure."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-4000:]
    return result.stdout


def installed(version: str) -> list[Path]:
    """Interpreters that may be this version: on PATH, pyenv's and uv's, the newest first.

    What pyenv puts on PATH refuses versions that are not chosen there: its folders are looked
    into as well.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python"))
    on_path = shutil.which(f"python{version}")
    kept = [*pyenv.glob(f"{version}.*/bin/python"), *uv.glob(f"cpython-{version}.*/bin/python3")]

    def patch(path: Path) -> int:
        found = re.search(rf"{re.escape(version)}\.(\d+)", str(path))
        return int(found[1]) if found else 0

    return [*([Path(on_path)] if on_path else []), *sorted(kept, key=patch, reverse=True)]


def find_python(version: str) -> Path:
    """A working interpreter of this version that can make environments; else skips the test."""
    check = f"import sys, venv, ensurepip; assert '%d.%d' % sys.version_info[:2] == '{version}'"
    tried = installed(version)
    for candidate in tried:
        if subprocess.run([candidate, "-c", check], capture_output=True).returncode == 0:
            return candidate
    listed = f": {', '.join(map(str, tried))} cannot be used" if tried else ""
    pytest.skip(f"no Python {version} on PATH, of pyenv or of uv{listed}")


def clone(folder: Path) -> Path:
    """The repository as a clone has it, what is not committed yet included."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "-z", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def commands() -> list[str]:
    """The shell lines under "Try it" in the README: what builds a demo, what passes the tests."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", text.split("## Your own model")[0])


def apart() -> dict[str, str]:
    """The environment without what the tests' own run has set: caches are made anew."""
    return {k: v for k, v in os.environ.items() if k not in ("TFJS_DEMO_CACHE", "VIRTUAL_ENV")}
