"""Netlify, which reads the site's _headers.

Limits: docs.netlify.com, "Site deploys overview" (54,000 files in a folder; none on sizes).
"""

from __future__ import annotations

from pathlib import Path

from bundler.deploy.targets.target import Limits
from bundler.ground.shell import command
from bundler.site import Site

NAME = "netlify"
LABEL = "Netlify"
LIMITS = Limits(files=54_000)


def extend(made: Site) -> Site:
    return made


def upload(folder: Path, name: str) -> str:
    return command("npx", "netlify-cli", "deploy", "--prod", "--dir", folder)
