"""How long files are: one that is to be read at once has 300 lines at most."""

from __future__ import annotations

from pathlib import Path
from statistics import median_low

FOLDERS = ("bundler", "templates", "tests")
LONGEST = 300
HIGHEST_MEDIAN = 120
# Code. In tables, lock files, catalogues and documents one looks things up.
CODE = (".py", ".js", ".mjs", ".ts", ".css", ".j2", ".html", ".toml")
# What programs put beside it.
OTHERS = {"node_modules", "__pycache__"}
# To be divided: whoever shortens one takes it off this list.
STILL_LONGER: set[str] = set()


def files(root: Path) -> dict[str, int]:
    """Lines of every file of code by its path; also where there is no repository."""
    found = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*"))
    return {
        path.relative_to(root).as_posix(): len(path.read_bytes().splitlines())
        for path in found
        if path.suffix in CODE and path.is_file() and not OTHERS & {*path.parts}
    }


def summary(lines: dict[str, int]) -> list[str]:
    """A line for each folder: files, their median, the longest."""
    said = []
    for folder in FOLDERS:
        counts = {path: n for path, n in lines.items() if path.startswith(f"{folder}/")}
        longest = max(counts, key=lambda path: counts[path])
        middle = median_low(counts.values())
        said.append(
            f"{folder}/: {len(counts)} files, median {middle} lines, "
            f"longest {counts[longest]} ({longest})"
        )
    return said


def findings(lines: dict[str, int], still_longer: set[str] = STILL_LONGER) -> list[str]:
    """Files that are too long, entries of the list that are done, folders of long files."""
    ruled = {path: n for path, n in lines.items() if not path.startswith("tests/")}
    long = {path for path, n in ruled.items() if n > LONGEST}
    medians = {
        folder: median_low([n for path, n in lines.items() if path.startswith(f"{folder}/")])
        for folder in {path.split("/")[0] for path in lines}
    }
    return [
        *(
            f"{path}: {lines[path]} lines, more than {LONGEST}"
            for path in sorted(long - still_longer)
        ),
        *(
            f"{path}: no longer than {LONGEST} lines: take it off STILL_LONGER in tests/lengths.py"
            for path in sorted(still_longer - long)
        ),
        *(
            f"{folder}/: the median file has {middle} lines, more than {HIGHEST_MEDIAN}"
            for folder, middle in sorted(medians.items())
            if middle > HIGHEST_MEDIAN
        ),
    ]
