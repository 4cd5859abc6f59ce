"""The true answer of an example: whether it can be one, and whether the model says it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bundler.ground.names import near
from bundler.ground.shapes import is_single
from bundler.ground.tensors import Tensors
from bundler.heads import HEADS
from bundler.plan import Plan, PlannedOutput

# Of many names, a message has the first ones.
MOST_NAMES = 10


def problem(truth: str, plan: Plan) -> str | None:
    """Why this cannot be the true answer, if the model answers with names; None where it can."""
    named = _named(plan)
    known = [name for _, names in named for name in names]
    if not named or truth in known or (_is_number(truth) and _has_numbers(plan)):
        return None
    found = near(truth, known)
    meant = f'did you mean "{found}"?' if found else f"there are {_listed(known)}"
    return f'"{truth}" is none of the labels; {meant}'


def missed(truth: str | None, plan: Plan, answers: Tensors) -> str | None:
    """What the model says instead of the true answer; None where it says that, or has no names.

    "" where it says none of them.
    """
    for output, names in _named(plan):
        if truth in names:
            head, answer = HEADS[output.head], answers[output.spec.name]
            if head.agrees(answer, output.settings, truth):
                return None
            return head.says(answer, output.settings) or ""
    return None


@dataclass(frozen=True, order=True)
class Judgement:
    """How many of `count` true answers the model gives, and how sure it is of all, on average."""

    right: int
    sureness: float
    count: int


def judge(truths: Sequence[str | None], plan: Plan, answers: Sequence[Tensors]) -> Judgement:
    """Of true answers that are one of several names."""
    sureness, right = [], 0
    for true, answer in zip(truths, answers, strict=True):
        for output, names in _named(plan):
            if true in names:
                head, given = HEADS[output.head], answer[output.spec.name]
                right += head.agrees(given, output.settings, true)
                sureness.append(head.sureness(given, output.settings, true))
                break
    return Judgement(right, sum(sureness) / max(len(sureness), 1), len(sureness))


def _named(plan: Plan) -> list[tuple[PlannedOutput, list[str]]]:
    """The outputs that answer with one of several names, and these."""
    found = [(output, HEADS[output.head].names(output.settings)) for output in plan.outputs]
    return [(output, list(names)) for output, names in found if names is not None]


def _has_numbers(plan: Plan) -> bool:
    """Whether the truth may be about an output that is a number."""
    named = [output for output, _ in _named(plan)]
    return any(is_single(one.spec) for one in plan.outputs if one not in named)


def _is_number(text: str) -> bool:
    with suppress(ValueError):
        float(text)
        return True
    return False


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
