"""`_headers`: what a host is asked to send with the files of a site."""

from __future__ import annotations

from pathlib import Path

import pytest

from bundler.site import INDEX, MANIFEST, headers, read_manifest
from tests.conftest import DEMO_NAMES, BuildDemo
from tests.header_rules import Rules, parse, sent
from tests.test_page import read

# What Cloudflare Pages reads, the host with the lowest limits.
MOST_RULES = 100
LONGEST_LINE = 2000
POLICY = "default-src 'none'"
PATHS = ["index.html", "sw.js", "assets/page-1.js", "assets/sub/part-2.js", "model-1/model.json"]


def rules_of(folder: Path) -> Rules:
    return parse((folder / headers.HEADERS).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_hosts_can_read_it(name: str, build_demo: BuildDemo) -> None:
    folder = build_demo(name).folder
    lines = (folder / headers.HEADERS).read_text(encoding="utf-8").splitlines()
    assert len(rules_of(folder)) <= MOST_RULES
    assert max(map(len, lines)) <= LONGEST_LINE


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_the_policy_is_the_page_s_own_and_lets_anyone_frame_it(
    name: str, build_demo: BuildDemo
) -> None:
    folder = build_demo(name).folder
    (own,) = read(folder).find("meta", **{"http-equiv": "Content-Security-Policy"})
    policy = sent(rules_of(folder), "/")["Content-Security-Policy"]
    assert policy == own.attributes["content"] + "; frame-ancestors *"


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_files_with_their_content_in_the_name_are_kept_and_others_asked_for(
    name: str, build_demo: BuildDemo
) -> None:
    folder = build_demo(name).folder
    rules = rules_of(folder)
    paths = read_manifest(folder)["files"].keys() - {MANIFEST, headers.HEADERS}
    assert {INDEX, "sw.js"} < paths
    for path in ["", *paths]:
        expected = "public, max-age=31536000, immutable" if "/" in path else "no-cache"
        assert sent(rules, f"/{path}")["Cache-Control"] == expected, path


def test_no_header_comes_from_two_rules() -> None:
    """Some hosts would join the values, others take one of them."""
    rules = parse(headers.site_headers(PATHS, policy=POLICY, isolate=True).decode())
    for path in ["/", *(f"/{path}" for path in PATHS)]:
        assert not [value for value in sent(rules, path).values() if value.count("no-cache") > 1]
        matching = [sent({pattern: found}, path) for pattern, found in rules.items()]
        names = [name for found in matching for name in found]
        assert len(names) == len(set(names)) > 0, path


@pytest.mark.parametrize("needed", [(), ("camera",), ("camera", "microphone")])
def test_the_browser_gives_what_widgets_need_and_no_more(needed: tuple[str, ...]) -> None:
    content = headers.site_headers(PATHS, policy=POLICY, isolate=False, browser=needed)
    said = sent(parse(content.decode()), "/")["Permissions-Policy"].split(", ")
    assert [one.partition("=")[0] for one in said] == list(headers.FEATURES)
    assert [one for one in said if not one.endswith("=()")] == [f"{one}=(self)" for one in needed]
    gallery = headers.gallery_headers({"demo": content}, policy=POLICY)
    around, within = (sent(parse(gallery.decode()), path) for path in ("/", "/demo/"))
    assert within["Permissions-Policy"].split(", ") == said
    assert "self" not in around["Permissions-Policy"]


@pytest.mark.parametrize("isolate", [False, True])
def test_isolation_is_sent_where_it_is_asked_for(isolate: bool) -> None:
    rules = parse(headers.site_headers(PATHS, policy=POLICY, isolate=isolate).decode())
    for path in PATHS:
        found = sent(rules, f"/{path}")
        assert found["X-Content-Type-Options"] == "nosniff"
        # Else no page elsewhere could load embed.js once it is isolated itself.
        assert found["Cross-Origin-Resource-Policy"] == "cross-origin"
        opener, embedder = "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"
        expected = ("same-origin", "require-corp") if isolate else (None, None)
        assert (found.get(opener), found.get(embedder)) == expected
