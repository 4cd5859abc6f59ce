"""The gallery: several built sites as one, in folders of their own, and a page that leads to them.

For hosts that publish one site. Every demo stays what it is alone, but for a link back; only
`_headers` moves to the root, where hosts read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle, pairwise, product
from typing import Any

from markupsafe import Markup

from bundler import __version__, site
from bundler.bundle import colours
from bundler.ground import cache, catalogues, layout
from bundler.ground.errors import SiteError
from bundler.ground.own_files import Content, sha256
from bundler.ground.texts import ENGLISH, Texts
from bundler.site import INDEX, MANIFEST, SERVICE_WORKER, Site, headers, page, words
from bundler.site.headers import HEADERS
from bundler.site.policy import source_hash

# In addresses and in the patterns of _headers, such names stand for nothing but themselves.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# The networks that are drawn for demos without pictures, one after the other: how many units each
# layer has, where the layers are, and how far apart the units of one.
NETWORKS = (
    (3, 5, 4, 2), (5, 4, 2, 1), (2, 4, 5, 3), (4, 2, 3, 5), (1, 3, 5, 4),
    (4, 5, 3, 1), (2, 3, 5, 2),
)  # fmt: skip
LAYERS = (60, 120, 180, 240)
MIDDLE, BETWEEN = 100, 32
# Where a demo's page leads back to a gallery, and what stands there in a demo by itself.
BACK = '<p class="to-gallery"{}</p>'
NOWHERE = BACK.format(" hidden>")

Point = tuple[int, int]


@dataclass(frozen=True)
class Card:
    """What the gallery shows of a demo: its manifest's "page"."""

    name: str
    title: str
    description: str
    language: str
    picture: str | None
    download_bytes: int  # what a first visit transfers


@dataclass(frozen=True)
class Drawing:
    """A network: its units, the last one of the last layer last, and what connects them."""

    units: list[Point]
    lines: list[tuple[Point, Point]]


def combine(sites: dict[str, Site], *, title: str) -> Site:
    """One site with each of these in the folder of its name, and a page with this title.

    Raises SiteError when a name is no plain name of a folder, or a site does not say what to
    show of it.
    """
    _check_names(list(sites))
    cards = [_card(name, made.facts) for name, made in sites.items()]
    rules = {name: _headers(name, made.files) for name, made in sites.items()}
    files: dict[str, Content] = {}
    for name, made in sites.items():
        own = {path: content for path, content in made.files.items() if path != HEADERS}
        own |= _leading_back(own, title)
        files |= {f"{name}/{path}": content for path, content in own.items()}
        alone = Site(own, made.facts)
        files[f"{name}/{MANIFEST}"] = site.manifest(alone, site.hashes(alone))
    style = _style()
    policy = _policy(style)
    # So that the page changes with any file, as site.write needs it.
    content = cache.digest(*(files[f"{name}/{MANIFEST}"] for name in sites))
    languages = {card.language for card in cards}
    spoken = catalogues.of(languages.pop()) if len(languages) == 1 else ENGLISH
    context = _context(cards, title, spoken)
    context |= {"style": Markup(style), "strong": colours.strong(style)}
    context |= {"csp": policy, "content": content}
    template = page.environment(spoken).get_template("gallery.html.j2")
    files[INDEX] = template.render(page=context).encode(errors="replace")
    files[HEADERS] = headers.gallery_headers(rules, policy=policy)
    facts = {
        "demos": list(sites),
        "page": {"title": title, "description": context["description"]},
        "isolate": any(made.facts.get("isolate") for made in sites.values()),
    }
    return Site(files, facts)


def _leading_back(files: dict[str, Content], title: str) -> dict[str, Content]:
    """A demo's page with a link to the gallery, and the service worker that knows it by its hash.

    Nothing, where another version has written another page.
    """
    before, worker = _bytes(files[INDEX]), _bytes(files.get(SERVICE_WORKER, b""))
    old, mark = sha256(before).encode(), NOWHERE.encode()
    if mark not in before or old not in worker:
        return {}
    # The sign is mirrored where texts run from right to left.
    link = Markup('><a href="../"><span aria-hidden="true">‹</span> {}</a>').format(title)
    after = before.replace(mark, BACK.format(link).encode(errors="replace"), 1)
    return {INDEX: after, SERVICE_WORKER: worker.replace(old, sha256(after).encode())}


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _check_names(names: list[str]) -> None:
    hint = "Name the demos' folders with letters, digits, - and _, no two of them alike."
    if not names:
        raise SiteError("a gallery needs at least one demo")
    for name in names:
        if not NAME.fullmatch(name):
            raise SiteError(f"{name!r} cannot be the name of a demo in a gallery", hint=hint)
    folded = [name.lower() for name in names]
    for name in names:
        # Some file systems would take two such folders for one.
        if folded.count(name.lower()) > 1:
            raise SiteError(f"two demos of the gallery would be called {name.lower()!r}", hint=hint)


def _card(name: str, facts: dict[str, Any]) -> Card:
    if "demos" in facts:
        raise SiteError(
            f"{name} is a gallery itself", hint="Name the sites that it was made of instead."
        )
    match facts.get("page"):
        case {
            "title": str(title),
            "description": str(description),
            "language": str(language),
            "picture": str() | None as picture,
            "download_bytes": int(download_bytes),
        }:
            return Card(name, title, description, language, picture, download_bytes)
    raise _outdated(name)


def _headers(name: str, files: dict[str, Content]) -> bytes:
    content = files.get(HEADERS)
    if content is None:
        raise _outdated(name)
    return _bytes(content)


def _outdated(name: str) -> SiteError:
    return SiteError(
        f"{name} does not say what a gallery shows of it",
        hint="It was built by an earlier version; build it again.",
    )


def _context(cards: list[Card], title: str, texts: Texts) -> dict[str, Any]:
    count, names = len(cards), ", ".join(card.title for card in cards)
    drawings = cycle(map(_draw, NETWORKS))
    return {
        "title": title,
        "lead": texts.count(
            "A demo that runs in your browser. What you enter stays on your device.",
            "{count} demos that run in your browser. What you enter stays on your device.",
            count,
        ),
        "description": texts.count(
            "A demo that runs in your browser: {names}",
            "{count} demos that run in your browser: {names}",
            count,
            names=names,
        ),
        "language": texts.tag,
        "direction": texts.direction,
        "cards": [
            (
                card,
                words.human_bytes(card.download_bytes, texts),
                None if card.picture else next(drawings),
            )
            for card in cards
        ],
        "version": __version__,
    }


def _style() -> str:
    sheets = ("base.css", "gallery.css")
    texts = ((layout.templates() / name).read_text(encoding="utf-8") for name in sheets)
    return colours.with_plain("\n".join(texts))


def _policy(style: str) -> str:
    """No script at all; the style sheet in the page by its hash."""
    return (
        f"default-src 'none'; style-src {source_hash(style)}; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _draw(counts: tuple[int, ...]) -> Drawing:
    layers = [
        [(x, MIDDLE + BETWEEN * (2 * unit + 1 - count) // 2) for unit in range(count)]
        for x, count in zip(LAYERS, counts, strict=True)
    ]
    lines = [line for pair in pairwise(layers) for line in product(*pair)]
    return Drawing([unit for layer in layers for unit in layer], lines)
