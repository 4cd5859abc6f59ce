"""A gallery's one `_headers`: every demo gets what it gets alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bundler import site
from bundler.ground.errors import SiteError
from bundler.site import INDEX, Site
from bundler.site.gallery import combine
from bundler.site.headers import HEADERS
from tests.conftest import DEMO_NAMES
from tests.header_rules import Rules, parse, sent
from tests.test_headers import LONGEST_LINE, MOST_RULES
from tests.test_page import read


@pytest.fixture
def wine(sites: dict[str, Site]) -> Site:
    return sites["wine"]


def rules_of(made: Site) -> Rules:
    found = made.files[HEADERS]
    return parse((found if isinstance(found, bytes) else found.read_bytes()).decode())


def test_the_headers_of_a_demo_are_those_that_it_has_alone(
    gallery: Path, sites: dict[str, Site]
) -> None:
    made = site.load(gallery)
    for name, alone in sites.items():
        for path in ["", *alone.files.keys() - {HEADERS}]:
            expected = sent(rules_of(alone), f"/{path}")
            assert len(expected) >= 5
            assert sent(rules_of(made), f"/{name}/{path}") == expected, path


def test_the_headers_of_the_gallery_s_page_are_its_own(gallery: Path) -> None:
    rules = rules_of(site.load(gallery))
    (own,) = read(gallery).find("meta", **{"http-equiv": "Content-Security-Policy"})
    for path in ("/", f"/{INDEX}"):
        found = sent(rules, path)
        assert found["Content-Security-Policy"] == f"{own.attributes['content']}; frame-ancestors *"
        assert found["Cache-Control"] == "no-cache"
        assert found.keys() > {"X-Content-Type-Options", "Permissions-Policy", "Referrer-Policy"}
    assert max(map(len, (gallery / HEADERS).read_text().splitlines())) <= LONGEST_LINE


def test_no_header_comes_from_two_rules(gallery: Path) -> None:
    """Some hosts would join the values, others take one of them."""
    rules = rules_of(site.load(gallery))
    folders = [f"{name}/" for name in DEMO_NAMES]
    for path in ["", *folders, *site.read_manifest(gallery)["files"].keys() - {HEADERS}]:
        matching = [sent({pattern: found}, f"/{path}") for pattern, found in rules.items()]
        names = [name for found in matching for name in found]
        assert len(names) == len(set(names)) > 0, path


def test_what_hosts_do_not_read_of_many_rules_they_do_anyway(wine: Site) -> None:
    made = combine({f"wine-{number}": wine for number in range(20)}, title="Small models")
    rules = rules_of(made)
    assert len(rules) > MOST_RULES
    first = dict(list(rules.items())[:MOST_RULES])
    for path in ["", *made.files]:
        lost = sent(rules, f"/{path}").items() - sent(first, f"/{path}").items()
        assert lost <= {("Cache-Control", "no-cache")}, path


@pytest.mark.parametrize(
    "line",
    ["https://example.org/*", "  X-Before: a rule", "/a /b", "! Content-Security-Policy",
     "/x\r", "  X-Name:", "# a comment", "", "/\x85"],
)  # fmt: skip
def test_headers_that_no_build_has_written_are_refused(line: str, wine: Site) -> None:
    """They could speak for the other demos as well."""
    strange = replace(wine, files={**wine.files, HEADERS: f"{line}\n  X-Name: value\n".encode()})
    with pytest.raises(SiteError, match="wine: _headers has a line that no build has written"):
        combine({"wine": strange}, title="Small models")
