"""Places to publish at; a new one is a module here and a row in the table."""

from __future__ import annotations

from bundler.deploy.targets import cloudflare, github_pages, huggingface, netlify
from bundler.deploy.targets.target import Target

TARGETS: dict[str, Target] = {
    module.NAME: module for module in (github_pages, netlify, cloudflare, huggingface)
}
