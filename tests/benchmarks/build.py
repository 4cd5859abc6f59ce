"""How long builds take, beside the official converter: `python -m tests.benchmarks.build`.

Every figure is the median of several runs in fresh processes; ours and the peer's
take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]

MAKE_MODEL = """
import keras, numpy, sys
keras.utils.set_random_seed(0)
model = keras.applications.MobileNetV2(weights=None)
generator = numpy.random.default_rng(0)
for layer in model.layers:  # statistics as training leaves them, so that answers differ
    if isinstance(layer, keras.layers.BatchNormalization):
        size = layer.gamma.shape[0]
        layer.set_weights([generator.uniform(0.5, 1.5, size), generator.normal(0, 0.5, size),
                           generator.normal(0, 0.5, size), generator.uniform(0.5, 1.5, size)])
model.save(sys.argv[1])
"""

# What the tutorials show, as the peer's own command line does it.
PEER = """
import sys, keras
model = keras.saving.load_model(sys.argv[1], compile=False)
model.export(sys.argv[2] + "/saved_model", verbose=False)
from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model
convert_tf_saved_model(sys.argv[2] + "/saved_model", sys.argv[2] + "/web_model")
"""


def seconds(command: list[str], cache: Path) -> float:
    """Wall time of a process, which must succeed."""
    environment = {**os.environ, "TFJS_DEMO_CACHE": str(cache), "TF_CPP_MIN_LOG_LEVEL": "3"}
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin


def build_command(target: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "bundler.cli", "build", str(target), "--out", str(out)]


def median(runs: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(runs))


def forget_conversions(cache: Path) -> None:
    """Leaves the JavaScript packages, as an installed tool has them."""
    for folder in cache.iterdir():
        if folder.name != "packages":
            shutil.rmtree(folder)


def cold(runs: int, work: Path, cache: Path) -> tuple[float, float]:
    """Cold builds of MobileNetV2 224 and the peer's conversions of the same file."""
    model = work / "mobilenet.keras"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(model)], check=True, capture_output=True)
    ours, peers = [], []
    for run in range(runs):
        forget_conversions(cache)
        ours.append(seconds(build_command(model, work / "mobilenet"), cache))
        target = work / f"peer-{run}"
        peers.append(seconds([sys.executable, "-c", PEER, str(model), str(target)], cache))
    return statistics.median(ours), statistics.median(peers)


def warm(runs: int, work: Path, cache: Path) -> tuple[float, float]:
    """An unchanged build, and one in which only page.html.j2 changed."""
    tool = work / "tool"
    ignored = shutil.ignore_patterns(".git", "site", "node_modules", ".*_cache", "__pycache__")
    shutil.copytree(ROOT, tool, ignore=ignored)
    command = [*build_command(tool / "demos" / "digits", work / "digits"), "--json"]
    environment = {**os.environ, "TFJS_DEMO_CACHE": str(cache), "PYTHONPATH": str(tool)}

    def run() -> float:
        begin = time.perf_counter()
        result = subprocess.run(command, cwd=tool, env=environment, check=True, capture_output=True)
        elapsed = time.perf_counter() - begin
        started = json.loads(result.stdout)["tensorflow_started"]
        if started and warmed_up:
            raise RuntimeError("the build started TensorFlow")
        return elapsed

    def change_template_and_run() -> float:
        page = tool / "templates" / "page.html.j2"
        page.write_text(page.read_text() + "<!-- changed -->\n")
        return run()

    warmed_up = False
    run()
    warmed_up = True
    return median(runs, run), median(runs, change_template_and_run)


def script_bytes(work: Path, cache: Path) -> int:
    """Gzipped JavaScript that a visit of the wine page loads: its first backend's included."""
    seconds(build_command(ROOT / "demos" / "wine", work / "wine"), cache)
    loaded = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.loaded", str(work / "wine")],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return sum(size for path, size in json.loads(loaded.stdout).items() if path.endswith(".js"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        work, cache = Path(folder), Path(folder) / "cache"
        cache.mkdir()
        kilobytes = script_bytes(work, cache) / 1000
        unchanged, template = warm(runs, work, cache)
        ours, peer = cold(runs, work, cache)
    rows = [
        ("cold build, MobileNetV2 224", f"{ours:.1f} s"),
        ("model.export + convert_tf_saved_model", f"{peer:.1f} s"),
        ("ratio (at most 0.6)", f"{ours / peer:.2f}"),
        ("unchanged build, digits (at most 0.5 s)", f"{unchanged:.2f} s"),
        ("template-only rebuild, digits (at most 0.8 s)", f"{template:.2f} s"),
        ("JavaScript of the wine page, gzipped (at most 110 kB)", f"{kilobytes:.1f} kB"),
    ]
    for name, value in rows:
        print(f"{name:56}{value:>10}")


if __name__ == "__main__":
    main()
