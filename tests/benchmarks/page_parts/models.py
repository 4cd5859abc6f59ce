"""The models, and of each the pages that are compared: made once into a work folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.build import MAKE_MODEL, PEER, ROOT

HERE = Path(__file__).parent

MAKE_MLP = """
import keras, sys
keras.utils.set_random_seed(0)
layers = keras.layers
keras.Sequential([
    keras.Input((28, 28, 1)), layers.Flatten(),
    layers.Dense(128, activation="relu"), layers.Dense(10, activation="softmax"),
]).save(sys.argv[1])
"""

MAKE_PICTURE = """
import sys
import numpy as np
from PIL import Image
side, channels = int(sys.argv[2]), int(sys.argv[3])
rows, columns = np.mgrid[:side, :side] / side
waves = [np.sin(9 * rows * (n + 1)) * np.cos(7 * columns + n) for n in range(channels)]
pixels = np.uint8(np.stack(waves, -1) * 127 + 128)
Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(sys.argv[1])
"""

DEMO = """
model = "model.keras"
title = "Benchmark"

[[inputs]]
widget = "image"
size = [{side}, {side}]
range = [{low}, 1]

[[outputs]]
widget = "label"
labels = "labels.txt"
top = 3

[[examples]]
title = "Waves"
{input} = "example.png"

[build]
quantize = "{quantize}"
isolate = {isolate}
"""


class CommandError(Exception):
    """A program that makes a model, a page or a peer failed; the message says why."""


@dataclass(frozen=True)
class Model:
    """A Keras model, what its example picture is like, and how our pages store its weights."""

    name: str
    title: str
    script: str
    input: str
    side: int
    channels: int
    low: int
    classes: int
    quantized: tuple[str, ...]


MLP = Model("mlp", "MLP 28 × 28", MAKE_MLP, "input_layer", 28, 1, 0, 10, ("none", "auto"))
MOBILENET = Model(
    "mobilenet", "MobileNetV2 224", MAKE_MODEL, "input_layer", 224, 3, -1, 1000,
    ("float16", "uint8"),
)  # fmt: skip


def make_source(model: Model, work: Path) -> Path:
    """The folder with the model, its example picture and labels."""
    folder = work / model.name
    if not (folder / "labels.txt").exists():
        folder.mkdir(parents=True, exist_ok=True)
        picture = map(str, (folder / "example.png", model.side, model.channels))
        _run([sys.executable, "-c", model.script, str(folder / "model.keras")])
        _run([sys.executable, "-c", MAKE_PICTURE, *picture])
        labels = "".join(f"Class {number}\n" for number in range(model.classes))
        (folder / "labels.txt").write_text(labels)
    return folder


def build_ours(model: Model, quantize: str, work: Path, *, isolate: bool = False) -> Path:
    """Our site, with several threads if isolated; always built anew, as it is what changes."""
    source = make_source(model, work)
    name = quantize + ("-isolated" if isolate else "")
    toml = source / f"{name}.toml"
    options = {"quantize": quantize, "isolate": str(isolate).lower()}
    toml.write_text(DEMO.format(side=model.side, low=model.low, input=model.input, **options))
    site = work / f"{model.name}-{name}"
    shutil.rmtree(site, ignore_errors=True)
    _run([sys.executable, "-m", "bundler.cli", "build", str(toml), "--out", str(site)])
    return site


def build_tutorial(model: Model, work: Path) -> Path:
    """The page that tutorials show: the converter's float32 model and tf.min.js."""
    site = work / f"{model.name}-tutorial"
    script = npm_package(work, "@tensorflow/tfjs") / "dist" / "tf.min.js"
    if not (site / "web_model" / "model.json").exists():
        source = make_source(model, work)
        site.mkdir(exist_ok=True)
        _run([sys.executable, "-c", PEER, str(source / "model.keras"), str(site)])
        shutil.copy(source / "example.png", site)
    shutil.copy(script, site)
    page = (HERE / "tutorial.html").read_text(encoding="utf-8")
    for key in ("side", "channels", "low"):
        page = page.replace("{" + key + "}", str(getattr(model, key)))
    (site / "index.html").write_text(page, encoding="utf-8")
    return site


def build_onnx(model: Model, work: Path) -> Path:
    """A page that runs the same model with ONNX Runtime Web."""
    site = work / f"{model.name}-onnx"
    site.mkdir(exist_ok=True)
    runtime = npm_package(work, "onnxruntime-web") / "dist"
    for pattern in (
        "ort.wasm.min.mjs",
        "ort-wasm-simd-threaded.mjs",
        "ort-wasm-simd-threaded.wasm",
    ):
        shutil.copy(runtime / pattern, site)
    if not (site / "model.onnx").exists():
        _convert_to_onnx(build_tutorial(model, work) / "saved_model", site / "model.onnx", work)
    shutil.copy(HERE / "onnx.html", site / "index.html")
    shutil.copy(HERE / "onnx.js", site)
    return site


def npm_package(work: Path, name: str) -> Path:
    """The folder of an installed npm package of peers.json."""
    folder = work / "npm"
    wanted = (HERE / "peers.json").read_text(encoding="utf-8")
    package = folder / "package.json"
    if not package.exists() or package.read_text(encoding="utf-8") != wanted:
        folder.mkdir(exist_ok=True)
        package.write_text(wanted, encoding="utf-8")
        flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            _run(["npm", "install", *flags], folder)
        except CommandError:
            package.unlink()
            raise
    return folder / "node_modules" / name


def _convert_to_onnx(saved_model: Path, target: Path, work: Path) -> None:
    """tf2onnx, with the TensorFlow that is there: newer onnx wants a newer protobuf than it."""
    packages = work / "onnx-packages"
    if not packages.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        _run([*command, str(packages), "tf2onnx==1.17.0", "onnx<1.20"])
    convert = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(saved_model)]
    _run([*convert, "--output", str(target), "--opset", "17"], path=packages)


def _run(command: list[str], folder: Path = ROOT, path: Path | None = None) -> None:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if path:
        environment["PYTHONPATH"] = str(path)
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True
        )
    except OSError as error:
        raise CommandError(f"{command[0]} could not be started: {error}") from error
    if result.returncode:
        reason = (result.stderr.strip() or result.stdout.strip())[-600:]
        raise CommandError(f"{' '.join(command[:4])[:80]} failed: {reason}")
