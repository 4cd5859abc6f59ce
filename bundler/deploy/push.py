"""Brings the planned branch to the remote, or says why not."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from bundler.deploy import objects
from bundler.deploy.branch import Plan
from bundler.deploy.git import reason
from bundler.ground.errors import DeployError
from bundler.pipeline import OnStep
from bundler.site import Site

BROKEN = (
    "hung up", "RPC failed", "early EOF", "unexpected disconnect", "Broken pipe", "Connection",
    "Could not resolve", "Failed to connect", "timed out", "Operation too slow", "unable to access",
)  # fmt: skip


def push(planned: Plan, made: Site, message: str, *, on_step: OnStep = lambda _: None) -> str:
    """Makes the commit and pushes it, with the one that it replaces as a backup on the remote.

    Returns the commit. Raises DeployError; then no ref of this repository has changed, and the
    remote's branch neither, unless the error says that this is not known.
    """
    on_step("make the commit")
    commit = _commit(planned, made, message)
    on_step("push")
    name = f"refs/heads/{planned.branch}"
    lease = f"--force-with-lease={name}:{planned.tip or ''}"
    backup = [f"+{planned.tip}:{planned.backup}"] if planned.tip else []
    # Both refs or none.
    flags = ("--porcelain", "--atomic", "--no-follow-tags", "--recurse-submodules=no")
    try:
        refs = (f"{commit}:{name}", *backup)
        answer = planned.git.ask(
            "push", *flags, lease, "--", planned.remote, *refs, with_hooks=True
        )
    except KeyboardInterrupt:
        raise DeployError(
            f"stopped while the site was on its way to {planned.remote}: it is there as a whole "
            "or not at all",
            hint="Run it again: it looks at what is there.",
        ) from None
    if answer.code:
        _check_arrival(planned, commit, planned.git.redact(answer.output) + answer.errors)
    planned.git.keep(f"refs/remotes/{planned.remote}/{planned.branch}")
    return commit


def _commit(planned: Plan, made: Site, message: str) -> str:
    git = planned.git
    objects.write(git, made)
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        index = Path(folder) / "index"
        if planned.tip:
            git.tell("read-tree", planned.tip, index=index)
        nothing = "0" * len(next(iter(planned.wanted.values())).id)
        removed = [change.path for change in planned.changes if change.kind == "removed"]
        rows = [f"0 {nothing}\t{path}" for path in removed]
        rows += [f"{blob.mode} {blob.id}\t{path}" for path, blob in planned.wanted.items()]
        git.tell("update-index", "-z", "--index-info", given="\0".join([*rows, ""]), index=index)
        tree = git.tell("write-tree", index=index)
    parents = [part for parent in planned.parents for part in ("-p", parent)]
    text = f"{message}\n\nSource: {planned.source}\n{objects.SIGNATURE}\n"
    return git.tell("commit-tree", tree, *parents, "-F", "-", given=text)


def _check_arrival(planned: Plan, commit: str, said: str) -> None:
    """A push that failed may have arrived, if the connection broke after it. Raises DeployError."""
    branch, remote = planned.branch, planned.remote
    there = planned.git.ask("ls-remote", "--", remote, f"refs/heads/{branch}")
    if there.output.startswith(commit):
        return
    if "(stale info)" in said:
        raise DeployError(
            f"somebody else has pushed to {branch} of {remote} in this moment: what they pushed is "
            "untouched, and the site was not published",
            hint="Run it again: it looks at what is there now.",
            details=said,
        )
    refused = re.search(r"\[remote rejected\] \((.*)\)", said)
    if refused:
        words = [line for line in said.splitlines() if line.startswith("remote: ")]
        told = "".join(f"\n  {line.rstrip()}" for line in words)
        raise DeployError(
            f"{remote} refused the push to {branch}: {refused[1]}{told}",
            hint=_advice(refused[1]),
            details=said,
        )
    if there.code:
        raise DeployError(
            f"the connection to {remote} broke, and it cannot be asked what has arrived: "
            f"{reason(said)}",
            hint=planned.git.hint(said)
            or "Run it again when it can be reached: it looks at what is there.",
            details=said,
        )
    broke = any(part in said for part in BROKEN)
    raise DeployError(
        f"{'the connection broke' if broke else 'the push failed'}; {branch} of {remote} is as it "
        f"was: {reason(said)}",
        hint=planned.git.hint(said) or ("Run it again." if broke else ""),
        details=said,
    )


def _advice(refused: str) -> str:
    if "non-fast-forward" in refused:
        return "It takes no commit in place of another: say --history, which adds one."
    return "The site was not published, and the branch is as it was."
