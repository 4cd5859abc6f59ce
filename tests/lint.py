"""Lint and types of Python and JavaScript, and how long files are: `python -m tests.lint`.

Ends with 1 on any finding. `python -m tests.lint ruff mypy` looks with these alone, as
.pre-commit-config.yaml does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bundler.bundle import packages
from tests import catalogues, lengths

ROOT = Path(__file__).parent.parent


def python(*command: str) -> bool:
    """Whether a program of the tests' environment finds nothing."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT).returncode == 0


def check_javascript() -> bool:
    """tsc on the page's scripts, with the packages of the tool's cache."""
    modules = packages.folder(with_tools=True) / "node_modules"
    templates = ROOT / "templates"
    settings = {
        "extends": str(templates / "jsconfig.json"),
        "compilerOptions": {"paths": {"@tensorflow/*": [str(modules / "@tensorflow" / "*")]}},
        "include": [
            *(
                str(templates / name / "**" / "*")
                for name in ("live", "ops", "public", "runtime", "widgets")
            ),
            str(ROOT / "tests" / "types" / "*"),
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "tsconfig.json"
        project.write_text(json.dumps(settings))
        compiler = str(modules / "typescript" / "bin" / "tsc")
        command = [packages.node(), compiler, "--noEmit", "--project", str(project)]
        return subprocess.run(command, cwd=ROOT).returncode == 0


# What the page is as good without: nothing is lost but a nicety.
PROGRESSIVE = {
    "text-wrap": "lines of equal length",
    "text-size-adjust": "stands beside its prefixed form",
    "accent-color": "the browser's own colour",
    "field-sizing": "a box of fixed height, which scrolls",
    "outline": "with corners that are not round",
    "imageSmoothingQuality": "a coarser picture",
    "DecompressionStream": "png.js: without it, what it is for is told in words",
    "pushErrorScope": "WebGPU, which is asked for",
    "popErrorScope": "WebGPU, which is asked for",
    "dispose": "a tensor's",
    "format": "of Intl.ListFormat, which is older",
    "@media (scripting)": "the noscript notice says what to do",
}


def above_the_floor(scripts: dict[str, str], styles: dict[str, str]) -> list[str]:
    """What these texts use that the oldest supported browsers lack, without a test for it."""
    modules = packages.folder(with_tools=True) / "node_modules"
    request = {
        "data": str(modules / "@mdn" / "browser-compat-data" / "data.json"),
        "acorn": str(modules / "acorn" / "package.json"),
        "scripts": scripts,
        "styles": styles,
        "progressive": PROGRESSIVE,
    }
    command = [packages.node(), str(ROOT / "tests" / "compat.mjs")]
    told = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True)
    if told.returncode:
        raise RuntimeError(told.stderr)
    return told.stdout.splitlines()


def check_floor() -> bool:
    """Scripts and style sheets of the page, with what is written for older browsers."""
    templates = ROOT / "templates"
    # In live/, what serves the author's own browser; what is in ops/ and engine/ also runs in Node.
    folders = ("ops", "page", "public", "runtime", "widgets")
    scripts, styles = (
        {
            str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
            for folder in folders
            for path in sorted((templates / folder).rglob(f"*.{kind}"))
        }
        for kind in ("js", "css")
    )
    styles |= {path.name: path.read_text(encoding="utf-8") for path in templates.glob("*.css")}
    found = above_the_floor(scripts, styles)
    print(*found, sep="\n", end="\n" if found else "")
    return not found


def check_lengths() -> bool:
    """How many files there are, how long they are, and those that are too long."""
    lines = lengths.files(ROOT)
    found = lengths.findings(lines)
    print(*lengths.summary(lines), *found, sep="\n")
    return not found


CHECKS: dict[str, Callable[[], bool]] = {
    "ruff": lambda: python("ruff", "check"),
    "format": lambda: python("ruff", "format", "--check"),
    "mypy": lambda: python("mypy"),
    "tsc": check_javascript,
    "floor": check_floor,
    "lengths": check_lengths,
    "texts": catalogues.check,
}


def main(names: list[str]) -> int:
    """Looks with all of these checks, even where one has found something."""
    unknown = sorted(set(names) - set(CHECKS))
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
        return 2
    results = [CHECKS[name]() for name in names or CHECKS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
