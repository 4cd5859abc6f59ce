"""The page's Content-Security-Policy: everything from the site's own folder."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from bundler.bundle.runtime import PageBundle


def rules(scripts: Sequence[str], script: PageBundle) -> str:
    """Everything from the site's own folder; what stands in the page itself by its hash."""
    has_fonts = any(name.endswith(".woff2") for name in script.files)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'wasm-unsafe-eval' {' '.join(map(source_hash, scripts))}",
            f"style-src 'self' {source_hash(script.style)}",
            *(["font-src 'self'"] if has_fonts else []),
            "img-src 'self' blob: data:",
            *(["media-src blob:"] if script.media else []),
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def source_hash(text: str) -> str:
    """What a policy allows a script or style sheet in the page itself by."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
