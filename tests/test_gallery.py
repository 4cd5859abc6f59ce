"""Several sites as one: every demo as it is alone, and a page that leads to them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bundler import site
from bundler.ground.errors import ParityError, SiteError
from bundler.pipeline import verify_site
from bundler.serve.files import BuiltSite
from bundler.site import INDEX, MANIFEST, SERVICE_WORKER, Site
from bundler.site.gallery import combine
from bundler.site.headers import HEADERS
from bundler.site.policy import source_hash
from bundler.site.words import human_bytes
from tests.command import content, kill_started
from tests.conftest import DEMO_NAMES, BuildDemo
from tests.test_page import HOSTILE, Document, read
from tests.test_serve import serve
from tests.texts import assert_error

TITLE = "Small models"


@pytest.fixture
def wine(sites: dict[str, Site]) -> Site:
    return sites["wine"]


@pytest.fixture
def copy(sites: dict[str, Site], tmp_path: Path) -> Path:
    """A gallery's folder, to be damaged."""
    site.write(combine(sites, title=TITLE), tmp_path / "copy")
    return tmp_path / "copy"


def document(made: Site) -> Document:
    page = made.files[INDEX]
    assert isinstance(page, bytes)
    return Document(page.decode())


def showing(made: Site, **changes: Any) -> Site:
    """A site whose manifest says something else of its page."""
    return replace(made, facts={**made.facts, "page": {**made.facts["page"], **changes}})


def replace_file(folder: Path, path: str, data: bytes) -> None:
    """Changes a file of a site and its hash in the manifest."""
    (folder / path).write_bytes(data)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][path] = hashlib.sha256(data).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


NOWHERE = b'<p class="to-gallery" hidden></p>'
BACK = (
    b'<p class="to-gallery"><a href="../"><span aria-hidden="true">\xe2\x80\xb9</span> %s</a></p>'
)


def leading_back(path: str, data: bytes, page: bytes, title: bytes) -> bytes:
    """A file of a demo as it is in a gallery: its page links back, and its service worker knows."""
    linking = page.replace(NOWHERE, BACK % title)
    if path == INDEX:
        return linking
    old, new = (hashlib.sha256(one).hexdigest().encode() for one in (page, linking))
    return data.replace(old, new) if path == SERVICE_WORKER else data


def test_every_demo_is_in_its_folder_as_it_is_alone_but_for_a_link_back(
    gallery: Path, build_demo: BuildDemo
) -> None:
    expected = {INDEX, HEADERS, MANIFEST}
    present = content(gallery)
    for name in DEMO_NAMES:
        alone = content(build_demo(name).folder)
        assert alone[INDEX].count(NOWHERE) == 1 and b'<a href="../' not in alone[INDEX]
        for path, data in alone.items():
            if path not in (HEADERS, MANIFEST):
                expected_data = leading_back(path, data, alone[INDEX], TITLE.encode())
                assert present[f"{name}/{path}"] == expected_data
                expected.add(f"{name}/{path}")
        expected.add(f"{name}/{MANIFEST}")
    assert present.keys() == expected


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_a_demo_has_the_manifest_that_it_has_alone(
    name: str, gallery: Path, sites: dict[str, Site], tmp_path: Path
) -> None:
    files = {path: data for path, data in sites[name].files.items() if path != HEADERS}
    files |= {path: (gallery / name / path).read_bytes() for path in (INDEX, SERVICE_WORKER)}
    site.write(Site(files, sites[name].facts), tmp_path)
    assert (gallery / name / MANIFEST).read_bytes() == (tmp_path / MANIFEST).read_bytes()
    site.check_files(gallery / name, site.read_manifest(gallery / name))


@pytest.mark.parametrize(
    "title", ["Demos & more", "</p><script>alert(1)</script>", 'a"b', "Größe", "{}", "\udcff"]
)
def test_the_link_back_is_the_gallerys_title_as_text(title: str, wine: Site) -> None:
    page = document(
        replace(wine, files={INDEX: combine({"wine": wine}, title=title).files["wine/index.html"]})
    )
    (back,) = page.find("p", class_="to-gallery")
    assert back.text == f"‹ {title}".encode(errors="replace").decode()
    assert "hidden" not in back.attributes
    (link,) = (one for one in page.find("a") if one.attributes["href"] == "../")
    assert link.text == back.text


@pytest.mark.parametrize("path", [INDEX, SERVICE_WORKER])
def test_pages_of_another_version_stay_as_they_are(path: str, wine: Site) -> None:
    """Without a place for a link; or with a service worker that does not know the page by its hash,

    and would not know another one.
    """
    other = {INDEX: b"<!doctype html><p>Another page</p>", SERVICE_WORKER: b"// another"}[path]
    made = replace(wine, files={**wine.files, path: other})
    found = combine({"wine": made}, title=TITLE).files
    assert [found[f"wine/{one}"] for one in (INDEX, SERVICE_WORKER)] == [
        made.files[one] for one in (INDEX, SERVICE_WORKER)
    ]


def test_the_gallery_is_a_site(gallery: Path) -> None:
    facts = site.read_manifest(gallery)
    assert facts["demos"] == DEMO_NAMES
    assert facts["files"].keys() == content(gallery).keys() - {MANIFEST}
    site.check_files(gallery, facts)


def test_every_demo_is_verified(gallery: Path) -> None:
    parity = verify_site(gallery)
    expected = [
        (f"{name}: {row.output}", row.backend, row.error)
        for name in DEMO_NAMES
        for row in verify_site(gallery / name).rows
    ]
    assert [(row.output, row.backend, row.error) for row in parity.rows] == expected
    assert {row.output.split(":")[0] for row in parity.rows} == set(DEMO_NAMES)


def test_the_demo_that_answers_wrongly_is_named(copy: Path) -> None:
    """Somebody has changed weights, and every hash on the way to them."""
    facts = site.read_manifest(copy / "wine")
    weights = next(path for path in facts["files"] if path.endswith(".bin"))
    spoiled = b"\x3f\x80" * ((copy / "wine" / weights).stat().st_size // 2)
    replace_file(copy / "wine", weights, spoiled)
    replace_file(copy, f"wine/{weights}", spoiled)
    replace_file(copy, f"wine/{MANIFEST}", (copy / "wine" / MANIFEST).read_bytes())
    with pytest.raises(ParityError, match=r"^wine: TensorFlow\.js does not answer"):
        verify_site(copy)


@pytest.mark.parametrize("path", [INDEX, HEADERS, "digits/index.html", f"wine/{MANIFEST}"])
def test_a_changed_file_is_named(path: str, copy: Path) -> None:
    (copy / path).write_bytes((copy / path).read_bytes() + b" ")
    with pytest.raises(SiteError, match=f"{path} is not what was built"):
        verify_site(copy)


@pytest.mark.parametrize(
    ("folder", "changes"),
    [
        ("", {"demos": ["../wine"]}), ("", {"demos": ["nothing"]}), ("", {"demos": [""]}),
        ("", {"demos": [["wine"]]}), ("", {"demos": 5}), ("wine", {"page": "wine"}),
        ("wine", {"page": {"picture": "../digits/index.html"}}), ("wine", {"engines": 5}),
        ("wine", {"page": {"picture": "nothing.png"}}), ("wine", {"page": {"picture": ["x"]}}),
    ],
)  # fmt: skip
def test_a_manifest_names_only_files_of_its_site(
    folder: str, changes: dict[str, Any], copy: Path
) -> None:
    manifest = copy / folder / MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_bytes()), **changes}))
    with pytest.raises(SiteError, match="is not a site that this tool built"):
        site.read_manifest(copy / folder)


def test_the_page_leads_to_every_demo(gallery: Path, sites: dict[str, Site]) -> None:
    page = read(gallery)
    assert [link.attributes["href"] for link in page.find("a")] == [f"{n}/" for n in DEMO_NAMES]
    cards = page.find("li", class_="demo")
    assert len(cards) == len(sites)
    for card, link, made in zip(cards, page.find("a"), sites.values(), strict=True):
        shown = made.facts["page"]
        assert link.text == shown["title"]
        assert shown["title"] in card.text and shown["description"] in card.text
        assert human_bytes(shown["download_bytes"]) in card.text
    # Demos whose examples are pictures show one; the others are drawn, each otherwise.
    shown_pictures = [picture.attributes["src"] for picture in page.find("img")]
    pictured = ("coins", "colours", "dice", "digits", "same-digit", "sharper")
    assert shown_pictures == [f"{n}/{sites[n].facts['page']['picture']}" for n in pictured]
    assert all((gallery / path).is_file() for path in shown_pictures)
    drawings = [path.attributes["d"] for path in page.find("path") if len(str(path)) > 200]
    assert len(drawings) == len(set(drawings)) == 4


def test_the_size_is_that_on_the_demo_s_own_page(
    sites: dict[str, Site], build_demo: BuildDemo
) -> None:
    for name, made in sites.items():
        size = human_bytes(made.facts["page"]["download_bytes"])
        assert size in [item.text for item in read(build_demo(name).folder).find("li")]


def test_the_head_says_what_the_page_is(gallery: Path) -> None:
    page = read(gallery)
    (html,), (title,), (heading,) = page.find("html"), page.find("title"), page.find("h1")
    assert (html.attributes["lang"], title.text, heading.text) == ("en", TITLE, TITLE)
    (description,) = page.find("meta", name="description")
    assert "Handwritten digits" in description.attributes["content"]
    (generator,) = page.find("meta", name="generator")
    assert re.fullmatch(r"tfjs-demo \d+\.\d+\.\d+", generator.attributes["content"])
    (icon,) = page.find("link", rel="icon")
    assert icon.attributes["href"].startswith("data:image/svg+xml,")


def test_the_page_has_no_script_and_asks_nobody_else(gallery: Path) -> None:
    page = read(gallery)
    assert not page.find("script") and not page.find("base") and not page.find("iframe")
    for element in page.elements:
        assert not [n for n in element.attributes if n.startswith("on") or n == "style"], element
        for name in ("src", "href"):
            target = element.attributes.get(name, "data:")
            assert not re.match(r"(?!data:)[a-z]+:|/", target), element
    (policy,) = page.find("meta", **{"http-equiv": "Content-Security-Policy"})
    (style,) = page.find("style")
    assert policy.attributes["content"].split("; ") == [
        "default-src 'none'", f"style-src {source_hash(style.text)}", "img-src 'self' data:",
        "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    tags = [element.tag for element in page.elements]
    assert page.elements.index(policy) < min(tags.index(tag) for tag in ("style", "link", "title"))


def test_the_page_changes_with_every_file_of_a_demo(wine: Site) -> None:
    """site.write takes a folder for the site whose page it has."""
    pages = {
        combine({"wine": made}, title=TITLE).files[INDEX]
        for made in (wine, replace(wine, files={**wine.files, "sw.js": b"other"}))
    }
    assert len(pages) == 2


def test_languages_are_told(wine: Site) -> None:
    german, english = showing(wine, language="de"), wine
    for sites, expected in (([german, german], "de"), ([german, english], "en")):
        made = combine({f"wine-{n}": one for n, one in enumerate(sites)}, title=TITLE)
        (html,) = document(made).find("html")
        assert html.attributes["lang"] == expected
        texts = document(made).find("div", class_="demo-text")
        assert [e.attributes["lang"] for e in texts] == [
            one.facts["page"]["language"] for one in sites
        ]


def test_hostile_texts_stay_texts(wine: Site) -> None:
    hostile = showing(wine, title=HOSTILE, description=HOSTILE, language='"><script>')
    page = document(combine({"wine": hostile}, title=HOSTILE))
    plain = document(combine({"wine": wine}, title=TITLE))
    assert page.comments == []
    assert [e.tag for e in page.elements] == [e.tag for e in plain.elements]
    (title,), (heading,), (link,) = page.find("title"), page.find("h1"), page.find("a")
    assert (title.text, heading.text, link.text) == (HOSTILE, HOSTILE, HOSTILE)
    assert page.find("html")[0].attributes["lang"] == "en"  # what its own words are in
    (card,) = page.find("div", class_="demo-text")
    assert card.attributes["lang"] == '"><script>'


def test_half_a_character_is_shown_as_a_question_mark(wine: Site) -> None:
    """JSON can say what no text can hold."""
    halved = json.loads('"\\ud83d wine"')
    (link,) = document(combine({"wine": showing(wine, title=halved)}, title=TITLE)).find("a")
    assert link.text == "? wine"


@pytest.mark.parametrize("name", ["a b", "ä", "..", ".", "", "a/b", "_a", "-a", "a.b", "*", ":a"])
def test_odd_names_are_refused(name: str, wine: Site) -> None:
    with pytest.raises(SiteError, match="cannot be the name of a demo"):
        combine({name: wine}, title=TITLE)


def without(key: str) -> Callable[[Site], Site]:
    """A site as an earlier version built it."""
    return lambda made: Site(
        {path: data for path, data in made.files.items() if path != key},
        {name: fact for name, fact in made.facts.items() if name != key},
    )


@pytest.mark.parametrize(
    "spoil",
    [
        without("page"), without(HEADERS), lambda made: showing(made, title=None),
        lambda made: showing(made, download_bytes="1"), lambda made: showing(made, picture=5),
    ],
)  # fmt: skip
def test_sites_that_do_not_say_enough_are_refused(
    spoil: Callable[[Site], Site], wine: Site, tmp_path: Path
) -> None:
    with pytest.raises(SiteError) as caught:
        combine({"wine": spoil(wine)}, title=TITLE)
    assert_error(caught.value, "gallery-outdated", tmp_path)


@pytest.mark.parametrize(
    ("name", "others"),
    [("gallery-empty", {}), ("gallery-name", {"my wine": "wine"}),
     ("gallery-twice", {"Wine": "wine", "wine": "wine"}), ("gallery-nested", {"all": "gallery"})],
)  # fmt: skip
def test_what_cannot_be_combined_is_said(
    name: str, others: dict[str, str], wine: Site, tmp_path: Path
) -> None:
    made = {"wine": wine, "gallery": combine({"wine": wine}, title=TITLE)}
    with pytest.raises(SiteError) as caught:
        combine({key: made[value] for key, value in others.items()}, title=TITLE)
    assert_error(caught.value, name, tmp_path)


def test_a_folder_is_its_page(gallery: Path) -> None:
    files = BuiltSite(gallery)
    for path in ("", "digits/", "wine/"):
        found = files.find(path)
        assert found and found.content == gallery.resolve() / path / INDEX
        assert found.type == "text/html"
    for path in ("digits", "digits/assets/", "nothing/", "/", "digits//", "digits/../"):
        assert files.find(path) is None, path


def test_a_gallery_is_served_under_a_sub_path(gallery: Path) -> None:
    server = serve(gallery, "--port", "0", "--base", "/repo/")
    try:
        for path in ("", *(f"{name}/" for name in DEMO_NAMES)):
            response, body = server.get(f"/repo/{path}")
            assert (response.status, body) == (200, (gallery / path / INDEX).read_bytes())
    finally:
        kill_started()
