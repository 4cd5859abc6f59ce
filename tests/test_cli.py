"""The command line, through real processes: what they print, need and leave behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bundler import __version__
from bundler.bundle import packages
from bundler.site import INDEX
from tests.command import (
    content,
    copy_demo,
    edit,
    run,
    run_python,
)
from tests.conftest import DEMOS, ROOT, BuildDemo

# Prints which of the heavy modules are there after an import or a command.
LOADED = """
import sys
sys.argv = ["tfjs-demo", *sys.argv[1:]]
from bundler.cli import main
if len(sys.argv) > 1:
    main()
print(sorted({"tensorflow", "keras", "tf_keras", "tensorflowjs", "numpy"} & set(sys.modules)))
"""


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


def test_version() -> None:
    script = Path(sys.executable).with_name("tfjs-demo")
    installed = subprocess.run([script, "--version"], capture_output=True, text=True)
    for result in (run("--version"), installed):
        assert (result.returncode, result.stdout) == (0, f"tfjs-demo, version {__version__}\n")


@pytest.mark.parametrize("options", [("--version", "--debug"), ("--debug", "--version")])
def test_debug_adds_the_versions_of_what_pages_depend_on(options: tuple[str, ...]) -> None:
    result = run_python(LOADED, *options)
    assert (result.returncode, result.stderr) == (0, "")
    *lines, loaded = result.stdout.splitlines()
    assert loaded == "[]"  # nothing is imported for it
    told = dict(line.split(" ", 1) for line in lines)
    assert told["tfjs-demo,"] == f"version {__version__}"
    assert told["Python"].startswith(".".join(map(str, sys.version_info[:3])))
    for name in ("tensorflow", "keras", "tf_keras", "numpy"):
        assert told[name] == version(name)
    wanted = json.loads((ROOT / "templates" / "package.json").read_text(encoding="utf-8"))
    assert told["TensorFlow.js"] == wanted["dependencies"]["@tensorflow/tfjs-core"]
    node = subprocess.run([packages.node(), "--version"], capture_output=True, text=True)
    assert f"v{told['Node']}" == node.stdout.strip()


@pytest.mark.parametrize("command", ["build", "check", "verify", "new", "serve", "deploy", "clean"])
def test_every_command_has_help(command: str) -> None:
    result = run(command, "--help")
    assert result.returncode == 0
    assert {"--json", "--quiet", "--debug"} <= set(result.stdout.replace(",", " ").split())
    assert f"  {command} " in run("--help").stdout


def test_build_shows_the_files_and_the_evidence(wine: Path) -> None:
    result = run("build", cwd=wine)
    assert (result.returncode, result.stderr) == (0, "")
    shown = [line.split()[0] for line in result.stdout.splitlines() if line]
    # What a visit loads; the few files beside index.html are not worth a line.
    assets = {path for path in content(wine / "site") if "/" in path}
    assert assets and assets <= set(shown)
    assert "Same answers as Python: largest error" in result.stdout
    assert result.stdout.endswith("Built site\nSee it with: tfjs-demo serve site\n")


def test_out_names_the_folder(wine: Path, tmp_path: Path) -> None:
    result = run("build", wine, "--out", tmp_path / "deep" / "public")
    assert result.returncode == 0, result.stderr
    assert content(tmp_path / "deep" / "public") == content(wine / "site")


@pytest.mark.parametrize("command", ["build", "check", "verify", "clean"])
def test_quiet_prints_nothing(command: str, wine: Path) -> None:
    target = wine / "site" if command == "verify" else wine
    result = run(command, target, "--quiet")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_json_is_json(wine: Path) -> None:
    build = json.loads(run("build", wine, "--json").stdout)
    assert build["site"] == str(wine / "site") and not build["tensorflow_started"]
    for file in build["files"]:
        assert (wine / "site" / file["path"]).stat().st_size == file["bytes"]
    assert {row["backend"] for row in build["parity"]["rows"]} == {"cpu", "wasm"}
    verify = json.loads(run("verify", wine / "site", "--json").stdout)
    assert verify["rows"][0]["output"] == "cultivar"
    clean = json.loads(run("clean", wine, "--json").stdout)
    assert INDEX in clean["deleted"]


def test_check_writes_nothing(wine: Path) -> None:
    shutil.rmtree(wine / "site")
    before = content(wine)
    for options, said in ([], "TensorFlow.js has its "), (["--compare"], "Nothing would go wrong."):
        result = run("check", wine, *options)
        assert result.returncode == 0 and said in result.stdout
        assert ("Same answers as Python" in result.stdout) == bool(options)
    assert content(wine) == before


def test_check_computes_no_answers(wine: Path, tmp_path: Path) -> None:
    """Nor does it weigh how small weights may become; what it converts serves the build."""
    edit(wine, "[[inputs]]\n", '[build]\nquantize = "auto"\n\n[[inputs]]\n')
    packages = Path(os.environ["TFJS_DEMO_CACHE"]) / "packages"
    shutil.copytree(packages, tmp_path / "cache" / "packages", copy_function=os.link)
    result = run("check", wine, "--json", settings={"TFJS_DEMO_CACHE": str(tmp_path / "cache")})
    told = json.loads(result.stdout)
    assert not told["compared"] and told["parity"]["rows"] == [] and told["backends"]
    made = {folder.name for folder in (tmp_path / "cache").iterdir()}
    assert {"models", "engines"} <= made and not made & {"answers", "parity"}


def test_clean_deletes_the_site_alone(wine: Path) -> None:
    (wine / "notes.txt").write_text("mine")
    result = run("clean", wine)
    assert result.returncode == 0 and "Deleted" in result.stdout
    assert {path.name for path in wine.iterdir()} == {
        "notes.txt", *(path.name for path in (DEMOS / "wine").iterdir() if path.name != "site"),
    }  # fmt: skip
    again = run("clean", wine)
    assert (again.returncode, again.stdout) == (0, "Nothing to delete.\n")


def test_clean_deletes_the_cache_when_asked(wine: Path, tmp_path: Path) -> None:
    (tmp_path / "cache" / "models" / "key").mkdir(parents=True)
    (tmp_path / "cache" / "mine").mkdir()
    settings = {"TFJS_DEMO_CACHE": str(tmp_path / "cache")}
    assert run("clean", wine, "--cache", settings=settings).returncode == 0
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["wine", "digits"])
def test_an_unchanged_build_needs_neither_tensorflow_nor_numpy(
    name: str, build_demo: BuildDemo
) -> None:
    result = run_python(LOADED, "build", DEMOS / name, "--out", build_demo(name).folder, "--quiet")
    assert (result.returncode, result.stdout) == (0, "[]\n"), result.stderr


def test_the_command_line_starts_light() -> None:
    assert run_python(LOADED).stdout == "[]\n"
