"""The README files say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import DEMO_NAMES, ROOT, BuildDemo
from tests.readme import FILES, GALLERY, MARK, PARTS, README, TOOL, updated

# The files of the tree: those that link to one another.
EVERY = [*FILES, *sorted((ROOT / "demos").glob("*/README.md")), ROOT / ".github" / "SECURITY.md"]
LONGEST = 250

each = pytest.mark.parametrize("file", EVERY, ids=lambda file: str(file.relative_to(ROOT)))


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """What links can name in a file: its headings as GitHub writes them."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each
def test_generated_parts_are_what_the_tool_says(file: Path) -> None:
    assert read(file) == updated(read(file)), "run: python -m tests.readme"


def test_every_generated_part_stands_somewhere_once() -> None:
    found = [name for file in FILES for name in MARK.findall(read(file))]
    assert sorted(found) == sorted(PARTS)


def test_what_is_changed_by_hand_in_a_generated_part_is_made_anew() -> None:
    text = read(README)
    assert "| `slider` | input |" in text
    assert updated(text.replace("| `slider` | input |", "| `lever` | input |")) == text


def test_the_first_page_is_short() -> None:
    assert len(read(README).splitlines()) <= LONGEST


def test_two_commands_stand_on_lines_of_their_own() -> None:
    lines = read(README).splitlines()
    commands = [line for line in lines if line.startswith("python3 -m venv ")]
    assert len(commands) == 2
    assert "tfjs-demo build demos/digits" in commands[0]
    assert "pytest" in commands[1]


def test_what_the_samples_of_digits_move_is_what_a_build_says(build_demo: BuildDemo) -> None:
    (moved,) = build_demo("digits").report.moved
    assert f"What the samples move: {moved}." in read(TOOL)


@each
def test_links_lead_somewhere(file: Path) -> None:
    for path, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", read(file)):
        place = (file.parent / path).resolve() if path else file
        assert place.exists(), f"{path} is named in {file} but is not there"
        assert not anchor or anchor in anchors(read(place)), f"{path}#{anchor} in {file}"


@each
def test_paths_that_are_named_exist(file: Path) -> None:
    named = re.findall(r"`((?:bundler|templates|tests|demos)/[\w./-]+)`", read(file))
    for path in named:
        assert (ROOT / path).exists(), f"{path} is named in {file} but is not there"


def test_the_map_names_every_room_and_nothing_else() -> None:
    house = read(TOOL).split("\n## The house")[1].split("\n## ")[0]
    named = re.findall(r"^([\w.-]+/[\w./-]*)", house, re.MULTILINE)
    assert not [path for path in named if not (ROOT / path).exists()]
    rooms = {f"bundler/{file.parent.name}/" for file in (ROOT / "bundler").glob("*/__init__.py")}
    assert rooms - set(named) == set()


def test_every_demo_is_in_the_gallery() -> None:
    for file in (README, GALLERY):
        assert [name for name in DEMO_NAMES if f"{name}/README.md)" not in read(file)] == []


def test_sections_that_messages_and_comments_name_are_there() -> None:
    """Such as (README, "Widgets"): the file's own folder says which README, the first without."""
    texts = [
        file
        for folder in ("bundler", "templates")
        for pattern in ("*.py", "*.css", "*.j2", "*.js", "*.mjs")
        for file in (ROOT / folder).rglob(pattern)
        if "node_modules" not in file.parts
    ]
    named = [
        match
        for file in texts
        for match in re.findall(
            r'([\w-]+/)?README(?:\.md)?(?: of tfjs-demo)?, "([^"]+)"', read(file)
        )
    ]
    assert ("", "Widgets") in named and ("templates/", "Your own page") in named
    for folder, title in named:
        text = read(ROOT / folder / "README.md")
        assert re.search(f"^#+ {re.escape(title)}$", text, re.MULTILINE), (folder, title)
