"""Many small graphs through the conversion's rewrites and real TF.js, some at a time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bundler.bundle import packages, runtime
from bundler.graph import freeze, lowerings, passes, write
from bundler.graph.freeze import Frozen
from bundler.ground import layout
from bundler.ground.tensors import Tensor, TensorSpec, tensors_from_json, tensors_to_json
from tests.models import tf

Array = npt.NDArray[Any]
TOLERANCE = 1e-4
# Cases to a graph: Grappler and Node start slowly, but TF.js goes through all of a graph for each.
CASES_TO_A_GRAPH = 15


@dataclass(frozen=True)
class Case:
    """A function of tensors, and inputs, whose first dimension is free."""

    function: Callable[..., Any]
    inputs: tuple[Array, ...]

    @property
    def specs(self) -> list[Any]:
        return [
            tf.TensorSpec((None, *array.shape[1:]) if array.ndim else (), array.dtype)
            for array in self.inputs
        ]

    def call(self, inputs: list[Any]) -> list[Any]:
        results = self.function(*inputs)
        results = list(results) if isinstance(results, list | tuple) else [results]
        return [tf.identity(result) for result in results]


@dataclass
class Rewritten:
    """Many cases in one graph, as a build rewrites it, and TensorFlow's answers before.

    Inputs and outputs of a case are called by its name and a number.
    """

    cases: dict[str, Case]
    frozen: Frozen
    inputs: dict[str, Array]
    expected: dict[str, list[Array]]

    def run(self, names: list[str]) -> dict[str, list[Array]]:
        """TensorFlow's answers after the rewrites."""
        return run(self.frozen, self.inputs, self.expected, names)


def rewrite_all(cases: dict[str, Case]) -> list[Rewritten]:
    """What a build makes of the cases, in as few graphs as are quick."""
    rows = list(cases.items())
    starts = range(0, len(rows), CASES_TO_A_GRAPH)
    return [rewrite(dict(rows[start : start + CASES_TO_A_GRAPH])) for start in starts]


def rewrite(cases: dict[str, Case]) -> Rewritten:
    """What a build makes of the cases in one graph."""
    counts: dict[str, int] = {}

    def call(*inputs: Any) -> list[Any]:
        waiting, results = list(inputs), []
        for name, case in cases.items():
            own, waiting = waiting[: len(case.inputs)], waiting[len(case.inputs) :]
            answers = case.call(own)
            counts[name] = len(answers)
            results += answers
        return results

    specs = [spec for case in cases.values() for spec in case.specs]
    function = tf.function(call, autograph=False).get_concrete_function(*specs)
    frozen = freeze.freeze(function)
    arrays = [array for case in cases.values() for array in case.inputs]
    shapes = {name: [np.zeros(0)] * count for name, count in counts.items()}
    inputs = dict(zip(frozen.inputs, arrays, strict=True))
    expected = run(frozen, inputs, shapes, list(cases))
    rewritten = passes.run_all(freeze.optimise(lowerings.run(frozen)))
    return Rewritten(cases, rewritten, inputs, expected)


def run(
    frozen: Frozen,
    inputs: dict[str, Array],
    shapes: dict[str, list[Array]],
    names: list[str],
) -> dict[str, list[Array]]:
    """TensorFlow's answers to some cases; `shapes` has one item for each output of every case."""
    for node in frozen.graph.node:
        if node.op.startswith("_Fused"):  # TF.js does without this attribute, TensorFlow does not
            node.attr["TArgs"].list.type[:] = [tf.float32.as_datatype_enum]
    # As it is, without TensorFlow's own rewrites.
    config = tf.compat.v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    places = iter(frozen.outputs)
    all_fetches = {name: [f"{next(places)}:0" for _ in own] for name, own in shapes.items()}
    fetches = {name: all_fetches[name] for name in names}
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(frozen.graph, name="")
        with tf.compat.v1.Session(graph=graph, config=config) as session:
            feeds = {f"{name}:0": value for name, value in {**inputs, **frozen.weights}.items()}
            answers: dict[str, list[Array]] = session.run(fetches, feeds)
    return answers


def ops_of(graph: Any) -> set[str]:
    functions = [function.node_def for function in graph.library.function]
    return {node.op for nodes in [graph.node, *functions] for node in nodes}


def run_tfjs(made: list[Rewritten], folder: Path, backend: str) -> dict[str, list[Tensor] | str]:
    """TF.js's answers to every case, or its errors."""
    engine = bundle(set().union(*(ops_of(one.frozen.graph) for one in made)), backend, folder)
    requests = [
        request for at, one in enumerate(made) for request in _requests(one, folder / str(at))
    ]
    results = _run_in_node(requests, engine, backend)
    return {
        name: result["error"]
        if isinstance(result.get("error"), str)
        else list(tensors_from_json(result).values())
        for name, result in zip((n for one in made for n in one.cases), results, strict=True)
    }


def _requests(made: Rewritten, folder: Path) -> list[dict[str, Any]]:
    """What TF.js is asked for each case of a graph, which is written to a folder."""
    folder.mkdir()
    requests, specs, outputs = [], [], []
    arrays = iter(made.inputs.values())
    for name, case in made.cases.items():
        feeds = {f"{name}/{at}": Tensor.from_numpy(next(arrays)) for at in range(len(case.inputs))}
        answers = {f"{name}/{at}": one for at, one in enumerate(made.expected[name])}
        specs += [_spec(key, value.to_numpy()) for key, value in feeds.items()]
        outputs += [_spec(key, value) for key, value in answers.items()]
        asked = {"inputs": tensors_to_json(feeds), "outputs": list(answers)}
        requests.append({"folder": str(folder), **asked})
    copy = type(made.frozen.graph)()
    copy.CopyFrom(made.frozen.graph)
    write.write(folder, replace(made.frozen, graph=copy), specs, outputs)
    return requests


def _run_in_node(requests: list[dict[str, Any]], engine: Path, backend: str) -> list[Any]:
    """The results in one process, or as many as break."""
    request = {
        "engine": str(engine),
        "backend": backend,
        "wasm": {name: str(path) for name, path in runtime.wasm_binaries().items()},
    }
    script = Path(__file__).parent / "run_graphs.mjs"
    results: list[Any] = []
    while len(results) < len(requests):
        result = subprocess.run(
            [packages.node(), str(script)],
            input=json.dumps({**request, "cases": requests[len(results) :]}),
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr[-2000:]
        found = json.loads(result.stdout)
        # A kernel that wrote outside of its memory breaks what comes after it.
        broken = [at for at, one in enumerate(found) if "out of bounds" in str(one.get("error"))]
        results += found[: max(1, broken[0])] if broken else found
    return results


def wrong_in_tfjs(made: list[Rewritten], folder: Path, backend: str) -> dict[str, str]:
    """What TF.js answers otherwise than TensorFlow, with the errors."""
    wrong = {}
    expected = {name: answers for one in made for name, answers in one.expected.items()}
    for name, answer in run_tfjs(made, folder, backend).items():
        if isinstance(answer, str):
            wrong[name] = answer
            continue
        errors = [error(one, got) for one, got in zip(expected[name], answer, strict=True)]
        if not max(errors) <= TOLERANCE:
            wrong[name] = str(errors)
    return wrong


def bundle(ops: set[str], backend: str, folder: Path) -> Path:
    """The engine with all these ops; one that TF.js lacks fails when a graph needs it."""
    folder.mkdir(parents=True, exist_ok=True)
    request = {
        "kind": "engine",
        "packages": str(packages.folder()),
        "outdir": str(folder),
        "templates": str(layout.templates()),
        "entries": runtime.worker_entries((backend,)),
        "ops": sorted(ops),
        "wrongKernels": json.loads(runtime.WRONG_KERNELS.read_text()),
    }
    facts = json.loads(packages.run_script("bundle.mjs", request))
    return folder / str(facts["entries"][backend])


def error(expected: Array, got: Tensor) -> float:
    """The error as verification counts it, over the output's largest magnitude."""
    from bundler.proof.verify import error_of

    return error_of(Tensor.from_numpy(expected), got)


def _spec(name: str, array: Array) -> TensorSpec:
    tensor = Tensor.from_numpy(array)
    return TensorSpec(name, tensor.dtype, tuple(None for _ in array.shape))


def floats(*shape: int, seed: int = 0, low: float = -2.0, high: float = 2.0) -> Array:
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


def integers(*shape: int, seed: int = 0, low: int = -9, high: int = 10) -> Array:
    return np.random.default_rng(seed).integers(low, high, shape).astype(np.int32)
