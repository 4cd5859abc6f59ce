"""The page's JavaScript: TF.js with just the kernels that a graph needs, and the widgets' code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler import cache, packages
from bundler.errors import ModelError
from bundler.graph import WebModel
from bundler.parts import Part

BACKENDS = ("cpu", "wasm", "webgl", "webgpu")
# What verification can run in Node.
NODE_BACKENDS = ("cpu", "wasm")
WASM_BINARIES = ("tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm")
# The cpu backend computes some 150 million multiply-adds a second in Node: it is compared on
# as many cases as it can answer in a few seconds, but at least on one.
CPU_MULTIPLY_ADDS = 500_000_000
# Below this, the cpu backend answers in some 20 ms, and 136 kB of WebAssembly would buy nothing.
TINY_MULTIPLY_ADDS = 1_000_000


@dataclass(frozen=True)
class EngineBundle:
    """The worker, the engine and a chunk for each backend.

    `backends` are those that have every kernel of the graph, the build's choice first;
    `first` are the files that a first visit loads.
    """

    key: str
    folder: Path
    files: tuple[str, ...]
    engine: str
    worker: str
    backends: tuple[str, ...]
    reason: str
    wasm: dict[str, Path]
    first: tuple[str, ...]


@dataclass(frozen=True)
class PageBundle:
    """The page's own script and style sheet."""

    folder: Path
    script: str
    style: str


def bundle_engine(model: WebModel) -> EngineBundle:
    """Raises ModelError when TF.js lacks an op or a kernel that the graph needs."""
    runtime = packages.templates() / "runtime"
    sources = [runtime / f"{name}.js" for name in ("engine", "model", "tfjs", "values", "worker")]
    code = cache.digest_files([*sources, packages.SCRIPTS / "bundle.mjs"])
    key = cache.digest(packages.lock_hash(), code, sorted(model.ops))

    def make(out: Path) -> None:
        request = {
            "kind": "engine",
            "packages": str(packages.folder()),
            "outdir": str(out),
            "templates": str(packages.templates()),
            "entryPoints": ["templates/runtime/engine.js", "templates/runtime/worker.js"],
            "ops": sorted(model.ops),
            "backends": BACKENDS,
        }
        (out / "bundle.json").write_text(packages.run_script("bundle.mjs", request))

    folder = cache.entry("engines", key, make)
    facts = json.loads((folder / "bundle.json").read_text())
    backends = _usable_backends(model, facts)
    chosen, reason = _choose_backend(model, backends)
    ordered = (chosen, *(name for name in backends if name != chosen))
    return EngineBundle(
        key=key,
        folder=folder,
        files=tuple(facts["files"]),
        engine=facts["entries"]["engine"],
        worker=facts["entries"]["worker"],
        backends=ordered,
        reason=reason,
        wasm=_wasm_binaries() if "wasm" in backends else {},
        first=_loaded(facts, [facts["entries"]["worker"], facts["entries"][chosen]]),
    )


def _loaded(facts: dict[str, Any], entries: list[str]) -> tuple[str, ...]:
    """These files and all that they import."""
    files: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in files:
            files.add(name)
            waiting.extend(facts["loads"][name])
    return tuple(sorted(files))


def verified_cases(model: WebModel, engine: EngineBundle, count: int) -> dict[str, int]:
    """The backends that can be verified in Node, and on how many of `count` cases each is."""
    limits = {"cpu": max(1, CPU_MULTIPLY_ADDS // max(model.multiply_adds, 1))}
    names = (name for name in NODE_BACKENDS if name in engine.backends)
    return {name: min(count, limits.get(name, count)) for name in names}


def _wasm_binaries() -> dict[str, Path]:
    package = packages.folder() / "node_modules" / "@tensorflow" / "tfjs-backend-wasm" / "dist"
    return {name: package / name for name in WASM_BINARIES}


def _usable_backends(model: WebModel, facts: dict[str, Any]) -> tuple[str, ...]:
    """The backends with every kernel; the cpu backend must be one of them."""
    if facts["unknown"]:
        lines = [f"  {op} (in {', '.join(model.ops[op][:2])})" for op in facts["unknown"]]
        raise ModelError(
            "TensorFlow.js does not have these ops of the model:\n" + "\n".join(lines),
            hint="The names in brackets tell the layer. Replace it by one made of simpler ops.",
        )
    usable = tuple(name for name in BACKENDS if not facts["missing"][name])
    if "cpu" not in usable:
        raise ModelError(
            f"TensorFlow.js has no kernel for {', '.join(facts['missing']['cpu'])}",
            hint="Replace the layer that needs it by one made of simpler ops.",
        )
    return usable


def _choose_backend(model: WebModel, backends: tuple[str, ...]) -> tuple[str, str]:
    """The page's first backend, and why."""
    count = model.multiply_adds
    millions = f"{count / 1e6:.3g} million multiply-adds" if count >= 1e5 else "a tiny model"
    if model.multiply_adds <= TINY_MULTIPLY_ADDS:
        return "cpu", f"{millions}: starts at once and answers in milliseconds"
    if "wasm" in backends:
        return "wasm", f"{millions}: the fastest that runs everywhere"
    return "cpu", "WebAssembly lacks a kernel of this model"


def bundle_page(widgets: list[Part], accent: str | None) -> PageBundle:
    """The script with these widgets, and the style sheet with the accent colour."""
    templates = packages.templates()
    script = _entry_script(widgets)
    styles = [templates / "base.css", *(part.folder / "widget.css" for part in widgets)]
    style = "\n".join(path.read_text(encoding="utf-8") for path in styles)
    style += f"\n:root {{ --accent: {accent} }}\n" if accent else ""
    scripts = [path for part in widgets for path in sorted(part.folder.glob("*.js"))]
    code = cache.digest_files([templates / "runtime", *scripts, packages.SCRIPTS / "bundle.mjs"])
    key = cache.digest(packages.lock_hash(), code, script, style)

    def make(out: Path) -> None:
        request = {
            "kind": "page",
            "packages": str(packages.folder()),
            "outdir": str(out),
            "script": script,
            "style": style,
            "templates": str(templates),
        }
        (out / "bundle.json").write_text(packages.run_script("bundle.mjs", request))

    folder = cache.entry("pages", key, make)
    entries = json.loads((folder / "bundle.json").read_text())["entries"]
    return PageBundle(folder, entries["script"], entries["style"])


def _entry_script(widgets: list[Part]) -> str:
    """A module that starts the page with just the widgets it has."""
    lines = ['import { start } from "templates/runtime/page.js";']
    tables: dict[str, list[str]] = {"input": [], "output": []}
    for part in widgets:
        local = f"{part.role}_{part.name}"
        path = f"templates/widgets/{part.role}/{part.name}/widget.js"
        lines.append(f'import * as {local} from "{path}";')
        tables[part.role].append(f"{part.name}: {local}")
    rows = (f"{role}: {{ {', '.join(entries)} }}" for role, entries in tables.items())
    lines.append(f"start({{ {', '.join(rows)} }});")
    return "\n".join(lines)
