"""Samples, and what Python answers to them and to the demo's examples."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.graph.session import Session
from bundler.ground.tensors import Tensors, tensors_to_json

if TYPE_CHECKING:
    from bundler.graph.samples import Sample


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
        ranges = samples.ranges(planned, session.frozen, ask, start.inputs)
    answered = [*examples, *golden]
    return {
        "golden": [_case(one, tolerance) for one in golden],
        "examples": [_case(one, tolerance) for one in examples],
        "start": _case(start, tolerance),
        "ranges": ranges,
        "moved": [vars(samples.moved(item.spec.name, answered)) for item in planned.outputs],
        "notices": [*sampler.notices, *session.notices_of_halves(golden)],
    }


def answer_otherwise(
    session: Session, ways: list[dict[str, dict[str, Any]]], inputs: list[Tensors]
) -> list[list[Tensors] | None]:
    """The answers to `inputs` by each of the `ways`: values of keys, by input.

    None for a way whose values the model refuses.
    """
    import tensorflow as tf

    from bundler.graph import trace

    # The model alone, so that it is traced once for all ways.
    call = tf.function(lambda *values: session.loaded.call(list(values)), autograph=False)

    def answered(way: dict[str, dict[str, Any]]) -> list[Tensors] | None:
        plan = session.plan.with_keys(way)
        try:
            return [trace.answer_otherwise(call, plan, one) for one in inputs]
        except tf.errors.OpError:
            return None

    return [answered(way) for way in ways]


def _case(sample: Sample, tolerance: float) -> dict[str, Any]:
    return {
        "inputs": tensors_to_json(sample.inputs),
        "outputs": tensors_to_json(sample.outputs),
        "own_errors": sample.own_errors,
        "allowed": sample.allowed(tolerance),
    }
