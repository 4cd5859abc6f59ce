"""The page's JavaScript: TF.js with just the kernels that a graph needs, and the widgets' code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.bundle import authors, colours, packages, support
from bundler.bundle.support import UnsupportedError
from bundler.demo.own import NONE, SCRIPT, Own
from bundler.demo.parts import Part
from bundler.graph import WebModel
from bundler.ground import cache, layout, own_files
from bundler.ground.errors import ModelError
from bundler.ground.texts import ENGLISH, Texts

BACKENDS = ("cpu", "wasm", "webgl", "webgpu")
# What verification can run in Node.
NODE_BACKENDS = ("cpu", "wasm")
# By the name that the engine asks for.
WASM_BINARIES = {
    "wasm-simd": "tfjs-backend-wasm-simd.wasm",
    "wasm-plain": "tfjs-backend-wasm.wasm",
    "wasm-threads": "tfjs-backend-wasm-threaded-simd.wasm",
}
# The cpu backend computes some 150 million multiply-adds a second in Node: it is compared on
# as many cases as it can answer in a few seconds, but at least on one.
CPU_MULTIPLY_ADDS = 500_000_000
# Kernels that answer wrongly somewhere, by backend: found by `python -m tests.sweep --audit`.
WRONG_KERNELS = packages.SCRIPTS / "wrong_kernels.json"
# The scripts that bundle: all but those that run what was bundled.
RUNNERS = ("tensors.mjs", "verify.mjs")
BUNDLER = tuple(
    sorted(set(packages.SCRIPTS.glob("*.mjs")) - {packages.SCRIPTS / n for n in RUNNERS})
)
# The page's style sheets, in the order in which later ones change earlier ones.
PAGE_STYLES = (
    "head", "panes", "fields", "control", "sound", "target", "taken", "examples", "evidence",
    "screens",
)  # fmt: skip
STYLES = ("base.css", *(f"page/{name}.css" for name in PAGE_STYLES))
# Stands in the page's first script for what that starts (page.py).
ENGINE_OPTIONS = "TFJS_DEMO_ENGINE"
EARLY = f'import {{ begin }} from "templates/runtime/page/early.js"; begin({ENGINE_OPTIONS});'
# The same for a page that is to be isolated from others.
ISOLATED = 'import { isolate } from "templates/runtime/page/isolate.js"; ' + EARLY.replace(
    ENGINE_OPTIONS, f"{ENGINE_OPTIONS}, isolate"
)
# What tells browsers that are too old for all the rest.
GATE = 'import "templates/runtime/page/gate.js";'
# What other pages load to show a demo.
EMBED = 'import "templates/public/embed.js";'
# Below this, the cpu backend answers in some 20 ms, and 136 kB of WebAssembly would buy nothing.
TINY_MULTIPLY_ADDS = 1_000_000


@dataclass(frozen=True)
class EngineBundle:
    """A worker for each backend, one file each, which verification imports in Node.

    `backends` start with the build's choice; `borrowed` are the kernels that each borrows
    from the cpu backend; `threads` is the script of wasm's further threads.
    """

    key: str
    folder: Path
    workers: dict[str, str]
    backends: tuple[str, ...]
    borrowed: dict[str, tuple[str, ...]]
    wasm: dict[str, Path]
    threads: str | None


@dataclass(frozen=True)
class PageBundle:
    """The page's own script, that of pages which embed it, and what index.html itself has:

    the style sheet, the first script, and the one before that tells who is too old for it.
    `files` are those that an author's style sheet and scripts name, and what is loaded later;
    `browser` is what its widgets need of the browser, `media` whether one of them plays a film or
    sound of its visitor's.
    """

    folder: Path
    script: str
    embed: str
    style: str
    early: str
    gate: str
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    browser: tuple[str, ...] = ()
    media: bool = False


def bundle_engine(model: WebModel, *, threads: bool = False) -> EngineBundle:
    """The workers, for wasm with several threads if asked.

    Raises UnsupportedError when TF.js lacks an op of the graph.
    """
    key, folder = _engine(sorted(model.ops), threads)
    facts = json.loads((folder / "bundle.json").read_text())
    _check_support(model, facts)
    chosen = _choose_backend(model)
    return EngineBundle(
        key=key,
        folder=folder,
        workers=facts["entries"],
        backends=(chosen, *(name for name in BACKENDS if name != chosen)),
        borrowed={name: tuple(kernels) for name, kernels in facts["borrowed"].items() if kernels},
        wasm=wasm_binaries(threads=threads),
        threads=facts["threads"],
    )


def is_own(
    ops: Sequence[str], engines: Mapping[str, Path], files: Mapping[str, Path], *, threads: bool
) -> bool:
    """Whether these workers, and the binaries among the files, are those made of graphs of `ops`.

    Byte for byte: what is only nearly ours is somebody else's program.
    """
    _, folder = _engine(sorted(set(ops)), threads)
    made = json.loads((folder / "bundle.json").read_text())["entries"]
    binaries = wasm_binaries(threads=threads)
    pairs = [(path, folder / made[name]) for name, path in engines.items()]
    pairs += [(path, binaries[name]) for name, path in files.items() if name in binaries]
    # What the engine asks for by another name is a file of the model: numbers.
    strange = [name for name in files if name in WASM_BINARIES and name not in binaries]
    return not strange and all(own_files.sha256(one) == own_files.sha256(own) for one, own in pairs)


def _engine(ops: Sequence[str], threads: bool) -> tuple[str, Path]:
    """The key and the folder of the workers for graphs of these ops."""
    templates = layout.templates()
    code = cache.digest_files([templates / "runtime" / "engine", templates / "ops", *BUNDLER])
    wrong = json.loads(WRONG_KERNELS.read_text())
    key = cache.digest(packages.lock_hash(), code, list(ops), wrong, threads)
    return key, make_engine(key, worker_entries(), ops, wrong, threads)


def make_engine(
    key: str,
    entries: list[dict[str, Any]],
    ops: Sequence[str],
    wrong: dict[str, Any],
    threads: bool = False,
) -> Path:
    """The folder with these entries bundled, and bundle.json, which says what became of them.

    `wrong` are the kernels of each backend that are left out, for others to take their place.
    """

    def make(out: Path) -> None:
        request = {
            "kind": "engine",
            "packages": str(packages.folder()),
            "outdir": str(out),
            "templates": str(layout.templates()),
            "entries": entries,
            "ops": list(ops),
            "wrongKernels": wrong,
            "threads": threads,
        }
        (out / "bundle.json").write_text(packages.run_script("bundle.mjs", request))

    return cache.entry("engines", key, make)


def worker_entries(backends: tuple[str, ...] = BACKENDS) -> list[dict[str, Any]]:
    """What the bundler is asked for: the worker with each backend by itself."""
    module = "templates/runtime/engine/worker.js"
    return [{"name": name, "module": module, "backends": [name]} for name in backends]


def verified_cases(model: WebModel, count: int) -> dict[str, int]:
    """The backends that can be verified in Node, and on how many of `count` cases each is."""
    limits = {"cpu": max(1, CPU_MULTIPLY_ADDS // max(model.multiply_adds, 1))}
    return {name: min(count, limits.get(name, count)) for name in NODE_BACKENDS}


def wasm_binaries(*, threads: bool = False) -> dict[str, Path]:
    """The variants of the wasm backend's binary, by the engine's name of them."""
    package = packages.folder() / "node_modules" / "@tensorflow" / "tfjs-backend-wasm" / "dist"
    names = [name for name in WASM_BINARIES if threads or name != "wasm-threads"]
    return {name: package / WASM_BINARIES[name] for name in names}


def _check_support(model: WebModel, facts: dict[str, Any]) -> None:
    """Raises UnsupportedError for ops that cannot give Python's answers, ModelError for kernels."""
    refused = sorted({*facts["unknown"], *filter(support.is_random, model.ops)})
    if refused:
        raise UnsupportedError([support.describe(op, model.ops[op], BACKENDS) for op in refused])
    if facts["missing"]:
        raise ModelError(
            f"TensorFlow.js has no kernel for {', '.join(facts['missing'])}",
            hint="Replace the layer that needs it by one made of simpler ops.",
        )


def _choose_backend(model: WebModel) -> str:
    """The page's first backend: of two, the one that is there sooner or the faster."""
    return "cpu" if model.multiply_adds <= TINY_MULTIPLY_ADDS else "wasm"


def bundle_page(
    widgets: list[Part],
    accent: str | None,
    own: Own = NONE,
    *,
    texts: Texts = ENGLISH,
    isolate: bool = False,
) -> PageBundle:
    """The script with these widgets, the first script, the style sheet with the accent colour.

    Raises ConfigError for a mistake in an author's own file.
    """
    templates = layout.templates()
    script = _entry_script(widgets, own)
    style = read_style(widgets, accent, own)
    scripts = [path for part in widgets for path in sorted(part.folder.glob("*.js"))]
    code = cache.digest_files(
        [templates / "runtime" / "page", templates / "public", *scripts, *BUNDLER]
    )
    whole = str(own.folder) if own.folder else ""
    words = {
        "messages": texts.messages,
        "plural": texts.plural,
        "numerals": texts.numerals,
        "group": texts.group,
    }
    wanted = {f"widgets/{w.role}/{w.name}": w.manifest.packages for w in widgets}
    early = ISOLATED if isolate else EARLY
    key = cache.digest(packages.lock_hash(), code, script, early, style, whole, words, wanted)

    def make(out: Path) -> None:
        request = {
            "kind": "page",
            "packages": str(packages.folder()),
            "outdir": str(out),
            "script": script,
            "early": early,
            "gate": GATE,
            "embed": EMBED,
            "style": style,
            "templates": str(templates),
            "texts": words,
            "own": whole,
            "ownStyles": authors.styles(widgets, own),
            "widgetPackages": wanted,
        }
        (out / "bundle.json").write_text(authors.run(request, own))

    folder = cache.entry("pages", key, make)
    facts = json.loads((folder / "bundle.json").read_text())
    style, early, gate = (
        (folder / facts[name]).read_text("utf-8").strip() for name in ("style", "early", "gate")
    )
    files, warned = tuple(facts["files"]), authors.warnings(facts["warnings"], own)
    browser = tuple(sorted({feature for part in widgets for feature in part.browser}))
    media = any(part.manifest.media for part in widgets)
    return PageBundle(
        folder, facts["script"], facts["embed"], style, early, gate, files, warned, browser, media
    )


def read_style(widgets: list[Part], accent: str | None, own: Own = NONE) -> str:
    """The style sheets of the page and our widgets as they were written, with plain colours."""
    templates = layout.templates()
    ours = [part for part in widgets if not own.holds(part.folder)]
    sheets = [part.folder / name for part in ours for name in part.sheets]
    known = [path for path in sheets if path.is_file()]
    styles = [*(templates / name for name in STYLES), *known, templates / "embedded.css"]
    style = "\n".join(path.read_text(encoding="utf-8") for path in styles)
    return colours.with_plain(style + (f"\n:root {{ --accent: {accent} }}\n" if accent else ""))


def _entry_script(widgets: list[Part], own: Own) -> str:
    """A module that starts the page with just the widgets it has, and the author's script."""
    lines = ['import { start } from "templates/runtime/page/page.js";']
    tables: dict[str, list[str]] = {"input": [], "output": []}
    for part in widgets:
        local = f"{part.role}_{part.name}"
        whose = "own" if own.holds(part.folder) else "templates"
        path = f"{whose}/widgets/{part.role}/{part.name}/{part.script}"
        lines.append(f'import * as {local} from "{path}";')
        tables[part.role].append(f"{part.name}: {local}")
    rows = (f"{role}: {{ {', '.join(entries)} }}" for role, entries in tables.items())
    start = f"start({{ {', '.join(rows)} }})"
    if own.find(SCRIPT):
        lines.append('import { attach } from "templates/runtime/page/own.js";')
        # Read when all of ours runs already.
        start = f'attach({start}, () => import("own/{SCRIPT}"))'
    lines.append(f"{start};")
    return "\n".join(lines)
