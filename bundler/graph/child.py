"""The process that imports TensorFlow: answers requests, one JSON a line, until its input ends.

    {"do": "inspect", "demo": ..., "folder": ..., "file": ...} -> the model's signature
    {"do": "convert", "demo": ..., ..., "out": folder, "examples": [tensors, ...]} -> {}
    {"do": "answer", "demo": ..., ..., "inputs": [tensors, ...], "quantised": folder or null}
        -> {"golden", "examples", "start": cases; "moved", "notices"}

Every line of output is {"step": text}, {"result": ...} or {"error": {...}}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

from bundler import cache, disk, formats, layers, parts, plan, told
from bundler.config import Demo
from bundler.errors import DemoError, ModelError
from bundler.formats.source import Source
from bundler.formats.untrusted import graph_ops
from bundler.graph.freeze import Frozen
from bundler.graph.values import web_dtype
from bundler.plan import Plan
from bundler.signature import Loaded
from bundler.tensors import Tensors, tensors_from_json, tensors_to_json

if TYPE_CHECKING:
    from bundler.graph.codes import Codes
    from bundler.graph.meant import Meant
    from bundler.graph.reference import Reference
    from bundler.graph.samples import Sample

Say = Callable[[str], None]


class Session:
    """One model, loaded and traced when it is first needed."""

    def __init__(self, demo: Demo, say: Say) -> None:
        self.demo = demo
        self.stage = "reading the model's file"
        self._say = say

    def say(self, stage: str) -> None:
        """Tells what is going on, which is also what an error is told with."""
        self.stage = stage
        self._say(stage)

    @cached_property
    def loaded(self) -> Loaded:
        """The opened model."""
        self.say("reading the model's file")
        source = Source.of(self.demo)
        form = formats.detect(source)
        self.say("starting TensorFlow and opening the model")
        return source.narrowed(form.load(source))

    @cached_property
    def plan(self) -> Plan:
        """What goes around the model."""
        return plan.make(self.demo, self.loaded.signature, parts.read())

    @cached_property
    def function(self) -> Any:
        """The model with its feeds and heads as a concrete function."""
        planned, loaded = self.plan, self.loaded
        from bundler.graph import foreign_dtypes
        from bundler.graph.trace import trace

        self.say("tracing the model with its preprocessing")
        function = _traced_or_explained(trace, loaded, planned)
        foreign_dtypes.check(function)
        graph_ops.check_traced(Source.of(self.demo), function)
        return function

    @cached_property
    def meant(self) -> Meant:
        """The graph of what the model means."""
        function = self.function
        from bundler.graph.meant import Meant

        self.say("freezing the graph")
        return Meant(function, anew=self.demo.build.random != "same")

    @cached_property
    def frozen(self) -> Frozen:
        """That graph, with feeds and heads, before anything is rewritten."""
        return self.meant.frozen

    @cached_property
    def reference(self) -> Reference:
        """That graph in TensorFlow."""
        frozen = self.frozen
        from bundler.graph.reference import Reference

        return Reference(frozen.copy())

    def answer(self, inputs: Tensors) -> Tensors:
        """What Python answers."""
        if self.meant.answers:
            return self.reference.answer(self.plan, inputs)
        return self.answer_itself(inputs)

    def answer_itself(self, inputs: Tensors) -> Tensors:
        """What the model answers as it is, half floats and all, every time as the first time."""
        function = self.function
        from bundler.graph.trace import answer

        with self.meant.first_call():
            return answer(function, self.plan, inputs)

    def notices_of_halves(self, samples: list[Sample]) -> list[str]:
        """How far Python's own answers in half floats are off."""
        inputs = [one.inputs for one in samples]
        return self.meant.notices_of_halves(
            lambda: [self.answer(one) for one in inputs],
            lambda: [self.answer_itself(one) for one in inputs],
        )


def _traced_or_explained(trace: Callable[..., Any], loaded: Loaded, planned: Plan) -> Any:
    try:
        return trace(loaded, planned)
    except DemoError:
        raise
    except Exception as error:
        traceback.print_exc()
        cause = told.line(error) or type(error).__name__
        raise ModelError(
            f"TensorFlow cannot run the model on inputs of its own signature{told.within(error)}: "
            f"{cause}",
            hint=_hint_for_inputs(planned),
        ) from error


def _hint_for_inputs(planned: Plan) -> str:
    """What can be changed of the inputs; where nothing can, how to see it in Python."""
    for item in planned.inputs:
        if item.feed in ("image", "sketch") and None in item.spec.shape[1:3]:
            return (
                "Say in demo.toml which size it takes: "
                f'[[inputs]] name = "{item.spec.name}", size = [224, 224]'
            )
    shapes = ", ".join(
        f"{item.spec.name} {[size or 1 for size in item.spec.shape]}" for item in planned.inputs
    )
    return f"In Python it would fail as well, on: {shapes}. Save a model that runs there."


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


def answer(session: Session, inputs: list[Tensors], quantised: Path | None) -> dict[str, Any]:
    """Samples with Python's answers, and its answers to `inputs` and to what the page starts with.

    If the weights are quantised in the folder `quantised`, Python answers with these.
    """
    planned, tolerance = session.plan, session.demo.build.tolerance
    from bundler.graph import reference, samples

    with ExitStack() as opened:
        ask, precise = session.answer, session.frozen
        if quantised:
            stored = opened.enter_context(reference.load(quantised))
            ask, precise = partial(stored.answer, planned), stored.frozen
        sampler = samples.sampler(
            planned,
            session.frozen,
            ask,
            inputs,
            tolerance=tolerance,
            precise=precise,
        )
        opened.callback(sampler.close)
        examples = [sampler.answered(one, index) for index, one in enumerate(inputs)]
        golden = sampler.golden()
        start = sampler.start(golden)
    answered = [*examples, *golden]
    return {
        "golden": [_case(one, tolerance) for one in golden],
        "examples": [_case(one, tolerance) for one in examples],
        "start": _case(start, tolerance),
        "moved": [vars(samples.moved(item.spec.name, answered)) for item in planned.outputs],
        "notices": [*sampler.notices, *session.notices_of_halves(golden)],
    }


def _case(sample: Sample, tolerance: float) -> dict[str, Any]:
    return {
        "inputs": tensors_to_json(sample.inputs),
        "outputs": tensors_to_json(sample.outputs),
        "own_errors": sample.own_errors,
        "allowed": sample.allowed(tolerance),
    }


def _ops(frozen: Any) -> dict[str, list[str]]:
    """The graph's ops, each with the names of some nodes, which tell the layer."""
    functions = [function.node_def for function in frozen.graph.library.function]
    ops: dict[str, list[str]] = {}
    for node in [node for nodes in [frozen.graph.node, *functions] for node in nodes]:
        names = ops.setdefault(node.op, [])
        if len(names) < 5:
            names.append(node.name)
    return dict(sorted(ops.items()))


def main() -> None:
    """Answers requests from standard input until it ends."""
    # TensorFlow and models print as they like: only this stream is the protocol's.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def reply(message: dict[str, Any]) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    sessions: dict[str, Session] = {}
    for line in _requests():
        request = json.loads(line)
        session = _session(request, sessions, lambda text: reply({"step": text}))
        try:
            reply({"result": _handle(request, session)})
        except DemoError as error:
            reply({"error": _describe(error)})
        except Exception as error:
            traceback.print_exc()
            reply({"error": _describe(_failure(error, session))})


def _failure(error: Exception, session: Session) -> DemoError:
    """What is said of an error that nothing else has put into words."""
    if disk.is_full(error):
        place = str(getattr(error, "filename", None) or "")
        temporary = tempfile.gettempdir()
        if place.startswith(temporary):
            return disk.temporary_error(temporary, error)
        return disk.cache_error(cache.root(), error)
    cause = told.line(error) or type(error).__name__
    return ModelError(
        f"the conversion of {session.demo.model_path} failed while {session.stage}"
        f"{told.within(error)}: {cause}",
        hint="This is a mistake in tfjs-demo. Run again with --debug and report what it shows.",
    )


def _requests() -> Iterator[str]:
    """The lines of standard input; where it ends, the parent is gone, and so is this process."""
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        # At once, in the middle of a conversion: nobody waits for it any more.
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def _session(request: dict[str, Any], sessions: dict[str, Session], say: Say) -> Session:
    place = {key: request[key] for key in ("folder", "file", "trusted")}
    key = json.dumps([request["demo"], place], sort_keys=True)
    if key not in sessions:
        sessions[key] = Session(Demo.model_validate({**request["demo"], **place}), say)
    return sessions[key]


def _handle(request: dict[str, Any], session: Session) -> dict[str, Any]:
    if request["do"] == "inspect":
        return session.loaded.signature.to_json()
    if request["do"] == "convert":
        return convert(session, Path(request["out"]), _tensors(request["examples"]))
    session.say("computing Python's answers")
    quantised = Path(request["quantised"]) if request["quantised"] else None
    return answer(session, _tensors(request["inputs"]), quantised)


def _tensors(items: list[Any]) -> list[Tensors]:
    return [tensors_from_json(item) for item in items]


def _describe(error: DemoError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


if __name__ == "__main__":
    main()
