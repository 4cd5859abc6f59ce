"""Repositories whose settings name programs."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.deploy.git_hosts import git
from tests.deploy.project import Project


def sets(*pairs: tuple[str, str]) -> Callable[[Project, str], None]:
    """Settings of the repository; PROGRAM is the program."""

    def act(project: Project, program: str) -> None:
        for key, value in pairs:
            git(project.top, "config", "--replace-all", key, value.replace("PROGRAM", program))

    return act


def attributes(*lines: str, **settings: str) -> Callable[[Project, str], None]:
    """Attributes of all files, and the settings that they mean."""

    def act(project: Project, program: str) -> None:
        (project.top / ".gitattributes").write_text("\n".join(lines) + "\n")
        git(project.top, "add", "-A")
        git(project.top, "commit", "--quiet", "-m", "Attributes")
        for key, value in settings.items():
            git(project.top, "config", key.replace("__", "."), value.replace("PROGRAM", program))
        # So that its content has to be compared.
        os.utime(project.top / "demo" / "demo.toml", (1, 1))

    return act


def hooks(project: Project, program: str) -> None:
    """All hooks, but what a push asks."""
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman",
                 "post-checkout", "post-merge", "pre-commit", "prepare-commit-msg"):  # fmt: skip
        (project.top / ".git" / "hooks" / name).symlink_to(program)


def included(project: Project, program: str) -> None:
    (project.top / "demo" / "gitconfig").write_text(
        f'[core]\nfsmonitor = "{program}"\n[protocol "ext"]\nallow = always\n'
        f'[remote "origin"]\nurl = "ext::{program} %S"\npushurl = "ext::{program} %S"\n'
    )
    git(project.top, "config", "--unset-all", "remote.origin.url")
    git(project.top, "config", "include.path", "../demo/gitconfig")


def of_a_worktree(project: Project, program: str) -> None:
    git(project.top, "config", "extensions.worktreeConfig", "true")
    git(project.top, "config", "--worktree", "core.fsmonitor", program)
    git(project.top, "config", "--worktree", "core.sshCommand", program)


def submodule(project: Project, program: str) -> None:
    """A submodule whose own configuration names a program; git looks into it by itself."""
    inner = project.top / "inner"
    git(project.top, "init", "--quiet", str(inner))
    (inner / "file").write_text("x")
    git(inner, "add", "-A")
    git(inner, "commit", "--quiet", "-m", "Inner")
    git(project.top, "add", "inner")
    git(project.top, "commit", "--quiet", "-m", "A submodule")
    git(inner, "config", "core.fsmonitor", program)


def missing_object(project: Project, program: str) -> None:
    """An object that git would fetch from where the repository says."""
    sets(
        ("extensions.partialClone", "evil"), ("remote.evil.promisor", "true"),
        ("remote.evil.url", "ext::PROGRAM %S"), ("protocol.ext.allow", "always"),
    )(project, program)  # fmt: skip
    tree = git(project.top, "rev-parse", "HEAD^{tree}")
    path = project.top / ".git" / "objects" / tree[:2] / tree[2:]
    path.chmod(0o644)
    path.unlink()


EXT = ("remote.origin.url", "ext::PROGRAM %S"), ("protocol.ext.allow", "always")


CONFIGURED = {
    "a watcher": sets(("core.fsmonitor", "PROGRAM")),
    "a watcher of version 2": sets(("core.fsmonitor", "PROGRAM"),
                                   ("core.fsmonitorHookVersion", "2")),
    "hooks": hooks,
    "hooks elsewhere": sets(("core.hooksPath", "PROGRAM/..")),
    "a pager": sets(("core.pager", "PROGRAM"), ("pager.log", "PROGRAM"),
                    ("pager.status", "PROGRAM"),
                    ("color.ui", "always"), ("color.pager", "true")),
    "an editor": sets(("core.editor", "PROGRAM"), ("sequence.editor", "PROGRAM")),
    "a signer": sets(("log.showSignature", "true"), ("gpg.program", "PROGRAM"),
                     ("commit.gpgSign", "true"), ("push.gpgSign", "true")),
    "a signer of ssh": sets(("gpg.format", "ssh"), ("gpg.ssh.program", "PROGRAM"),
                            ("gpg.ssh.defaultKeyCommand", "PROGRAM"), ("commit.gpgSign", "true")),
    "an alias": sets(*[(f"alias.{name}", "!PROGRAM") for name in ("status", "push", "rev-parse")]),
    "what shows differences": attributes(
        "* diff=evil", diff__evil__command="PROGRAM", diff__evil__textconv="PROGRAM",
        diff__external="PROGRAM", interactive__diffFilter="PROGRAM",
    ),
    "a filter": attributes("* filter=evil", filter__evil__clean="PROGRAM",
                           filter__evil__smudge="PROGRAM", filter__evil__required="true"),
    "a filter that stays": attributes("* filter=evil", filter__evil__process="PROGRAM"),
    "what merges": attributes("* merge=evil", merge__evil__driver="PROGRAM %A"),
    "what signs in": sets(("credential.helper", "!PROGRAM"), ("core.askPass", "PROGRAM"),
                          ("remote.origin.url", "http://127.0.0.1:9/x.git")),
    "what signs in at a host": sets(("credential.http://127.0.0.1:9.helper", "!PROGRAM"),
                                    ("remote.origin.url", "http://127.0.0.1:9/x.git")),
    "a shell": sets(("core.sshCommand", "PROGRAM"), ("ssh.variant", "simple"),
                    ("remote.origin.url", "git@127.0.0.1:x.git")),
    "a proxy": sets(("core.gitProxy", "PROGRAM"), ("remote.origin.url", "git://127.0.0.1:9/x.git")),
    "a command for a remote": sets(*EXT),
    "a command to push to": sets(("remote.origin.pushurl", EXT[0][1]), EXT[1]),
    "a command in the place of an address": sets(
        ("url.ext::PROGRAM %S .insteadOf", "http://"), ("url.ext::PROGRAM %S .pushInsteadOf", "/"),
        EXT[1], ("remote.origin.url", "http://127.0.0.1:9/x.git"),
    ),
    "the other end's programs": sets(("remote.origin.uploadpack", "PROGRAM"),
                                     ("remote.origin.receivepack", "PROGRAM")),
    "a helper for a remote": sets(("remote.origin.vcs", "ext"), ("protocol.ext.allow", "always"),
                                  ("remote.origin.url", "PROGRAM %S")),
    "other objects": sets(("core.alternateRefsCommand", "PROGRAM"),
                          ("uploadpack.packObjectsHook", "PROGRAM")),
    "a remote that is an option": sets(
        ("remote.--upload-pack=PROGRAM.url", "/"), ("remote.--exec=PROGRAM.url", "/"),
    ),
    "another file": included,
    "its worktree's own": of_a_worktree,
    "a submodule": submodule,
    "a missing object": missing_object,
}  # fmt: skip
