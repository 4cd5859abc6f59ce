"""Two small sites, for tests/test_site.py and the processes that it starts."""

from __future__ import annotations

from bundler.site import INDEX, Site

OLD = Site(
    {
        "assets/page-1.js": b"old script",
        "assets/style-1.css": b"body { color: red }",
        "model-1/model.json": b"{}" * 500,
        "shared/logo-1.svg": b"<svg/>",
        INDEX: b"<script src=assets/page-1.js></script>",
    },
    {"engine": "assets/page-1.js"},
)
NEW = Site(
    {
        "assets/page-2.js": b"new script",
        "assets/sub/part-2.js": b"part",
        "model-2/model.json": b"[]" * 40_000,
        "shared/logo-1.svg": b"<svg/>",
        INDEX: b"<script src=assets/page-2.js></script>",
    },
    {"engine": "assets/page-2.js"},
)
