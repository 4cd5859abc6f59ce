"""Shells complete commands and options, by the lines that bundler/README.md gives them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import TOOL

PROGRAMS = Path(sys.executable).parent
# What bash calls when somebody presses the tab key.
PRESS_TAB = """
COMP_WORDS=({words}) COMP_CWORD={number}
_tfjs_demo_completion tfjs-demo
echo "${{COMPREPLY[*]}}"
"""


def complete(*words: str, shell: str = "bash") -> list[str]:
    """What the program offers a shell for the last of these words."""
    asked = {
        "_TFJS_DEMO_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(("tfjs-demo", *words)),
        "COMP_CWORD": str(len(words)) if shell != "fish" else words[-1],
        "PATH": os.environ["PATH"],
    }
    program = PROGRAMS / "tfjs-demo"
    told = subprocess.run([program], env=asked, capture_output=True, text=True, timeout=60)
    assert told.stderr == ""
    return told.stdout.split()


def test_commands_and_options_are_offered() -> None:
    assert complete("ver") == ["plain,verify"]
    assert complete("build", "--tr") == ["plain,--trust-model"]
    assert complete("deploy", "--un") == []
    assert complete("bu", shell="zsh")[:2] == ["plain", "build"]
    assert complete("bu", shell="fish")[0] == "plain,build"


def bash_completes() -> bool:
    """Whether there is a bash that click completes in; that of macOS is of 2007."""
    if shutil.which("bash") is None:
        return False
    command = ["bash", "-c", "(( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 ))"]
    return subprocess.run(command).returncode == 0


@pytest.mark.skipif(not bash_completes(), reason="needs bash 4.4")
@pytest.mark.parametrize(
    ("words", "number", "offered"),
    [("tfjs-demo se", 1, "serve"), ("tfjs-demo check --comp", 2, "--compare")],
)
def test_the_readme_s_line_makes_bash_complete(words: str, number: int, offered: str) -> None:
    found = re.search(r"`(eval .*bash_source.*?)`", TOOL.read_text(encoding="utf-8"))
    assert found
    script = f"set -e\n{found[1]}\n{PRESS_TAB.format(words=words, number=number)}"
    environment = {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    told = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (told.stdout, told.stderr, told.returncode) == (f"{offered}\n", "", 0)
