"""What lets a site work offline: its service worker, which knows the site's files."""

from __future__ import annotations

import hashlib
import json

from bundler import packages, site
from bundler.own_files import Content
from bundler.site import INDEX


def service_worker(files: dict[str, Content], *, isolate: bool) -> bytes:
    """sw.js for a site with these files, index.html among them.

    With `isolate` it adds the headers that let a page have threads.
    """
    page = files[INDEX]
    assert isinstance(page, bytes)
    facts = {
        "page": hashlib.sha256(page).hexdigest(),
        "files": {path: site.size(files[path]) for path in sorted(files.keys() - {INDEX})},
        "isolate": isolate,
    }
    code = (packages.templates() / "runtime" / "offline" / "sw.js").read_text(encoding="utf-8")
    return f"globalThis.TFJS_DEMO_SITE = {json.dumps(facts)};\n{code}".encode()
