"""From an opened model to a folder in TF.js's graph format."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.graph import layers
from bundler.graph.freeze import Frozen
from bundler.graph.session import Session
from bundler.ground import cache
from bundler.ground.tensors import Tensors, web_dtype

if TYPE_CHECKING:
    from bundler.graph.codes import Codes


def convert(session: Session, out: Path, examples: list[Tensors]) -> dict[str, Any]:
    """Writes the model, and what the build needs to know of it, into the folder `out`.

    Quantising is tried on the `examples` too.
    """
    planned, function = session.plan, session.function
    from bundler.graph import (
        cost,
        freeze,
        lookups,
        lowerings,
        passes,
        reference,
        samples,
        trial,
        write,
    )
    from bundler.graph.trace import output_specs, raw_spec

    sampler = samples.sampler(
        planned,
        session.frozen,
        session.answer,
        examples,
        tolerance=session.demo.build.tolerance,
    )
    own = session.frozen.copy()
    session.say("optimising the graph")
    frozen = freeze.optimise(lowerings.run(lookups.lower(own)))
    shapes = {
        node: sampler.shapes[item.spec.name]
        # Behind the plan's inputs there may be noise, of known length.
        for item, node in zip(planned.inputs, frozen.inputs, strict=False)
    }
    multiply_adds = cost.multiply_adds(frozen, shapes)
    frozen = passes.run(frozen, passes.REWRITES)
    codes: Codes = {}
    quantization = None
    if session.demo.build.quantises:
        session.say("quantising the weights")
        codes, quantization = trial.run(
            planned,
            frozen,
            session.demo.build.quantize,
            sampler,
            examples=examples,
            tolerance=session.demo.build.tolerance,
            multiply_adds=multiply_adds,
        )
        if codes:
            reference.save(out, frozen)
    layers_files: list[str] = []
    if session.demo.build.format == "layers":
        frozen, layers_files = _write_layers(session, out)
    frozen = passes.run(frozen, passes.FUSIONS)
    ops = _ops(frozen)
    session.say("writing the TF.js graph")
    inputs = [raw_spec(item) for item in planned.inputs]
    outputs = output_specs(function, planned)
    files = [*write.write(out, frozen, inputs, outputs, codes), *layers_files]
    facts = {
        "inputs": [spec.to_json() for spec in inputs],
        "outputs": [spec.to_json() for spec in outputs],
        "files": files,
        "content": cache.digest_files([out / name for name in files]),
        "ops": ops,
        "multiply_adds": multiply_adds,
        "quantization": quantization.to_json() if quantization else None,
        "noise": [one.to_json() for one in frozen.noise],
        "notices": session.meant.notices,
        "traits": session.meant.traits,
    }
    (out / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return {}


def _write_layers(session: Session, out: Path) -> tuple[Frozen, list[str]]:
    """The graph around a layers model, and the names of that model's files."""
    from bundler.graph.around import around_layers
    from bundler.graph.trace import trace_feeds, trace_heads

    session.say("writing the layers model")
    files = layers.save(session.loaded.model, out / "layers")
    specs = [
        replace(spec, dtype=web_dtype(spec.dtype)) for spec in session.loaded.signature.outputs
    ]
    frozen = around_layers(trace_feeds(session.plan), trace_heads(session.plan, specs))
    return frozen, [f"layers/{name}" for name in files]


def _ops(frozen: Any) -> dict[str, list[str]]:
    """The graph's ops, each with the names of some nodes, which tell the layer."""
    functions = [function.node_def for function in frozen.graph.library.function]
    ops: dict[str, list[str]] = {}
    for node in [node for nodes in [frozen.graph.node, *functions] for node in nodes]:
        names = ops.setdefault(node.op, [])
        if len(names) < 5:
            names.append(node.name)
    return dict(sorted(ops.items()))
