"""Git in the user's repository: objects and remotes, never its worktree, index or branches."""

from __future__ import annotations

import os
import re
import shutil
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundler.deploy import settings
from bundler.ground import own_files, processes, redact
from bundler.ground.errors import DeployError, SetupError

# What git sets for the programs that it calls: a deploy from a hook is about its own repository.
OF_A_CALLER = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH",
)  # fmt: skip
SETTINGS = {
    "LC_ALL": "C",  # its messages are read
    "GIT_TERMINAL_PROMPT": "0",  # a question would wait unseen
    "GIT_OPTIONAL_LOCKS": "0",  # asking for the state must not write the index
    "GIT_PAGER": "cat",
}
OLDEST = (2, 32)
NO_HOOKS = os.devnull
# A connection that brings nothing for a minute is lost. What housekeeping would do besides
# has nothing to do with a deploy.
OPTIONS = {
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "60",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # The index is a file of its own, of a branch that no worktree shows.
    "core.splitIndex": "false",
    "core.ignoreCase": "false",
    # Whatever is configured, reading starts no program, and no address is a command.
    "core.fsmonitor": "false",
    "log.showSignature": "false",
    "protocol.ext.allow": "never",
    "safe.bareRepository": "explicit",
    # Its answers are read.
    "color.ui": "false",
}
TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")


@dataclass(frozen=True)
class Answer:
    """What a git command printed; `code` is its exit code."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Git:
    """The repository that a folder lies in, without what it has configured (settings.py)."""

    top: Path
    environment: Mapping[str, str]
    hooks: str = NO_HOOKS
    secrets: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    # The same with its own refs, for what must stay in it, and where these are.
    itself: Git | None = None
    shared: Path = Path()

    @staticmethod
    def around(folder: Path, environment: Mapping[str, str] = os.environ) -> Git:
        """Raises DeployError when the folder lies in none, SetupError without git."""
        if not shutil.which("git", path=environment.get("PATH")):
            raise SetupError("git is needed, and there is none on PATH", hint="Install git.")
        top = settings.find_top(folder)
        kept = {name: value for name, value in environment.items() if name not in OF_A_CALLER}
        reading = Git(top, {**kept, **SETTINGS})
        reading.check_version()
        own = settings.make(top, reading.tell)
        environment_of_ours = {**reading.environment, **own.environment}
        git = Git(
            top, environment_of_ours, own.hooks, own.secrets, own.left_out, reading, own.shared
        )
        weakref.finalize(git, shutil.rmtree, own.folder, ignore_errors=True)
        return git

    def check_version(self) -> None:
        """Raises SetupError for a git that cannot be kept from a repository's configuration."""
        told = self.tell("version")
        found = re.search(r"(\d+)\.(\d+)", told)
        if not found or tuple(map(int, found.groups())) < OLDEST:
            needed = ".".join(map(str, OLDEST))
            raise SetupError(
                f"git {needed} or newer is needed, and this is {told.removeprefix('git version ')}",
                hint="Install a newer git.",
            )

    def ask(
        self,
        *arguments: str,
        given: str | bytes | None = None,
        index: Path | None = None,
        with_hooks: bool = False,
    ) -> Answer:
        """Runs a command in the repository; file names that are no UTF-8 come as surrogates.

        `index` is a file to use as the index instead of the repository's own. Only what the user
        has wanted, and changes something, may ask the repository's hooks.
        """
        hooks = self.hooks if with_hooks else NO_HOOKS
        command = [
            "git",
            "--no-pager",
            "-c",
            f"core.hooksPath={hooks}",
            *self._options(),
            *arguments,
        ]
        more = {"GIT_INDEX_FILE": str(index)} if index else {}
        result = processes.run_bytes(
            command,
            cwd=self.top,
            env={**self.environment, **more},
            input=given.encode("utf-8", "surrogateescape") if isinstance(given, str) else given,
        )
        texts = (result.stdout, result.stderr)
        output, errors = (text.decode("utf-8", "surrogateescape") for text in texts)
        return Answer(result.returncode, output, self.redact(errors))

    def tell(
        self,
        *arguments: str,
        given: str | bytes | None = None,
        index: Path | None = None,
        fails: str | None = None,
    ) -> str:
        """The output of a command that has to succeed, or `fails` when it does not.

        Raises DeployError with git's own words.
        """
        answer = self.ask(*arguments, given=given, index=index)
        if answer.code and fails is not None:
            return fails
        if answer.code:
            raise DeployError(
                f"git {arguments[0]} failed: {reason(answer.errors)}",
                hint=self.hint(answer.errors),
                details=answer.errors,
            )
        return answer.output.strip("\n")

    def resolve(self, name: str) -> str | None:
        """The commit that a name stands for."""
        answer = self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return answer.output.strip() or None

    def keep(self, ref: str) -> None:
        """Writes into the repository what a push has made of the name of a remote's branch."""
        commit = self.resolve(ref)
        try:
            for path in (ref, f"logs/{ref}"):
                own_files.at(self.shared, path, DeployError)
        except DeployError:
            return  # they lead elsewhere, and nothing has to be written there
        if commit and self.itself:
            self.itself.tell("update-ref", ref, commit)

    def is_changed(self, *, besides: Iterable[Path]) -> bool:
        """Whether the worktree has what is not committed, besides these folders."""
        inside = [path.resolve() for path in besides if self.top in path.resolve().parents]
        own = [f":(exclude,literal){path.relative_to(self.top).as_posix()}" for path in inside]
        # A submodule has a configuration of its own, with which git would look into it.
        flags = ("--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty")
        return bool(self.tell("status", *flags, "--", ".", *own))

    def redact(self, text: str) -> str:
        """Without tokens, whoever has put them into a URL."""
        tokens = filter(None, map(self.environment.get, TOKENS))
        for secret in sorted({*tokens, *self.secrets}, key=len, reverse=True):
            text = redact.hide(text, secret)
        return redact.redact(text)

    def hint(self, errors: str) -> str:
        """What to do about git's messages, where that is known."""
        known = hint(errors)
        if not self.left_out or not any(part in errors for part in SIGNED_OUT):
            return known
        keys = ", ".join(self.left_out)
        return (
            f"{known} The repository's own {keys} was left out, for whoever made the repository "
            "could have set it: if it is yours, set it with git config --global."
        ).lstrip()

    def _options(self) -> list[str]:
        options = [f"{key}={value}" for key, value in OPTIONS.items()]
        options += _credentials(self.environment)
        return [part for option in options for part in ("-c", option)]


def _credentials(environment: Mapping[str, str]) -> list[str]:
    """Has git ask for the token in the environment, and keep it nowhere.

    The setting names the variable: the token itself stands in no command line, file or URL. For
    other hosts, and without a token, git's own credential helpers are asked.
    """
    name = next(filter(environment.get, TOKENS), None)
    if name is None:
        return []
    key = f"credential.{environment.get('GITHUB_SERVER_URL', 'https://github.com')}.helper"
    answer = f'echo username=x-access-token; echo "password=${name}"'
    # The empty one drops the user's helpers, which would keep the token.
    return [f"{key}=", f'{key}=!f() {{ test "$1" = get && {{ {answer}; }}; }}; f']


def reason(errors: str) -> str:
    """What git's messages say in one line."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "! "))]
    chosen = [line for line in said if not line.startswith("error: failed to push")] or lines
    text = "; ".join(dict.fromkeys(line.removeprefix("fatal: ") for line in chosen[:3]))
    return text or "it said nothing"


# In what git says when nobody could sign in.
SIGNED_OUT = (
    "could not read Username", "could not read Password", "Authentication failed",
    "returned error: 403", "Permission denied", "Could not read from remote",
)  # fmt: skip
# A part of git's messages -> what to do.
HINTS = {
    "could not read Username": "Sign in (gh auth login, or git's credential helper), or set "
    "GITHUB_TOKEN.",
    "could not read Password": "Sign in (gh auth login, or git's credential helper), or set "
    "GITHUB_TOKEN.",
    "Authentication failed": "Sign in again (gh auth login); if GITHUB_TOKEN or GH_TOKEN is set, "
    "that was used.",
    "returned error: 403": "The account or token may not write to this repository.",
    "Permission denied (publickey)": "The host does not know your SSH key.",
    "not found": "Is the remote's address right, and may this account see it?",
    "does not appear to be a git repository": "Is the remote's address right?",
    "tell me who you are": 'Tell git who you are: git config user.name "…" and user.email.',
    "empty ident": 'Tell git who you are: git config user.name "…" and user.email.',
    "Could not resolve host": "Connect to the network and run it again.",
    "transport 'ext' not allowed": "The remote's address is a command, which is not run.",
    "No space left": "Free some space and run it again.",
    "dubious ownership": "The repository belongs to another user: git config --global --add "
    "safe.directory with its folder.",
}


def hint(errors: str) -> str:
    """What to do about git's messages, where that is known."""
    return next((text for part, text in HINTS.items() if part in errors), "")
