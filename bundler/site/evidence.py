"""The evidence on the page: what was compared, what moved, what smaller weights change.

And how scripts ask the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from bundler import __version__
from bundler.graph.changes import Quantization
from bundler.ground.tensors import TensorSpec
from bundler.ground.texts import Texts
from bundler.site import words
from bundler.site.contents import Assets, Contents

IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


def report(contents: Contents, assets: Assets) -> dict[str, Any]:
    """What the panel at the page's end says."""
    parity, texts = contents.parity, contents.texts
    return {
        "tool": f"tfjs-demo {__version__}",
        "proof": words.proof(parity, contents.model.quantization, texts),
        "traits": [words.trait(one, texts) for one in contents.model.traits],
        "rows": [
            {
                "output": row.output,
                "backend": words.backend(row.backend),
                "error": words.difference(row.error, texts),
                "allowed": words.difference(row.allowed, texts),
                "own_error": words.difference(row.own_error, texts)
                if row.own_error > parity.tolerance
                else "",
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
        "api": _api(contents.model.inputs),
    }


def _quantization(found: Quantization | None, texts: Texts) -> dict[str, Any] | None:
    """What smaller weights change, if any are."""
    if found is None or not found.saves:
        return None
    return {
        "before": words.human_bytes(found.float_bytes, texts),
        "after": words.human_bytes(found.bytes, texts),
        "said": words.smaller_weights(found, texts),
        "rows": [
            {
                "output": change.output,
                "agreement": words.share(change.agreement, texts),
                "error": words.difference(change.error, texts),
                "samples": texts.number(change.samples),
            }
            for change in found.changes
        ],
    }


def _api(inputs: Sequence[TensorSpec]) -> str:
    """How a script asks the model: what each input is."""
    lines = [f"  {_key(spec.name)}: …, // {spec.dtype} {_shape(spec)}" for spec in inputs]
    return "\n".join(["await tfjsDemo.ready;", "await tfjsDemo.predict({", *lines, "});"])


def _key(name: str) -> str:
    return name if IDENTIFIER.fullmatch(name) else json.dumps(name)


def _shape(spec: TensorSpec) -> str:
    return f"[{', '.join('?' if size is None else str(size) for size in spec.shape)}]"
