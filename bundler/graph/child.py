"""The process that imports TensorFlow: answers requests, one JSON a line, until its input ends.

    {"do": "inspect", "demo": ..., "folder": ..., "file": ...} -> the model's signature
    {"do": "convert", "demo": ..., ..., "out": folder} -> {}
    {"do": "answer", "demo": ..., ..., "inputs": [tensors, ...]} -> {"golden", "same", "answers"}

Every line of output is {"step": text}, {"result": ...} or {"error": {...}}.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from bundler import cache, formats, parts, plan
from bundler.config import Demo
from bundler.errors import DemoError, ModelError
from bundler.graph import samples
from bundler.plan import Plan
from bundler.signature import Loaded
from bundler.tensors import Tensors, tensors_from_json, tensors_to_json

Say = Callable[[str], None]

# Packages that TensorFlow and Keras import if they are installed, for what no conversion does.
OPTIONAL = ("jax", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn", "torch")


class Session:
    """One model, loaded and traced when it is first needed."""

    def __init__(self, demo: Demo, say: Say) -> None:
        self.demo = demo
        self.say = say

    @cached_property
    def loaded(self) -> Loaded:
        """The opened model."""
        self.say("starting TensorFlow")
        _import_tensorflow()
        self.say("opening the model")
        return formats.detect(self.demo.model_path).load(self.demo.model_path)

    @cached_property
    def plan(self) -> Plan:
        """What goes around the model."""
        return plan.make(self.demo, self.loaded.signature, parts.read())

    @cached_property
    def function(self) -> Any:
        """The model with its feeds and heads as a concrete function."""
        planned, loaded = self.plan, self.loaded
        from bundler.graph.trace import trace

        self.say("tracing the model with its preprocessing")
        return _traced_or_explained(trace, loaded, planned)

    def answer(self, inputs: list[Tensors]) -> list[Tensors]:
        """What Python answers to each of `inputs`."""
        function = self.function
        from bundler.graph.trace import answer

        return [answer(function, self.plan, item) for item in inputs]


def _import_tensorflow() -> None:
    """Imports TensorFlow and Keras without what they only look for: two of its six seconds."""
    for name in OPTIONAL:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    import keras  # noqa: F401
    import tensorflow as tf

    for name in [name for name in OPTIONAL if sys.modules[name] is None]:
        del sys.modules[name]
    tf.config.set_visible_devices([], "GPU")


def _traced_or_explained(trace: Callable[..., Any], loaded: Loaded, planned: Plan) -> Any:
    try:
        return trace(loaded, planned)
    except Exception as error:
        # Keras puts a line that says where before the paragraph that says what.
        paragraphs = [part.strip() for part in str(error).split("\n\n") if part.strip()]
        said = " ".join(paragraphs[:2]) or type(error).__name__
        raise ModelError(
            f"TensorFlow cannot run the model on inputs of its own signature: {said}",
            hint="Check [[inputs]] in demo.toml (size, channels), or try the model in Python.",
        ) from error


def convert(session: Session, out: Path) -> dict[str, Any]:
    """Writes the model, and what the build needs to know of it, into the folder `out`."""
    planned, function = session.plan, session.function
    from bundler.graph import cost, freeze, passes, write
    from bundler.graph.trace import output_specs, raw_spec

    session.say("freezing and optimising the graph")
    frozen = freeze.optimise(freeze.freeze(function))
    sample = samples.make(planned)[0]
    shapes = {
        node: list(sample[item.spec.name].shape)
        for item, node in zip(planned.inputs, frozen.inputs, strict=True)
    }
    multiply_adds = cost.multiply_adds(frozen, shapes)
    frozen = passes.run_all(frozen)
    ops = _ops(frozen)
    session.say("writing the TF.js graph")
    inputs = [raw_spec(item) for item in planned.inputs]
    outputs = output_specs(function, planned)
    files = write.write(out, frozen, inputs, outputs)
    facts = {
        "inputs": [spec.to_json() for spec in inputs],
        "outputs": [spec.to_json() for spec in outputs],
        "files": files,
        "content": cache.digest_files([out / name for name in files]),
        "ops": ops,
        "multiply_adds": multiply_adds,
    }
    (out / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return {}


def answer(session: Session, inputs: list[Tensors]) -> dict[str, Any]:
    """Golden samples with Python's answers, and the answers to `inputs`.

    Samples whose answers are all the same prove nothing, and are replaced; "same" names
    the outputs for which that did not help.
    """
    planned = session.plan
    for attempt in range(len(samples.STRENGTHS)):
        golden = samples.make(planned, attempt=attempt)
        found = session.answer(golden)
        same = [name for name in found[0] if all(one[name] == found[0][name] for one in found)]
        if not same:
            break
    return {
        "golden": [
            {"inputs": tensors_to_json(item), "outputs": tensors_to_json(one)}
            for item, one in zip(golden, found, strict=True)
        ],
        "same": same,
        "answers": [tensors_to_json(one) for one in session.answer(inputs)],
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
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply({"result": _handle(request, sessions, lambda text: reply({"step": text}))})
        except DemoError as error:
            reply({"error": _describe(error)})
        except Exception as error:
            traceback.print_exc()
            failure = ModelError(f"the conversion failed: {type(error).__name__}: {error}")
            reply({"error": _describe(failure)})


def _handle(request: dict[str, Any], sessions: dict[str, Session], say: Say) -> dict[str, Any]:
    key = json.dumps([request["demo"], request["folder"]], sort_keys=True)
    if key not in sessions:
        place = {"folder": Path(request["folder"]), "file": request["file"]}
        sessions[key] = Session(Demo.model_validate({**request["demo"], **place}), say)
    session = sessions[key]
    if request["do"] == "inspect":
        return session.loaded.signature.to_json()
    if request["do"] == "convert":
        return convert(session, Path(request["out"]))
    say("computing Python's answers")
    return answer(session, [tensors_from_json(item) for item in request["inputs"]])


def _describe(error: DemoError) -> dict[str, str]:
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint}


if __name__ == "__main__":
    main()
