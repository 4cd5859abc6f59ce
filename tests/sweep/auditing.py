"""Which kernels of a backend compute something else than those of the cpu backend.

One bundle serves all models: it has every op that TF.js knows, every kernel, and audit.js.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.bundle import packages
from bundler.bundle.runtime import BACKENDS, BUNDLER, make_engine
from bundler.ground import cache, layout

SCRIPT = Path(__file__).parent / "audit.js"
TABLE = Path(__file__).parent / "kernels.json"
# Places of the audit stand beside results.PLACES.
PREFIX = "audit-"
PLACES = tuple(PREFIX + name for name in BACKENDS if name != "cpu")


@dataclass(frozen=True)
class AuditBundle:
    """The engine with the audit, and the hash of what it is made from."""

    key: str
    engine: Path


def bundle() -> AuditBundle:
    """The bundle of every op, with audit.js."""
    templates = layout.templates()
    sources = [templates / "runtime", templates / "ops", *BUNDLER, SCRIPT]
    key = cache.digest("audit", packages.lock_hash(), cache.digest_files(sources))
    entries = [{"name": "audit", "module": str(SCRIPT), "backends": BACKENDS}]
    # What is known to be wrong is looked at again.
    folder = make_engine(key, entries, _all_ops(), {name: [] for name in BACKENDS})
    made = json.loads((folder / "bundle.json").read_text())["entries"]
    return AuditBundle(key, folder / made["audit"])


def _all_ops() -> list[str]:
    """Every TensorFlow op of the converter's lists and of templates/ops/."""
    dist = packages.folder() / "node_modules" / "@tensorflow" / "tfjs-converter" / "dist"
    lists = [
        path.read_text(encoding="utf-8")
        for path in (dist / "operations" / "op_list").glob("*.js")
        if not path.name.endswith("_test.js")
    ]
    known = {name for text in lists for name in re.findall(r"'tfOpName': '(\w+)'", text)}
    own = {path.stem for path in (layout.templates() / "ops").glob("[A-Z]*.js")}
    return sorted(known | own)


def merge(tables: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    """Of tables by case and backend: by kernel and backend the runs and the worst call."""
    kernels: dict[str, dict[str, Any]] = {}
    for (case, backend), table in sorted(tables.items()):
        for name, row in table.items():
            empty: dict[str, Any] = {"runs": 0, "error": 0.0, "ranks": {}}
            known = kernels.setdefault(name, {}).setdefault(backend, empty)
            known["runs"] += row["runs"]
            for rank, error in row.get("ranks", {}).items():
                known["ranks"][rank] = float(f"{max(error, known['ranks'].get(rank, 0)):.2g}")
            if row["error"] > known["error"]:
                known |= {"error": float(f"{row['error']:.2g}"), "case": case}
                known |= {"call": row.get("call", ""), "note": row.get("note", "")}
    return dict(sorted(kernels.items()))


def format_table(kernels: dict[str, Any], *, above: float) -> str:
    """A line for each kernel and backend whose error is larger than `above`."""
    lines = []
    for name, backends in kernels.items():
        for backend, row in sorted(backends.items()):
            if row["error"] > above:
                error = "fails" if row["error"] >= 1e9 else f"error {row['error']:.2g}"
                wrong = [rank for rank, value in sorted(row["ranks"].items()) if value > above]
                where = (
                    f"rank {', '.join(wrong)}, {row['runs']} runs"
                    if wrong
                    else f"{row['runs']} runs"
                )
                seen = f"{row['case']}: {row['note']}; {row['call']}"
                lines.append(f"- {name} on {backend}: {error} ({where}; {seen})")
    return "\n".join(lines)
