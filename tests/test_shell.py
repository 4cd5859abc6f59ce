"""Commands that are printed can be typed: whatever is in a path, the shell gets it whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bundler.deploy.targets import TARGETS
from bundler.ground import shell
from tests.command import copy_demo, run
from tests.conftest import BuildDemo

NAMES = ["plain", "with space", "größe", "it's", 'say "hi"', "$HOME", "a;b", "-v", "*", "a\\b"]


def words(line: str) -> list[str]:
    """The arguments that a shell makes of a line."""
    told = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_a_shell_gets_every_path_whole(name: str) -> None:
    program, verb, path = words(shell.command("tfjs-demo", "serve", Path(name)))
    assert (program, verb) == ("tfjs-demo", "serve")
    assert Path(path) == Path(name) and not path.startswith("-")


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "folder"])
def test_the_hosts_commands_get_the_folder_whole(name: str) -> None:
    folder = Path("my site") / "it's"
    assert str(folder) in words(TARGETS[name].upload(folder, "demo"))


def test_a_build_prints_what_can_be_typed(build_demo: BuildDemo, tmp_path: Path) -> None:
    wine = copy_demo("wine", build_demo, tmp_path)
    odd = tmp_path / "größe & it's"
    result = run("build", wine, "--out", odd)
    assert result.returncode == 0, result.stderr
    line = result.stdout.splitlines()[-1].removeprefix("See it with: ")
    assert words(line) == ["tfjs-demo", "serve", str(odd)]


def test_an_error_prints_what_can_be_typed(tmp_path: Path) -> None:
    odd = tmp_path / "my demo"
    odd.mkdir()
    hint = run("build", odd).stderr.splitlines()[-1]
    assert words(hint.partition("with: ")[2]) == ["tfjs-demo", "new", "MODEL", str(odd)]
