"""The project's own workflows: they test what the README says and publish what was looked at."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.environments import VERSIONS
from tests.workflow import FILE, lint, read

WORKFLOWS = sorted(FILE.parent.glob("*.yml"))


@pytest.mark.parametrize("name", ["pages", "release", "test"])
def test_every_workflow_passes_the_linter(name: str) -> None:
    assert lint(FILE.with_name(f"{name}.yml")) == []


def test_there_are_no_other_workflows() -> None:
    assert [file.stem for file in WORKFLOWS] == ["pages", "release", "test"]


def test_no_workflow_has_more_rights_than_it_needs() -> None:
    """By default it reads; a job with a right runs no code of the repository."""
    for file in WORKFLOWS:
        made = read(file)
        assert made["permissions"] == {"contents": "read"}
        for job in made["jobs"].values():
            if "permissions" in job:
                assert not any("checkout" in step.get("uses", "") for step in job["steps"])


def test_the_tests_run_on_every_python_that_the_package_names() -> None:
    matrix = read(FILE.with_name("test.yml"))["jobs"]["test"]["strategy"]["matrix"]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)
    assert matrix["python"] == named == list(VERSIONS)
    assert f'requires-python = ">={named[0]}"' in text
    assert matrix["system"] == ["ubuntu-latest", "macos-latest"]


@pytest.mark.parametrize(
    ("second", "code"), [("exit 0", 0), ("false && touch two", 1), ("cat && touch two", 0)]
)
def test_the_tests_run_the_readme_s_commands(second: str, code: int, tmp_path: Path) -> None:
    """Its lines as they stand there, one after the other; neither reads the rest, both may fail."""
    steps = read(FILE.with_name("test.yml"))["jobs"]["test"]["steps"]
    (script,) = (step["run"] for step in steps if "run" in step)
    venv = "python3 -m venv --help > /dev/null"
    (tmp_path / "README.md").write_text(
        f"# Try it\n\n```sh\n{venv} && touch one\n```\n\nAnd\n\n```sh\n{venv} && {second}\n```\n"
    )
    told = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True)
    assert told.returncode == code
    made = {path.name for path in tmp_path.iterdir()} - {"README.md"}
    assert made == {"one"} | ({"two"} if second.startswith("cat") else set())


def test_a_release_is_tested_checked_and_attested() -> None:
    made = read(FILE.with_name("release.yml"))
    assert made[True] == {"push": {"tags": ["v*"]}}
    jobs = made["jobs"]
    assert jobs["publish"]["needs"] == ["test", "build"] and jobs["notes"]["needs"] == "publish"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    (publish,) = (step for step in jobs["publish"]["steps"] if "pypi-publish" in step["uses"])
    assert publish["with"] == {"attestations": True}
    commands = "\n".join(step["run"] for step in jobs["build"]["steps"] if "run" in step)
    wanted = ["tests.changelog", "-m build", "twine check --strict", "check-wheel-contents"]
    assert [word for word in wanted if word in commands] == wanted
