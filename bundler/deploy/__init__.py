"""From built sites to a public address: gathered, checked, sent, and looked at there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bundler import site
from bundler.demo.demo import FILE_NAME
from bundler.deploy import browser, checks, live
from bundler.deploy.branch import Plan
from bundler.deploy.browser import Opened
from bundler.deploy.targets import TARGETS, github_pages
from bundler.deploy.targets.target import Target
from bundler.ground import own_files
from bundler.ground.errors import DeployError
from bundler.pipeline import DEFAULT_OUT, OnStep
from bundler.site import MANIFEST, Site, gallery

__all__ = ["TARGETS", "Prepared", "address", "default_folder", "look", "prepare"]

DEFAULT_FOLDER = "deploy"
DEFAULT_TITLE = "Demos"

BuildDemo = Callable[[Path], Path]


@dataclass(frozen=True)
class Prepared:
    """What is published, as its target wants it: one demo, or several with a page that lists them.

    `folders` are the sites that were named or built; `demos` has the folder of each demo by its
    place in the address, "" for the root.
    """

    made: Site
    folders: list[Path]
    demos: dict[str, Path]
    name: str
    notes: list[str]

    @property
    def title(self) -> str:
        return str(self.made.facts["page"]["title"])

    @property
    def address(self) -> str | None:
        """What demo.toml says of it."""
        known: str | None = self.made.facts["page"].get("url")
        return known


def prepare(
    targets: Sequence[Path], build: BuildDemo, target: Target, *, title: str = ""
) -> Prepared:
    """The sites of the targets, built ones as they are and demos as `build` makes them, as one.

    Raises DeployError with everything that must not or cannot be published there, SiteError for
    a damaged site.
    """
    folders = [path if (path / MANIFEST).is_file() else build(path) for path in targets]
    sites = [site.load(folder) for folder in folders]
    notes = checks.check_sizes(sites, target)
    checks.check_folders(folders, target)
    names = [_name(path) for path in targets]
    if len(sites) == 1:
        made = sites[0]
        demos = {name: folders[0] / name for name in made.facts.get("demos", [""])}
    else:
        made = _combine(dict(zip(names, sites, strict=True)), names, title)
        demos = dict(zip(names, folders, strict=True))
    if not {"title", "description"} <= made.facts.get("page", {}).keys():
        raise DeployError(f"{folders[0]} was built by an earlier version", hint="Build it again.")
    made = target.extend(made)
    checks.check_contents(made, target)
    return Prepared(made, folders, demos, ", ".join(names), notes)


def _combine(sites: dict[str, Site], names: list[str], title: str) -> Site:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise DeployError(
            f"two of these demos would be published as {twice}",
            hint="Put each into a folder of its own name.",
        )
    return gallery.combine(sites, title=title or DEFAULT_TITLE)


def _name(target: Path) -> str:
    """A demo's name in addresses: that of its folder, of its site's, or of its model."""
    path = target.resolve()
    if path.name in (DEFAULT_OUT, FILE_NAME):
        path = path.parent
    name = path.stem if path.is_file() else path.name
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or "demo"


def default_folder(prepared: Prepared, target: Target) -> Path:
    """Where the folder for a target goes: beside the site. Raises DeployError for a link."""
    beside = prepared.folders[0].parent
    return own_files.at(beside, f"{DEFAULT_FOLDER}/{target.NAME}", DeployError)


def address(planned: Plan) -> str | None:
    """Where GitHub shows the branch, if it is GitHub's: at the domain of its CNAME file."""
    domain = planned.domain
    return f"https://{domain}/" if domain else github_pages.address(planned.url)


def look(
    prepared: Prepared, url: str, *, limit: float, on_step: OnStep = lambda _: None
) -> tuple[float, list[Opened]]:
    """Waits until the address has the site, and lets each demo answer in a browser of this machine.

    Returns the seconds it took, and what was seen: nothing without a browser. Raises DeployError,
    ParityError.
    """
    seconds = live.wait(prepared.made, url, limit=limit, on_step=on_step)
    seen = []
    for name, folder in prepared.demos.items():
        on_step("open the page in a browser")
        opened = browser.open_page(url + (f"{name}/" if name else ""), site.load(folder), folder)
        if opened:
            seen.append(opened)
    return seconds, seen
