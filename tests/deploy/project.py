"""A user's repository with a small site, and what is done with it, for the tests of deploys."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bundler import deploy, site
from bundler.deploy import Prepared, branch, push
from bundler.deploy.branch import Options, Plan
from bundler.site import INDEX, Site
from tests.command import content
from tests.deploy.git_hosts import files, git, refs

BRANCH = "gh-pages"
PAGE = {
    "title": "Digits",
    "description": "Draw a digit.",
    "language": "en",
    "picture": None,
    "download_bytes": 1000,
}


def small_site(text: str = "one", weights: bytes = b"weights") -> Site:
    """A site whose contents change with the text and the weights, all names as builds give them."""
    name = site.hashes(Site({"weights": weights}, {}))["weights"][:8]
    return Site(
        {
            f"model-{name}/weights-1-of-1.bin": weights,
            f"assets/page-{text}.js": f"'{text}'".encode(),
            "sw.js": b"self",
            INDEX: f"<!doctype html><script src=assets/page-{text}.js>".encode(),
        },
        {"page": PAGE, "isolate": False},
    )


@dataclass
class Project:
    """A repository whose remote `origin` has its branch main, and the site of its demo."""

    top: Path
    remote: Path
    steps: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The site's."""
        return self.top / "demo" / "site"

    @property
    def tip(self) -> str:
        """The commit that the remote's branch has."""
        return git(self.remote, "rev-parse", f"refs/heads/{BRANCH}")

    @property
    def published(self) -> dict[str, bytes]:
        return files(self.remote, BRANCH)

    def state(self) -> tuple[str, dict[str, bytes], bytes]:
        """What a deploy must leave alone: refs, the worktree with its site, the index."""
        index = Path(git(self.top, "rev-parse", "--absolute-git-dir")) / "index"
        worktree = {
            path: data for path, data in content(self.top).items() if not path.startswith(".git/")
        }
        return refs(self.top), worktree, index.read_bytes()

    def build(self, made: Site | None = None) -> None:
        site.write(made or small_site(), self.folder)

    def prepare(self) -> Prepared:
        return deploy.prepare([self.folder], Path, deploy.TARGETS["folder"])

    def plan(self, **options: object) -> Plan:
        prepared = self.prepare()
        return branch.plan(
            prepared.made,
            prepared.folders,
            Options(**{"branch": BRANCH, **options}),  # type: ignore[arg-type]
        )

    def push(self, planned: Plan) -> str:
        prepared = self.prepare()
        message = f"Deploy {prepared.name}"
        return push.push(planned, prepared.made, message, on_step=self.steps.append)

    def deploy(self, made: Site | None = None, **options: object) -> Plan:
        """Builds and publishes, if there is anything to."""
        if made:
            self.build(made)
        planned = self.plan(**options)
        if planned.changes:
            self.push(planned)
        return planned

    def teammate(
        self, change: dict[str, str], *, message: str = "By hand", new: bool = False
    ) -> str:
        """Somebody else's commit on the remote's branch; returns it."""
        clone = self.remote.parent / f"teammate-{len(list(self.remote.parent.iterdir()))}"
        git(self.remote.parent, "clone", "--quiet", str(self.remote), str(clone))
        git(clone, *(["checkout", "--orphan", BRANCH] if new else ["checkout", BRANCH]))
        if new:
            git(clone, "rm", "-rfq", "--ignore-unmatch", ".")
        for path, text in change.items():
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).write_text(text)
        git(clone, "add", "-A", "--force")
        git(clone, "commit", "--quiet", "-m", message)
        git(clone, "push", "--quiet", "origin", BRANCH)
        return git(clone, "rev-parse", "HEAD")


def new_project(folder: Path, url: str | None = None) -> Project:
    """A project below a folder; `url` is the address under which its folder's repositories are."""
    remote, top = folder / "hub" / "digits.git", folder / "work tree"
    remote.parent.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "-b", "main", str(remote))
    git(remote, "config", "http.receivepack", "true")
    git(folder, "init", "--quiet", "-b", "main", str(top))
    (top / ".gitignore").write_text("site/\n")
    (top / "demo").mkdir()
    (top / "demo" / "demo.toml").write_text('model = "digits.keras"\n')
    git(top, "add", "-A")
    git(top, "commit", "--quiet", "-m", "A demo")
    git(top, "remote", "add", "origin", f"{url}digits.git" if url else str(remote))
    git(top, "push", "--quiet", str(remote), "main")
    project = Project(top, remote)
    project.build()
    return project


def expected(made: Site) -> dict[str, bytes]:
    """What a branch with nothing but this site holds."""
    own = {path: data for path, data in made.files.items() if isinstance(data, bytes)}
    manifest = site.manifest(made, site.hashes(made))
    return {**own, site.MANIFEST: manifest, ".nojekyll": b""}
