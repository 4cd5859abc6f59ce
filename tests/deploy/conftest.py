"""What the tests of deploys share: git as their own, and a user's repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.git_hosts import ENVIRONMENT, git_host
from tests.deploy.project import Project, new_project


@pytest.fixture(autouse=True)
def own_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody's settings, name, home or tokens."""
    (tmp_path / "home").mkdir()
    for name, value in {**ENVIRONMENT, "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["file", "http"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A repository whose remote is reached over file, and one over http."""
    if request.param == "file":
        yield new_project(tmp_path)
        return
    with git_host(tmp_path / "hub") as host:
        yield new_project(tmp_path, host.url)


@pytest.fixture
def local(tmp_path: Path) -> Project:
    """A repository whose remote is reached over file."""
    return new_project(tmp_path)
