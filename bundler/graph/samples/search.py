"""Samples that belong to a model: what its ops demand, confirmed by Python, moving every output.

First a layout is looked for, sizes of the free dimensions with a family of values for each input
that Python can answer; then a pool of answered samples from which those are chosen that prove
most (worth.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from bundler.feeds.patterns import Draw
from bundler.graph.samples import sizes, starts, worth
from bundler.graph.samples.between import between
from bundler.graph.samples.domains import Source
from bundler.graph.samples.refusal import Refusal, example_refused, explain, has_nan, never_a_number
from bundler.graph.samples.sizes import Shapes
from bundler.graph.samples.steadiness import Steadiness
from bundler.graph.samples.worth import Sample
from bundler.ground.errors import ModelError
from bundler.ground.tensors import Tensors
from bundler.plan import Plan

Ask = Callable[[Tensors], Sample]

# Weaker ones for models that answer strong inputs with their extremes, and the reverse.
STRENGTHS = (1.0, 0.25, 0.05, 0.01, 4.0, 20.0)
# For each of them, so many samples of each layout.
AT_EACH_STRENGTH = 2
# Stronger ones than the model is made for tell nothing of smaller weights.
QUANTIZED_STRENGTHS = 4
# A large model answers only a few in a reasonable time.
MOST_MULTIPLY_ADDS = 60e9
LEAST_TRIES, MOST_TRIES = 6, 60
# Families whose samples are all the same prove nothing beside others.
FLAT = {"ones", "zeros", "empty"}
# From this length on, what an answer costs is looked up before it is asked for.
LONG = 512
MOST_OTHER_SIZES = 40
# Other sizes are of no use where none of so many gives finite answers; other values may be.
MOST_NOT_FINITE = 8
# Other values are tried with so many sizes where no size has an answer.
FIRST_SHAPES = 4
# Steadier samples are the better judges of a tolerance.
STEADY_SHARE = 0.25


@dataclass(frozen=True)
class Layout:
    """Shapes of all inputs, and the family of values of each, that Python can answer."""

    shapes: Shapes
    families: dict[str, str]


class Sampler:
    """Makes samples for one model; `ask` gives Python's answer or raises."""

    def __init__(
        self,
        plan: Plan,
        sources: dict[str, Source],
        ask: Ask,
        steadiness: Steadiness,
        *,
        tolerance: float,
        examples: Sequence[Tensors] = (),
        multiply_adds: Callable[[Shapes], int],
        fits: Callable[[Shapes], bool],
    ) -> None:
        self._plan = plan
        self._sources = sources
        self._ask_python = ask
        self._steadiness = steadiness
        self._tolerance = tolerance
        self._examples = examples
        self._multiply_adds = multiply_adds
        self._fits = fits
        self._refusals: list[Refusal] = []

    @cached_property
    def layouts(self) -> list[Layout]:
        """One layout, and a second of other sizes where sizes are free.

        Raises ModelError when Python answers nothing that is tried.
        """
        first = self._first_layout()
        batch = self.batch(first)
        for shapes in islice(sizes.others(self._plan, first.shapes, batch), MOST_OTHER_SIZES):
            layout = replace(first, shapes=shapes)
            if self._answers(layout):
                return [first, layout]
        return [first]

    def batch(self, layout: Layout) -> int:
        """The length of the free batch dimension in a layout, 1 where there is none."""
        free = [item.spec for item in self._plan.inputs if item.spec.shape[:1] == (None,)]
        lengths = {layout.shapes[spec.name][0] for spec in free}
        return lengths.pop() if len(lengths) == 1 else 1

    def _first_layout(self) -> Layout:
        """The first that Python answers with finite numbers, else with any."""
        likely = {name: source.families[0] for name, source in self._sources.items()}
        answered: list[Layout] = []
        for shapes in sizes.candidates(self._plan, self._examples):
            layout = Layout(shapes, likely)
            finite = self._answers(layout)
            if finite:
                return layout
            answered += [layout] if finite is not None else []
            if len(answered) == MOST_NOT_FINITE:
                break
        sized = [layout.shapes for layout in answered] or self._first_shapes(FIRST_SHAPES)
        for layout in self._other_layouts(sized):
            finite = self._answers(layout)
            if finite:
                return layout
            answered += [layout] if finite is not None else []
        if not answered:
            raise explain(self._plan, self._refusals)
        return answered[0]

    def _first_shapes(self, count: int) -> list[Shapes]:
        return list(islice(sizes.candidates(self._plan, self._examples), count))

    def _other_layouts(self, shapes: list[Shapes]) -> Iterator[Layout]:
        """Other families: of all inputs together, then of one at a time."""
        likely = {name: source.families[0] for name, source in self._sources.items()}
        most = max((len(source.families) for source in self._sources.values()), default=0)
        for number in range(1, most):
            families = {
                name: source.families[min(number, len(source.families) - 1)]
                for name, source in self._sources.items()
            }
            yield from (Layout(one, families) for one in shapes)
        for name, source in self._sources.items() if len(self._sources) > 1 else ():
            for family in source.families[1:]:
                yield from (Layout(one, {**likely, name: family}) for one in shapes[:2])

    def _answers(self, layout: Layout) -> bool | None:
        """Whether Python answers a layout with finite numbers; None where it does not answer."""
        if self._is_too_large(layout.shapes):
            return None
        sample = self._try(layout, 0)
        if sample is None or not self._fits(layout.shapes):
            return None
        return sample.is_finite and not sample.is_empty

    def _is_too_large(self, shapes: Shapes) -> bool:
        """Whether one answer would take long: what a model of this size is not made for."""
        longest = max((size for shape in shapes.values() for size in shape), default=0)
        return longest > LONG and self._multiply_adds(shapes) > MOST_MULTIPLY_ADDS

    def _make(self, layout: Layout, index: int, strength: float = 1.0) -> Tensors | None:
        """The `index`-th inputs of a strength: always the same; None where a family has none."""
        generator = np.random.default_rng([index, round(strength * 1000)])
        draw = Draw(generator, strength, index)
        try:
            return {
                name: source.make(layout.families[name], layout.shapes[name], draw)
                for name, source in self._sources.items()
            }
        except LookupError:
            return None

    def _ask(self, inputs: Tensors) -> Sample | None:
        try:
            return self._ask_python(inputs)
        except Exception as error:  # what ops and layers raise has no common class
            self._refusals.append(Refusal(inputs, error))
            return None

    @property
    def shapes(self) -> Shapes:
        """The first layout's; where Python answers nothing, the first that were tried."""
        try:
            return self.layouts[0].shapes
        except ModelError:
            return self._first_shapes(1)[0]

    @property
    def notices(self) -> list[str]:
        """What the author should know of the layout."""
        batch = self.batch(self.layouts[0])
        if batch == 1:
            return []
        return [f"The model does not answer one row alone: it gets {batch} at a time."]

    def answered(self, inputs: Tensors, index: int) -> Sample:
        """The user's `index`-th example. Raises ModelError when Python does not answer it."""
        sample = self._ask(inputs)
        if sample is None:
            raise example_refused(index, self._refusals[-1])
        return self.judged(sample)

    def judged(self, sample: Sample) -> Sample:
        """With Python's own errors."""
        return self._steadiness.measured(sample, self._tolerance)

    def make(self, count: int) -> Iterator[Sample]:
        """Answered samples of all strengths in turn, for comparing weights."""
        weak = STRENGTHS[:QUANTIZED_STRENGTHS]
        for index in range(count):
            layout = self.layouts[index // len(weak) % len(self.layouts)]
            sample = self._try(layout, index, weak[index % len(weak)])
            if sample and sample.is_finite:
                yield sample

    def golden(self) -> list[Sample]:
        """The samples that prove most.

        Raises ModelError when Python answers nothing that is tried.
        """
        affordable = MOST_MULTIPLY_ADDS / max(self._multiply_adds(self.layouts[0].shapes), 1)
        tries = int(min(MOST_TRIES, max(LEAST_TRIES, affordable)))
        pool: list[Sample] = []
        steady = STEADY_SHARE * self._tolerance
        for sample in islice(self._tries(pool), tries):
            pool.append(self.judged(sample))
            if len(pool) >= self._least and self._is_enough(pool, steady):
                break
        chosen = worth.choose(pool, steady)
        for sample in chosen:
            if any(map(has_nan, sample.outputs.values())):
                raise never_a_number(self._plan, sample)
        return chosen

    def start(self, golden: Sequence[Sample]) -> Sample:
        """What the page computes first: its widgets' defaults, zeros, or a sample in round numbers.

        The first of these that Python answers with finite numbers, and steadily: two classes
        that are exactly even show nothing but who rounds how.
        """
        for inputs in starts.candidates(self._plan, self.layouts[0].shapes, golden):
            sample = self._ask(inputs)
            if sample and sample.is_finite:
                measured = self.judged(sample)
                if max(measured.jitter.values(), default=0.0) <= self._tolerance:
                    return measured
        return golden[0]

    def close(self) -> None:
        self._steadiness.close()

    @property
    def _least(self) -> int:
        return worth.LEAST_SAMPLES if len(self.layouts) == 1 else 2 * len(self.layouts)

    def _is_enough(self, pool: list[Sample], steady: float) -> bool:
        chosen = worth.choose(pool, steady)
        unsteady = any(value > steady for one in chosen for value in one.jitter.values())
        return not unsteady and all(
            worth.proves(worth.moved(name, chosen)) for name in pool[0].outputs
        )

    def _tries(self, pool: Sequence[Sample]) -> Iterator[Sample]:
        """Answered samples: strong ones of each layout, then others, then what lies between."""
        for strength in STRENGTHS:
            for index in range(max(self._least, AT_EACH_STRENGTH * len(self.layouts))):
                sample = self._try(self.layouts[index % len(self.layouts)], index, strength)
                if sample and (sample.is_finite or strength == STRENGTHS[0]):
                    yield sample
        for layout in self._other_layouts([one.shapes for one in self.layouts]):
            for index in range(0 if FLAT & {*layout.families.values()} else AT_EACH_STRENGTH):
                sample = self._try(layout, index)
                if sample and sample.is_finite:
                    yield sample
        yield from between(self._plan, pool, self._ask)

    def _try(self, layout: Layout, index: int, strength: float = 1.0) -> Sample | None:
        inputs = self._make(layout, index, strength)
        return self._ask(inputs) if inputs else None
