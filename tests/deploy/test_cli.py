"""`tfjs-demo deploy` as it is typed: what it prints, its exit codes, several demos at once."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from bundler import site
from bundler.site import MANIFEST
from bundler.site.gallery import combine
from tests.command import content, copy_demo, run
from tests.conftest import BuildDemo
from tests.deploy.git_hosts import git, refs
from tests.deploy.project import BRANCH, Project, expected, small_site
from tests.static_hosts import static_host
from tests.texts import assert_text

TO_BRANCH = ("--branch", BRANCH)


def plain(text: str) -> str:
    """Without what is another commit or another time in every run."""
    return re.sub(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{10}\b", "COMMIT", text)


def test_a_branch_from_the_first_push_to_the_next(local: Project, tmp_path: Path) -> None:
    result = run("deploy", local.folder, *TO_BRANCH, "--dry-run")
    assert (result.returncode, result.stderr) == (0, "")
    assert_text(plain(result.stdout), "deploy-dry-run", tmp_path)
    assert BRANCH not in refs(local.remote)
    result = run("deploy", local.folder, *TO_BRANCH)
    assert (result.returncode, result.stderr) == (0, "")
    assert_text(plain(result.stdout), "deploy-first", tmp_path)
    local.teammate({"CNAME": "demo.example.org", "new\nline.txt": "kept"})
    local.build(small_site("two"))
    (local.top / "notes.txt").write_text("not committed")
    result = run("deploy", local.folder, *TO_BRANCH)
    assert (result.returncode, result.stderr) == (0, "")
    assert_text(plain(result.stdout), "deploy-next", tmp_path)
    result = run("deploy", local.folder, *TO_BRANCH)
    assert_text(plain(result.stdout), "deploy-unchanged", tmp_path)


def test_json_tells_all_of_it(local: Project) -> None:
    dry = json.loads(run("deploy", local.folder, *TO_BRANCH, "--dry-run", "--json").stdout)
    assert (dry["pushed"], dry["commit"]) == (False, None)
    facts = json.loads(run("deploy", local.folder, *TO_BRANCH, "--json").stdout)
    assert facts["pushed"] and facts["commit"] == local.tip
    assert facts["changes"] == dry["changes"] and len(facts["changes"]) == 6
    assert facts["bytes"] == sum(map(len, expected(small_site()).values()))


def test_quiet_prints_nothing(local: Project) -> None:
    result = run("deploy", local.folder, *TO_BRANCH, "--quiet")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert local.tip


def test_a_demo_is_built_first(build_demo: BuildDemo, local: Project) -> None:
    demo = copy_demo("wine", build_demo, local.top)
    shutil.rmtree(demo / "site")
    result = run("deploy", demo, *TO_BRANCH)
    assert result.returncode == 0, result.stderr
    assert local.published == {**content(build_demo("wine").folder), ".nojekyll": b""}


def test_a_demo_that_cannot_be_built_is_not_published(
    build_demo: BuildDemo, local: Project
) -> None:
    demo = copy_demo("wine", build_demo, local.top)
    (demo / "demo.toml").write_text("titel = 1")
    result = run("deploy", demo, *TO_BRANCH)
    assert result.returncode == 2 and "titel" in result.stderr
    assert BRANCH not in refs(local.remote)


def test_several_demos_are_one_site(build_demo: BuildDemo, local: Project, tmp_path: Path) -> None:
    demos = [copy_demo(name, build_demo, local.top) for name in ("digits", "wine")]
    result = run("deploy", *demos, *TO_BRANCH, "--title", "Small models")
    assert result.returncode == 0, result.stderr
    sites = {demo.name: site.load(demo / "site") for demo in demos}
    site.write(combine(sites, title="Small models"), tmp_path / "gallery")
    assert local.published == {**content(tmp_path / "gallery"), ".nojekyll": b""}
    message = git(local.remote, "log", "-1", "--format=%B", BRANCH)
    assert message.startswith("Deploy digits, wine\n\nSmall models\n")
    # The folder that holds all of them is one of them later.
    with static_host("GitHub Pages, project", tmp_path / "gallery") as host:
        look = ("--wait", "--url", host.url, "--json")
        apart = run("deploy", *demos, "--title", "Small models", *look)
        together = run("deploy", tmp_path / "gallery", *look)
        assert len(json.loads(apart.stdout)["seen"]) == 2
        assert len(json.loads(together.stdout)["seen"]) == 2


def test_the_public_address_follows_the_branch(
    build_demo: BuildDemo, local: Project, tmp_path: Path
) -> None:
    """At the domain of its CNAME file, which is this machine here."""
    folder = build_demo("wine").folder
    shutil.rmtree(local.folder)
    shutil.copytree(folder, local.folder)
    assert run("deploy", local.folder, *TO_BRANCH, "--quiet").returncode == 0
    local.teammate({"CNAME": "127.0.0.1"})
    (local.folder / MANIFEST).touch()
    facts = json.loads(run("deploy", local.folder, *TO_BRANCH, "--dry-run", "--json").stdout)
    assert facts["url"] == "https://127.0.0.1/"
    with static_host("GitHub Pages, root", folder) as host:
        arguments = (*TO_BRANCH, "--wait", "--url", host.url)
        facts = json.loads(run("deploy", local.folder, *arguments, "--json").stdout)
        assert facts["url"] == host.url and len(facts["seen"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--init", "--branch", "gh-pages"),
        ("--to", "netlify", "--branch", "gh-pages"),
        ("--to", "geocities"),
        ("--time-limit", "-1"),
    ],
)
def test_a_wrong_use_is_told(arguments: tuple[str, ...], local: Project) -> None:
    result = run("deploy", local.folder, *arguments)
    assert result.returncode == 2 and "Usage: " in result.stderr


def test_a_site_of_an_earlier_version_is_told(local: Project) -> None:
    made = small_site()
    local.build(site.Site(made.files, {}))
    result = run("deploy", local.folder, *TO_BRANCH)
    assert result.returncode == 7
    assert "was built by an earlier version\nBuild it again." in result.stderr
