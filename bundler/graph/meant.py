"""The graph of what a model means, where that is not what TensorFlow computes when it is called.

Half floats are there to save a graphics card's memory: meant are float32. A draw of random
numbers is another one every time, and what a call leaves in variables changes the next: meant is
a first call, with one draw or with noise that it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from bundler.graph import draws, freeze, precision, variables
from bundler.graph.changes import Change
from bundler.graph.draws import Drawn
from bundler.graph.freeze import Frozen
from bundler.graph.noise import Noise
from bundler.graph.quantize import Comparison
from bundler.ground.tensors import Tensors

HALF_FLOATS = ("float16", "bfloat16")

Answers = Callable[[], list[Tensors]]


@dataclass(frozen=True)
class Special:
    """What is special about a traced function, told from its ops before anything is frozen."""

    half_floats: tuple[str, ...]
    draws: bool
    assigns: bool

    @staticmethod
    def of(function: Any) -> Special:
        kinds, ops = set(), set()
        for node in _nodes(function):
            ops.add(node.op)
            for value in node.attr.values():
                kinds.update([value.type, *value.list.type])
        return Special(
            tuple(name for name in HALF_FLOATS if _enum(name) in kinds),
            bool(ops & draws.OPS or ops & variables.GENERATORS.keys()),
            any(map(variables.assigns, ops)),
        )


def _nodes(function: Any) -> Iterator[Any]:
    """The nodes of a traced function and of all functions that it calls; few large constants."""
    for op in function.graph.get_operations():
        if op.type != "Const":
            yield op.node_def
    for inner in function.graph._functions.values():
        yield from inner.definition.node_def


def _enum(name: str) -> int:
    from tensorflow.python.framework import dtypes

    return int(dtypes.as_dtype(name).as_datatype_enum)


class Meant:
    """A traced function's graph as it is meant, made when it is first needed."""

    def __init__(self, function: Any, *, anew: bool) -> None:
        """With noise as inputs where the model draws `anew`."""
        self.function = function
        self.special = Special.of(function)
        self._anew = anew
        assigned = function.graph.variables if self.special.assigns else ()
        self._saved = [(variable, variable.numpy()) for variable in assigned]

    @cached_property
    def _drawn(self) -> Drawn:
        drawn = draws.settle(freeze.freeze(self.function), anew=self._anew)
        if not self.special.half_floats:
            return drawn
        types = dict.fromkeys(HALF_FLOATS, "float32")
        return replace(drawn, frozen=precision.retyped(drawn.frozen, types).frozen)

    @property
    def frozen(self) -> Frozen:
        """A copy of one's own, to be rewritten."""
        return self._drawn.frozen.copy()

    @property
    def noise(self) -> tuple[Noise, ...]:
        """The noise that the graph is fed."""
        return self._drawn.frozen.noise if self.special.draws and self._anew else ()

    @property
    def answers(self) -> bool:
        """Whether this graph answers, not the function."""
        return self.special.draws or bool(self.special.half_floats)

    @contextmanager
    def first_call(self) -> Iterator[None]:
        """The function may be called once, and finds its variables as they were saved."""
        try:
            yield
        finally:
            for variable, value in self._saved:
                if not np.array_equal(variable.numpy(), value):
                    variable.assign(value)

    @property
    def notices(self) -> list[str]:
        """What the user should know, but how far half floats are off."""
        return [*self._notices_of_draws(), *self._notices_of_states()]

    @property
    def traits(self) -> list[str]:
        """In what the page's answers are not those of any call, for visitors (site/words.py)."""
        drawn = self._drawn
        draws = bool(drawn.layers or drawn.looped or drawn.altered)
        found = {
            "new draws": draws and self._anew and bool(drawn.layers),
            "same draws": draws and not (self._anew and drawn.layers),
            "first calls": bool(drawn.states),
            "full floats": bool(self.special.half_floats),
        }
        return [name for name, is_there in found.items() if is_there]

    def notices_of_halves(self, own: Answers, halves: Answers) -> list[str]:
        """How far Python's answers in half floats are from its `own`, in float32."""
        dtypes = " and ".join(self.special.half_floats)
        if not dtypes:
            return []
        said = (
            f"The model computes in {dtypes}. The page computes in float32, as Python did for the "
            "comparison, because browsers have no half floats"
        )
        if self.special.draws:
            return [f"{said}."]
        try:
            answered = halves()
        except Exception as error:
            # TensorFlow has few of these kernels for a CPU.
            return [f"{said}; Python itself cannot on this machine ({type(error).__name__})."]
        far = ", ".join(f"{one.output} by {one.error:.1e}" for one in _compare(own(), answered))
        return [f"{said}. Python's own {dtypes} answers differ from these: {far}."]

    def _notices_of_draws(self) -> list[str]:
        found, notices = self._drawn, []
        names = ", ".join(found.layers)
        if names and not self._anew:
            notices.append(
                f"The model draws random numbers ({names}): the page uses the same draw for every "
                'answer. For a new one every time: [build] random = "each answer" in demo.toml.'
            )
        elif names:
            notices.append(f"The page draws new random numbers for every answer ({names}).")
        if found.looped:
            names, what = ", ".join(found.looped), " of every answer" if self._anew else ""
            notices.append(f"What is drawn in a loop ({names}) is the same in every step{what}.")
        if found.altered:
            notices.append(
                f"The model draws random numbers by a seed of its own ({', '.join(found.altered)}) "
                "in a way that only TensorFlow can repeat: the page uses other numbers, the same "
                "for every answer."
            )
        return notices

    def _notices_of_states(self) -> list[str]:
        if not self._drawn.states:
            return []
        return [
            "The model keeps a state from one call to the next, and the page does not: every "
            "answer is that of a first call."
        ]


def _compare(before: list[Tensors], after: list[Tensors]) -> Iterator[Change]:
    """How far the answers are apart, output by output."""
    for name in before[0]:
        values = [one[name].to_numpy() for one in before]
        comparison = Comparison(name, values, is_scores=False)
        for one in after:
            comparison.add(one[name].to_numpy())
        yield comparison.change
