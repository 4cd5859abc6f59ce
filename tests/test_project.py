"""What people meet who report something or commit: issue forms, and what is looked at before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import lint as linter
from tests.conftest import ROOT
from tests.lint import CHECKS
from tests.workflow import read

FORMS = sorted(
    file for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if file.stem != "config"
)
# What an element of an issue form has besides its type.
ELEMENT_KEYS = {"type", "id", "attributes", "validations"}
ATTRIBUTES = {
    "markdown": {"value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "input": {"label", "description", "placeholder", "value"},
    "dropdown": {"label", "description", "options", "multiple", "default"},
}


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_issue_forms_are_as_github_wants_them(file: Path) -> None:
    form = read(file)
    assert set(form) == {"name", "description", "labels", "body"}
    assert len({element["id"] for element in form["body"] if "id" in element}) == len(
        [element for element in form["body"] if element["type"] != "markdown"]
    )
    for element in form["body"]:
        assert set(element) <= ELEMENT_KEYS
        assert set(element["attributes"]) <= ATTRIBUTES[element["type"]]


def test_issues_are_asked_for_what_a_cause_is_found_by() -> None:
    (form,) = (read(file) for file in FORMS if file.stem == "wrong")
    required = {
        element["attributes"]["label"]
        for element in form["body"]
        if element.get("validations", {}).get("required")
    }
    assert {"tfjs-demo check --json", "tfjs-demo --version --debug"} <= required


def test_commits_are_looked_at_by_every_check_of_the_lint() -> None:
    (local,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    entries = {hook["id"]: hook["entry"] for hook in local["hooks"]}
    assert entries == {name: f".venv/bin/python -m tests.lint {name}" for name in CHECKS}


def test_a_check_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert linter.main(["ruff", "ruf"]) == 2
    assert capsys.readouterr().out == f"no such check: ruf; there are {', '.join(CHECKS)}\n"
