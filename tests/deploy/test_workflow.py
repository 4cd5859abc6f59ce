"""GitHub Pages through Actions: the workflow file that deploy writes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from bundler.demo import config
from bundler.deploy import workflow
from bundler.deploy.workflow import Built
from bundler.ground.errors import DemoError, DeployError
from tests.command import copy_demo, run
from tests.conftest import DEMO_NAMES, DEMOS, BuildDemo
from tests.deploy.git_hosts import git
from tests.texts import assert_error, assert_text
from tests.workflow import FILE, lint, own, read

HARD = 'it\'s: a "demo" & more $(touch x) # end'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the demos of this project, of which one is not committed."""
    top = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", "-b", "trunk", str(top))
    (top / ".gitignore").write_text("site/\n")
    for name in DEMO_NAMES:
        shutil.copytree(DEMOS / name, top / name, ignore=shutil.ignore_patterns("site"))
    git(top, "add", ".gitignore", "digits", "wine")
    git(top, "commit", "--quiet", "-m", "Demos")
    return top


def test_init_writes_a_workflow_that_is_valid(repository: Path, tmp_path: Path) -> None:
    before = git(repository, "status", "--porcelain")
    result = run("deploy", repository / "digits", "--init")
    assert (result.returncode, result.stderr) == (0, "")
    assert_text(result.stdout, "deploy-init", tmp_path)
    file = repository / workflow.PATH
    assert lint(file) == []
    assert git(repository, "status", "--porcelain") == f"?? .github/\n{before}"
    # Once more changes nothing, and so does a question.
    assert "Nothing to change" in run("deploy", repository / "digits", "--init").stdout
    text = file.read_text()
    file.unlink()
    result = run("deploy", repository / "digits", "--init", "--dry-run")
    assert result.stdout == f"Would write {file}.\n{text}\n"
    assert not file.exists()


def test_what_pages_wants_of_a_workflow(repository: Path) -> None:
    file = workflow.init([repository / "digits"]).path
    made = read(file)
    # YAML takes "on" for a truth value.
    assert made[True] == {"push": {"branches": ["trunk"]}, "workflow_dispatch": None}
    assert made["permissions"] == {"contents": "read"}
    assert made["concurrency"] == {"group": "pages", "cancel-in-progress": False}
    build, deploy, check = (made["jobs"][name] for name in ("build", "deploy", "check"))
    assert deploy["permissions"] == {"pages": "write", "id-token": "write"}
    assert deploy["environment"]["name"] == "github-pages"
    assert (deploy["needs"], check["needs"]) == ("build", "deploy")
    # The job that may publish runs no code of anybody's model.
    assert [step.get("uses") for step in deploy["steps"]] == ["actions/deploy-pages@v5"]
    steps = [*build["steps"], *deploy["steps"], *check["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)
    commands = [step["run"] for step in build["steps"] if "run" in step]
    order = ["pip install", "tfjs-demo build", "tfjs-demo verify", "tfjs-demo deploy"]
    assert [next(word for word in order if word in command) for command in commands] == order


def test_a_mistake_is_found_by_the_linter(repository: Path) -> None:
    """So that the tests above can fail."""
    file = workflow.init([repository / "digits"]).path
    file.write_text(file.read_text().replace("needs: build", "needs: bild"))
    (line,) = lint(file)
    assert 'needs job "bild"' in line


def test_names_that_mean_something_to_a_shell_or_to_yaml(tmp_path: Path) -> None:
    text = workflow.render(
        [Built(HARD, f"{HARD}/site")], branch='a"b', title=HARD, build_flags=["--trust-model"]
    )
    file = tmp_path / workflow.PATH
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert lint(file) == []
    made = read(file)
    assert made[True]["push"]["branches"] == ['a"b']
    commands = [step["run"] for step in made["jobs"]["build"]["steps"] if "run" in step]
    script = "tfjs-demo() { printf '%s\\n' \"$@\"; }\npython() { :; }\n" + "\n".join(commands)
    shown = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, cwd=tmp_path)
    assert shown.stdout.split("\n")[:4] == ["build", HARD, "--trust-model", "verify"]
    assert shown.stdout.split("\n")[-2] == HARD and not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["${{ github.token }}", "two\nlines"])
def test_names_that_mean_something_to_github_are_refused(name: str) -> None:
    with pytest.raises(DeployError, match="cannot stand in a workflow file"):
        workflow.render([Built(name, f"{name}/site")], branch="main")
    with pytest.raises(DeployError, match="cannot stand in a workflow file"):
        workflow.render([Built("demo", "demo/site")], branch="main", title=name)
    with pytest.raises(DeployError, match="cannot stand in a workflow file"):
        workflow.render([Built("demo", "demo/site")], branch="main", build_flags=[name])


def test_what_the_user_allows_is_allowed_there(repository: Path, tmp_path: Path) -> None:
    shared = repository / "it's shared"
    shared.mkdir()
    (repository / "digits" / "digits.keras").rename(shared / "digits.keras")
    toml = repository / "digits" / "demo.toml"
    toml.write_text(toml.read_text().replace('"digits.keras"', '"../it\'s shared/digits.keras"'))
    refused = run("deploy", repository / "digits", "--init")
    assert refused.returncode == 2 and "leads out of the demo's folder" in refused.stderr
    written = run("deploy", repository / "digits", "--init", "--allow-path", shared)
    assert written.returncode == 0, written.stderr
    text = (repository / workflow.PATH).read_text()
    command = text[text.index("tfjs-demo build") :].splitlines()[0]
    assert shlex.split(command)[2:] == ["digits", "--allow-path=it's shared"]
    # What it says is what works, at the top of the repository.
    assert run(*shlex.split(command)[1:], "--help", cwd=repository).returncode == 0
    allowed = [repository / Path(command_line.removeprefix("--allow-path="))
               for command_line in shlex.split(command)[3:]]  # fmt: skip
    assert config.read(repository / "digits", allowed=allowed).model_path.is_file()


def test_what_lies_elsewhere_cannot_be_allowed_on_github(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(DeployError) as caught:
        workflow.init([repository / "digits"], allowed=[tmp_path / "elsewhere"])
    assert_error(caught.value, "deploy-allowed-elsewhere", tmp_path)


def test_what_github_would_not_find_is_told(repository: Path) -> None:
    (repository / ".gitignore").unlink()
    with (repository / "diabetes" / "diabetes.keras").open("r+b") as model:
        model.truncate(101 * 1024 * 1024)
    notes = workflow.init([repository / "diabetes"], writes=False).notes
    assert [re.sub(r"^.*/diabetes/", "", note) for note in notes] == [
        "demo.toml is not in git yet: GitHub builds from what is committed.",
        "diabetes.keras is not in git yet: GitHub builds from what is committed.",
        "site need not be in git: add it to .gitignore.",
        "diabetes.keras has 105.9 MB: GitHub takes it by Git LFS only (git lfs track).",
    ]
    (repository / ".gitattributes").write_text("*.keras filter=lfs\n")
    (repository / ".gitignore").write_text("site/\n")
    assert workflow.init([repository / "diabetes"], writes=False).notes == notes[:2]
    assert workflow.init([repository / "digits"]).notes == ()


def test_another_workflow_is_not_replaced_unless_told(repository: Path, tmp_path: Path) -> None:
    file = repository / workflow.PATH
    file.parent.mkdir(parents=True)
    file.write_text("name: Mine\n")
    with pytest.raises(DeployError) as caught:
        workflow.init([repository / "digits"])
    assert_error(caught.value, "deploy-other-workflow", tmp_path)
    assert file.read_text() == "name: Mine\n"
    assert workflow.init([repository / "digits"], replaces=True).is_new
    assert [path.name for path in file.parent.iterdir()] == ["pages.yml"]


@pytest.mark.parametrize("target", ["nowhere", "digits/site"])
def test_what_is_no_demo_gets_no_workflow(
    target: str, repository: Path, build_demo: BuildDemo
) -> None:
    shutil.copytree(build_demo("digits").folder, repository / "digits" / "site")
    with pytest.raises(DemoError):
        workflow.init([repository / target])
    assert not (repository / ".github").exists()


def test_what_is_left_to_do_is_told(
    repository: Path, build_demo: BuildDemo, tmp_path: Path
) -> None:
    copy = copy_demo("wine", build_demo, tmp_path / "built")
    shutil.copytree(copy / "site", repository / "wine" / "site")
    shutil.rmtree(repository / "diabetes")
    result = run("deploy", repository / "wine" / "site")
    assert result.returncode == 7
    assert_text(result.stderr, "deploy-no-workflow", tmp_path)
    assert run("deploy", repository / "wine", "--init").returncode == 0
    result = run("deploy", repository / "wine" / "site")
    assert_text(result.stdout, "deploy-to-be-committed", tmp_path)
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "Publish")
    git(tmp_path, "init", "--quiet", "--bare", str(tmp_path / "hub.git"))
    git(repository, "remote", "add", "origin", str(tmp_path / "hub.git"))
    assert "Push: git push" in run("deploy", repository / "wine" / "site").stdout
    git(repository, "push", "--quiet", "-u", "origin", "trunk")
    result = run("deploy", repository / "wine" / "site")
    assert_text(result.stdout, "deploy-all-pushed", tmp_path)


def test_this_project_s_own_workflow_is_the_one_that_it_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == own(), "run: python -m tests.workflow"
