"""The evidence on the page: what was compared, what moved, what smaller weights change."""

from __future__ import annotations

from typing import Any

from bundler import __version__
from bundler.graph.changes import Quantization
from bundler.ground.texts import Texts
from bundler.site import words
from bundler.site.contents import Assets, Contents


def report(contents: Contents, assets: Assets) -> dict[str, Any]:
    """What the panel at the page's end says."""
    parity, texts = contents.parity, contents.texts
    return {
        "tool": f"tfjs-demo {__version__}",
        "rows": [
            {
                "output": row.output,
                "backend": row.backend,
                "error": "0" if row.error == 0 else f"{row.error:.0e}",
                "allowed": f"{row.allowed:.0e}",
                "own_error": f"{row.own_error:.0e}" if row.own_error > parity.tolerance else "",
                "samples": texts.number(row.samples),
            }
            for row in parity.rows
        ],
        "files": [
            {
                "name": name,
                "bytes_text": words.human_bytes(size, texts),
                "gzip_text": words.human_bytes(gzipped, texts),
            }
            for name, size, gzipped in assets.files
        ],
        "moved": [words.moved(one, texts) for one in contents.answers.moved],
        "quantization": _quantization(contents.model.quantization, texts),
        "notices": contents.notices,
    }


def _quantization(found: Quantization | None, texts: Texts) -> dict[str, Any] | None:
    """What smaller weights change, if any are."""
    if found is None or not found.saves:
        return None
    return {
        "before": words.human_bytes(found.float_bytes, texts),
        "after": words.human_bytes(found.bytes, texts),
        "rows": [
            {
                "output": change.output,
                "agreement": words.share(change.agreement, texts),
                "error": "0" if change.error == 0 else f"{change.error:.0e}",
                "samples": texts.number(change.samples),
            }
            for change in found.changes
        ],
    }
