"""CHANGELOG.md has the form of Keep a Changelog, and gives every release its notes."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date

import pytest

from bundler import __version__
from tests.changelog import FILE, HEADING, notes, package_version, sections
from tests.conftest import ROOT

TEXT = FILE.read_text(encoding="utf-8")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
SMALL = """# Changelog

## [Unreleased]

## [0.2.0] - 2026-01-02

### Fixed

- A link [like](this) one, and what is [0.1.0].

## [0.1.0] - 2026-01-01

- The first.
"""


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_versions_and_days_go_down() -> None:
    found = [match.groups() for match in HEADING.finditer(TEXT)]
    assert len(found) == TEXT.count("\n## ")
    assert found[0] == ("Unreleased", None) or found[0][1]
    released = [(number(version), date.fromisoformat(day)) for version, day in found if day]
    assert released == sorted(released, reverse=True)
    assert len(dict(released)) == len(released) >= len(found) - 1


def test_what_changed_stands_under_its_kind() -> None:
    for version, body in sections(TEXT).items():
        kinds = re.findall(r"^### (.+)$", body, re.MULTILINE)
        assert kinds and set(kinds) <= KINDS and len(set(kinds)) == len(kinds), version
        for part in re.split(r"^### .+$", body, flags=re.MULTILINE)[1:]:
            assert part.strip().startswith("- "), version


def test_the_package_has_the_newest_version_that_is_released() -> None:
    newest = next(version for version in sections(TEXT) if version != "Unreleased")
    assert __version__ == package_version() == newest


def test_a_release_has_its_own_section_as_notes() -> None:
    assert notes("v0.1.0", SMALL, "0.1.0") == "- The first."
    assert notes("v0.2.0", SMALL, "0.2.0") == (
        "### Fixed\n\n- A link [like](this) one, and what is [0.1.0]."
    )


@pytest.mark.parametrize(
    ("tag", "version", "said"),
    [
        ("v0.3.0", "0.2.0", "the tag v0.3.0 is not v0.2.0"),
        ("0.2.0", "0.2.0", "the tag 0.2.0 is not v0.2.0"),
        ("v0.3.0", "0.3.0", "has nothing under [0.3.0]"),
        ("vUnreleased", "Unreleased", "has nothing under [Unreleased]"),
    ],
)
def test_a_tag_without_its_section_is_no_release(tag: str, version: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        notes(tag, SMALL, version)


def test_the_command_of_the_release_prints_the_notes() -> None:
    """With a bare Python, before anything is installed."""
    for tag, code in ((f"v{__version__}", 0), ("v0", 1)):
        command = [sys.executable, "-S", "-m", "tests.changelog", tag]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert told.returncode == code
        assert told.stdout == ("" if code else sections(TEXT)[__version__] + "\n")
        assert "Traceback" not in told.stderr
