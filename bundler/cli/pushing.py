"""deploy --branch: a branch and its push, told line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundler.cli.said import Said
from bundler.cli.shared import Progress
from bundler.ground import visible

if TYPE_CHECKING:
    from bundler.deploy import Prepared
    from bundler.deploy.branch import Plan

MOST_LINES = 12
KINDS = ("added", "changed", "removed")


def push_branch(said: Said, prepared: Prepared) -> str | None:
    """Pushes the branch; returns the public address, if it is known."""
    from bundler import deploy
    from bundler.deploy import branch, push

    assert said.branch is not None
    options = branch.Options(said.branch, said.remote, said.adopt, said.replace, said.history)
    with Progress(said.quiet or said.as_json, steps=5) as progress:
        plan = branch.plan(prepared.made, prepared.folders, options, on_step=progress.step)
    _tell_plan(said, plan)
    url = said.url or deploy.address(plan)
    said.facts.update(url=url, commit=plan.tip, pushed=False)
    if not plan.changes:
        said.tell(f"{plan.branch} of {plan.remote} has this site already: nothing to publish.")
    elif said.dry:
        said.tell("Nothing was pushed.")
    else:
        message = f"Deploy {prepared.name}\n\n{visible.line(prepared.title)}"
        with Progress(said.quiet or said.as_json, steps=3) as progress:
            commit = push.push(plan, prepared.made, message, on_step=progress.step)
        said.facts.update(commit=commit, pushed=True)
        said.tell(f"Pushed {commit[:10]} to {plan.branch} of {plan.remote}.")
        if plan.tip:
            said.facts["backup"] = plan.backup
            said.tell(f"What it replaces, {plan.tip[:10]}, is kept there as {plan.backup}.")
        elif url:
            said.tell(f"Once, on GitHub: Settings, Pages, Deploy from a branch, {plan.branch}.")
        if url and not said.wait:
            said.tell(f"In some minutes it is at {url} (--wait looks).")
    return url


def _tell_plan(said: Said, plan: Plan) -> None:
    from bundler.site.words import human_bytes

    said.facts.update(
        branch=plan.branch,
        remote=plan.url,
        changes=[vars(change) for change in plan.changes],
        kept=list(plan.kept),
        source=plan.source,
        bytes=plan.new_bytes,
    )
    said.tell(f"Branch {plan.branch} of {plan.remote} ({plan.url})")
    for change in plan.changes[:MOST_LINES]:
        size = human_bytes(change.bytes)
        said.tell(f"  {change.kind:<8}{size:>8}  {_shown(change.path)}")
    if len(plan.changes) > MOST_LINES:
        said.tell(f"  and {len(plan.changes) - MOST_LINES} more")
    for path in plan.kept[:MOST_LINES]:
        said.tell(f"  {'kept':<16}  {_shown(path)}")
    if len(plan.kept) > MOST_LINES:
        said.tell(f"  and {len(plan.kept) - MOST_LINES} more that are kept")
    counts = {kind: sum(change.kind == kind for change in plan.changes) for kind in KINDS}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    if told:
        said.tell(f"{told}, {human_bytes(plan.new_bytes)} new; from {plan.source}.")
    for note in plan.notes:
        said.note(note)


def _shown(path: str) -> str:
    """A path in quotes, if it holds what cannot be seen."""
    return path if path.isprintable() else ascii(path)
