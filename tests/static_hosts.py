"""Hosts of static sites, each as the real one is to a site: see HOSTS.

What they send and where they redirect is what real ones were seen or are documented to do; what
nobody says of a host is as plain as it can be here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from tests.header_rules import Rules, parse, sent
from tests.http_answers import running
from tests.static_host import INDEX, NOT_FOUND, Answer, StaticHost

# The files that such hosts read instead of serving them.
SETTINGS = ("_headers", "_redirects")
MIB = 1024 * 1024
# Of Cloudflare Pages.
MOST_RULES, LONGEST_LINE, LARGEST_FILE = 100, 2000, 25 * MIB


class GitHubPages(StaticHost):
    """A user's own site, at the root; without any headers or settings of the site's."""

    is_pretty = True
    headers: ClassVar[dict[str, str]] = {
        "Cache-Control": "max-age=600",
        "Access-Control-Allow-Origin": "*",
    }

    def find(self, source: Path, name: str) -> Path | None:
        # The action that packs the site leaves these out.
        has_dot = any(part.startswith(".") for part in PurePosixPath(name).parts)
        return None if has_dot else super().find(source, name)


class GitHubProjectPages(GitHubPages):
    """A project's site, below the repository's name."""

    base = "/repo/"


class _HeadersFile(StaticHost):
    """Hosts that send what the site's `_headers` says, joined where several rules match."""

    is_pretty = True
    rules: Rules

    def take(self, folder: Path) -> None:
        file = folder / "_headers"
        self.rules = parse(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def find(self, source: Path, name: str) -> Path | None:
        return None if name in SETTINGS else super().find(source, name)

    def say(self, path: str, found: Answer) -> dict[str, str]:
        return sent(self.rules, path)


class Netlify(_HeadersFile):
    """With pretty URLs, which are its default."""

    target = "netlify"
    headers: ClassVar[dict[str, str]] = {"Cache-Control": "public,max-age=0,must-revalidate"}

    def route(self, source: Path, name: str) -> Answer:
        if name.endswith("/") and self.find(source, f"{name[:-1]}.html"):
            return self.redirect(f"/{name[:-1]}")
        return super().route(source, name)

    def say(self, path: str, found: Answer) -> dict[str, str]:
        return super().say(path, found) if found.status == 200 else {}

    def tag(self, digest: str, zipped: bool) -> str:
        return f'"{digest}-ssl-df"' if zipped else f'"{digest}-ssl"'

    def unchanged(self, headers: dict[str, str]) -> dict[str, str]:
        # The site's own headers are those that the browser has kept.
        return {name: headers[name] for name in ("Cache-Control", "ETag", "Vary")}


class CloudflarePages(_HeadersFile):
    """It has one address for every page, and the site's headers come with everything."""

    target = "cloudflare"
    headers: ClassVar[dict[str, str]] = {
        "Cache-Control": "public, max-age=0, must-revalidate",
        "Access-Control-Allow-Origin": "*",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }

    def take(self, folder: Path) -> None:
        super().take(folder)
        assert len(self.rules) <= MOST_RULES, "too many rules"
        lines = [f"  {name}: {rule[name]}" for rule in self.rules.values() for name in rule]
        assert all(len(line) <= LONGEST_LINE for line in [*lines, *self.rules]), "too long a line"
        files = [path for path in folder.rglob("*") if path.is_file()]
        large = [path.name for path in files if path.stat().st_size > LARGEST_FILE]
        assert not large, f"too large: {large}"

    def route(self, source: Path, name: str) -> Answer:
        if PurePosixPath(name).name == INDEX and self.find(source, name):
            return self.redirect(f"/{name.removesuffix(INDEX)}", 308)
        if name.endswith(".html") and self.find(source, name):
            return self.redirect(f"/{name.removesuffix('.html')}", 308)
        found = super().route(source, name)
        return replace(found, status=308) if found.location else found

    def not_found(self, source: Path) -> Answer:
        # A site without a page for missing ones is taken for an app that has all addresses.
        page = self.find(source, INDEX)
        if page and not self.find(source, NOT_FOUND):
            return replace(self.file(page), missing=True)
        return super().not_found(source)


class HuggingFace(StaticHost):
    """A static Space at its own address; people see it in a frame, see `space_page`."""

    target = "huggingface"
    allowed: ClassVar[set[str]] = {
        f"cross-origin-{name}-policy" for name in ("embedder", "opener", "resource")
    }

    def take(self, folder: Path) -> None:
        settings = read_front_matter((folder / "README.md").read_text(encoding="utf-8"))
        assert settings["sdk"] == "static", "it is not a static Space"
        app_file, custom = settings["app_file"], settings.get("custom_headers", {})
        assert isinstance(app_file, str) and (folder / app_file).is_file(), "there is no such page"
        assert isinstance(custom, dict) and custom.keys() <= self.allowed, "these cannot be sent"
        self.app_file, self.custom = app_file, custom

    def route(self, source: Path, name: str) -> Answer:
        return super().route(source, name or self.app_file)

    def say(self, path: str, found: Answer) -> dict[str, str]:
        return self.custom


# What pages of huggingface.co write around a Space.
FRAME = """<!doctype html>
<title>A Space</title>
<iframe src="{url}" style="width: 100%; height: 90vh" allow="accelerometer; autoplay; camera;
clipboard-write; fullscreen; geolocation; gyroscope; magnetometer; microphone; midi"
sandbox="allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin
allow-scripts allow-downloads allow-storage-access-by-user-activation"></iframe>
"""


class _SpacePage(StaticHost):
    """Has the frame at all of its addresses."""

    def __init__(self, url: str) -> None:
        super().__init__(Path())
        self.frame = Answer(body=FRAME.format(url=url).encode())

    def answer(self, path: str) -> Answer:
        return self.frame


HOSTS: dict[str, type[StaticHost]] = {
    "GitHub Pages, project": GitHubProjectPages,
    "GitHub Pages, root": GitHubPages,
    "Netlify": Netlify,
    "Cloudflare Pages": CloudflarePages,
    "Hugging Face": HuggingFace,
}


def read_front_matter(text: str) -> dict[str, Any]:
    """The settings at the top of a README.md: texts, and one level of texts below them.

    JSON's texts and plain words only; whatever else YAML knows raises AssertionError.
    """
    _, begin, rest = text.partition("---\n")
    block, end, _ = rest.partition("\n---\n")
    assert text.startswith("---\n") and begin and end, "no settings at the top"
    settings: dict[str, Any] = {}
    place = settings
    for line in block.splitlines():
        found = re.fullmatch(r'(  )?([A-Za-z_-]+):(?: ("(?:[^"\\]|\\.)*"|[a-z-]+))?', line)
        assert found, f"{line!r} is not a setting"
        indent, key, value = found.groups()
        place = place if indent else settings
        assert key not in place and (place is not settings) == bool(indent), (
            f"{line!r} is misplaced"
        )
        if value:
            place[key] = json.loads(value) if value.startswith('"') else value
        else:
            assert not indent, f"{line!r} has no value"
            place = settings[key] = {}
    return settings


@contextmanager
def static_host(name: str, folder: Path) -> Iterator[StaticHost]:
    """The host of HOSTS with this name, to which a folder was uploaded."""
    with running(HOSTS[name](folder)) as host:
        yield host


@contextmanager
def space_page(space: StaticHost) -> Iterator[str]:
    """The address of the page of another site that shows a Space in a frame."""
    with running(_SpacePage(f"{space.url}{INDEX}")) as page:
        yield page.url.replace("127.0.0.1", "localhost")
