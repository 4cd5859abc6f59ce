"""A branch that holds the site: what a deploy would change there.

Only objects are made in the user's repository; its worktree, index, branches and tags stay as
they are. What others have put on the branch stays as well, unless the user says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bundler.deploy import objects
from bundler.deploy.git import Git
from bundler.deploy.objects import Listing
from bundler.ground.errors import DeployError
from bundler.pipeline import OnStep
from bundler.site import Site

# The file in which GitHub keeps the domain of a site.
CNAME = "CNAME"
BACKUPS = "refs/tfjs-demo/backup"
FETCHES = 3


@dataclass(frozen=True)
class Options:
    """What the user says of a branch."""

    branch: str
    remote: str | None = None
    adopts: bool = False  # a branch that we did not create
    replaces: bool = False  # files on it that we did not write
    keeps_history: bool = False


@dataclass(frozen=True)
class Change:
    """A file that a deploy adds, changes or removes."""

    path: str
    kind: str
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What a deploy would do; `tip` is the branch's commit as it was fetched."""

    git: Git
    branch: str
    remote: str
    url: str  # without user and token
    tip: str | None
    parents: tuple[str, ...]
    source: str  # the commit that the site was made from, in words
    wanted: Listing
    changes: tuple[Change, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...]
    new_bytes: int  # of files that the branch has nowhere

    @property
    def backup(self) -> str:
        """Where the remote keeps the commit that this deploy replaces."""
        return f"{BACKUPS}/{self.branch}"

    @property
    def domain(self) -> str:
        """What the branch's CNAME file says, if it stays."""
        if CNAME not in self.kept:
            return ""
        return self.git.tell("cat-file", "blob", f"{self.tip}:{CNAME}").strip()


def plan(
    made: Site, folders: Sequence[Path], options: Options, *, on_step: OnStep = lambda _: None
) -> Plan:
    """What would change on the branch, for the repository that the site's folders lie in.

    Raises DeployError, SetupError; nothing but objects that were fetched is new then.
    """
    git = Git.around(folders[0])
    _check_branch(git, options.branch)
    remote = _remote(git, options)
    _check_address(git, remote)
    on_step("fetch the branch")
    tip = _fetch(git, remote, options.branch)
    deploy = objects.newest_deploy(git, tip) if tip else None
    if tip and not deploy and not options.adopts:
        _refuse_foreign(git, remote, options.branch, tip)
    on_step("compare")
    there = objects.read(git, tip) if tip else {}
    ours = objects.written(git, deploy) if deploy else {}
    wanted = objects.wanted(git, made, there)
    foreign = {path for path, blob in there.items() if ours.get(path) != blob}
    if not options.replaces:
        _check_conflicts(wanted, there, foreign - ours.keys(), options.branch)
    kept = set() if options.replaces else foreign - wanted.keys()
    edited = sorted(path for path in foreign & ours.keys() & wanted.keys())
    ids = {blob.id for blob in there.values()}
    return Plan(
        git=git,
        branch=options.branch,
        remote=remote,
        url=git.redact(git.tell("remote", "get-url", "--push", remote)),
        tip=tip,
        parents=_parents(git, tip, deploy, options),
        source=_source(git, folders),
        wanted=wanted,
        changes=tuple(_changes(wanted, there, kept)),
        kept=tuple(sorted(kept)),
        notes=tuple(_notes(git, options.branch, tip, edited)),
        new_bytes=sum(blob.bytes for blob in wanted.values() if blob.id not in ids),
    )


def _check_branch(git: Git, name: str) -> None:
    if name.startswith("-") or git.ask("check-ref-format", f"refs/heads/{name}").code:
        raise DeployError(f"{name!r} cannot be the name of a branch", hint="Try gh-pages.")
    if git.ask("symbolic-ref", "--quiet", "HEAD").output.strip() == f"refs/heads/{name}":
        raise DeployError(
            f"{name} is the branch that you work on: the site would take the place of its files",
            hint="Name a branch for the site alone: --branch gh-pages.",
        )


def _remote(git: Git, options: Options) -> str:
    names = list(filter(None, git.tell("remote").split("\n")))
    if options.remote and options.remote not in names:
        known = f"There are: {', '.join(names)}." if names else "git remote add NAME URL makes one."
        raise DeployError(f"there is no remote {options.remote!r}", hint=known)
    if options.remote or "origin" in names:
        return options.remote or "origin"
    if len(names) > 1:
        raise DeployError(
            f"which remote: {', '.join(names)}?", hint=f"Say --remote {names[0]}, for example."
        )
    if not names:
        raise DeployError(
            f"{git.top} has no remote to publish to",
            hint="Make a repository on the host, then: git remote add origin URL",
        )
    return names[0]


def _check_address(git: Git, remote: str) -> None:
    """Raises DeployError for a remote in the worktree: whoever made one has made the other."""
    for address in git.tell("remote", "get-url", "--all", "--push", remote).split("\n"):
        place = address.removeprefix("file://")
        if ":" in place.partition("/")[0]:
            continue  # a host, or a way to one
        path = (git.top / place).resolve()
        if path == git.top or git.top in path.parents:
            raise DeployError(
                f"the remote {remote} is a folder of this repository, {path}: its hooks would run "
                "here",
                hint=f"Name another one: git remote set-url {remote} URL",
            )


def _fetch(git: Git, remote: str, branch: str) -> str | None:
    """The branch's commit on the remote, with all that it needs; no ref is written."""
    name = f"refs/heads/{branch}"
    for _ in range(FETCHES):
        rows = git.tell("ls-remote", "--", remote, name).split("\n")
        tips = [row.split("\t")[0] for row in rows if row.endswith(f"\t{name}")]
        if not tips:
            return None
        quiet = ("--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules")
        git.tell("fetch", *quiet, "--no-write-fetch-head", "--refmap=", "--", remote, name)
        if git.resolve(tips[0]):
            return tips[0]
        # Somebody has replaced it between these two commands.
    raise DeployError(f"{branch} of {remote} changes faster than it can be read", hint="Try again.")


def _refuse_foreign(git: Git, remote: str, branch: str, tip: str) -> None:
    newest = git.tell("log", "-1", "--format=%h by %an: %s", tip)
    raise DeployError(
        f"the branch {branch} of {remote} was not made by tfjs-demo; its newest commit is {newest}",
        hint="Name another branch, or say --adopt: its files and history stay, and the site is "
        "added.",
    )


def _check_conflicts(wanted: Listing, there: Listing, foreign: set[str], branch: str) -> None:
    """Raises DeployError where the site and files that stay want the same place."""
    spellings = {path.casefold() for path in wanted}
    folders = {str(parent).casefold() for path in wanted for parent in PurePosixPath(path).parents}
    problems = []
    for path in sorted(foreign):
        if path in wanted and there[path] == wanted[path]:
            continue
        parents = {str(parent).casefold() for parent in PurePosixPath(path).parents}
        # What differs in case only is one file on some systems.
        if path.casefold() in spellings | folders or not spellings.isdisjoint(parents):
            problems.append(f"  {path!r}")
    if problems:
        raise DeployError(
            f"the site would be in the way of files on {branch} that tfjs-demo did not write:\n"
            + "\n".join(problems),
            hint="Move them away on that branch, or say --replace: then all that is not of the "
            "site is deleted from the branch.",
        )


def _changes(wanted: Listing, there: Listing, kept: set[str]) -> Iterator[Change]:
    for path, blob in sorted(wanted.items()):
        if path not in there:
            yield Change(path, "added", blob.bytes)
        elif there[path] != blob:
            yield Change(path, "changed", blob.bytes)
    for path in sorted(there.keys() - wanted.keys() - kept):
        yield Change(path, "removed", there[path].bytes)


def _parents(git: Git, tip: str | None, deploy: str | None, options: Options) -> tuple[str, ...]:
    """What the new commit follows: our own last one is replaced, one of others never."""
    if tip is None:
        return ()
    if options.keeps_history or tip != deploy:
        return (tip,)
    return tuple(git.tell("log", "-1", "--format=%P", tip).split())


def _source(git: Git, folders: Sequence[Path]) -> str:
    """The commit that is checked out, and whether the worktree differs from it."""
    commit = git.resolve("HEAD")
    branch = git.ask("symbolic-ref", "--quiet", "--short", "HEAD").output.strip()
    where = f" on {branch}" if branch else ", on no branch"
    is_changed = git.is_changed(besides=folders)
    dirty = ", with changes that are not committed" if is_changed else ""
    return f"{commit or 'no commit yet'}{where}{dirty}"


def _notes(git: Git, branch: str, tip: str | None, edited: list[str]) -> Iterator[str]:
    for path in edited:
        yield f"{path} was changed on {branch} by somebody else: that stays in its history."
    local = git.resolve(f"refs/heads/{branch}")
    if local is None:
        return
    count = git.tell("rev-list", "--count", local, *([f"^{tip}"] if tip else []))
    if count != "0":
        commits = "a commit" if count == "1" else f"{count} commits"
        yield (
            f"Your local branch {branch} has {commits} that {branch} on the remote has not: it "
            "stays as it is, and is not published."
        )
