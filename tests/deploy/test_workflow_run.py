"""The workflow's steps, from the commit to answers in a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.conftest import DEMO_NAMES, ROOT, BuildDemo
from tests.deploy.git_hosts import git
from tests.static_hosts import static_host
from tests.workflow import FILE, read


class Runner:
    """Runs the steps of a workflow's jobs, as far as they need no network."""

    def __init__(self, jobs: Any, workspace: Path, home: Path) -> None:
        self.jobs, self.workspace = jobs, workspace
        # The tool under test instead of the one that "Install" would install.
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "HOME": str(home), "PATH": programs}
        self.output = ""
        self.ran: list[str] = []

    def run(self, job: str, outputs: dict[str, str] | None = None) -> None:
        for step in self.jobs[job]["steps"]:
            if "run" not in step or step["name"] == "Install":
                continue
            values = {
                name: self.evaluate(v, outputs or {}) for name, v in step.get("env", {}).items()
            }
            result = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=self.workspace,
                env={**self.environment, **values},
                capture_output=True,
                text=True,
            )
            assert result.returncode == 0, f"{step['name']}: {result.stdout}{result.stderr}"
            self.ran.append(step["name"])
            self.output = result.stdout

    @staticmethod
    def evaluate(value: str, outputs: dict[str, str]) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: outputs[match[1]], value)


def checkout(folder: Path) -> None:
    """A clone of this project as it is now, with nothing that git does not know or ignores."""
    ignored = (".venv*", ".git", "site", "*.egg-info", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*ignored))
    git(folder.parent, "init", "--quiet", "-b", "main", str(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "All")


def pack(folder: Path, artifact: Path) -> None:
    """What actions/upload-pages-artifact packs: nothing whose name begins with a dot."""
    with tarfile.open(artifact, "w") as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                archive.add(path, PurePosixPath(".") / name.as_posix())


@pytest.mark.every
def test_this_project_s_demos_are_published_by_its_workflow(
    build_demo: BuildDemo, tmp_path: Path
) -> None:
    """Step by step from the checkout to answers in a browser, but for the network between."""
    for name in DEMO_NAMES:
        build_demo(name)  # the conversions are in the cache, as actions/cache has them
    jobs = read(FILE)["jobs"]
    built, checked = tmp_path / "build", tmp_path / "check"
    for name, workspace in {"build": built, "check": checked}.items():
        checkout(workspace)
        assert jobs[name]["steps"][0]["uses"].startswith("actions/checkout@")
    runner = Runner(jobs, built, tmp_path)
    runner.run("build")
    assert runner.ran == ["Build", "Verify", "Check and gather"]
    pack(built / "_site", checked / "artifact.tar")
    assert git(built, "status", "--porcelain") == "?? _site/"
    with static_host("GitHub Pages, project", built / "_site") as host:
        runner = Runner(jobs, checked, tmp_path)
        runner.run("check", {"needs.deploy.outputs.url": host.url})
        assert runner.ran == ["Unpack", "Check"]
    assert runner.output.count("the same answers as Python") == len(DEMO_NAMES)
