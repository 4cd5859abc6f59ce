"""From demo.toml to a site: the stages in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bundler import (
    cache,
    config,
    examples,
    golden,
    graph,
    packages,
    page,
    parts,
    plan,
    runtime,
    site,
    verify,
)
from bundler.config import Demo
from bundler.errors import SiteError
from bundler.examples import Example
from bundler.graph import Answers, Case, TensorFlowProcess, WebModel
from bundler.plan import Parts, Plan
from bundler.runtime import EngineBundle, PageBundle
from bundler.site import Site
from bundler.verify import Parity, Shipped

DEFAULT_OUT = "site"

OnStep = Callable[[str], None]


@dataclass
class Report:
    """What a build found and did."""

    demo: Demo
    folder: Path
    files: list[tuple[str, int, int]] = field(default_factory=list)
    parity: Parity | None = None
    notices: list[str] = field(default_factory=list)
    backends: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    tensorflow: bool = False

    @contextmanager
    def step(self, name: str, on_step: OnStep) -> Iterator[None]:
        on_step(name)
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin

    def to_json(self) -> dict[str, Any]:
        parity = self.parity
        rows = [vars(row) for row in parity.rows] if parity else []
        return {
            "site": str(self.folder),
            "files": [{"path": p, "bytes": b, "gzip": g} for p, b, g in self.files],
            "parity": {"rows": rows, "tolerance": parity.tolerance if parity else None},
            "backends": list(self.backends),
            "notices": self.notices,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "tensorflow_started": self.tensorflow,
        }


def target_folder(demo: Demo, out: Path | None) -> Path:
    """Where the site goes: `out`, or site/ beside demo.toml."""
    return out if out is not None else demo.folder / DEFAULT_OUT


def build(target: Path, *, out: Path | None = None, on_step: OnStep = lambda _: None) -> Report:
    """Builds the demo in `target` (a folder, a demo.toml or a model file) into a site.

    Raises DemoError; then an earlier site is as it was.
    """
    report, made = prepare(target, out=out, on_step=on_step)
    with report.step("write", on_step):
        site.write(made, report.folder)
    return report


def check(target: Path, *, on_step: OnStep = lambda _: None) -> Report:
    """All of a build but the writing."""
    return prepare(target, out=None, on_step=on_step)[0]


def prepare(target: Path, *, out: Path | None, on_step: OnStep) -> tuple[Report, Site]:
    """The site in memory, verified, and what was found on the way."""
    demo = config.read(target)
    report = Report(demo, target_folder(demo, out))
    site.check_target(report.folder)
    widgets = parts.read()

    def on_convert(text: str) -> None:
        on_step(f"convert: {text}")

    with TensorFlowProcess(demo, on_convert) as process, ThreadPoolExecutor(2) as pool:
        with report.step("convert", on_step):
            planned = plan.make(demo, graph.inspect(demo, process), widgets)
            shown = examples.read(demo, planned)
            model = graph.convert(demo, planned, process)
        # What needs no TensorFlow goes on beside it.
        bundling = pool.submit(runtime.bundle_engine, model)
        sizing = pool.submit(_model_sizes, model)
        with report.step("answer", on_step):
            answers = graph.answers(model, [example.inputs for example in shown], process)
        report.tensorflow = process.started
        with report.step("bundle", on_step):
            if not packages.is_installed():
                on_step("bundle: fetching TensorFlow.js from the npm registry, this once")
            page_bundle = runtime.bundle_page(_used(planned, widgets))
            engine = bundling.result()
            sizing.result()
    ready = _Ready(demo, planned, model, shown, answers, engine, page_bundle)
    with report.step("verify", on_step):
        report.parity = _verify(ready)
    with report.step("render", on_step):
        made, report.files = _assemble(ready, report.parity)
    report.backends = engine.backends
    report.notices = [*planned.notices, *answers.notices]
    return report, made


@dataclass(frozen=True)
class _Ready:
    """The values of all stages before the site is put together."""

    demo: Demo
    plan: Plan
    model: WebModel
    examples: list[Example]
    answers: Answers
    engine: EngineBundle
    page: PageBundle

    @property
    def cases(self) -> list[Case]:
        """The examples first, because they are the most like what visitors do."""
        return [*self.answers.examples, *self.answers.golden]


def _model_sizes(model: WebModel) -> None:
    """Fills the cache of compressed sizes."""
    for name in model.files:
        site.gzipped_size(model.folder / name)


def _used(planned: Plan, widgets: Parts) -> list[parts.Part]:
    """The widgets of the page, each once, in a fixed order."""
    inputs = {field.widget for item in planned.inputs for field in item.fields}
    outputs = {item.widget for item in planned.outputs}
    return [widgets["input"][n] for n in sorted(inputs)] + [
        widgets["output"][n] for n in sorted(outputs)
    ]


def _verify(ready: _Ready) -> Parity:
    model, engine = ready.model, ready.engine
    shipped = Shipped(
        engine=engine.folder / engine.engine,
        files={**{name: model.folder / name for name in model.files}, **engine.wasm},
        backends=runtime.verified_cases(model, engine, len(ready.cases)),
    )
    tolerance = ready.demo.build.tolerance
    key = cache.digest(engine.key, model.key)
    return verify.verify(shipped, ready.cases, tolerance=tolerance, key=key)


def _assemble(ready: _Ready, parity: Parity) -> tuple[Site, list[tuple[str, int, int]]]:
    """The site, and the bytes and gzipped bytes of its files."""
    engine, script = ready.engine, ready.page
    files: dict[str, site.Content] = {}
    for name in (script.script, script.style):
        files[f"assets/{name}"] = script.folder / name
    for name in engine.files:
        files[f"assets/{name}"] = engine.folder / name
    engine_files = _add_model(files, ready.model, engine)
    for example in ready.examples:
        files.update({path: picture.png for path, picture in example.pictures.items()})
    names = _picture_names(ready.examples)
    samples = golden.dump(ready.cases, names, tolerance=parity.tolerance)
    golden_path = f"assets/golden-{cache.digest(samples)[:8]}.json"
    files[golden_path] = samples
    sizes = [(p, site.size(files[p]), site.gzipped_size(files[p])) for p in sorted(files)]
    assets = page.Assets(
        script=f"assets/{script.script}",
        stylesheet=f"assets/{script.style}",
        worker=f"assets/{engine.worker}",
        engine_files=engine_files,
        download_bytes=_first_visit(sizes, engine, script, engine_files),
        files=sizes,
    )
    files[site.INDEX] = page.render(_contents(ready, parity, assets)).encode()
    facts = {
        "engine": f"assets/{engine.engine}",
        "engine_files": {name: path for name, (path, _) in engine_files.items()},
        "cases": runtime.verified_cases(ready.model, engine, len(ready.cases)),
        "golden": golden_path,
    }
    return Site(files, facts), sizes


def _contents(ready: _Ready, parity: Parity, assets: page.Assets) -> page.Contents:
    return page.Contents(
        demo=ready.demo,
        plan=ready.plan,
        model=ready.model,
        examples=ready.examples,
        answers=ready.answers,
        parity=parity,
        backends=ready.engine.backends,
        reason=ready.engine.reason,
        assets=assets,
    )


def _add_model(
    files: dict[str, site.Content], model: WebModel, engine: EngineBundle
) -> dict[str, tuple[str, int]]:
    """Adds the files that the engine reads; returns where each is, with its size."""
    added: dict[str, tuple[str, int]] = {}
    for name in model.files:
        path = f"model-{model.content[:8]}/{name}"
        files[path] = model.folder / name
        added[name] = (path, site.size(files[path]))
    for name, source in engine.wasm.items():
        stem, digest = name.removesuffix(".wasm"), cache.digest_files([source])[:8]
        path = f"assets/{stem}-{digest}.wasm"
        files[path] = source
        added[name] = (path, site.size(source))
    return added


def _picture_names(shown: list[Example]) -> dict[str, str]:
    """The site's picture for the digest of the pixels that the graph gets."""
    pictures = [item for example in shown for item in example.pictures.items()]
    return {picture.pixels.digest: path for path, picture in pictures}


def _first_visit(
    sizes: list[tuple[str, int, int]],
    engine: EngineBundle,
    script: PageBundle,
    engine_files: dict[str, tuple[str, int]],
) -> int:
    """Compressed bytes of the script, style, engine, first backend and model."""
    wanted = {f"assets/{name}" for name in (script.script, script.style, *engine.first)}
    for name, (path, _) in engine_files.items():
        if not name.endswith(".wasm") or (engine.backends[0] == "wasm" and "simd" in name):
            wanted.add(path)
    return sum(gzipped for path, _, gzipped in sizes if path in wanted)


def verify_site(folder: Path) -> Parity:
    """Repeats the comparison on a built site; needs no TensorFlow.

    Raises SiteError, or ParityError.
    """
    facts = site.read_manifest(folder)
    if not {"engine", "engine_files", "golden", "cases"} <= facts.keys():
        raise SiteError(f"{folder} does not say how to verify it", hint="Build the site again.")
    site.check_files(folder, facts)
    cases, strides, tolerance = golden.load(folder / facts["golden"], folder)
    shipped = Shipped(
        engine=folder / facts["engine"],
        files={name: folder / path for name, path in facts["engine_files"].items()},
        backends=facts["cases"],
    )
    return verify.verify(shipped, cases, tolerance=tolerance, strides=strides)
