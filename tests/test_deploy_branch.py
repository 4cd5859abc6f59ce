"""A branch with the site: nothing of anybody's is lost, over file and over http."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundler.errors import DeployError
from tests.conftest import ROOT
from tests.deploys import BRANCH, Project, expected, new_project, small_site
from tests.git_hosts import ENVIRONMENT, files, git, git_host, refs
from tests.texts import assert_error

OTHER = small_site("two", b"other weights")
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def own_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["file", "http"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    if request.param == "file":
        yield new_project(tmp_path)
        return
    with git_host(tmp_path / "hub") as host:
        yield new_project(tmp_path, host.url)


@pytest.fixture
def local(tmp_path: Path) -> Project:
    return new_project(tmp_path)


def commits(project: Project) -> int:
    return int(git(project.remote, "rev-list", "--count", BRANCH))


def test_a_branch_is_made_of_the_site_alone(project: Project) -> None:
    before = project.state()
    planned = project.deploy()
    assert project.published == expected(small_site())
    assert {change.kind for change in planned.changes} == {"added"}
    assert (commits(project), planned.kept, planned.notes) == (1, (), ())
    after = project.state()
    assert after[1:] == before[1:]
    # As after every push, and nothing else.
    assert set(after[0].split("\n")) - set(before[0].split("\n")) == {
        f"refs/remotes/origin/{BRANCH} {project.tip}"
    }


def test_a_plan_changes_nothing_anywhere(project: Project) -> None:
    project.deploy()
    project.build(OTHER)
    before, there = project.state(), refs(project.remote)
    planned = project.plan()
    kinds = [(change.kind, change.path) for change in planned.changes]
    assert ("changed", "index.html") in kinds and ("added", "assets/page-two.js") in kinds
    assert ("removed", "assets/page-one.js") in kinds and "sw.js" not in dict(kinds).values()
    assert (project.state(), refs(project.remote)) == (before, there)


def test_unchanged_is_no_commit(project: Project) -> None:
    project.deploy()
    before, local = refs(project.remote), project.state()
    planned = project.deploy()
    assert (planned.changes, refs(project.remote), project.state()) == ((), before, local)


def test_one_commit_replaces_the_last_which_is_kept_as_a_backup(project: Project) -> None:
    project.deploy()
    first = project.tip
    planned = project.deploy(OTHER)
    assert project.published == expected(OTHER)
    assert commits(project) == 1
    assert git(project.remote, "rev-parse", planned.backup) == first
    assert files(project.remote, first) == expected(small_site())


def test_history_on_request(project: Project) -> None:
    project.deploy()
    first = project.tip
    project.deploy(OTHER, keeps_history=True)
    assert git(project.remote, "rev-parse", f"{BRANCH}^") == first
    project.deploy(small_site("three"))
    # Only the last one was replaced.
    assert git(project.remote, "rev-parse", f"{BRANCH}^") == first


def test_ten_deploys_of_large_weights_leave_two_copies(local: Project) -> None:
    for number in range(10):
        local.deploy(small_site(f"{number}", os.urandom(5 * MIB)))
    listed = git(local.remote, "rev-list", "--objects", "--all").split("\n")
    ids = "\n".join(line.split()[0] for line in listed)
    sizes = git(local.remote, "cat-file", "--batch-check=%(objectsize)", given=ids).split("\n")
    assert sizes.count(str(5 * MIB)) == 2


def test_a_teammates_commit_stays(project: Project) -> None:
    project.deploy()
    theirs = project.teammate({"notes/today.txt": "mine", "index.html": "edited by hand"})
    planned = project.deploy(OTHER)
    assert project.published == {**expected(OTHER), "notes/today.txt": b"mine"}
    assert planned.kept == ("notes/today.txt",)
    assert planned.notes == (
        "index.html was changed on gh-pages by somebody else: that stays in its history.",
    )
    assert git(project.remote, "rev-parse", f"{BRANCH}^") == theirs
    # From then on, our own commit is replaced again, and theirs stays where it is.
    planned = project.deploy(small_site("three"))
    assert git(project.remote, "rev-parse", f"{BRANCH}^") == theirs
    assert planned.notes == () and planned.kept == ("notes/today.txt",)


def test_a_file_of_ours_that_a_teammate_changed_is_not_deleted(local: Project) -> None:
    local.deploy()
    local.teammate({"assets/page-one.js": "'mended by hand'"})
    planned = local.deploy(OTHER)
    assert planned.kept == ("assets/page-one.js",)
    assert local.published["assets/page-one.js"] == b"'mended by hand'"


def test_what_others_pushed_in_this_moment_stays(project: Project, tmp_path: Path) -> None:
    project.deploy()
    project.build(OTHER)
    planned = project.plan()
    theirs = project.teammate({"notes.txt": "mine"})
    before, there = project.state(), refs(project.remote)
    with pytest.raises(DeployError) as caught:
        project.push(planned)
    assert_error(caught.value, "deploy-race", tmp_path)
    assert (project.state(), refs(project.remote), project.tip) == (before, there, theirs)
    project.deploy()
    assert project.published["notes.txt"] == b"mine"


def test_a_branch_that_somebody_else_made_in_this_moment_stays(project: Project) -> None:
    planned = project.plan()
    theirs = project.teammate({"notes.txt": "mine"}, new=True)
    with pytest.raises(DeployError, match="somebody else has pushed"):
        project.push(planned)
    assert project.tip == theirs


def test_the_domain_and_other_files_stay_until_told(project: Project) -> None:
    project.deploy()
    project.teammate({"CNAME": "demo.example.org\n", "robots.txt": "User-agent: *\n"})
    planned = project.deploy(OTHER)
    assert planned.domain == "demo.example.org"
    assert project.published["CNAME"] == b"demo.example.org\n"
    planned = project.deploy(OTHER, replaces=True)
    assert planned.domain == ""
    assert project.published == expected(OTHER)


def test_a_branch_of_others_is_refused_unless_told(project: Project, tmp_path: Path) -> None:
    theirs = project.teammate({"CNAME": "example.org", ".nojekyll": "yes"}, new=True)
    before, there = project.state(), refs(project.remote)
    with pytest.raises(DeployError) as caught:
        project.deploy()
    message = caught.value.message.replace(theirs[:7], "COMMIT")
    assert_error(DeployError(message, hint=caught.value.hint), "deploy-foreign-branch", tmp_path)
    assert (project.state(), refs(project.remote)) == (before, there)
    planned = project.deploy(adopts=True)
    kept = {"CNAME": b"example.org", ".nojekyll": b"yes"}
    assert project.published == {**expected(small_site()), **kept}
    assert planned.kept == ("CNAME",)
    assert git(project.remote, "rev-parse", f"{BRANCH}^") == theirs
    # It is ours from then on.
    project.deploy(OTHER)
    assert git(project.remote, "rev-parse", f"{BRANCH}^") == theirs


@pytest.mark.parametrize(
    "path", ["index.html", "INDEX.html", "assets", "sw.js/deep.txt", "Assets/page-ONE.js"]
)
def test_files_of_others_in_the_way_are_not_replaced(
    path: str, local: Project, tmp_path: Path
) -> None:
    theirs = local.teammate({path: "theirs"}, new=True)
    with pytest.raises(DeployError) as caught:
        local.deploy(adopts=True)
    assert f"  '{path}'" in caught.value.message and "--replace" in caught.value.hint
    assert local.tip == theirs
    local.deploy(adopts=True, replaces=True)
    assert local.published == expected(small_site())
    assert git(local.remote, "rev-parse", f"{BRANCH}^") == theirs


def test_the_branch_of_the_source_is_refused(local: Project, tmp_path: Path) -> None:
    with pytest.raises(DeployError) as caught:
        local.deploy(branch="main")
    assert_error(caught.value, "deploy-source-branch", tmp_path)


@pytest.mark.parametrize("name", ["-f", "two words", "a..b", "", "main:gh-pages"])
def test_a_name_that_is_no_branch_is_refused(name: str, local: Project) -> None:
    with pytest.raises(DeployError, match="cannot be the name of a branch"):
        local.deploy(branch=name)


def test_an_unpushed_local_branch_stays(project: Project) -> None:
    project.deploy()
    git(project.top, "branch", BRANCH, "main")
    before = refs(project.top)
    planned = project.deploy(OTHER)
    (note,) = planned.notes
    assert note.startswith("Your local branch gh-pages has a commit that")
    line = next(line for line in before.split("\n") if line.startswith(f"refs/heads/{BRANCH} "))
    assert line in refs(project.top).split("\n")
    assert project.published == expected(OTHER)


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


def test_the_readme_s_line_brings_a_replaced_commit_back(local: Project) -> None:
    local.deploy()
    first = local.tip
    local.deploy(OTHER)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"`(git fetch origin refs/tfjs-demo/backup/.*?)`", readme)
    subprocess.run(["bash", "-ec", line], cwd=local.top, check=True, capture_output=True)
    assert local.tip == first
    # And it goes on from there.
    local.deploy()
    assert local.published == expected(OTHER)
