"""Netlify, which reads the site's _headers.

Limits: docs.netlify.com, "Site deploys overview" (54,000 files in a folder; none on sizes).
"""

from __future__ import annotations

import shlex
from pathlib import Path

from bundler.deploy.targets.target import Limits
from bundler.site import Site

NAME = "netlify"
LABEL = "Netlify"
LIMITS = Limits(files=54_000)


def extend(made: Site) -> Site:
    return made


def upload(folder: Path, name: str) -> str:
    return f"npx netlify-cli deploy --prod --dir {shlex.quote(str(folder))}"
