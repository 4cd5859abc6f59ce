"""From a trained model to a TF.js graph with its feeds and heads: the conversion, cached."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache as memoize
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bundler.demo.demo import Demo
from bundler.formats.signature import Signature
from bundler.formats.source import Source
from bundler.graph.changes import Moved, Quantization, Range
from bundler.graph.noise import Noise
from bundler.graph.process import TensorFlowProcess
from bundler.ground import cache
from bundler.ground.tensors import Tensors, TensorSpec, tensors_from_json, tensors_to_json
from bundler.plan import Plan

__all__ = [
    "Answers",
    "Case",
    "Moved",
    "TensorFlowProcess",
    "WebModel",
    "answers",
    "answers_otherwise",
    "convert",
    "inspect",
]

# Values of settings' keys, by input.
Keys = dict[str, dict[str, Any]]
SOURCES = ["graph", "feeds", "heads", "formats", "plan", "ground/tensors.py"]


@dataclass(frozen=True)
class Case:
    """Inputs, and what Python answers to them.

    By output, `own_errors` say how far Python is from itself in more digits, over the answer's
    largest magnitude; `allowed` is the error that is allowed here, where it is more than the
    tolerance.
    """

    inputs: Tensors
    outputs: Tensors
    own_errors: dict[str, float] = field(default_factory=dict)
    allowed: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def from_json(data: Any) -> Case:
        inputs, outputs = (tensors_from_json(data[key]) for key in ("inputs", "outputs"))
        return Case(inputs, outputs, data["own_errors"], data["allowed"])

    @property
    def digest(self) -> list[tuple[str, str]]:
        """Names and content hashes of all tensors."""
        items = [*self.inputs.items(), *self.outputs.items()]
        return [(name, tensor.digest) for name, tensor in items]


@dataclass(frozen=True)
class WebModel:
    """A converted model: a folder of files in TF.js's graph format, and what is known of it.

    `content` is the hash of these files, `inputs` and `outputs` are the graph's; `ops` maps
    each op to some of its nodes; `quantization` is there if it was asked for; `noise` are
    inputs besides, which the page fills by itself; `notices` are for the user, `traits` for
    visitors.
    """

    key: str
    content: str
    folder: Path
    files: tuple[str, ...]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    ops: dict[str, list[str]]
    multiply_adds: int
    quantization: Quantization | None
    noise: tuple[Noise, ...]
    notices: tuple[str, ...]
    traits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answers:
    """What Python answers to generated samples, to the demo's examples, and to what comes first.

    `start` is what the page computes before anybody did anything. `ranges` are the smallest and the
    largest number that the model knows, by input for each of its elements or for all.
    """

    golden: list[Case]
    examples: list[Case]
    start: Case
    moved: list[Moved]
    notices: list[str]
    ranges: dict[str, list[Range]] = field(default_factory=dict)

    @property
    def cases(self) -> list[Case]:
        """All, the examples first, because they are the most like what visitors do."""
        return [*self.examples, *self.golden, self.start]


def inspect(demo: Demo, process: TensorFlowProcess) -> Signature:
    """The model's own signature, from the cache while model and versions are the same.

    Raises ModelError.
    """
    source = Source.of(demo)

    def make(out: Path) -> None:
        # Entries in the cache are of models that passed all checks.
        signature = process.request("inspect")
        (out / "signature.json").write_text(json.dumps(signature), encoding="utf-8")

    key = cache.digest(_source_key(source), _environment())
    folder = cache.entry("signatures", key, make)
    return Signature.from_json(json.loads((folder / "signature.json").read_text(encoding="utf-8")))


def convert(
    demo: Demo, plan: Plan, process: TensorFlowProcess, examples: Sequence[Tensors] = ()
) -> WebModel:
    """The converted model, from the cache when model, plan and versions are the same.

    Labels and titles do not matter, `examples` only where weights are quantised.
    Raises ModelError, or ParityError.
    """
    quantising = demo.build.quantises
    tried = examples if quantising else ()
    options: list[Any] = [demo.build.format, demo.build.random]
    options += [demo.build.quantize, demo.build.tolerance] if quantising else []
    key = cache.digest(
        _source_key(Source.of(demo)), _traced(plan), _environment(), options, _digests(tried)
    )

    def make(out: Path) -> None:
        process.make("convert", out, examples=[tensors_to_json(one) for one in tried])

    folder = cache.entry("models", key, make)
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    quantization = facts["quantization"]
    return WebModel(
        key=key,
        content=facts["content"],
        folder=folder,
        files=tuple(facts["files"]),
        inputs=tuple(TensorSpec.from_json(item) for item in facts["inputs"]),
        outputs=tuple(TensorSpec.from_json(item) for item in facts["outputs"]),
        ops=facts["ops"],
        multiply_adds=facts["multiply_adds"],
        quantization=quantization and Quantization.from_json(quantization),
        noise=tuple(Noise.from_json(item) for item in facts["noise"]),
        notices=tuple(facts["notices"]),
        traits=tuple(facts["traits"]),
    )


def answers(
    model: WebModel, inputs: list[Tensors], process: TensorFlowProcess, *, tolerance: float
) -> Answers:
    """Python's answers to samples and to the examples, from the cache when nothing changed."""
    is_quantised = model.quantization is not None and model.quantization.saves

    def make(out: Path) -> None:
        quantised = str(process.lend(model.folder)) if is_quantised else None
        tensors = [tensors_to_json(item) for item in inputs]
        result = process.request("answer", inputs=tensors, quantised=quantised)
        (out / "answers.json").write_text(json.dumps(result), encoding="utf-8")

    key = cache.digest(model.key, _digests(inputs), tolerance)
    folder = cache.entry("answers", key, make)
    data = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    moved = [Moved(**item) for item in data["moved"]]
    return Answers(
        golden=[Case.from_json(item) for item in data["golden"]],
        examples=[Case.from_json(item) for item in data["examples"]],
        start=Case.from_json(data["start"]),
        moved=moved,
        notices=[*data["notices"], *_proving_little(moved)],
        ranges={name: [(low, high) for low, high in ends] for name, ends in data["ranges"].items()},
    )


def answers_otherwise(
    model: WebModel, inputs: list[Tensors], process: TensorFlowProcess, ways: list[Keys]
) -> list[list[Tensors] | None]:
    """Python's answers to `inputs` by each of the `ways`, other values of keys by input.

    None for a way whose values the model refuses.
    """

    def make(out: Path) -> None:
        tensors = [tensors_to_json(item) for item in inputs]
        result = process.request("answer otherwise", ways=ways, inputs=tensors)
        (out / "answers.json").write_text(json.dumps(result), encoding="utf-8")

    key = cache.digest(model.key, ways, _digests(inputs))
    folder = cache.entry("answers", key, make)
    rows = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return [row and [tensors_from_json(one) for one in row] for row in rows]


def _proving_little(moved: list[Moved]) -> Iterator[str]:
    """What the author should know of outputs whose samples could hide a wrong answer."""
    for one in moved:
        if one.by == 0:
            yield (
                f"The output {one.output} is the same for every sample, so comparing it proves "
                "little. Examples in demo.toml that move it would."
            )
        elif one.saturated:
            yield (
                f"A wrong kernel would not show in the output {one.output} of any sample: all are "
                "too near to an end of its range. Examples in demo.toml of which the model is less "
                "sure would prove more."
            )


def _digests(inputs: Sequence[Tensors]) -> list[dict[str, str]]:
    return [{name: tensor.digest for name, tensor in item.items()} for item in inputs]


def _source_key(source: Source) -> Any:
    """What of a source changes the model that it opens to."""
    objects = _model_digest(source.custom_objects) if source.custom_objects else None
    options = [source.signature, source.inputs, source.outputs, source.shapes, source.trusted]
    return [[_model_digest(file) for file in source.files], objects, *options]


def _model_digest(path: Path) -> str:
    """The hash of the model's bytes, remembered by size and time while the file stays as it is."""
    if path.is_dir():
        return cache.digest_files([path])
    state = path.stat()
    known = cache.digest(str(path.resolve()), state.st_size, state.st_mtime_ns, state.st_ino)

    def make(out: Path) -> None:
        (out / "digest").write_text(cache.digest_files([path]))

    return (cache.entry("hashes", known, make) / "digest").read_text()


def _traced(plan: Plan) -> Any:
    """The parts of a plan that end up in the graph or in its samples."""
    inputs = [
        {
            "tensors": _described(item.tensors),
            "name": item.spec.name,
            "feed": item.feed,
            "settings": item.settings.traced,
            "fields": [field.settings.traced for field in item.fields],
        }
        for item in plan.inputs
    ]
    outputs = [
        {
            "tensors": _described(item.tensors),
            "name": item.spec.name,
            "head": item.head,
            "settings": item.settings.traced,
        }
        for item in plan.outputs
    ]
    return [inputs, outputs]


def _described(tensors: dict[str, TensorSpec]) -> dict[str, Any]:
    return {role: spec.to_json() for role, spec in tensors.items()}


@memoize
def _environment() -> dict[str, str]:
    """Versions of what computes, and the hash of the tool's own conversion code."""
    package = Path(__file__).parent.parent
    names = ("tensorflow", "keras", "tf_keras", "numpy")
    versions = {name: version(name) for name in names}
    return {**versions, "code": cache.digest_files([package / source for source in SOURCES])}
