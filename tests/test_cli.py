"""The command line, through real processes: output, exit codes, and what they leave behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from bundler import __version__
from bundler.bundle import packages
from bundler.site import INDEX
from tests.command import (
    Result,
    content,
    copy_demo,
    kill_started,
    run,
    run_python,
    start,
    wait_for_tensorflow,
)
from tests.conftest import DEMOS, ROOT, BuildDemo, MountDisk

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


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    kill_started()


def edit(demo: Path, old: str, new: str) -> None:
    text = (demo / "demo.toml").read_text(encoding="utf-8")
    assert old in text
    (demo / "demo.toml").write_text(text.replace(old, new, 1), encoding="utf-8")


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


def break_config(wine: Path) -> None:
    edit(wine, "title =", "titel =")


def break_plan(wine: Path) -> None:
    edit(wine, "top = 3\n", 'top = 3\nunit = "g"\n')


def break_example(wine: Path) -> None:
    edit(wine, "[[examples]]\n", "[[examples]]\nwater = 1\n")


def break_model(wine: Path) -> None:
    (wine / "wine.keras").write_bytes(b"no model")


def break_parity(wine: Path) -> None:
    edit(wine, "[[inputs]]\n", "[build]\ntolerance = 1e-30\n\n[[inputs]]\n")


def break_site(wine: Path) -> None:
    (wine / "site" / "mine.txt").write_text("mine")


# What is wrong with a demo -> exit code, and a part of the message.
BROKEN: list[tuple[Callable[[Path], None], int, str]] = [
    (break_config, 2, "titel"),
    (break_plan, 2, "unit"),
    (break_example, 2, "water"),
    (break_model, 3, "wine.keras"),
    (break_parity, 4, "cultivar"),
    (break_site, 6, "mine.txt"),
]


def assert_plain(result: Result, code: int, text: str) -> None:
    """An error as users should see it."""
    assert result.returncode == code, result.stderr
    assert result.stderr.startswith("error: ") and text in result.stderr
    assert "Traceback" not in result.stderr and "mistake in tfjs-demo" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(("break_it", "code", "text"), BROKEN)
@pytest.mark.parametrize("command", ["build", "check"])
def test_a_broken_demo_is_refused(
    command: str, break_it: Callable[[Path], None], code: int, text: str, wine: Path
) -> None:
    break_it(wine)
    before = content(wine)
    options = ["--compare"] * (command == "check" and break_it is break_parity)
    assert_plain(run(command, wine, *options), code, text)
    assert content(wine) == before


def test_the_tolerance_that_an_error_names_is_enough(wine: Path) -> None:
    break_parity(wine)
    hint = run("build", wine).stderr.splitlines()[-1]
    named = re.search(r"\[build\] (tolerance = \S+)$", hint)
    assert named, hint
    edit(wine, "tolerance = 1e-30", named[1])
    assert run("build", wine).returncode == 0


def test_errors_are_json_too_and_have_a_traceback_on_demand(wine: Path) -> None:
    break_site(wine)
    result = run("build", wine, "--json", "--debug")
    error = json.loads(result.stdout)
    assert error["exit_code"] == result.returncode == 6
    assert "mine.txt" in error["error"] and error["hint"]
    assert "Traceback (most recent call last)" in result.stderr
    assert "SiteError" in result.stderr


WRONG_USES: list[tuple[tuple[str, ...], int, str]] = [
    (("build", "nowhere"), 2, "nowhere"),
    (("build", "."), 2, "demo.toml"),
    (("verify", "."), 6, "not a site"),
    (("serve", "."), 2, "demo.toml"),
    (("new", "nowhere.keras"), 2, "nowhere.keras"),
]


@pytest.mark.parametrize(("arguments", "code", "text"), WRONG_USES)
def test_a_wrong_target_is_told(
    arguments: tuple[str, ...], code: int, text: str, tmp_path: Path
) -> None:
    assert_plain(run(*arguments, cwd=tmp_path), code, text)
    assert content(tmp_path) == {}


@pytest.mark.parametrize(
    "arguments",
    [("biuld",), ("build", "--quite"), ("serve", "--port", "99999"), ("build", "a", "b")],
)
def test_a_wrong_option_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert "Usage: " in result.stderr and "Traceback" not in result.stderr


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


@pytest.mark.cold
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "everyone"),
    [
        (signal.SIGINT, True),
        (signal.SIGINT, False),
        (signal.SIGTERM, False),
        (signal.SIGHUP, True),
    ],
)
def test_a_stopped_conversion_leaves_no_trace(
    number: signal.Signals, everyone: bool, wine: Path, cache: Path, tmp_path: Path
) -> None:
    """Ctrl-C in a terminal, and its end, reach the whole group, `kill` one process."""
    with zipfile.ZipFile(wine / "wine.keras", "a") as archive:
        archive.comment = f"{number.name} {everyone}".encode()  # another file, the same model
    before = content(wine)
    unfinished = set(cache.glob("*/.unfinished-*"))
    (tmp_path / "tmp").mkdir()
    process = start("build", wine, settings={"TMPDIR": str(tmp_path / "tmp")})
    child = wait_for_tensorflow(process.pid)
    (os.killpg if everyone else os.kill)(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (128 + number, "")
    assert errors.strip() == "error: stopped; nothing was changed"
    assert not Path(f"/proc/{child}").exists()
    assert content(wine) == before
    assert set(cache.glob("*/.unfinished-*")) == unfinished
    assert list((tmp_path / "tmp").iterdir()) == []


def test_two_builds_into_one_folder_leave_one_whole_site(
    build_demo: BuildDemo, tmp_path: Path
) -> None:
    demos = [DEMOS / name for name in ("wine", "digits", "wine")]
    for demo in demos:
        build_demo(demo.name)
    out = tmp_path / "site"
    builds = [start("build", demo, "--out", out) for demo in demos]
    ends = [build.communicate(timeout=200) for build in builds]
    assert [build.returncode for build in builds] == [0] * 3, ends
    assert content(out) in [content(build_demo(demo.name).folder) for demo in demos]
    assert run("verify", out).returncode == 0


def test_a_home_that_may_not_be_written_to_is_told(wine: Path) -> None:
    """And what the hint names helps."""
    home = {"HOME": "/dev/null", "XDG_CACHE_HOME": "", "TFJS_DEMO_CACHE": ""}
    result = run("build", wine, settings=home)
    assert_plain(result, 5, "cannot be written to")
    assert "/dev/null" in result.stderr and "TFJS_DEMO_CACHE" in result.stderr
    chosen = {"TFJS_DEMO_CACHE": os.environ["TFJS_DEMO_CACHE"]}
    assert run("build", wine, settings=home | chosen).returncode == 0


@pytest.mark.parametrize("size", ["8k", "1m"])
def test_a_cache_disk_that_is_full_is_told(size: str, wine: Path, mount_disk: MountDisk) -> None:
    """First for what Python writes, then for the JavaScript packages."""
    disk = mount_disk(f"size={size}")
    before = content(wine)
    result = run("build", wine, settings={"TFJS_DEMO_CACHE": str(disk)})
    assert_plain(result, 5, f"there is no space left for the cache in {disk}")
    assert "TFJS_DEMO_CACHE" in result.stderr and "clean --cache" in result.stderr
    assert content(wine) == before
    assert list(disk.glob("*/.unfinished-*")) == []
