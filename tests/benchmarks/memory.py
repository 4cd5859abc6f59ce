"""How much memory a conversion takes, beside the official one: `python -m tests.benchmarks.memory`.

Peaks of resident memory of whole processes for a model of 100 MB, medians of several
runs, ours and the peer's in turn; and what is left without TensorFlow's own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.build import PEER, ROOT

MAKE_MODEL = """
import keras, sys
keras.utils.set_random_seed(0)
keras.applications.ResNet50(weights=None).save(sys.argv[1])
"""

# The requests of a build, and no other process than the one that converts.
OURS = """
import sys
from pathlib import Path
from bundler import plan
from bundler.demo import config
from bundler.demo import parts
from bundler.graph.answering import answer
from bundler.graph.converting import convert
from bundler.graph.session import Session
demo = config.read(Path(sys.argv[1]))
session = Session(demo, lambda text: None)
session.loaded
convert(session, Path(sys.argv[2]), [])
answer(session, [], None)
"""
# What the figures are beyond: without the packages that TensorFlow imports if they are there.
TENSORFLOW = "from bundler.ground import lean; lean.start_tensorflow()"


def peak(script: str, *arguments: Path) -> float:
    """The largest resident memory of a Python process, in MB."""
    environment = {
        **os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"the process failed: {script}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit / 1e6


def measure(runs: int, work: Path) -> tuple[float, float, float]:
    """Medians: TensorFlow alone, ours, the peer's."""
    model = work / "model.keras"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, model], check=True, capture_output=True)
    print(f"{'model':56}{model.stat().st_size / 1e6:>7.0f} MB")
    found: tuple[list[float], ...] = ([], [], [])
    for run in range(runs):
        ours, peers = work / f"ours-{run}", work / f"peer-{run}"
        ours.mkdir()
        found[0].append(peak(TENSORFLOW))
        found[1].append(peak(OURS, model, ours))
        found[2].append(peak(PEER, model, peers))
    alone, ours_, peers_ = map(statistics.median, found)
    return alone, ours_, peers_


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    with tempfile.TemporaryDirectory() as folder:
        alone, ours, peer = measure(parser.parse_args().runs, Path(folder))
    rows = [("TensorFlow alone", alone), ("conversion with answers", ours)]
    rows.append(("model.export + convert_tf_saved_model", peer))
    for name, value in rows:
        print(f"{name:56}{value:>7.0f} MB")
    print(f"{'ratio beyond TensorFlow (at most 0.5)':56}{(ours - alone) / (peer - alone):>7.2f}")


if __name__ == "__main__":
    main()
