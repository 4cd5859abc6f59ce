"""Repositories of all kinds, and names that are none: what a deploy makes of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bundler.ground.errors import DeployError
from tests.deploy.git_hosts import git
from tests.deploy.project import BRANCH, Project, expected, small_site
from tests.texts import assert_error

OTHER = small_site("two", b"other weights")


def test_the_commit_says_what_it_was_made_from(local: Project) -> None:
    source = git(local.top, "rev-parse", "HEAD")
    local.deploy()
    message = git(local.remote, "log", "-1", "--format=%B", BRANCH)
    assert message.startswith(f"Deploy demo\n\nSource: {source} on main\nDeployed-by: ")
    (local.top / "demo" / "demo.toml").write_text("changed = true\n")
    (local.top / "new\nline.txt").write_text("untracked")
    before = local.state()
    local.deploy(OTHER)
    message = git(local.remote, "log", "-1", "--format=%B", BRANCH)
    assert f"Source: {source} on main, with changes that are not committed\n" in message
    (local.top / "demo" / "site").rename(local.top / "elsewhere")
    assert local.state()[2] == before[2]
    (local.top / "elsewhere").rename(local.top / "demo" / "site")


def test_a_detached_head(local: Project) -> None:
    git(local.top, "checkout", "--quiet", "--detach")
    before = local.state()
    local.deploy()
    source = git(local.top, "rev-parse", "HEAD")
    message = git(local.remote, "log", "-1", "--format=%B", BRANCH)
    assert f"Source: {source}, on no branch\n" in message
    assert local.state()[1:] == before[1:]


def test_a_repository_without_a_commit(local: Project, tmp_path: Path) -> None:
    top = tmp_path / "empty"
    git(tmp_path, "init", "--quiet", str(top))
    git(top, "remote", "add", "hub", str(local.remote))
    project = Project(top, local.remote)
    project.build()
    project.deploy()
    message = git(local.remote, "log", "-1", "--format=%B", BRANCH)
    assert "Source: no commit yet on " in message


@pytest.mark.parametrize("kind", ["shallow", "worktree", "partial"])
def test_other_kinds_of_checkouts(kind: str, project: Project, tmp_path: Path) -> None:
    project.deploy()
    project.teammate({"kept.txt": "mine"})
    url, top = git(project.top, "remote", "get-url", "origin"), tmp_path / "other\ncheckout"
    source = url if url.startswith("http") else f"file://{url}"
    git(project.remote, "config", "uploadpack.allowFilter", "true")
    if kind == "shallow":
        git(tmp_path, "clone", "--quiet", "--depth=1", source, str(top))
    elif kind == "partial":
        git(tmp_path, "clone", "--quiet", "--filter=blob:none", source, str(top))
    else:
        git(project.top, "worktree", "add", "--quiet", "-b", "topic", str(top))
    other = Project(top, project.remote)
    other.build(OTHER)
    shallow = top / ".git" / "shallow"
    before = other.state()[1:], shallow.read_bytes() if kind == "shallow" else b""
    other.deploy()
    assert other.published == {**expected(OTHER), "kept.txt": b"mine"}
    after = other.state()[1:], shallow.read_bytes() if kind == "shallow" else b""
    assert after == before
    git(top, "fsck", "--no-dangling")


def test_names_that_are_no_lines(project: Project) -> None:
    names = {"new\nline.txt": "1", 'quo"te.txt': "2", "tab\t.txt": "3", "Grüße.txt": "4"}
    project.deploy()
    project.teammate(names)
    planned = project.deploy(OTHER)
    assert set(planned.kept) == set(names)
    kept = {name: text.encode() for name, text in names.items()}
    assert project.published == {**expected(OTHER), **kept}
    planned = project.deploy(OTHER, replaces=True)
    assert project.published == expected(OTHER)


def test_a_name_that_is_no_text(local: Project) -> None:
    local.deploy()
    tip = local.tip
    blob = git(local.remote, "hash-object", "-w", "--stdin", given="latin")
    tree = git(local.remote, "ls-tree", BRANCH)
    entries = tree.encode() + b"\n" + f"100644 blob {blob}\t".encode() + b"caf\xe9.txt\n"
    made = git_bytes(local.remote, "mktree", given=entries)
    commit = git(local.remote, "commit-tree", made, "-p", tip, "-m", "By hand")
    git(local.remote, "update-ref", f"refs/heads/{BRANCH}", commit)
    planned = local.deploy(OTHER)
    assert planned.kept == ("caf\udce9.txt",)
    listed = git_bytes(local.remote, "ls-tree", "-z", "--name-only", BRANCH, given=b"")
    assert "caf\udce9.txt" in listed.split("\0")


def git_bytes(folder: Path, *arguments: str, given: bytes) -> str:
    result = subprocess.run(
        ["git", *arguments], cwd=folder, input=given, capture_output=True, check=True
    )
    return os.fsdecode(result.stdout).strip("\n")


def test_line_ends_and_filters_of_the_repository_do_not_touch_the_site(local: Project) -> None:
    (local.top / ".gitattributes").write_text("* text eol=crlf\n*.bin filter=lfs\n")
    git(local.top, "config", "core.autocrlf", "true")
    made = small_site("lines", b"one\ntwo\r\nthree\n")
    local.deploy(made)
    assert local.published == expected(made)


def test_a_remote_of_another_name(local: Project, tmp_path: Path) -> None:
    git(local.top, "remote", "rename", "origin", "hub")
    local.deploy()
    git(local.top, "remote", "add", "spare", str(local.remote))
    with pytest.raises(DeployError) as caught:
        local.deploy()
    assert_error(caught.value, "deploy-which-remote", tmp_path)
    assert local.deploy(remote="spare").changes == ()
    with pytest.raises(DeployError) as caught:
        local.deploy(remote="nowhere")
    assert_error(caught.value, "deploy-no-such-remote", tmp_path)


def test_no_remote_and_no_repository(local: Project, tmp_path: Path) -> None:
    git(local.top, "remote", "remove", "origin")
    with pytest.raises(DeployError) as caught:
        local.deploy()
    assert_error(caught.value, "deploy-no-remote", tmp_path)
    (local.top / ".git").rename(tmp_path / "moved")
    with pytest.raises(DeployError, match="is not in the worktree of a git repository"):
        local.deploy()
