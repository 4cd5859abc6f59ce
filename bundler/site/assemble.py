"""The site from the values of all stages: every path and its content."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from bundler import site
from bundler.bundle import runtime
from bundler.bundle.runtime import EngineBundle, PageBundle
from bundler.demo.own import ICONS, LOGOS, Own
from bundler.graph import WebModel
from bundler.ground import cache, layout
from bundler.ground.own_files import Content
from bundler.heads import HEADS
from bundler.proof import golden
from bundler.site import Site, headers, offline, page
from bundler.site.contents import Assets, Contents
from bundler.site.examples import Example

# The script of wasm's threads stands among the workers of the backends.
THREADS = "threads"
# Static hosts compress these and, as a rule, no others.
COMPRESSED = {".js", ".json", ".wasm"}
# Path, bytes, gzipped bytes.
Sizes = list[tuple[str, int, int]]


def assemble(contents: Contents) -> tuple[Site, Sizes]:
    """The site, and the sizes of its files but index.html."""
    engine, script = contents.engine, contents.script
    files: dict[str, Content] = {f"assets/{script.script}": script.folder / script.script}
    workers = {backend: f"assets/{name}" for backend, name in engine.workers.items()}
    if engine.threads:
        workers[THREADS] = f"assets/{engine.threads}"
    files.update({path: engine.folder / Path(path).name for path in workers.values()})
    engine_files = _add_model(files, contents.model, engine)
    for example in contents.examples:
        files.update({path: one.file[0] for path, one in example.media.items()})
    files.update({f"assets/{name}": script.folder / name for name in script.files})
    addresses = _add_own(files, contents.own)
    golden_path = _add_golden(files, contents)
    answers = _add_answers(files, contents)
    sizes = [(p, site.size(files[p]), site.gzipped_size(files[p])) for p in sorted(files)]
    sent = {path: _sent(path, *both) for path, *both in sizes}
    first = _first_visit(engine, script, engine_files)
    download = sum(sent[path] for path in first)
    assets = Assets(
        script=f"assets/{script.script}",
        threads=workers.pop(THREADS, None),
        workers=workers,
        engine_files={
            name: (path, site.size(files[path]), sent[path]) for name, path in engine_files.items()
        },
        golden=golden_path,
        download_bytes=download,
        besides=download - sum(sent[path] for path in engine_files.values() if path in first),
        files=sizes,
        answers=answers,
        **addresses,
    )
    contents = page.fitted(contents, assets)
    files[site.INDEX] = page.render(contents, assets).encode()
    isolate = contents.demo.build.isolate
    files[site.SERVICE_WORKER] = offline.service_worker(files, isolate=isolate)
    # After the service worker, which keeps nothing that has no content in its name.
    files[site.EMBED] = script.folder / script.embed
    files[site.TYPES] = layout.templates() / "public" / site.TYPES
    policy = page.policy(contents, assets)
    browser = script.browser
    files[headers.HEADERS] = headers.site_headers(
        files, policy=policy, isolate=isolate, browser=browser
    )
    facts = {
        "engines": {backend: workers[backend] for backend in runtime.NODE_BACKENDS},
        "engine_files": engine_files,
        "ops": sorted(contents.model.ops),
        "cases": runtime.verified_cases(contents.model, len(contents.answers.cases)),
        "golden": golden_path,
        "page": _shown_elsewhere(contents, assets),
        "isolate": isolate,
        **({"browser": list(browser)} if browser else {}),
    }
    return Site(files, facts), sizes


def _add_model(files: dict[str, Content], model: WebModel, engine: EngineBundle) -> dict[str, str]:
    """Adds the files that the engine reads; returns the path of each by the engine's name."""
    paths = {name: f"model-{model.content[:8]}/{name}" for name in model.files}
    files.update({path: model.folder / name for name, path in paths.items()})
    for name, source in engine.wasm.items():
        paths[name] = f"assets/{name}-{cache.digest_files([source])[:8]}.wasm"
        files[paths[name]] = source
    return paths


def _add_answers(
    files: dict[str, Content], contents: Contents
) -> dict[tuple[int, str], dict[str, Any]]:
    """Adds the file of each answer that is one; what the page is told by example and output."""
    told: dict[tuple[int, str], dict[str, Any]] = {}
    for index, case in enumerate(contents.answers.examples):
        for item in contents.plan.outputs:
            kept = HEADS[item.head].keep(case.outputs[item.spec.name], item.settings)
            if kept:
                path = f"assets/answer-{index + 1}-{cache.digest(kept.content)[:8]}{kept.ending}"
                files[path] = kept.content
                told[index, item.spec.name] = {kept.role: path, **kept.facts}
    return told


def _add_own(files: dict[str, Content], own: Own) -> dict[str, str | None]:
    """Adds the author's logo and icon; returns their addresses.

    One that could hold scripts (SVG) is written into the page, where it is a picture and no more.
    """
    found: dict[str, str | None] = {}
    for kind, names in (("logo", LOGOS), ("icon", ICONS)):
        file = own.find(*names)
        if file and file.suffix == ".svg":
            found[kind] = "data:image/svg+xml," + quote(file.read_text(encoding="utf-8"))
        elif file:
            path = f"assets/{kind}-{cache.digest_files([file])[:8]}{file.suffix}"
            files[path] = file
            found[kind] = path
    return found


def _add_golden(files: dict[str, Content], contents: Contents) -> str:
    """Adds the samples with Python's answers; returns their path."""
    names = _media_names(contents.examples)
    tolerance = contents.parity.tolerance
    samples = golden.dump(contents.answers.cases, names, tolerance=tolerance)
    path = f"assets/golden-{cache.digest(samples)[:8]}.json"
    files[path] = samples
    return path


def _shown_elsewhere(contents: Contents, assets: Assets) -> dict[str, Any]:
    """What a page that leads to this one shows of it (gallery.py)."""
    demo = contents.demo
    return {
        "title": demo.shown_title,
        "description": demo.description,
        "language": demo.language,
        "picture": page.first_picture(contents),
        "download_bytes": assets.download_bytes,
        "url": demo.url,
    }


def _media_names(shown: list[Example]) -> dict[str, str]:
    """The site's picture or sound for the digest of what the graph gets of it."""
    items = [item for example in shown for item in example.media.items()]
    return {one.tensor.digest: path for path, one in items}


def _sent(path: str, size: int, gzipped: int) -> int:
    """What hosts transfer of a file: they compress texts and programs, and weights as they are."""
    return gzipped if Path(path).suffix in COMPRESSED else size


def _first_visit(
    engine: EngineBundle, script: PageBundle, engine_files: dict[str, str]
) -> set[str]:
    """The page's script, the first backend's worker and the model."""
    first = engine.backends[0]
    wanted = {f"assets/{script.script}", f"assets/{engine.workers[first]}"}
    for name, path in engine_files.items():
        if name not in engine.wasm or (first == "wasm" and name == "wasm-simd"):
            wanted.add(path)
    return wanted
