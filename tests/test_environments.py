"""The tool in new environments: its wheel, and the newest Python; minutes each, so run last."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.environment, pytest.mark.usefixtures("patience")]


SLOW = "not environment and not models and not cases and not sweep"


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


def find_python(version: str) -> str | None:
    """A working interpreter of this version: on PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{version}")
    candidates = [*([on_path] if on_path else []), *map(str, pyenv.glob(f"{version}*/bin/python"))]
    for candidate in candidates:
        check = f"import sys; assert '%d.%d' % sys.version_info[:2] == '{version}'"
        if subprocess.run([candidate, "-c", check], capture_output=True).returncode == 0:
            return candidate
    return None


def test_wheel_builds_a_site_from_anywhere(tmp_path: Path) -> None:
    # Not by the package "build": it wants a newer "packaging" than tensorflowjs allows.
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    run(tmp_path / "venv/bin/pip", "install", "--quiet", wheel, cwd=tmp_path)
    model = shutil.copy(ROOT / "demos" / "wine" / "wine.keras", tmp_path)
    output = run(tmp_path / "venv/bin/tfjs-demo", "build", model, "--out", "site", cwd=tmp_path)
    assert "Same answers as Python" in output
    assert (tmp_path / "site" / "index.html").is_file()
    run("git", "init", "--quiet", tmp_path, cwd=tmp_path)
    output = run(tmp_path / "venv/bin/tfjs-demo", "deploy", model, "--init", cwd=tmp_path)
    assert output.startswith("Wrote ") and (tmp_path / ".github/workflows/pages.yml").is_file()
    where = "import bundler; print(bundler.__file__)"
    assert str(tmp_path) in run(tmp_path / "venv/bin/python", "-c", where, cwd=tmp_path)


def test_quick_tests_pass_on_python_3_13_without_tensorflowjs(tmp_path: Path) -> None:
    python = find_python("3.13")
    if python is None:
        pytest.skip("no Python 3.13 on PATH or among pyenv's versions")
    venv = tmp_path / "venv"
    run(python, "-m", "venv", venv, cwd=tmp_path)
    run(venv / "bin/pip", "install", "--quiet", "-e", f"{ROOT}[test]", cwd=tmp_path)
    listed = run(venv / "bin/pip", "list", "--format=freeze", cwd=tmp_path)
    assert "tensorflow==2.2" in listed
    assert "tensorflowjs" not in listed
    # The tests' own cache is made anew by every run of pytest.
    environment = {k: v for k, v in os.environ.items() if k != "TFJS_DEMO_CACHE"}
    command = ("-m", "pytest", "-q", "-m", SLOW, "-p", "no:cacheprovider")
    summary = run(venv / "bin/python", *command, cwd=ROOT, environment=environment)
    print(summary.splitlines()[-1])
