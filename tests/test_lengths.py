"""The rule that keeps files short, and what it says of those that are not."""

from __future__ import annotations

from tests import lengths
from tests.conftest import ROOT

SHORT = {f"{folder}/{n}.py": n for folder in lengths.FOLDERS for n in (1, 2, 3)}


def test_what_is_too_long_or_no_longer_too_long_is_named() -> None:
    lines = SHORT | {"bundler/long.py": 301, "templates/known.css": 500, "tests/long.py": 900}
    assert lengths.findings(lines, {"templates/known.css", "bundler/1.py"}) == [
        "bundler/long.py: 301 lines, more than 300",
        "bundler/1.py: no longer than 300 lines: take it off STILL_LONGER in tests/lengths.py",
    ]
    assert lengths.findings(SHORT, set()) == []


def test_a_folder_of_long_files_is_named() -> None:
    lines = SHORT | {f"templates/{n}.js": 121 for n in range(10, 14)}
    assert lengths.findings(lines, set()) == [
        "templates/: the median file has 121 lines, more than 120"
    ]


def test_every_folder_is_counted() -> None:
    said = lengths.summary(lengths.files(ROOT))
    assert [line.split()[0] for line in said] == ["bundler/:", "templates/:", "tests/:"]
    assert lengths.summary(SHORT | {"tests/a.py": 9})[2] == (
        "tests/: 4 files, median 2 lines, longest 9 (tests/a.py)"
    )
