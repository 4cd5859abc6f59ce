"""GitHub Pages through Actions: the workflow file, which builds where it is published."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bundler import __version__
from bundler.demo import config
from bundler.demo.demo import Demo
from bundler.deploy.git import Git
from bundler.deploy.targets import github_pages
from bundler.formats.source import Source
from bundler.ground import own_files, shell, visible
from bundler.ground.errors import DeployError, SetupError
from bundler.pipeline import target_folder
from bundler.site import MANIFEST
from bundler.site.words import human_bytes

PATH = ".github/workflows/pages.yml"
TEMPLATE = "pages.yml.j2"
RELEASE = f"tfjs-demo=={__version__}"


@dataclass(frozen=True)
class Built:
    """A demo and the folder of its site, as paths within the repository."""

    demo: str
    site: str


@dataclass(frozen=True)
class Written:
    """The workflow file, whether it is new, and what else is to be done."""

    path: Path
    text: str
    is_new: bool
    notes: tuple[str, ...]


def init(
    targets: Sequence[Path],
    *,
    writes: bool = True,
    replaces: bool = False,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
    title: str = "",
) -> Written:
    """Writes the workflow that publishes these demos into the repository that they lie in.

    Raises DeployError where another workflow has its name, ConfigError for what is no demo.
    """
    for target in targets:
        if (target / MANIFEST).is_file():
            raise DeployError(
                f"{target} is a built site, and the workflow builds it anew",
                hint="Name the demo's folder or its model.",
            )
    demos = [
        config.read(target, trusted=trusted, signature=signature, allowed=allowed)
        for target in targets
    ]
    git = Git.around(demos[0].folder)
    built = [
        Built(_within(git, target), _within(git, target_folder(demo, None)))
        for target, demo in zip(targets, demos, strict=True)
    ]
    flags = ["--trust-model"] * trusted + (["--signature", signature] if signature else [])
    committed = "GitHub builds from what is committed: put it into the repository."
    flags += [f"--allow-path={_within(git, folder, hint=committed)}" for folder in allowed]
    text = render(built, branch=_branch(git), build_flags=flags, title=title)
    path = own_files.at(git.top, PATH, DeployError)
    is_new = not path.is_file() or path.read_text(encoding="utf-8") != text
    if is_new and path.exists() and not replaces:
        raise DeployError(
            f"{path} is there already, and is another workflow",
            hint="Say --replace to write it anew, or move it away.",
        )
    if is_new and writes:
        _write(path, text)
    notes = [note for demo in demos for note in _missing(git, demo)]
    return Written(path, text, is_new, tuple(dict.fromkeys(notes)))


def render(
    built: Sequence[Built],
    *,
    branch: str,
    requirement: str = RELEASE,
    build_flags: Sequence[str] = (),
    title: str = "",
) -> str:
    """The workflow file; `requirement` is what pip installs.

    Raises DeployError for names that mean something within a workflow.
    """
    import jinja2

    paths = [path for one in built for path in (one.demo, one.site)]
    for name in (*paths, branch, title, *build_flags):
        if "${{" in name or not name.isprintable():
            raise DeployError(
                f"{name!r} cannot stand in a workflow file", hint="Give it another name."
            )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        # GitHub's own expressions have jinja's braces.
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
    )
    environment.filters["quoted"] = visible.quoted
    folders = [PurePosixPath(one.site).parent for one in built]
    patterns = dict.fromkeys(str(folder / "**").replace("'", "''") for folder in folders)
    hashed = ", ".join(f"'{pattern}'" for pattern in patterns)
    flags = "".join(f" {shlex.quote(flag)}" for flag in build_flags)
    return environment.get_template(TEMPLATE).render(
        branch=branch,
        path=PATH,
        version=__version__,
        requirement=shlex.quote(requirement),
        key=f"tfjs-demo-{__version__}-${{{{ hashFiles({hashed}) }}}}",
        builds=[f"tfjs-demo build {shell.for_a_script(one.demo)}{flags}" for one in built],
        sites=[shell.for_a_script(one.site) for one in built],
        options=f" --title {shlex.quote(title)}" if title else "",
    )


def state(folders: Sequence[Path]) -> list[str]:
    """What is still to be done until GitHub publishes what lies here; nothing if all is pushed.

    Raises DeployError where there is no workflow.
    """
    git = Git.around(folders[0])
    if not (git.top / PATH).is_file():
        raise DeployError(
            f"{git.top} has no workflow that publishes on GitHub Pages",
            hint="tfjs-demo deploy --init writes one. Or push the site to a branch (--branch "
            "gh-pages), or see tfjs-demo deploy --help for other hosts.",
        )
    steps = []
    changed = git.is_changed(besides=folders)
    if changed:
        steps.append("Commit your changes: git add … && git commit")
    ahead = git.ask("rev-list", "--count", "@{upstream}..HEAD")
    if ahead.code or ahead.output.strip() != "0" or changed:
        steps.append("Push: git push")
    return steps


def address(folders: Sequence[Path]) -> str | None:
    """Where GitHub shows the repository that the sites lie in; None if it is elsewhere."""
    try:
        git = Git.around(folders[0])
    except (DeployError, SetupError):
        return None
    remote = git.ask("remote", "get-url", "origin").output.strip()
    return github_pages.address(remote)


def _within(git: Git, folder: Path, *, hint: str = "Demos of one page share a repository.") -> str:
    path = folder.resolve()
    if path != git.top and git.top not in path.parents:
        raise DeployError(f"{folder} is not in the repository {git.top}", hint=hint)
    return path.relative_to(git.top).as_posix()


def _branch(git: Git) -> str:
    """The branch that is published: the remote's own first one, else the one at work."""
    known = git.ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").output.strip()
    here = git.ask("symbolic-ref", "--quiet", "--short", "HEAD").output.strip()
    return known.removeprefix("origin/") or here or "main"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _missing(git: Git, demo: Demo) -> Iterator[str]:
    """What GitHub would not find, because it is not committed or does not fit."""
    for path in [demo.written_in, *Source.of(demo).files]:
        if git.ask("ls-files", "--error-unmatch", "--", str(path.resolve())).code:
            yield f"{path} is not in git yet: GitHub builds from what is committed."
    site = target_folder(demo, None)
    if git.ask("check-ignore", "--quiet", "--", str(site / MANIFEST)).code:
        yield f"{site} need not be in git: add it to .gitignore."
    files = [file for path in Source.of(demo).files for file in (path, *path.rglob("*"))]
    for file in filter(Path.is_file, files):
        attribute = git.ask("check-attr", "filter", "--", str(file)).output
        too_large = file.stat().st_size > (github_pages.LIMITS.file_bytes or 0)
        if too_large and not attribute.endswith("lfs\n"):
            size = human_bytes(file.stat().st_size)
            yield f"{file} has {size}: GitHub takes it by Git LFS only (git lfs track)."
