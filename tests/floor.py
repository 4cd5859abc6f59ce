"""What the oldest supported browsers lack of what the page's scripts and style sheets use."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from bundler.bundle import packages

ROOT = Path(__file__).parent.parent

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
