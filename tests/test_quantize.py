"""Quantised weights: what they take, what they change, and what "auto" makes of that."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bundler.bundle import packages
from bundler.graph import quantize
from bundler.graph.changes import Change
from bundler.graph.codes import Code, Codes
from bundler.graph.quantize import Comparison, choose, noise
from bundler.graph.trial import MOST_SAMPLES
from bundler.ground import layout
from bundler.ground.errors import ParityError
from bundler.ground.texts import ENGLISH
from bundler.pipeline import Report, build, verify_site
from bundler.site import INDEX, read_manifest
from bundler.site.words import difference
from tests.models import keras, keras_model, layers, randomise, save

BYTES = {"none": 4, "float16": 2, "uint16": 2, "uint8": 1}
CODES = ("float16", "uint16", "uint8")
LABELS = ["a", "b", "c", "d", "e", "f"]
# Decodes all weights with TF.js's own code.
OFFICIAL = """
const { packages, folder } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const { readFileSync } = require('fs');
const { join } = require('path');
const load = require('module').createRequire(join(packages, 'package.json'));
const { io } = load('@tensorflow/tfjs-core');
load('@tensorflow/tfjs-backend-cpu');
const [group] = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')).weightsManifest;
const bytes = Buffer.concat(group.paths.map((path) => readFileSync(join(folder, path))));
const weights = io.decodeWeights(new Uint8Array(bytes).buffer, group.weights);
const rows = Object.entries(weights).map(([name, w]) => [name, w.dtype, [...w.dataSync()]]);
console.log(JSON.stringify(rows));
"""
# Decodes them with the page's own.
OURS = """
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
const { folder, module } = JSON.parse(readFileSync(0, 'utf8'));
const { readModel } = await import(module);
const read = async (name) => new Uint8Array(await readFile(`${folder}/${name}`));
const { weights } = await readModel(read);
console.log(JSON.stringify(weights.map(({ spec, data }) => [spec.name, spec.dtype, [...data]])));
"""


def make(folder: Path, mode: str) -> Path:
    """A demo of a small convolutional network, with an example, that quantises its weights."""
    folder.mkdir()
    save(keras_model("classifier"), folder / "model.keras")
    Image.new("RGB", (16, 16), (200, 10, 90)).save(folder / "red.png")
    (folder / "demo.toml").write_text(
        f'model = "model.keras"\n[[inputs]]\nrange = [0, 1]\n[[outputs]]\nwidget = "label"\n'
        f'labels = {LABELS}\n[build]\nquantize = "{mode}"\n[[examples]]\npicture = "red.png"\n'
    )
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Report]:
    """The network's site by the way it is quantised, built once."""
    folder = tmp_path_factory.mktemp("quantized")
    reports: dict[str, Report] = {}

    def get(mode: str) -> Report:
        if mode not in reports:
            reports[mode] = build(make(folder / mode, mode))
        return reports[mode]

    return get


def model_folder(report: Report) -> Path:
    files = read_manifest(report.folder)["engine_files"]
    return report.folder / Path(files["model.json"]).parent


def manifest(report: Report) -> list[Any]:
    model = json.loads((model_folder(report) / "model.json").read_text())
    (group,) = model["weightsManifest"]
    rows: list[Any] = group["weights"]
    return rows


def node(script: str, **request: Any) -> Any:
    arguments = ["--input-type=module"] if "await import" in script else []
    result = subprocess.run(
        [packages.node(), *arguments, "-e", script],
        input=json.dumps(request), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("mode", CODES)
def test_the_page_and_tfjs_read_the_same_weights(mode: str, built: Callable[[str], Report]) -> None:
    folder = model_folder(built(mode))
    official = node(OFFICIAL, packages=str(packages.folder()), folder=str(folder))
    module = (layout.templates() / "runtime" / "engine" / "model.js").resolve().as_uri()
    assert node(OURS, folder=str(folder), module=module) == official
    assert any(row.get("quantization", {}).get("dtype") == mode for row in manifest(built(mode)))


@pytest.mark.parametrize("mode", CODES)
def test_weights_shrink_and_the_rest_stays(mode: str, built: Callable[[str], Report]) -> None:
    rows = {row["name"]: row for row in manifest(built(mode))}
    plain = {row["name"]: row for row in manifest(built("none"))}
    assert rows.keys() == plain.keys()
    for name, row in rows.items():
        size = int(np.prod(row["shape"]))
        quantised = row["dtype"] == "float32" and size >= quantize.LEAST_ELEMENTS
        assert ("quantization" in row) == quantised, name
        assert {**row, "quantization": 0} == {**plain[name], "quantization": 0}
    saved = sum(int(np.prod(row["shape"])) for row in rows.values() if "quantization" in row)
    sizes = {m: sum(f.stat().st_size for f in shards(built(m))) for m in ("none", mode)}
    assert sizes["none"] - sizes[mode] == saved * (4 - BYTES[mode])


def shards(report: Report) -> list[Path]:
    return sorted(model_folder(report).glob("*.bin"))


@pytest.mark.parametrize("mode", [*CODES, "auto"])
def test_a_site_is_verified_with_its_own_weights(mode: str, built: Callable[[str], Report]) -> None:
    report = built(mode)
    assert report.parity and report.parity.largest_error < 1e-5
    assert verify_site(report.folder).largest_error < 1e-5
    (shard,) = shards(report)
    content = bytearray(shard.read_bytes())
    content[len(content) // 2 :] = content[: len(content) - len(content) // 2]
    facts = read_manifest(report.folder)
    damaged = report.folder.parent / f"damaged-{mode}"
    subprocess.run(["cp", "-r", report.folder, damaged], check=True)
    path = shard.relative_to(report.folder)
    (damaged / path).write_bytes(content)
    forge(damaged, str(path), facts)
    with pytest.raises(ParityError):
        verify_site(damaged)


def forge(site: Path, path: str, facts: dict[str, Any]) -> None:
    """Gives a changed file a right hash."""
    import hashlib

    from bundler.site import MANIFEST

    facts["files"][path] = hashlib.sha256((site / path).read_bytes()).hexdigest()
    (site / MANIFEST).write_text(json.dumps(facts))


def test_smaller_weights_change_more_and_the_report_and_the_page_say_how_much(
    built: Callable[[str], Report],
) -> None:
    changes = {}
    for mode in CODES:
        quantization = built(mode).quantization
        assert quantization
        (change,) = quantization.changes
        assert change.samples == 1 + MOST_SAMPLES and change.agreement is not None
        changes[mode] = change.error
        assert built(mode).to_json()["quantization"]["changes"][0]["error"] == change.error
        page = (built(mode).folder / INDEX).read_text()
        assert "What do smaller weights change?" in page
        assert difference(change.error, ENGLISH) in page
    assert 0 < changes["uint16"] < changes["float16"] < changes["uint8"]
    assert built("none").quantization is None
    assert "smaller weights" not in (built("none").folder / INDEX).read_text()


def test_auto_takes_the_smallest_that_holds(built: Callable[[str], Report]) -> None:
    auto, smallest = built("auto").quantization, built("uint8").quantization
    assert auto and smallest and smallest.changes[0].holds
    assert auto.weights == smallest.weights and auto.bytes == smallest.bytes


@pytest.mark.parametrize("mode", ["uint8", "auto"])
def test_answers_that_flip_are_told_or_not_allowed(mode: str, tmp_path: Path) -> None:
    """Two classes whose scores are as good as equal: any change flips them."""
    save(keras_model("undecided"), tmp_path / "model.keras")
    (tmp_path / "demo.toml").write_text(
        f'model = "model.keras"\n[[outputs]]\nwidget = "label"\nlabels = {LABELS[:2]}\n'
        f'[build]\nquantize = "{mode}"\n'
    )
    report = build(tmp_path)
    quantization = report.quantization
    assert quantization and not quantization.changes[0].holds
    (notice,) = [text for text in report.notices if "the same class in" in text]
    if mode == "auto":
        assert notice.startswith("Not quantised") and not quantization.saves
        assert not any("quantization" in row for row in manifest(report))
    else:
        assert "change the answers more" in notice and quantization.saves


generator = np.random.default_rng(1)
VALUES = {
    "normal": generator.normal(size=(50, 40)),
    "positive": generator.uniform(2, 3, (50, 40)),
    "negative": generator.uniform(-3, -2, (50, 40)),
    "equal": np.full((50, 40), 0.7),
    "zero": np.zeros((50, 40)),
    "mask": np.triu(np.full((50, 40), -1e9)),
    "tiny": generator.normal(size=(50, 40)) * 1e-30,
}


def test_models_with_lookup_tables_can_have_smaller_weights(tmp_path: Path) -> None:
    words = [f"word{index}" for index in range(200)]
    text = keras.Input((1,), dtype="string", name="text")
    ids = layers.TextVectorization(vocabulary=words, output_sequence_length=8)(text)
    mean = layers.GlobalAveragePooling1D()(layers.Embedding(210, 32)(ids))
    model = randomise(keras.Model(text, layers.Dense(2, activation="softmax")(mean)))
    save(model, tmp_path / "model.keras")
    (tmp_path / "demo.toml").write_text('model = "model.keras"\n[build]\nquantize = "uint8"\n')
    report = build(tmp_path, out=tmp_path / "site")
    assert report.parity
    assert report.parity.largest_error < 1e-6


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("name", VALUES)
def test_a_code_is_as_near_as_its_steps(name: str, dtype: str) -> None:
    value = VALUES[name].astype(np.float32)
    code = Code.of(value, dtype)
    back = code.approximate(value)
    assert back.dtype == np.float32 and back.shape == value.shape
    assert np.abs(back.astype(np.float64) - value).max() <= code.scale * 1.001
    # Around zero the steps go through it: what was nothing stays nothing.
    if value.min() <= 0 <= value.max():
        assert (back[value == 0] == 0).all()


def test_noise_looks_at_channels() -> None:
    """A channel that is a thousandth of the others has no values left in a byte."""
    even = generator.normal(size=(3, 3, 8, 16)).astype(np.float32)
    uneven = even * np.where(np.arange(16) < 8, 1e-3, 1).astype(np.float32)
    assert noise(even, Code.of(even, "uint8")) < 0.02
    assert noise(uneven, Code.of(uneven, "uint8")) > quantize.MOST_NOISE
    assert noise(uneven, Code.of(uneven, "uint16")) < quantize.MOST_NOISE
    assert noise(even * 1e6, Code.of(even, "float16")) == np.inf


def test_a_weight_that_suffers_stays_larger() -> None:
    even = generator.normal(size=(60, 40)).astype(np.float32)
    weights = {
        "even": even,
        "uneven": even * np.logspace(-4, 0, 40, dtype=np.float32),
        "wild": even * np.logspace(-9, 0, 40, dtype=np.float32),
        "small": even[:2],
        "whole": np.arange(5000, dtype=np.int32),
        "endless": np.full((60, 40), np.inf, np.float32),
        "huge": even * np.float32(1e6),
    }
    chosen = choose("uint8", weights, lambda *_: ())
    assert {name: code.dtype for name, code in chosen.codes.items()} == {
        "even": "uint8", "uneven": "uint16", "huge": "uint8",
    }  # fmt: skip
    assert "huge" not in choose("float16", weights, lambda *_: ()).codes


@pytest.mark.parametrize("quietest", [0, 1, 5, 13, 20])
def test_auto_takes_as_many_bytes_as_hold(quietest: int) -> None:
    """Weights of rising noise, of which so many may be stored in a byte."""
    weights = {}
    for index in range(20):
        value = generator.normal(size=(40, 40)).astype(np.float32)
        value[:, 0] *= 1 + index * 3
        weights[f"w{index}"] = value

    def measure(codes: Codes, stops: bool) -> tuple[Change, ...]:
        count = sum(code.dtype == "uint8" for code in codes.values())
        return (Change("y", 0.0 if count <= quietest else 1.0, 0.5, None, 1),)

    codes = choose("auto", weights, measure).codes
    small = {name for name, code in codes.items() if code.dtype == "uint8"}
    assert len(codes) == 20 and len(small) == quietest
    if quietest:
        assert "w0" in small and ("w19" in small) == (quietest == 20)


def test_auto_gives_up_where_two_bytes_are_too_few() -> None:
    weights = {"w": generator.normal(size=(40, 40)).astype(np.float32)}
    never = choose("auto", weights, lambda *_: (Change("y", 1.0, 0.5, None, 1),))
    assert never.codes == {} and not never.holds


SCORES = np.array([[0.6, 0.3, 0.1]], np.float32)


@pytest.mark.parametrize(
    ("before", "after", "is_scores", "error", "agreement", "holds"),
    [
        (SCORES, SCORES, True, 0.0, 1.0, True),
        (SCORES, SCORES - 0.03, True, 0.05, 1.0, True),
        (SCORES, SCORES - 0.06, True, 0.1, 1.0, False),
        (SCORES, SCORES[:, ::-1], True, 0.5 / 0.6, 0.0, False),
        (SCORES, SCORES * 1.03, False, 0.03, None, False),
        (SCORES, SCORES * np.nan, False, np.inf, None, False),
        (SCORES, SCORES[0], False, np.inf, None, False),
        (SCORES[:, :1], SCORES[:, :1] + 0.01, True, 0.01 / 0.6, None, True),
        (np.arange(1000), np.arange(1000) + (np.arange(1000) < 4), False, 0.004, None, True),
        (np.array([3]), np.array([4]), False, 1.0, None, False),
        (np.array(["a"], object), np.array(["b"], object), False, 1.0, None, False),
    ],
)
def test_what_a_change_is(
    before: Any, after: Any, is_scores: bool, error: float, agreement: float | None, holds: bool
) -> None:
    comparison = Comparison("y", [before], is_scores=is_scores)
    comparison.add(after)
    change = comparison.change
    assert change.error == pytest.approx(error, rel=1e-4) and change.agreement == agreement
    assert change.holds == holds
