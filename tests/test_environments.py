"""The tool in new environments: its wheel, and every Python; many minutes each, so run last."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.environments import VERSIONS, apart, clone, commands, find_python, run

pytestmark = [pytest.mark.environment, pytest.mark.usefixtures("patience")]


# Where tensorflowjs has no wheel.
WITHOUT_TENSORFLOWJS = ("3.13",)
# What of the quick tests depends on the Python: files in, conversion, the command line.
CORE = (
    "cli", "cli_mistakes", "cli_trouble", "config", "exit_codes", "formats", "formats_inside",
    "formats_keras", "formats_newer_keras", "formats_saved_functions", "formats_saved_model",
    "formats_tfjs", "graph", "layers", "lowerings", "passes", "plan",
)  # fmt: skip


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
    for demo in sorted(file.parent for file in (folder / "demos").glob("*/demo.toml")):
        output = run(folder / ".venv/bin/tfjs-demo", "build", demo, cwd=folder)
        assert "Same answers as Python" in output
    listed = run(folder / ".venv/bin/pip", "list", "--format=freeze", cwd=folder)
    assert ("tensorflowjs" in listed) == (version not in WITHOUT_TENSORFLOWJS)
    said = re.search(r"(\.venv/bin/pip [^&]+?) && \.venv/bin/python (-m pytest.*)", second)
    assert said
    run("sh", "-c", said[1], cwd=folder)
    chosen = [] if version == VERSIONS[-1] else [f"tests/test_{name}.py" for name in CORE]
    # Nothing that only takes long is taken for hanging, on however busy a machine.
    options = ("-p", "no:cacheprovider", "-o", "faulthandler_timeout=0")
    command = (folder / ".venv/bin/python", *said[2].split(), "-q", *options, *chosen)
    summary = run(*command, cwd=folder, environment=apart())
    print(summary.splitlines()[-1])
