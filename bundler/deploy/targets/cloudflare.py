"""Cloudflare Pages, which reads the site's _headers.

Limits: developers.cloudflare.com/pages, "Limits" (25 MiB a file, 20,000 files).
"""

from __future__ import annotations

from pathlib import Path

from bundler.deploy.targets.target import MIB, Limits
from bundler.ground.shell import command
from bundler.site import Site

NAME = "cloudflare"
LABEL = "Cloudflare Pages"
LIMITS = Limits(file_bytes=25 * MIB, files=20_000)
NOT_FOUND = "404.html"


def extend(made: Site) -> Site:
    """With a page for wrong addresses: without one, all of them would answer with the demo."""
    return Site({NOT_FOUND: _NOT_FOUND_PAGE.encode(), **made.files}, made.facts)


def upload(folder: Path, name: str) -> str:
    return command("npx", "wrangler", "pages", "deploy", folder, "--project-name", name)


_NOT_FOUND_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Not found</title>
<h1>There is nothing at this address</h1>
"""
