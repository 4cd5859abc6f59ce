"""How pages start and run, beside what tutorials show: `python -m tests.benchmarks.page`.

Figures are medians of several visits in fresh browser contexts; ours and the peer's take
turns, so that a busy machine slows both. The peer is a page of a few lines with tf.min.js and
the official converter's float32 model, all on the main thread; for single predictions on
WebAssembly it is ONNX Runtime Web.

Long tasks are the browser's own count, which starts at 50 ms: tracing would see shorter ones but
makes every task longer (twice as long for a small model's page).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.page_parts import inference, memory, visits
from tests.benchmarks.page_parts.host import NETWORKS, Network
from tests.benchmarks.page_parts.models import (
    MLP,
    MOBILENET,
    CommandError,
    Model,
    build_onnx,
    build_ours,
    build_tutorial,
)
from tests.conftest import CHROMIUM_FLAGS, find_chromium

MOST_LOAD = 0.5
MODELS = {model.name: model for model in (MLP, MOBILENET)}


@dataclass(frozen=True)
class Figure:
    """One row of the table; None where there is nothing to say."""

    page: str
    network: str
    name: str
    unit: str
    ours: float | None
    peer: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.ours is None or not self.peer else self.ours / self.peer


@dataclass(frozen=True)
class Site:
    """Our page of a model, the tutorial's if it could be made, and the model."""

    title: str
    model: Model
    folder: Path
    tutorial: Path | None


def make_sites(models: Sequence[Model], work: Path) -> list[Site]:
    sites = []
    for model in models:
        tutorial = None
        try:
            tutorial = build_tutorial(model, work)
        except CommandError as error:
            print(f"skipped: the tutorial page of {model.title}: {error}", file=sys.stderr)
        for quantize in model.quantized:
            title = model.title if quantize == "none" else f"{model.title}, {quantize}"
            sites.append(Site(title, model, build_ours(model, quantize, work), tutorial))
    return sites


def first_answers(
    browser: Browser, sites: list[Site], network: Network, runs: int
) -> Iterator[Figure]:
    """Visits in turn: the tutorial page of a model, then our pages of it."""
    peers: dict[Path, list[float]] = {}
    ours: dict[Path, list[visits.TwoVisits]] = {site.folder: [] for site in sites}
    for run in range(runs):
        for site in sites:
            if site.tutorial and len(peers.setdefault(site.tutorial, [])) == run:
                seen = visits.visit_once(browser, site.tutorial, network)
                peers[site.tutorial].append(seen.answered)
            ours[site.folder].append(visits.visit_twice(browser, site.folder, network))
    for site in sites:
        peer = median_seconds(peers[site.tutorial]) if site.tutorial else None
        yield from visit_figures(site, network, ours[site.folder], peer)


def visit_figures(
    site: Site, network: Network, both: list[visits.TwoVisits], peer: float | None
) -> Iterator[Figure]:
    first = median_seconds([two.first.answered for two in both])
    second = median_seconds([two.second.answered for two in both])
    painted = [two.first.examples for two in both if two.first.examples is not None]
    examples = median_seconds(painted) if len(painted) == len(both) else None
    size = statistics.median(two.second_model_bytes for two in both)
    yield Figure(site.title, network.name, "first answer on the device", "s", first, peer)
    yield Figure(
        site.title, network.name, "example answers painted / peer's answer", "s", examples, peer
    )
    yield Figure(
        site.title, network.name, "second visit, answer / peer's first visit", "s", second, peer
    )
    yield Figure(site.title, network.name, "second visit, model transferred", "kB", size / 1e3)


def loads(browser: Browser, sites: list[Site], runs: int) -> Iterator[Figure]:
    """Bytes of programs, and long tasks, without a slow line."""
    for site in sites:
        ours: list[visits.Load] = []
        peers: list[visits.Load] = []
        for _ in range(runs):
            ours.append(visits.load(browser, site.folder, site.model.side))
            if site.tutorial:
                peers.append(visits.load(browser, site.tutorial, site.model.side))
        for name, unit, scale, key in (
            ("JavaScript, gzipped, until it answers", "kB", 1e3, "answering_bytes"),
            ("JavaScript, gzipped, backends tried later as well", "kB", 1e3, "script_bytes"),
            ("wasm, gzipped", "kB", 1e3, "wasm_bytes"),
            ("longest main-thread task (0: below 50 ms)", "ms", 1, "longest_task"),
        ):
            mine = statistics.median(getattr(one, key) for one in ours) / scale
            peer = statistics.median(getattr(one, key) for one in peers) / scale if peers else None
            yield Figure(site.title, "", name, unit, mine, peer)


def returns(browser: Browser, sites: list[Site]) -> Iterator[Figure]:
    for site in sites:
        later = visits.come_back_later(browser, site.folder)
        size = later.model_bytes / 1e3
        yield Figure(site.title, "", "visit with the file cache emptied, model", "kB", size)
        yield Figure(site.title, "", "works offline", "bool", later.works_offline)


def memories(browser: Browser, sites: list[Site]) -> Iterator[Figure]:
    for site in sites:
        before, after = memory.measure(browser, site.folder, site.model.side)
        name = f"after {memory.COUNT:,} predictions, "
        tensors = difference(before.tensors, after.tensors)
        yield Figure(site.title, "", name + "tensors more", "count", tensors)
        for place, early, late in (
            ("page's heap", before.page, after.page),
            ("worker's heap", before.worker, after.worker),
        ):
            more = difference(early, late)
            percent = None if more is None or not early else more / early * 100
            kilobytes = None if more is None else more / 1e3
            yield Figure(site.title, "", f"{name}{place} more", "%", percent)
            yield Figure(site.title, "", f"{name}{place} more", "kB", kilobytes)


def difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def predictions(browser: Browser, sites: list[Site], work: Path, runs: int) -> Iterator[Figure]:
    """The first MobileNetV2 page on WebAssembly, beside ONNX Runtime Web."""
    site = next((site for site in sites if site.model is MOBILENET), None)
    if not site:
        return
    onnx = None
    try:
        onnx = build_onnx(MOBILENET, work)
    except CommandError as error:
        print(f"skipped: ONNX Runtime Web: {error}", file=sys.stderr)
    isolated = build_ours(MOBILENET, MOBILENET.quantized[0], work, isolate=True)
    folders = {1: site.folder, 2: isolated}
    ours: dict[int, list[float]] = {1: [], 2: []}
    peers: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(runs):
        for threads in (1, 2):
            ours[threads].append(inference.ours(browser, folders[threads], MOBILENET, threads))
            if onnx:
                peers[threads].append(inference.onnx(browser, onnx, MOBILENET, threads))
    mine = {threads: statistics.median(times) for threads, times in ours.items()}
    theirs = {
        threads: statistics.median(times) if onnx else None for threads, times in peers.items()
    }
    yield Figure(
        site.title, "", "wasm prediction, 1 thread / ONNX Runtime Web", "ms", mine[1], theirs[1]
    )
    yield Figure(
        site.title, "", "wasm prediction, 2 threads / ONNX Runtime Web", "ms", mine[2], theirs[2]
    )
    one, two = theirs[1], theirs[2]
    speed_up = one / two if one and two else None
    yield Figure(site.title, "", "speed-up by the second thread", "x", mine[1] / mine[2], speed_up)


def median_seconds(milliseconds: list[float]) -> float:
    return statistics.median(milliseconds) / 1e3


def networks(browser: Browser, sites: list[Site], runs: int) -> Iterator[Figure]:
    for network in NETWORKS:
        yield from first_answers(browser, sites, network, runs)


PARTS = ("loads", "returns", "predictions", "memory", "networks")


def measure(
    models: Sequence[Model], parts: Sequence[str], work: Path, runs: int
) -> Iterator[Figure]:
    sites = make_sites(models, work)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        figures = {
            "loads": lambda: loads(browser, sites, runs),
            "returns": lambda: returns(browser, sites),
            "predictions": lambda: predictions(browser, sites, work, runs),
            "memory": lambda: memories(browser, sites),
            "networks": lambda: networks(browser, sites, runs),
        }
        for part in parts:
            yield from figures[part]()
        browser.close()


DIGITS = {"s": 2, "kB": 1, "ms": 1, "%": 1, "x": 2, "count": 0}


def show(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "bool":
        return "yes" if value else "no"
    return f"{value:.{DIGITS[unit]}f} {'' if unit == 'count' else unit}".strip()


def print_row(figure: Figure) -> None:
    ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
    cells = f"{show(figure.ours, figure.unit):>11}{show(figure.peer, figure.unit):>11}{ratio:>8}"
    print(f"{figure.page:25}{figure.network:20}{figure.name:50}{cells}", flush=True)


def warn_if_busy() -> None:
    """A second thread gains nothing where another program has its processor."""
    busy = os.getloadavg()[0]
    if busy > MOST_LOAD:
        print(f"other programs keep {busy:.1f} processors busy: quiet them first", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=MODELS, help="one of the models")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="of the figures")
    parser.add_argument("--keep", type=Path, help="a folder for models and peers, used again")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    options = parser.parse_args()
    models = [MODELS[options.only]] if options.only else list(MODELS.values())
    figures = []
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.keep or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        warn_if_busy()
        print(f"{'page':25}{'network':20}{'figure':50}{'ours':>11}{'peer':>11}{'ratio':>8}")
        for figure in measure(models, options.parts, work, options.runs):
            print_row(figure)
            figures.append({**asdict(figure), "ratio": figure.ratio})
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
