"""Quantising, tried on samples: which weights, and what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain

from bundler.graph import large, quantize
from bundler.graph.changes import Change, Quantization
from bundler.graph.codes import Codes
from bundler.graph.freeze import Frozen
from bundler.graph.large import Weights
from bundler.graph.quantize import Comparison, Quantized
from bundler.graph.reference import Reference
from bundler.graph.samples import Sample, Sampler
from bundler.ground import told
from bundler.ground.errors import DemoError, ModelError, ParityError
from bundler.ground.tensors import Tensors
from bundler.heads import HEADS
from bundler.plan import Plan

# Enough to see one class in fifty change, and as many as a large model can answer in a minute.
MOST_SAMPLES, LEAST_SAMPLES = 64, 12
MOST_MULTIPLY_ADDS = 40e9
# Answers are kept for comparing: fewer samples where each is a large picture.
MOST_ANSWER_BYTES = 200e6


class Trial:
    """A model's own answers to samples, with which those of changed weights are compared."""

    def __init__(self, plan: Plan, frozen: Frozen, answered: Iterable[Sample]) -> None:
        self._plan = plan
        self._frozen = frozen
        self._samples: list[Sample] = []
        size = 0
        for sample in answered:
            self._samples.append(sample)
            size += sum(len(tensor.data) for tensor in sample.outputs.values())
            if size > MOST_ANSWER_BYTES:
                break
        self._reference = Reference(frozen)

    def measure(self, codes: Codes, stops: bool = False) -> tuple[Change, ...]:
        """What codes change; if it `stops`, up to the first change that is too large."""
        own = self._frozen.weights
        weights = {n: code.approximate(own[n]) for n, code in codes.items()}
        return self._compare(self._samples, weights, stops)

    def check(self, tolerance: float, judge: Callable[[Sample], Sample]) -> None:
        """That the graph answers what the model answers, before anything is quantised.

        `judge` measures Python's own errors, for where the difference is larger than allowed.
        Raises ParityError.
        """
        if all(change.error <= tolerance for change in self._compare(self._samples)):
            return
        for sample in map(judge, self._samples):
            allowed = sample.allowed(tolerance)
            for change in self._compare([sample]):
                most = allowed.get(change.output, tolerance)
                if change.error > most:
                    raise ParityError(
                        "the converted graph does not answer what the model answers, even in "
                        f"TensorFlow:\n  {change.output}: error {change.error:.2g}, "
                        f"allowed {most:.0e}",
                        hint="The site was not written. It is a fault of the conversion: report "
                        "it with the model.",
                    )

    def _compare(
        self, samples: list[Sample], weights: Weights | None = None, stops: bool = False
    ) -> tuple[Change, ...]:
        comparisons = {
            item.spec.name: Comparison(
                item.spec.name,
                [sample.outputs[item.spec.name].to_numpy() for sample in samples],
                is_scores=HEADS[item.head].RANKS,
            )
            for item in self._plan.outputs
        }
        for sample in samples:
            answer = self._reference.answer(self._plan, sample.inputs, weights or {})
            for name, comparison in comparisons.items():
                comparison.add(answer[name].to_numpy())
            if stops and not all(one.change.holds for one in comparisons.values()):
                break
        return tuple(comparison.change for comparison in comparisons.values())

    def close(self) -> None:
        self._reference.close()


def run(
    plan: Plan,
    frozen: Frozen,
    mode: str,
    sampler: Sampler,
    *,
    examples: list[Tensors],
    tolerance: float,
    multiply_adds: int,
) -> tuple[Codes, Quantization]:
    """The codes of the weights for `mode`, demo.toml's `quantize`, and what they change.

    Takes smaller constants out of the graph too. Raises ModelError, or ParityError.
    """
    weights = large.take(frozen.graph, more_than=quantize.LEAST_ELEMENTS - 1)
    frozen.weights.update(weights)
    affordable = int(MOST_MULTIPLY_ADDS / max(multiply_adds, 1))
    count = min(MOST_SAMPLES, max(LEAST_SAMPLES, affordable))
    shown = (sampler.answered(one, index) for index, one in enumerate(examples))
    try:
        trial = Trial(plan, frozen, chain(shown, sampler.make(count)))
        trial.check(tolerance, sampler.judged)
        found = quantize.choose(mode, frozen.weights, trial.measure)
        trial.close()
    except DemoError:
        raise
    except Exception as error:
        reason = f"TensorFlow cannot run the converted graph: {told.line(error)}"
        if mode != "auto":
            hint = 'Set quantize = "none" in demo.toml.'
            raise ModelError(f"the model cannot be quantised: {reason}", hint=hint) from error
        return {}, _summary(mode, frozen.weights, Quantized({}, ()), f"Not quantised: {reason}.")
    return found.codes, _summary(mode, frozen.weights, found, "")


def _summary(mode: str, weights: Weights, found: Quantized, reason: str) -> Quantization:
    before = {name: 4 * value.size for name, value in weights.items()}
    after = {name: code.bytes * weights[name].size for name, code in found.codes.items()}
    dtypes = [code.dtype for code in found.codes.values()]
    if not found.codes and not reason:
        worst = "; ".join(str(change) for change in found.changes if not change.holds)
        reason = f"Not quantised: {worst or 'no weight is large enough'}."
    return Quantization(
        mode=mode,
        weights=dict(Counter([*dtypes, *["float32"] * (len(before) - len(after))])),
        float_bytes=sum(before.values()),
        bytes=sum({**before, **after}.values()),
        changes=found.changes,
        reason=reason,
    )
