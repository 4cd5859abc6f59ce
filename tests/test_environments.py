"""The tool in new environments: its wheel, and every Python; many minutes each, so run last."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.environment, pytest.mark.usefixtures("patience")]


SLOW = "not environment and not models and not cases and not sweep"
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
# Where tensorflowjs has no wheel.
WITHOUT_TENSORFLOWJS = ("3.13",)
# What of the quick tests depends on the Python: files in, conversion, the command line.
CORE = (
    "cli", "config", "formats", "formats_inside", "formats_keras", "formats_newer_keras",
    "formats_saved_functions", "formats_saved_model", "formats_tfjs", "graph", "layers",
    "lowerings", "passes", "plan",
)  # fmt: skip


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


@pytest.mark.parametrize("version", VERSIONS)
def test_a_bare_clone_builds_the_demos_and_passes_the_tests(version: str, tmp_path: Path) -> None:
    """The README's own lines; on the newest Python all quick tests, on the others their core."""
    python = find_python(version)
    folder = clone(tmp_path / "clone")
    first, second = commands()
    output = run("sh", "-c", first.replace("python3", str(python), 1), cwd=folder)
    assert "Same answers as Python" in output
    for demo in sorted((folder / "demos").iterdir()):
        output = run(folder / ".venv/bin/tfjs-demo", "build", demo, cwd=folder)
        assert "Same answers as Python" in output
    listed = run(folder / ".venv/bin/pip", "list", "--format=freeze", cwd=folder)
    assert ("tensorflowjs" in listed) == (version not in WITHOUT_TENSORFLOWJS)
    install = re.search(r"\.venv/bin/pip (install [^&]+)", second)
    assert install and second.endswith("-m pytest")
    run("sh", "-c", f".venv/bin/pip {install[1]}", cwd=folder)
    chosen = [] if version == VERSIONS[-1] else [f"tests/test_{name}.py" for name in CORE]
    # Nothing that only takes long is taken for hanging, on however busy a machine.
    options = ("-p", "no:cacheprovider", "-o", "faulthandler_timeout=0")
    command = ("-m", "pytest", "-q", "-m", SLOW, *options, *chosen)
    summary = run(folder / ".venv/bin/python", *command, cwd=folder, environment=apart())
    print(summary.splitlines()[-1])
