"""Repositories that others have made: reading one starts nothing that it names."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bundler.deploy import workflow
from bundler.deploy.git import Git
from bundler.ground.errors import DemoError, DeployError
from bundler.ground.redact import redact, secrets
from tests.command import content, run
from tests.deploy.git_hosts import git
from tests.deploy.project import BRANCH, Project, expected, new_project, small_site
from tests.deploy.test_push import fail
from tests.hostile.repositories import CONFIGURED, EXT


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture
def program(tmp_path: Path, marker: Path) -> str:
    """A program that leaves a mark, whatever it is called with."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{marker}'\nexit 1\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("kind", CONFIGURED)
def test_nothing_that_a_repository_names_is_run(
    kind: str, local: Project, program: str, marker: Path
) -> None:
    """By what deploys read: the plan of one, what is left to do, the workflow, the address."""
    local.deploy()
    local.build(small_site("two"))
    CONFIGURED[kind](local, program)
    marker.unlink(missing_ok=True)
    (local.top / "demo" / "digits.keras").write_bytes(b"PK")
    for read in (
        local.plan,
        lambda: workflow.init([local.top / "demo"]),
        lambda: workflow.state([local.folder]),
        lambda: workflow.address([local.folder]),
    ):
        try:
            read()
        except DemoError as error:
            assert "Traceback" not in error.message
    assert not marker.exists(), marker.read_text()


@pytest.mark.parametrize(
    "kind", ["a watcher", "a filter", "a command for a remote", "a submodule", "a shell"]
)
def test_git_itself_would_run_it(kind: str, local: Project, program: str, marker: Path) -> None:
    """So that the test above can fail."""
    CONFIGURED[kind](local, program)
    marker.unlink(missing_ok=True)
    for command in ("status", "fetch"):
        subprocess.run(["git", command], cwd=local.top, capture_output=True)
    assert marker.exists()


def bare(project: Project, program: str) -> Path:
    """A bare repository among the files of a clone, with a site in it."""
    inner = project.top / "evil.git"
    git(project.top, "init", "--quiet", "--bare", str(inner))
    for key, value in (*EXT, ("core.fsmonitor", "PROGRAM")):
        git(inner, "config", key, value.replace("PROGRAM", program))
    Project(inner, project.remote).build()
    return inner


@pytest.mark.parametrize("worktree", [False, True])
def test_a_bare_repository_in_a_clone_is_refused(
    worktree: bool, local: Project, program: str, marker: Path
) -> None:
    inner = bare(local, program)
    if worktree:
        git(inner, "config", "core.bare", "false")
        git(inner, "config", "core.worktree", str(inner))
    folder = inner / "demo" / "site"
    result = run("deploy", folder, "--branch", BRANCH, "--dry-run")
    assert result.returncode == 7 and f"{inner.resolve()} is a bare one" in result.stderr
    for name in (folder, inner, inner / "refs"):
        with pytest.raises(DeployError, match="is a bare one"):
            Git.around(name)
    with pytest.raises(DeployError, match="is a bare one"):
        Git.around(local.top / ".git" / "objects")
    assert not marker.exists()


def test_a_worktree_is_where_the_repository_lies(local: Project, tmp_path: Path) -> None:
    """Not where its configuration says: the workflow is written there."""
    (tmp_path / "home" / "mine").mkdir()
    git(local.top, "config", "core.worktree", str(tmp_path / "home" / "mine"))
    assert Git.around(local.folder).top == local.top.resolve()


def test_a_remote_in_the_worktree_is_refused(local: Project) -> None:
    for address in ("evil.git", "./evil.git", str(local.top / "x" / ".."), f"file://{local.top}"):
        git(local.top, "remote", "set-url", "origin", address)
        with pytest.raises(DeployError, match="is a folder of this repository"):
            local.plan()


@pytest.mark.parametrize(
    "name", ["--upload-pack=x", "-c", "$(touch x)", "`x`", "a;b", "a b", "a'b", "\x1b[0m", "\u202e"]
)
def test_a_remote_s_name_is_a_name(name: str, local: Project) -> None:
    """It stands in commands, ours and those that are printed."""
    git(local.top, "remote", "remove", "origin")
    git(local.top, "config", f"remote.{name}.url", str(local.remote))
    with pytest.raises(DeployError, match="has no remote to publish to"):
        local.plan()
    with pytest.raises(DeployError, match="there is no remote"):
        local.plan(remote=name)


def test_no_file_of_the_machine_is_read_for_the_repository_s(
    local: Project, tmp_path: Path
) -> None:
    """A list of commits that is a link: git shows what it cannot read."""
    (tmp_path / "secret").write_text("a-secret-of-this-machine\n")
    (local.top / ".git" / "shallow").symlink_to(tmp_path / "secret")
    try:
        local.plan()
    except DeployError as error:
        assert "a-secret" not in error.message + error.details


@pytest.mark.parametrize("name", ["objects", "objects/pack", "objects/info", "objects/ab"])
def test_objects_are_written_into_the_repository(name: str, local: Project, tmp_path: Path) -> None:
    elsewhere, place = tmp_path / "elsewhere", local.top / ".git" / name
    if place.exists():
        place.rename(elsewhere)
    else:
        elsewhere.mkdir()
    place.symlink_to(elsewhere)
    before = content(elsewhere)
    with pytest.raises(DeployError, match="is a link"):
        local.deploy()
    assert content(elsewhere) == before


@pytest.mark.parametrize("name", ["refs/remotes", "logs/refs/remotes", "logs"])
def test_refs_are_written_into_the_repository(name: str, local: Project, tmp_path: Path) -> None:
    elsewhere, place = tmp_path / "elsewhere", local.top / ".git" / name
    (elsewhere / "origin").mkdir(parents=True)
    (elsewhere / "origin" / BRANCH).write_text("mine")
    if place.is_dir():
        shutil.rmtree(place)
    place.symlink_to(elsewhere)
    local.deploy()
    assert content(elsewhere) == {f"origin/{BRANCH}": b"mine"}
    assert local.published == expected(small_site())


def test_what_the_user_has_set_is_used(
    local: Project, program: str, marker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their shell and helper, also where they have set it for some folders only."""
    (tmp_path / "for-work").write_text(f'[core]\nsshCommand = "{program} work"\n')
    (tmp_path / "gitconfig").write_text(
        f'[credential]\nhelper = "!{program} helper"\n'
        f'[includeIf "gitdir:{local.top.resolve()}/"]\npath = "{tmp_path / "for-work"}"\n'
        '[user]\nname = "Ann of \\"work\\""\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    git(local.top, "remote", "set-url", "origin", "git@127.0.0.1:x.git")
    assert "git ls-remote failed" in fail(local).message
    assert "program work" in marker.read_text()
    told = Git.around(local.top)
    assert told.tell("config", "user.name") == 'Ann of "work"'
    assert told.tell("config", "credential.helper") == f"!{program} helper"


def test_what_is_left_out_is_told_when_it_is_missed(local: Project, program: str) -> None:
    git(local.top, "config", "core.sshCommand", program)
    git(local.top, "remote", "set-url", "origin", "git@127.0.0.1:x.git")
    local_ssh = fail(local)
    assert "core.sshcommand was left out" in local_ssh.hint
    assert "git config --global" in local_ssh.hint


def test_what_a_repository_may_say_is_used(local: Project) -> None:
    for key, value in (
        ("user.name", "Bea \\ \"B\" # ; 'x'"), ("user.email", "bea@example.org"),
        ("http.https://example.org/.extraHeader", "AUTHORIZATION: basic c2VjcmV0LXRva2Vu"),
        ("branch.main.merge", "refs/heads/größe"),
    ):  # fmt: skip
        git(local.top, "config", key, value)
    told = Git.around(local.top)
    assert told.tell("config", "user.name") == "Bea \\ \"B\" # ; 'x'"
    assert told.tell("config", "branch.main.merge") == "refs/heads/größe"
    assert told.redact("got c2VjcmV0LXRva2Vu") == "got ***"


@pytest.mark.parametrize("kind", ["split", "sha256", "packed", "worktree", "detached"])
def test_other_ways_of_lying_on_a_disk(kind: str, local: Project, tmp_path: Path) -> None:
    if kind == "sha256":
        other, remote = tmp_path / "other", tmp_path / "other.git"
        git(tmp_path, "init", "--quiet", "--bare", "--object-format=sha256", str(remote))
        git(tmp_path, "init", "--quiet", "--object-format=sha256", str(other))
        git(other, "remote", "add", "origin", str(remote))
        local = Project(other, remote)
        local.build()
        git(other, "add", "-A")
        git(other, "commit", "--quiet", "-m", "Start")
    elif kind == "split":
        git(local.top, "update-index", "--split-index")
    elif kind == "packed":
        git(local.top, "gc", "--quiet")
    elif kind == "detached":
        git(local.top, "checkout", "--quiet", "--detach")
    else:
        git(local.top, "worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "topic"))
        local = Project(tmp_path / "topic", local.remote)
        local.build()
    before = local.state()
    assert not Git.around(local.top).is_changed(besides=[local.folder])
    local.deploy()
    assert local.published == expected(small_site())
    assert local.state()[1:] == before[1:]


def test_nothing_is_left_behind(
    local: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    local.deploy()
    with pytest.raises(DeployError):
        (tmp_path / "elsewhere").mkdir()
        Git.around(tmp_path / "elsewhere")
    assert not list((tmp_path / "tmp").iterdir())


ADDRESSES = {
    "https://ann:s3cret-token@example.org/x.git": "https://example.org/x.git",
    "https://s3cret-token@example.org/x.git": "https://example.org/x.git",
    "https://example.org/x.git?private_token=s3cret-token": "https://example.org/x.git",
    "https://example.org/x.git#s3cret-token": "https://example.org/x.git",
    "https://ann:p@s3cret-token@example.org/x": "https://example.org/x",
    "https://ann:p/s3cret-token@example.org/x": "https://example.org/x",
    "ssh://s3cret-token@example.org:22/x": "ssh://example.org:22/x",
    "http://[::1]:8000/@scope/x?s3cret-token": "http://[::1]:8000/@scope/x",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_show_host_and_path(address: str) -> None:
    assert redact(f"fatal: '{address}': gone") == f"fatal: '{ADDRESSES[address]}': gone"


@pytest.mark.parametrize(
    "address",
    ["https://ann:%73ecret-token@x/", "https://x/?a=1&t=s3cret%2Dtoken&b=", "https://tok-tok@x/"],
)
def test_the_secrets_of_an_address_are_known(address: str) -> None:
    assert list(secrets(address))


@pytest.mark.parametrize("name", ["?private_token={}", "?a=b&key={}#x"])
def test_a_token_behind_an_address_is_never_shown(name: str, tmp_path: Path) -> None:
    token = "glpat-0123456789abcdef"
    project = new_project(tmp_path)
    gone = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    for url, *arguments in (
        ("http://127.0.0.1:9/x.git", "--branch", BRANCH, "--json"),
        ("https://github.com/ann/digits.git", "--wait", "--time-limit", "0"),
    ):
        git(project.top, "remote", "set-url", "origin", url + name.format(token))
        result = run("deploy", project.folder, *arguments, "--debug", settings=gone)
        assert result.returncode == 7 and token not in result.stdout + result.stderr
    assert "https://ann.github.io/digits/" in result.stdout + result.stderr
