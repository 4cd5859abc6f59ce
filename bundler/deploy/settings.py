"""A git folder of our own, through which a repository is read without what it has configured.

The configuration of a repository names programs: hooks, filters, watchers, pagers, signers,
transports. Whoever made the folder made that as well. So git runs in a folder whose configuration
is the user's own, with those of the repository's settings that name no program and lead nowhere;
only objects, index and worktree are the repository's.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bundler.ground import own_files, redact
from bundler.ground.errors import DeployError

# What a repository may say of itself: how its files lie on the disk, where its remotes are, who
# commits, and what is sent along to sign in.
OWN = re.compile(
    r"core\.(filemode|symlinks|precomposeunicode|autocrlf|eol|safecrlf|longpaths|trustctime|checkstat)"
    r"|extensions\.(objectformat|partialclone)"
    r"|remote\..+\.(url|pushurl|fetch|promisor|partialclonefilter)"
    r"|branch\..+\.(remote|merge)"
    r"|(user|author|committer)\.(name|email|useconfigonly)"
    r"|http\.(.+\.)?(extraheader|proxy|postbuffer|version)",
    re.DOTALL,
)
# Scopes of git, by who has written them.
OF_THE_USER = ("system", "global")
OF_THE_REPOSITORY = ("local", "worktree")
# How the user signs in with a repository's own programs: what is left out is said when it fails.
SIGNING_IN = re.compile(r"core\.(sshcommand|askpass)|credential\..*|url\..*", re.DOTALL)
# The name of a remote that is no option, and means nothing to a shell in which it is pasted.
REMOTE_NAME = re.compile(r"(?!-)[\w.+/@-]+")
HOOKS = "core.hookspath"
REMOTE_HEAD = re.compile(r"refs/remotes/[\w-]+/HEAD", re.ASCII)


@dataclass(frozen=True)
class Setting:
    """A line of a configuration; without a value it is a switch that is on."""

    scope: str
    key: str
    value: str | None

    @property
    def is_taken(self) -> bool:
        """Whether it stands in our configuration, if it is of the repository."""
        if self.key.startswith("remote."):
            name = self.key.removeprefix("remote.").rpartition(".")[0]
            if not REMOTE_NAME.fullmatch(name):
                return False
        return bool(OWN.fullmatch(self.key))


@dataclass(frozen=True)
class Own:
    """Our folder, what git has to be told to use it, and what is never to be shown.

    `shared` is the repository's own, where objects and refs are, and `hooks` where it has its
    hooks; `left_out` are settings by which its user may have signed in.
    """

    folder: Path
    shared: Path
    environment: dict[str, str]
    hooks: str
    secrets: tuple[str, ...]
    left_out: tuple[str, ...]


def find_top(folder: Path) -> Path:
    """The worktree that a folder lies in. Raises DeployError where there is none.

    Nor is there one in a bare repository, which could lie in a clone like any other folder.
    """
    hint = (
        "Make one (git init, git remote add origin URL), or publish without git: "
        "tfjs-demo deploy --to folder."
    )
    for place in [folder.resolve(), *folder.resolve().parents]:
        if (place / ".git").exists():
            return place
        if _is_bare(place):
            raise DeployError(
                f"{folder} is not in the worktree of a git repository: {place} is a bare one, "
                "whose configuration may be anybody's",
                hint="Move the demo out of it.",
            )
    raise DeployError(f"{folder} is not in the worktree of a git repository", hint=hint)


def _is_bare(place: Path) -> bool:
    return (place / "HEAD").exists() and all((place / n).is_dir() for n in ("objects", "refs"))


Tell = Callable[..., str]


def make(top: Path, tell: Tell) -> Own:
    """Our folder for the repository of a worktree; `tell` runs git there and only reads.

    Raises DeployError, with nothing left behind.
    """
    git_folder = Path(tell("rev-parse", "--absolute-git-dir"))
    own = top / ".git"
    if own.is_dir() and own.resolve() != git_folder.resolve():
        raise DeployError(f"{own} is no repository", hint="Move it away, or run git init.")
    shared = Path(tell("rev-parse", "--path-format=absolute", "--git-common-dir"))
    _check_objects(shared)
    settings = list(_settings(tell("config", "--list", "-z", "--show-scope")))
    folder = Path(tempfile.mkdtemp(prefix="tfjs-demo-git-"))
    try:
        _fill(folder, git_folder, shared, settings, tell)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    written = [one for one in settings if one.scope in OF_THE_USER + OF_THE_REPOSITORY]
    chosen = [one.value for one in written if one.key == HOOKS and one.value]
    given = [one for one in settings if one.scope in OF_THE_REPOSITORY and not one.is_taken]
    return Own(
        folder,
        shared,
        {
            "GIT_DIR": str(folder),
            "GIT_WORK_TREE": str(top),
            "GIT_INDEX_FILE": str(git_folder / "index"),
            "GIT_OBJECT_DIRECTORY": str(shared / "objects"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(folder / "global"),
        },
        hooks=chosen[-1] if chosen else str(shared / "hooks"),
        secrets=tuple(_secrets(settings)),
        left_out=tuple(sorted({one.key for one in given if SIGNING_IN.fullmatch(one.key)})),
    )


def _check_objects(shared: Path) -> None:
    """Raises DeployError for links among the folders into which objects are written."""
    objects = own_files.at(shared, "objects", DeployError)
    for place in objects.iterdir():
        own_files.refuse_link(place, DeployError)


def _fill(
    folder: Path, git_folder: Path, shared: Path, settings: list[Setting], tell: Tell
) -> None:
    taken = [one for one in settings if one.scope in OF_THE_REPOSITORY and one.is_taken]
    kept = [
        one
        for one in settings
        if one.scope in OF_THE_USER and not one.key.startswith(("include.", "includeif."))
    ]
    version = int(any(one.key.startswith("extensions.") for one in taken))
    form = Setting("local", "core.repositoryformatversion", str(version))
    _write(folder / "config", "".join(map(_line, [form, *taken])))
    _write(folder / "global", "".join(map(_line, kept)))
    (folder / "refs").mkdir()
    (folder / "info").mkdir()
    _copy_refs(folder, tell)
    at_work = tell("symbolic-ref", "--quiet", "HEAD", fails="")
    _write(folder / "HEAD", f"ref: {at_work}\n" if at_work else tell("rev-parse", "HEAD") + "\n")
    for place, name in ((shared, "shallow"), (shared / "info", "exclude")):
        inside = (place / name).relative_to(shared)
        if (place / name).is_file() and not own_files.is_link(place / name):
            shutil.copyfile(place / name, folder / inside)
    # Where git has split the index, this is its other half.
    for half in git_folder.glob("sharedindex.*"):
        if half.is_file() and not own_files.is_link(half):
            shutil.copyfile(half, folder / half.name)


def _copy_refs(folder: Path, tell: Tell) -> None:
    rows = tell("for-each-ref", "--format=%(objectname) %(refname) %(symref)").split("\n")
    packed = ""
    for name, ref, *meant in (row.split() for row in rows if row):
        packed += f"{name} {ref}\n"
        if meant and REMOTE_HEAD.fullmatch(ref):  # the remote's first branch
            (folder / ref).parent.mkdir(parents=True)
            _write(folder / ref, f"ref: {meant[0]}\n")
    _write(folder / "packed-refs", packed)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def _settings(listed: str) -> Iterator[Setting]:
    parts = listed.split("\0")
    for scope, entry in zip(parts[::2], parts[1::2], strict=False):
        key, line, value = entry.partition("\n")
        yield Setting(scope, key, value if line else None)


def _line(one: Setting) -> str:
    section, _, rest = one.key.partition(".")
    within, _, name = rest.rpartition(".")
    head = f"[{section} {_quoted(within)}]" if within else f"[{section}]"
    return f"{head}\n{name}" + ("\n" if one.value is None else f" = {_quoted(one.value)}\n")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _secrets(settings: list[Setting]) -> Iterator[str]:
    for one in settings:
        if one.key.startswith(("remote.", "url.")):
            yield from redact.secrets(one.value or "")
            yield from redact.secrets(one.key.removeprefix("url.").rpartition(".")[0])
        elif one.key.endswith(".extraheader") and one.value:
            yield from filter(None, one.value.split()[-1:])
