"""Static Spaces of Hugging Face: their settings stand at the top of README.md.

Format: huggingface.co/docs/hub/spaces-config-reference. Limits: a Space's repository holds
1 GB, files of more than 10 MB by Git LFS or Xet, which `hf upload` sees to.
"""

from __future__ import annotations

import re
from pathlib import Path

from bundler.deploy.targets.target import Limits
from bundler.ground.shell import command
from bundler.ground.visible import line, quoted
from bundler.site import INDEX, Site, headers

NAME = "huggingface"
LABEL = "Hugging Face"
LIMITS = Limits(site_bytes=1000 * 1000 * 1000)
README = "README.md"


def extend(made: Site) -> Site:
    """With the README.md that makes a repository a static Space."""
    return Site({README: _readme(made).encode(), **made.files}, made.facts)


def upload(folder: Path, name: str) -> str:
    return command("hf", "upload", f"YOUR-NAME/{name}", folder, ".", "--repo-type", "space")


def _readme(made: Site) -> str:
    page = made.facts["page"]
    settings = {
        "title": page["title"],
        "emoji": "🧪",
        "colorFrom": "blue",
        "colorTo": "gray",
        "sdk": "static",
        "app_file": INDEX,
    }
    if page["description"]:
        settings["short_description"] = _shortened(page["description"])
    lines = [f"{key}: {quoted(value)}" for key, value in settings.items()]
    # As _headers asks for elsewhere.
    sent = headers.EMBEDDABLE | (headers.ISOLATION if made.facts.get("isolate") else {})
    lines.append("custom_headers:")
    lines += [f"  {name.lower()}: {quoted(value)}" for name, value in sent.items()]
    return "\n".join(
        ["---", *lines, "---", "", f"# {_plain(page['title'])}", "", _plain(page["description"])]
    )


def _plain(text: str) -> str:
    """A text on one line, in which Markdown and HTML have no meaning."""
    words = line(" ".join(text.split()))
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~&$:-])", r"\\\1", words)


def _shortened(text: str, most: int = 60) -> str:
    """The host refuses a longer one."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
