"""Plain tensorflowjs on the same cases: `model.export`, `convert_tf_saved_model`, `loadGraphModel`.

That is the better of the two ways that its documentation shows; a file that needs no export goes
to the converter as it is. Run as a script, it is the process that converts:

    {"file", "library", "custom", "inputs", "folder"} -> {"feeds", "expected"}

tensors as bundler/ground/tensors.py writes them; a graph model lies in the folder then.
"""

from __future__ import annotations

import json
import os
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bundler.bundle import packages
from bundler.graph import Case
from bundler.ground import cache
from bundler.ground.tensors import Tensor, Tensors, tensors_from_json, tensors_to_json
from bundler.proof.verify import error_of
from tests.sweep.cases.case import SEED
from tests.sweep.making import CASES
from tests.sweep.results import Outcome
from tests.sweep.service import Service, ServiceError, serve

PREFIX = "tensorflowjs-"
PLACES = (PREFIX + "cpu", PREFIX + "wasm")
SCRIPT = Path(__file__).parent / "peer.mjs"
SECONDS = 120


class Peer:
    """Converts a case's file once, and runs it on the backends."""

    def __init__(self, work: Path) -> None:
        self._folder = work / "peer" / str(os.getpid())
        self._service = Service("tests.sweep.peer")
        self._converted: tuple[Path, dict[str, Any]] | None = None

    def key(self, target: Path) -> str:
        """The hash of all that the outcome hangs on."""
        code = cache.digest_files([target, Path(__file__), SCRIPT])
        return cache.digest(code, version("tensorflowjs"), packages.lock_hash())

    def run(
        self, case: dict[str, Any], target: Path, sample: Case, place: str, tolerance: float
    ) -> Outcome | None:
        """What plain TF.js answers; None for files that are TF.js's already."""
        if (target / "model.json").exists():
            return None
        key = self.key(target)
        try:
            facts = self._convert(case, target, sample)
        except ServiceError as error:
            return Outcome("failed", key, None, str(error), "convert")
        request = {
            "packages": str(packages.folder()),
            "folder": str(self._folder / "web"),
            "backend": place.removeprefix(PREFIX),
            "feeds": facts["feeds"],
        }
        answer = _run_node(request)
        if "error" in answer:
            return Outcome("failed", key, None, answer["error"])
        found = [Tensor.from_json(item) for item in answer["results"]]
        worst = _worst([Tensor.from_json(item) for item in facts["expected"]], found)
        if worst <= tolerance:
            return Outcome("right", key, worst)
        return Outcome("wrong", key, worst, f"error {worst:.2g}")

    def close(self) -> None:
        self._service.close()

    def _convert(self, case: dict[str, Any], target: Path, sample: Case) -> dict[str, Any]:
        if self._converted is None or self._converted[0] != target:
            self._converted = None
            custom = case["demo"].get("custom_objects")
            is_keras_2 = "keras_2" in case["name"] or case["group"].startswith("tf_keras")
            facts = self._service.ask(
                file=str(target),
                library="tf_keras" if is_keras_2 else "keras",
                custom=str(CASES / custom) if custom else "",
                inputs=tensors_to_json(sample.inputs),
                folder=str(self._folder),
            )
            self._converted = (target, facts)
        return self._converted[1]


def _run_node(request: dict[str, Any]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [packages.node(), str(SCRIPT)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {SECONDS} s"}
    answer: dict[str, Any] = json.loads(done.stdout or "{}")
    return answer or {"error": done.stderr.strip()[-200:]}


def _worst(expected: list[Tensor], found: list[Tensor]) -> float:
    """The largest error of the outputs; in whatever order they came, the likeliest match counts."""
    waiting, worst = list(found), 0.0
    for wanted in expected:
        if not waiting:
            return float("inf")
        errors = [error_of(wanted, got) for got in waiting]
        best = errors.index(min(errors))
        worst = max(worst, errors[best])
        del waiting[best]
    return worst


def _answer(request: dict[str, Any]) -> Any:
    import shutil

    file, folder = Path(request["file"]), Path(request["folder"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    inputs = tensors_from_json(request["inputs"])
    if file.suffix == ".pb":
        feeds, expected = _convert_frozen(file, folder / "web", inputs)
    else:
        saved = file if (file / "saved_model.pb").exists() else folder / "saved"
        if saved != file:
            _export(file, saved, request)
        feeds, expected = _convert_saved_model(saved, folder / "web", inputs)
    return {
        "feeds": tensors_to_json(feeds),
        "expected": [Tensor.from_numpy(item.numpy()).to_json() for item in expected],
    }


def _export(file: Path, saved: Path, request: dict[str, Any]) -> None:
    import importlib

    import keras

    library = importlib.import_module(request["library"])
    for one in (keras, library):
        one.backend.clear_session()
        one.utils.set_random_seed(SEED)
    model = _load(file, library, _objects(request["custom"]))
    model.export(str(saved), **({"verbose": False} if library is keras else {}))


def _load(file: Path, library: Any, objects: dict[str, Any]) -> Any:
    if file.is_dir():
        model = library.models.model_from_json(next(file.glob("*.json")).read_text())
        model.load_weights(str(next(file.glob("*.h5"))))
        return model
    return library.models.load_model(file, custom_objects=objects, compile=False, safe_mode=False)


def _objects(path: str) -> dict[str, Any]:
    import runpy

    values = runpy.run_path(path) if path else {}
    return {name: value for name, value in values.items() if callable(value)}


def _convert_saved_model(path: Path, out: Path, inputs: Tensors) -> tuple[Tensors, list[Any]]:
    """What the signature is fed, and what Python answers to it."""
    import tensorflow as tf
    from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_saved_model

    restored = tf.saved_model.load(str(path))
    names = list(restored.signatures)
    chosen = "serving_default" if "serving_default" in names else names[0]
    function = restored.signatures[chosen]
    specs = function.structured_input_signature[1]
    fed = {
        name: tf.cast(_fitting(inputs, name, at, spec.shape), spec.dtype)
        for at, (name, spec) in enumerate(specs.items())
    }
    expected = list(function(**fed).values())
    convert_tf_saved_model(str(path), str(out), signature_def=chosen)
    return {name: Tensor.from_numpy(value.numpy()) for name, value in fed.items()}, expected


def _convert_frozen(path: Path, out: Path, inputs: Tensors) -> tuple[Tensors, list[Any]]:
    """The same for a graph without a signature: from its placeholders to its last nodes."""
    import tensorflow as tf
    from tensorflowjs.converters.tf_saved_model_conversion_v2 import (
        convert_tf_frozen_model,
    )

    graph = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    used = {name.split(":")[0].lstrip("^") for node in graph.node for name in node.input}
    last = [node.name for node in graph.node if node.name not in used and node.op != "Placeholder"]
    with tf.Graph().as_default() as whole, tf.compat.v1.Session() as session:
        tf.graph_util.import_graph_def(graph, name="")
        fed = {
            name: session.run(tf.cast(_fitting(inputs, name, at, tensor.shape), tensor.dtype))
            for at, name in enumerate(inputs)
            if (tensor := whole.get_tensor_by_name(f"{name}:0")) is not None
        }
        feeds = {f"{name}:0": value for name, value in fed.items()}
        answers = session.run([f"{name}:0" for name in last], feeds)
    convert_tf_frozen_model(str(path), ",".join(last), str(out))
    named = {name: Tensor.from_numpy(value) for name, value in fed.items()}
    return named, [tf.constant(answer) for answer in answers]


def _fitting(inputs: Tensors, name: str, at: int, shape: Any) -> Any:
    """The value for an input, by name or else by place, repeated where the sizes are others.

    Our own graphs take pictures of any size.
    """
    import numpy as np

    value = (inputs.get(name) or list(inputs.values())[at]).to_numpy()
    if shape.rank is None or shape.is_compatible_with(value.shape):
        return value
    return np.resize(value, [size or 1 for size in shape.as_list()])


if __name__ == "__main__":
    serve(_answer)
