"""From demo.toml to a site: the stages in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bundler import graph, plan, site
from bundler.bundle import packages, runtime
from bundler.bundle.runtime import EngineBundle, PageBundle
from bundler.demo import config, label_files, model_card, own, own_texts, parts
from bundler.demo.demo import Demo
from bundler.demo.own import Own
from bundler.demo.parts import Part, Parts, Role
from bundler.graph import Case, Moved, TensorFlowProcess, WebModel
from bundler.graph.changes import Quantization
from bundler.ground import cache, visible
from bundler.ground.errors import ModelError, ParityError
from bundler.plan import Plan, PlannedField, PlannedOutput, naming, telling
from bundler.proof import labelled, verify
from bundler.proof.verify import Parity, Shipped
from bundler.site import Site, assemble, examples, received
from bundler.site.contents import Contents

DEFAULT_OUT = "site"

OnStep = Callable[[str], None]


@dataclass
class Report:
    """What a build found and did."""

    demo: Demo
    folder: Path
    files: list[tuple[str, int, int]] = field(default_factory=list)
    parity: Parity | None = None
    quantization: Quantization | None = None
    moved: list[Moved] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    widgets: list[Part] = field(default_factory=list)
    plan: list[str] = field(default_factory=list)  # which widget each tensor got, in words
    backends: tuple[str, ...] = ()
    borrowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    tensorflow: bool = False
    # What the system left open to the process that opened a stranger's model.
    unfenced: list[str] = field(default_factory=list)
    ops: int = 0  # how many kinds, where nothing but these was looked at

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
            "compared": parity is not None,
            "plan": self.plan,
            "files": [{"path": p, "bytes": b, "gzip": g} for p, b, g in self.files],
            "parity": {"rows": rows, "tolerance": parity.tolerance if parity else None},
            "moved": [vars(one) for one in self.moved],
            "quantization": self.quantization.to_json() if self.quantization else None,
            "backends": list(self.backends),
            "borrowed_kernels": {name: list(kernels) for name, kernels in self.borrowed.items()},
            "notices": self.notices,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "tensorflow_started": self.tensorflow,
        }


def target_folder(demo: Demo, out: Path | None) -> Path:
    """Where the site goes: `out`, or site/ beside demo.toml."""
    return out if out is not None else demo.folder / DEFAULT_OUT


def build(
    target: Path,
    *,
    out: Path | None = None,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
    on_step: OnStep = lambda _: None,
) -> Report:
    """Builds the demo in `target` (a folder, a demo.toml or a model file) into a site.

    Paths of demo.toml stay in its folder, and in those that are `allowed`. Raises DemoError; then
    an earlier site is as it was.
    """
    demo = config.read(target, trusted=trusted, signature=signature, allowed=allowed)
    site.check_target(target_folder(demo, out))
    report, made = prepare(demo, out=out, on_step=on_step)
    with report.step("write", on_step):
        site.write(made, report.folder, on_wait=lambda: on_step("write: another build is at it"))
    return report


def check(
    target: Path,
    *,
    compares: bool = False,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
    on_step: OnStep = lambda _: None,
) -> Report:
    """Whether the model opens, fits demo.toml and has no op that TF.js lacks; writes no site.

    With `compares`, all of a build but the writing. Raises DemoError.
    """
    demo = config.read(target, trusted=trusted, signature=signature, allowed=allowed)
    site.check_target(target_folder(demo, None))
    return prepare(demo, on_step=on_step)[0] if compares else _look(demo, on_step)


def _look(demo: Demo, on_step: OnStep) -> Report:
    """What can be said without computing an answer."""
    report = Report(demo, target_folder(demo, None))
    # Which weights may become smaller is found by comparing answers.
    whole = demo.build.model_copy(update={"quantize": "none"})
    demo = demo.model_copy(update={"build": whole})
    kept, widgets = own_and_widgets(demo)

    def on_convert(text: str) -> None:
        on_step(f"convert: {text}")

    with TensorFlowProcess(demo, on_convert, kept.folders) as process:
        with report.step("convert", on_step):
            signature = graph.inspect(demo, process)
            planned = plan.make(demo, signature, widgets)
            examples.read(demo, planned)
            model = graph.convert(demo, planned, process)
        report.tensorflow, report.unfenced = process.started, process.unfenced
    with report.step("look the ops up", on_step):
        _tell_of_packages(on_step)
        engine = runtime.bundle_engine(model, threads=demo.build.isolate)
    report.widgets = _used(planned, widgets)
    # For the mistakes in files of the author's.
    warnings = _bundle_page(demo, report.widgets, kept).warnings if kept.names else ()
    report.plan = list(telling.lines(planned))
    report.backends = engine.backends
    report.borrowed = engine.borrowed
    report.ops = len(model.ops)
    told = [*own_texts.notices(kept, demo.language), *planned.notices]
    told += label_files.told(naming.found(demo, signature))
    report.notices = [*told, *model_card.known(demo).notices, *kept.notices, *warnings]
    return report


def own_and_widgets(demo: Demo) -> tuple[Own, Parts]:
    """The author's own files, and all widgets with theirs. Raises ConfigError."""
    kept = own.read(demo.written_in)
    with kept.told():
        widgets = parts.read(kept.folders)
    return kept, widgets


def _bundle_page(demo: Demo, widgets: list[Part], kept: Own) -> PageBundle:
    spoken = own_texts.of(kept, demo.language)
    return runtime.bundle_page(
        widgets, demo.theme.accent, kept, texts=spoken, isolate=demo.build.isolate
    )


def _tell_of_packages(on_step: OnStep) -> None:
    if not packages.is_installed():
        on_step("bundle: fetching TensorFlow.js from the npm registry, this once")


def prepare(
    demo: Demo, *, out: Path | None = None, on_step: OnStep = lambda _: None
) -> tuple[Report, Site]:
    """The site in memory, verified, and what was found on the way."""
    report = Report(demo, target_folder(demo, out))
    kept, widgets = own_and_widgets(demo)

    def on_convert(text: str) -> None:
        on_step(f"convert: {text}")

    with (
        TensorFlowProcess(demo, on_convert, kept.folders) as process,
        ThreadPoolExecutor(2) as pool,
    ):
        with report.step("convert", on_step):
            signature = graph.inspect(demo, process)
            planned = plan.make(demo, signature, widgets)
            shown = examples.read(demo, planned, own_texts.of(kept, demo.language))
            model = graph.convert(demo, planned, process, [one.inputs for one in shown])
        # What needs no TensorFlow goes on beside it.
        bundling = pool.submit(runtime.bundle_engine, model, threads=demo.build.isolate)
        sizing = pool.submit(_model_sizes, model)
        with report.step("answer", on_step):
            try:
                inputs, tolerance = [one.inputs for one in shown], demo.build.tolerance
                answers = graph.answers(model, inputs, process, tolerance=tolerance)
            except ModelError:
                # An op that no browser has is the better reason, where there is one.
                bundling.result()
                raise
            labels, given = [one.label for one in shown], [one.outputs for one in answers.examples]
            ask = partial(graph.answers_otherwise, model, inputs, process)
            told = list(labelled.notices(planned, labels, given, ask))
        report.tensorflow, report.unfenced = process.started, process.unfenced
        with report.step("bundle", on_step):
            _tell_of_packages(on_step)
            report.widgets = _used(planned, widgets)
            report.plan = list(telling.lines(planned))
            page_bundle = _bundle_page(demo, report.widgets, kept)
            engine = bundling.result()
            sizing.result()
    with report.step("verify", on_step):
        parity = _verify(demo, model, engine, answers.cases, planned.raw_values)
    entitled = demo.entitled(signature.hints.title)
    card = model_card.known(demo)
    contents = Contents(
        entitled, planned, model, shown, answers, engine, page_bundle, parity, card, kept
    )
    with report.step("render", on_step):
        made, report.files = assemble.assemble(contents)
    report.parity = parity
    report.backends = engine.backends
    report.borrowed = engine.borrowed
    report.moved = answers.moved
    report.quantization = model.quantization
    report.notices = [*contents.notices, *told]
    return report, made


def _model_sizes(model: WebModel) -> None:
    """Fills the cache of compressed sizes."""
    for name in model.files:
        site.gzipped_size(model.folder / name)


def _used(planned: Plan, widgets: Parts) -> list[Part]:
    """The widgets of the page, each once, in a fixed order."""
    fields = [field for item in planned.inputs for field in item.fields]
    sides: tuple[tuple[Role, Sequence[PlannedField | PlannedOutput]], ...] = (
        ("input", fields),
        ("output", planned.outputs),
    )
    return [
        widgets[role][name].on_page([item.options for item in items if item.widget == name])
        for role, items in sides
        for name in sorted({item.widget for item in items})
    ]


def _verify(
    demo: Demo,
    model: WebModel,
    engine: EngineBundle,
    cases: list[Case],
    raw_values: tuple[str, ...],
) -> Parity:
    """The comparison; `raw_values` are the inputs of which nobody has said what they hold."""
    shipped = Shipped(
        engines={name: engine.folder / engine.workers[name] for name in runtime.NODE_BACKENDS},
        files={**{name: model.folder / name for name in model.files}, **engine.wasm},
        backends=runtime.verified_cases(model, len(cases)),
    )
    key = cache.digest(engine.key, model.key)
    try:
        return verify.verify(shipped, cases, tolerance=demo.build.tolerance, key=key)
    except ParityError as error:
        raw = [
            f"{name} gets raw values, 0 to 255, which make a model of other values err: say what "
            f"it was trained on, for example [[inputs]] name = {visible.quoted(name)}, "
            "range = [0, 1]."
            for name in raw_values
        ]
        hints = ["The site was not written.", *raw, error.hint]
        raise ParityError(error.message, hint=" ".join(hints), details=error.details) from error


def verify_site(folder: Path, *, trusted: bool = False) -> Parity:
    """Repeats the comparison on a built site, or on each of a gallery's; needs no TensorFlow.

    The program of a site that is not ours runs only if it is `trusted`. Raises SiteError, or
    ParityError.
    """
    return received.verify_site(folder, trusted=trusted)
