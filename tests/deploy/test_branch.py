"""A branch with the site: nothing of anybody's is lost, over file and over http."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from bundler.ground.errors import DeployError
from tests.conftest import ROOT
from tests.deploy.git_hosts import files, git, refs
from tests.deploy.project import BRANCH, Project, expected, small_site
from tests.texts import assert_error

OTHER = small_site("two", b"other weights")
MIB = 1024 * 1024


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


def test_the_readme_s_line_brings_a_replaced_commit_back(local: Project) -> None:
    local.deploy()
    first = local.tip
    local.deploy(OTHER)
    readme = (ROOT / "bundler" / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"`(git fetch origin refs/tfjs-demo/backup/.*?)`", readme)
    subprocess.run(["bash", "-ec", line], cwd=local.top, check=True, capture_output=True)
    assert local.tip == first
    # And it goes on from there.
    local.deploy()
    assert local.published == expected(OTHER)
