"""Converted models: the same answers in TF.js, fewer ops, and a format that TF.js itself reads."""

from __future__ import annotations

import json
import subprocess
import warnings
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.bundle import packages
from bundler.graph import Case
from bundler.proof import golden
from bundler.site import read_manifest
from tests.command import Result, run
from tests.models import ACTIVATIONS, FUSED, convolutions, mixed, save

TOLERANCE = 1e-5
MOST_SHARD_BYTES = 4 * 1024 * 1024
MODELS: dict[str, Callable[[], Any]] = {"convolutions": convolutions, "mixed": mixed}
OPS = {"conv": "_FusedConv2D", "depthwise": "FusedDepthwiseConv2dNative", "dense": "_FusedMatMul"}
BYTES = {"float32": 4, "int32": 4, "bool": 1}

# Reads a model with TF.js's own reader and predicts by the names of the signature.
OFFICIAL = """
const { packages, folder, cases } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const { readFileSync } = require('fs');
const { join } = require('path');
const load = require('module').createRequire(join(packages, 'package.json'));
const tf = load('@tensorflow/tfjs-core');
load('@tensorflow/tfjs-backend-cpu');
const { loadGraphModel } = load('@tensorflow/tfjs-converter');
const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const handler = { load: () => tf.io.getModelArtifactsForJSON(json, async (manifest) => {
  const paths = manifest.flatMap((group) => group.paths);
  const bytes = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
  return [manifest.flatMap(({ weights }) => weights), new Uint8Array(bytes).buffer];
}) };
(async () => {
  const model = await loadGraphModel(handler);
  const names = Object.keys(json.signature.outputs);
  const answers = [];
  for (const inputs of cases) {
    const feeds = {};
    for (const [name, { data, shape, dtype }] of Object.entries(inputs)) {
      feeds[name] = tf.tensor(data, shape, dtype);
    }
    const outputs = names.map((name) => json.signature.outputs[name].name);
    const results = await model.executeAsync(feeds, outputs);
    const values = names.map((name, index) => [name, Array.from(results[index].dataSync())]);
    answers.push(Object.fromEntries(values));
  }
  console.log(JSON.stringify(answers));
})();
"""


@dataclass(frozen=True)
class Converted:
    """A model, what the build said of it, and its site."""

    keras: Any
    result: Result
    site: Path

    @property
    def report(self) -> Any:
        assert self.result.returncode == 0, self.result.stderr
        return json.loads(self.result.stdout)

    @property
    def folder(self) -> Path:
        return self.site / Path(read_manifest(self.site)["engine_files"]["model.json"]).parent

    @property
    def model(self) -> Any:
        return json.loads((self.folder / "model.json").read_text())

    @property
    def nodes(self) -> list[Any]:
        nodes: list[Any] = self.model["modelTopology"]["node"]
        return nodes

    @property
    def cases(self) -> list[Case]:
        path = self.site / read_manifest(self.site)["golden"]
        return golden.load(path, self.site)[0]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Converted]:
    """All of MODELS, built with raw tensors as inputs, two at a time."""
    base = tmp_path_factory.mktemp("graphs")
    models = {name: make() for name, make in MODELS.items()}

    def build(name: str) -> Result:
        save(models[name], base / name / "model.keras")
        inputs = [
            f'[[inputs]]\nname = "{item.name}"\nwidget = "json"' for item in models[name].inputs
        ]
        text = f'model = "model.keras"\n[build]\ntolerance = {TOLERANCE}\n'
        (base / name / "demo.toml").write_text(text + "\n".join(inputs))
        return run("build", base / name, "--json")

    for name in MODELS:
        (base / name).mkdir()
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(MODELS, pool.map(build, MODELS), strict=True))
    return {name: Converted(models[name], results[name], base / name / "site") for name in MODELS}


@pytest.fixture(params=MODELS)
def one(request: pytest.FixtureRequest, converted: dict[str, Converted]) -> Converted:
    return converted[request.param]


def test_every_answer_is_that_of_python(one: Converted) -> None:
    rows = one.report["parity"]["rows"]
    assert {(row["output"], row["backend"]) for row in rows} == {
        (name, backend) for name in one.keras.output for backend in ("cpu", "wasm")
    }
    assert all(row["error"] <= TOLERANCE and row["samples"] >= 3 for row in rows)


def test_pythons_answers_are_those_of_keras(one: Converted) -> None:
    """By name: predict() gets a dictionary, and gives one."""
    assert one.report
    for case in one.cases:
        feeds = {name: tensor.to_numpy() for name, tensor in case.inputs.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            expected = one.keras.predict(feeds, verbose=0)
        assert expected.keys() == case.outputs.keys()
        for name, values in expected.items():
            answer = case.outputs[name]
            assert answer.shape == values.shape, name
            np.testing.assert_allclose(
                answer.to_numpy().astype("float64"), values, rtol=1e-5, atol=1e-5, err_msg=name
            )


def test_samples_tell_inputs_of_one_shape_apart(converted: dict[str, Converted]) -> None:
    assert converted["mixed"].report
    # The last is what the page starts with.
    for case in converted["mixed"].cases[:-1]:
        assert case.inputs["zebra"].shape == case.inputs["apple"].shape
        first, second = case.inputs["zebra"].to_numpy(), case.inputs["apple"].to_numpy()
        assert not np.allclose(first - 2 * second, second - 2 * first)
        np.testing.assert_allclose(case.outputs["minus"].to_numpy(), first - 2 * second, rtol=1e-5)


def decode(texts: list[str]) -> list[str]:
    """The texts of an attribute, which JSON holds as base64."""
    return [b64decode(text).decode() for text in texts]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", FUSED)
def test_bias_normalization_and_activation_are_one_op(
    kind: str, activation: str, converted: dict[str, Converted]
) -> None:
    conversion = converted["convolutions"]
    assert conversion.report
    by_name = {node["name"]: node for node in conversion.nodes}
    signature = conversion.model["signature"]["outputs"]
    node = by_name[signature[f"{kind}_{activation}"]["name"].split(":")[0]]
    while node["op"] in ("Identity", "Reshape"):
        node = by_name[node["input"][0].split(":")[0]]
    assert node["op"] == OPS[kind]
    assert [text.lower() for text in decode(node["attr"]["fused_ops"]["list"]["s"])] == [
        "biasadd",
        activation,
    ]
    source = by_name[node["input"][0].split(":")[0]]["op"]
    assert source == "Placeholder"
    assert [by_name[name]["op"] for name in node["input"][1:]] == ["Const", "Const"]


def test_what_cannot_be_folded_is_kept(converted: dict[str, Converted]) -> None:
    assert converted["convolutions"].report
    ops = Counter(node["op"] for node in converted["convolutions"].nodes)
    # Before a layer, along another axis, of a result that is used twice or is an output.
    assert ops["Mul"] >= 3 and ops["AddV2"] >= 3
    # After a dilated, a transposed and a shared convolution.
    assert ops["Relu"] <= 3 and not {"Relu6", "Elu"} & ops.keys()


def test_the_signature_has_the_models_own_names(one: Converted) -> None:
    assert one.report
    signature = one.model["signature"]
    assert set(signature["inputs"]) == {tensor.name for tensor in one.keras.inputs}
    assert set(signature["outputs"]) == set(one.keras.output)
    names = {node["name"] for node in one.nodes}
    for entry in (*signature["inputs"].values(), *signature["outputs"].values()):
        assert entry["name"].removesuffix(":0") in names
        assert entry["dtype"] in ("DT_FLOAT", "DT_INT32", "DT_BOOL", "DT_STRING")
        assert all(isinstance(dim["size"], str) for dim in entry["tensorShape"]["dim"])


def test_the_shards_hold_the_weights_and_nothing_else(one: Converted) -> None:
    assert one.report
    constants = {node["name"] for node in one.nodes if node["op"] == "Const"}
    for group in one.model["weightsManifest"]:
        sizes = [(one.folder / path).stat().st_size for path in group["paths"]]
        assert max(sizes) <= MOST_SHARD_BYTES
        wanted = sum(int(np.prod(w["shape"])) * BYTES[w["dtype"]] for w in group["weights"])
        assert sum(sizes) == wanted
        assert {weight["name"] for weight in group["weights"]} == constants
    on_disk = {file.name for file in one.folder.iterdir()}
    assert on_disk == {"model.json", *one.model["weightsManifest"][0]["paths"]}


def test_large_weights_are_cut(converted: dict[str, Converted]) -> None:
    assert converted["mixed"].report
    assert len(converted["mixed"].model["weightsManifest"][0]["paths"]) >= 2


def test_tfjs_itself_reads_and_answers(one: Converted) -> None:
    assert one.report
    cases = [
        {
            name: {"data": t.values, "shape": t.shape, "dtype": t.dtype}
            for name, t in case.inputs.items()
        }
        for case in one.cases
    ]
    request = {"packages": str(packages.folder()), "folder": str(one.folder), "cases": cases}
    result = subprocess.run(
        [packages.node(), "--eval", OFFICIAL],
        input=json.dumps(request),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    answers = json.loads(result.stdout.splitlines()[-1])
    for case, answer in zip(one.cases, answers, strict=True):
        for name, tensor in case.outputs.items():
            np.testing.assert_allclose(
                tensor.flat().astype("float64"), answer[name], rtol=1e-4, atol=1e-4, err_msg=name
            )
