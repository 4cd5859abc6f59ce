"""Pushes that fail: a plain word, nothing lost on either side, and no token anywhere."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundler.ground.errors import DeployError
from tests.command import Result, kill_started, run, start, wait_until
from tests.deploy.git_hosts import ENVIRONMENT, Cut, GitHost, git, git_host, refs
from tests.deploy.project import BRANCH, Project, expected, new_project, small_site
from tests.texts import assert_error, assert_text

MIB = 1024 * 1024
TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
# Git sends what is larger than this in parts.
LARGE = small_site("large", os.urandom(3 * MIB))


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    kill_started()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHost]:
    with git_host(tmp_path / "hub") as host:
        yield host


@pytest.fixture
def project(hub: GitHost, tmp_path: Path) -> Project:
    return new_project(tmp_path, hub.url)


def fail(project: Project) -> DeployError:
    """A deploy that must fail; afterwards all refs, the worktree and the index are as before."""
    before, there = project.state(), refs(project.remote)
    with pytest.raises(DeployError) as caught:
        project.deploy()
    assert (project.state(), refs(project.remote)) == (before, there)
    git(project.top, "fsck", "--no-dangling")
    git(project.remote, "fsck", "--no-dangling")
    return caught.value


def hook(project: Project, name: str, program: str) -> None:
    path = project.remote / "hooks" / name
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_rejected_push(is_first: bool, project: Project, tmp_path: Path) -> None:
    if not is_first:
        project.deploy()
        project.build(LARGE)
    hook(project, "pre-receive", "echo 'GH013: this branch is protected' >&2; exit 1")
    assert_error(fail(project), "deploy-rejected", tmp_path)
    (project.remote / "hooks" / "pre-receive").unlink()
    project.deploy()
    assert project.published == expected(small_site() if is_first else LARGE)


def test_a_backup_that_is_rejected_rejects_all(project: Project) -> None:
    project.deploy()
    project.build(LARGE)
    hook(project, "update", 'case "$1" in refs/tfjs-demo/*) exit 1;; esac')
    assert "refused the push" in fail(project).message


def test_a_remote_that_takes_no_replaced_commit(project: Project, tmp_path: Path) -> None:
    project.deploy()
    project.build(LARGE)
    git(project.remote, "config", "receive.denyNonFastForwards", "true")
    assert_error(fail(project), "deploy-no-replacing", tmp_path)
    project.deploy(keeps_history=True)
    assert project.published == expected(LARGE)


@pytest.mark.parametrize("after", [100, MIB])
def test_a_connection_that_breaks_in_mid_push(
    after: int, project: Project, hub: GitHost, tmp_path: Path
) -> None:
    project.deploy()
    project.build(LARGE)
    hub.cut_after = after
    error = fail(project)
    assert error.message.startswith(f"the connection broke; {BRANCH} of origin is as it was: ")
    assert error.hint == "Run it again."
    hub.cut_after = None
    project.deploy()
    assert project.published == expected(LARGE)


def test_a_connection_that_breaks_after_the_push_has_arrived(
    project: Project, hub: GitHost
) -> None:
    project.deploy()
    hub.mute = True
    project.deploy(LARGE)
    assert project.published == expected(LARGE)


def test_a_remote_that_is_gone_after_the_push(project: Project, hub: GitHost) -> None:
    """Nobody can know what has arrived, and that is what is said."""
    project.deploy()

    def vanish() -> None:
        hub.gone = hub.mute = True

    hub.on_push = vanish
    before = project.state()
    with pytest.raises(DeployError, match="it cannot be asked what has arrived"):
        project.deploy(LARGE)
    assert project.state()[0] == before[0]
    hub.gone = hub.mute = False
    project.deploy()
    assert project.published == expected(LARGE)


def test_a_remote_that_is_not_there(project: Project, tmp_path: Path) -> None:
    git(project.top, "remote", "set-url", "origin", "http://127.0.0.1:9/digits.git")
    error = fail(project)
    assert error.message.startswith("git ls-remote failed: ") and "127.0.0.1" in error.message
    git(project.top, "remote", "set-url", "origin", str(tmp_path / "nowhere.git"))
    assert fail(project).hint == "Is the remote's address right?"


def test_nobody_without_a_name_commits(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ENVIRONMENT:
        if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER")):
            monkeypatch.delenv(name)
    git_config(project, "user.useConfigOnly", "true")
    assert "git config user.name" in fail(project).hint


def git_config(project: Project, key: str, value: str) -> None:
    git(project.top, "config", key, value)


def deploy(project: Project, **settings: str) -> Result:
    return run("deploy", project.folder, "--branch", BRANCH, settings=settings)


def written(folder: Path, text: str) -> list[Path]:
    """The files below a folder that hold a text."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in paths if text.encode() in path.read_bytes()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_token_of_the_environment_is_used_and_kept_nowhere(
    project: Project, hub: GitHost, tmp_path: Path
) -> None:
    # A helper that would keep whatever git has used.
    git_config(project, "credential.helper", "store")
    hub.token = TOKEN
    seen: list[bytes] = []

    def look() -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(path.read_bytes())
            except OSError:
                continue  # it ended in this moment

    hub.on_push = look
    trace = tmp_path / "trace"
    settings = {"GITHUB_TOKEN": TOKEN, "GITHUB_SERVER_URL": hub.url.rstrip("/")}
    result = deploy(project, **settings, GIT_TRACE=str(trace), GIT_TRACE_CURL="1")
    assert result.returncode == 0, result.stderr
    assert project.published == expected(small_site())
    assert any(b"push" in line for line in seen)
    assert not any(TOKEN.encode() in line for line in seen)
    assert TOKEN not in result.stdout + result.stderr + trace.read_text()
    assert written(tmp_path, TOKEN) == []
    assert not any(TOKEN in path for _, path, _ in hub.asked)


def test_a_token_goes_to_its_own_host_alone(project: Project, hub: GitHost) -> None:
    hub.token = TOKEN
    result = deploy(project, GITHUB_TOKEN=TOKEN)
    assert result.returncode == 7
    assert [given for _, _, given in hub.asked if given] == []


def test_without_a_token_it_is_said_how_to_sign_in(
    project: Project, hub: GitHost, tmp_path: Path
) -> None:
    hub.token = TOKEN
    result = deploy(project)
    assert result.returncode == 7
    assert_text(
        result.stderr.replace(hub.url.rstrip("/"), "http://HOST"), "deploy-no-token", tmp_path
    )
    wrong = {"GITHUB_TOKEN": "ghs_wrong", "GITHUB_SERVER_URL": hub.url.rstrip("/")}
    result = deploy(project, **wrong)
    assert result.returncode == 7 and "ghs_wrong" not in result.stderr
    assert_text(
        result.stderr.replace(hub.url.rstrip("/"), "http://HOST"), "deploy-wrong-token", tmp_path
    )


@pytest.mark.parametrize("right", [True, False])
def test_a_token_in_the_remotes_address_is_never_shown(
    right: bool, project: Project, hub: GitHost, tmp_path: Path
) -> None:
    hub.token = TOKEN if right else "another"
    url = hub.url.replace("http://", f"http://x-access-token:{TOKEN}@") + "digits.git"
    git(project.top, "remote", "set-url", "origin", url)
    arguments = ("deploy", project.folder, "--branch", BRANCH, "--json", "--debug")
    result = run(*arguments)
    assert result.returncode == (0 if right else 7)
    assert TOKEN not in result.stdout + result.stderr
    assert hub.url in result.stdout + result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_a_deploy_that_is_stopped_in_mid_push(
    number: signal.Signals, project: Project, hub: GitHost
) -> None:
    project.deploy()
    project.build(LARGE)
    before, there = project.state(), refs(project.remote)
    process = start("deploy", project.folder, "--branch", BRANCH)

    def stop() -> None:
        os.killpg(process.pid, number)
        process.wait()
        raise Cut  # what has not arrived as a whole

    hub.on_push = stop
    _, errors = process.communicate(timeout=60)
    assert process.returncode == (7 if number == signal.SIGINT else -number)
    if number == signal.SIGINT:
        assert "stopped while the site was on its way" in errors
    wait_until(lambda: hub.on_push is None)
    assert (project.state(), refs(project.remote)) == (before, there)
    git(project.top, "fsck", "--no-dangling")
    project.deploy()
    assert project.published == expected(LARGE)


def test_the_hooks_of_the_repository_are_asked(project: Project) -> None:
    path = project.top / ".git" / "hooks" / "pre-push"
    path.write_text("#!/bin/sh\necho 'error: not on a Friday' >&2; exit 1\n")
    path.chmod(0o755)
    error = fail(project)
    assert error.message.startswith(f"the push failed; {BRANCH} of origin is as it was: ")
    assert "not on a Friday" in error.message
