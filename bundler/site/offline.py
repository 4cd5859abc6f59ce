"""What lets a site work offline: its service worker, which knows the site's files."""

from __future__ import annotations

import json

from bundler.ground import layout, own_files
from bundler.ground.own_files import Content
from bundler.site import INDEX

# Of a file's hash, in hexadecimal: no other content will have the same ones by chance.
DIGITS = 16


def service_worker(files: dict[str, Content], *, isolate: bool) -> bytes:
    """sw.js for a site with these files, index.html among them.

    With `isolate` it adds the headers that let a page have threads.
    """
    digests = {path: own_files.sha256(files[path]) for path in sorted(files)}
    facts = {
        "page": digests.pop(INDEX),
        "files": {path: digest[:DIGITS] for path, digest in digests.items()},
        "isolate": isolate,
    }
    code = (layout.templates() / "runtime" / "offline" / "sw.js").read_text(encoding="utf-8")
    return f"globalThis.TFJS_DEMO_SITE = {json.dumps(facts)};\n{code}".encode()
