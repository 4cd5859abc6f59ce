"""The README says what is so."""

from __future__ import annotations

import re

from tests.conftest import ROOT, BuildDemo
from tests.readme import README, updated


def test_command_line_is_the_commands_own_help() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == updated(text), "run: python -m tests.readme"


def test_two_commands_stand_on_lines_of_their_own() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv ")]
    assert len(commands) == 2
    assert "tfjs-demo build demos/digits" in commands[0]
    assert "pytest" in commands[1]


def test_what_the_samples_of_digits_move_is_what_a_build_says(build_demo: BuildDemo) -> None:
    (moved,) = build_demo("digits").report.moved
    assert f"What the samples move: {moved}." in README.read_text(encoding="utf-8")


def test_paths_in_the_map_and_links_exist() -> None:
    text = README.read_text(encoding="utf-8")
    house = text.split("## The house")[1].split("##")[0]
    named = re.findall(r"^(?:│   |    )?(?:├── |└── )?([\w./-]+)(?: |$)", house, re.MULTILINE)
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    for path in [*links, *(n for n in named if "/" in n and not n.startswith("http"))]:
        assert (ROOT / path).exists(), f"{path} is named in the README but is not there"
