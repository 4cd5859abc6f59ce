"""MobileNetV2 on WebAssembly: our page beside ONNX Runtime Web, with one thread and with two."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks.page_parts.host import serve
from tests.benchmarks.page_parts.models import Model
from tests.benchmarks.page_parts.visits import evaluate, fresh_context, open_answered

WARM_UP = 5
COUNT = 30


def ours(browser: Browser, site: Path, model: Model, threads: int) -> float:
    """Median milliseconds of a prediction, as the worker counts them."""
    with serve(site, isolated=threads > 1) as host, fresh_context(browser) as context:
        page = open_answered(context, f"{host.url}?backend=wasm")
        found = evaluate(page, "tfjsDemoEarly.threads")
        if found != threads:
            raise RuntimeError(f"our page took {found} threads, not {threads}")
        evaluate(page, f"benchmark.predict({WARM_UP + COUNT}, {model.side})")
        times = evaluate(page, f"tfjsDemo.timings.predictions.slice(-{COUNT})")
        return float(statistics.median(times))


def onnx(browser: Browser, site: Path, model: Model, threads: int) -> float:
    """The same of ONNX Runtime Web in a worker."""
    options = {
        "threads": threads, "side": model.side, "channels": model.channels,
        "warmup": WARM_UP, "count": COUNT,
    }  # fmt: skip
    with serve(site, isolated=threads > 1) as host, fresh_context(browser) as context:
        page = context.new_page()
        page.goto(host.url)
        answer = evaluate(page, f"measure({json.dumps(options)})")
        if answer["threads"] != threads:
            raise RuntimeError(f"ONNX Runtime Web took {answer['threads']} threads, not {threads}")
        return float(statistics.median(answer["times"]))
