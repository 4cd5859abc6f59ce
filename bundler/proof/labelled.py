"""Examples whose label the model misses: whether a usual preprocessing makes it right.

What a model was trained to see of a picture stands in no file, so what demo.toml says of it may be
wrong. The labels are the only ones who know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bundler.feeds import FEEDS
from bundler.graph import Keys
from bundler.ground import visible
from bundler.ground.tensors import Tensors
from bundler.plan import Plan, truth
from bundler.plan.truth import Judgement

# The answers to all examples, by each of some ways; None where the model refuses.
AskOtherwise = Callable[[list[Keys]], list[list[Tensors] | None]]
NONE_RIGHT = Judgement(0, 0.0, 0)


def notices(
    plan: Plan, labels: Sequence[str | None], answers: Sequence[Tensors], ask: AskOtherwise
) -> Iterator[str]:
    """How many labels the model gives where it misses some, and with which preprocessing more."""
    now = truth.judge(labels, plan, answers)
    rounds = _rounds(plan)
    if now.right == now.count or not rounds:
        return

    def judge(ways: list[Keys]) -> list[Judgement]:
        return [truth.judge(labels, plan, one) if one else NONE_RIGHT for one in ask(ways)]

    best, keys = _best(now, rounds, judge)
    said = f"The model gives {now.right} of {now.count} examples their label"
    if best.right == now.right:
        yield f"{said}, and with no usual preprocessing more of them."
    else:
        lines = "\n  ".join(_lines(plan, keys))
        yield f"{said}. With these lines in demo.toml it would be {best.right}:\n  {lines}"


def _rounds(plan: Plan) -> list[list[Keys]]:
    """What may be tried: inputs of one kind were all made in one way."""
    found: dict[str, list[list[Keys]]] = {}
    for item in plan.inputs:
        for index, ways in enumerate(FEEDS[item.feed].usual(item.spec, item.settings)):
            rounds = found.setdefault(item.feed, [])
            if index == len(rounds):
                rounds.append([{} for _ in ways])
            for shared, way in zip(rounds[index], ways, strict=False):
                shared[item.spec.name] = way
    return [ways for rounds in found.values() for ways in rounds if ways]


def _best(
    now: Judgement, rounds: list[list[Keys]], judge: Callable[[list[Keys]], list[Judgement]]
) -> tuple[Judgement, Keys]:
    """The judgement that is best, and the keys that led to it; of equal ones the first."""
    best, chosen = now, Keys()
    for ways in rounds:
        if best.right == best.count:
            break
        tried = [_joined(chosen, way) for way in ways]
        for keys, judged in zip(tried, judge(tried), strict=True):
            if judged > best:
                best, chosen = judged, keys
    return best, chosen


def _joined(first: Keys, second: Keys) -> Keys:
    names = dict.fromkeys([*first, *second])
    return {name: {**first.get(name, {}), **second.get(name, {})} for name in names}


def _lines(plan: Plan, keys: Keys) -> Iterator[str]:
    """What to write in demo.toml, and of what stands there, what to take out."""
    for item in plan.inputs:
        changed = {
            key: value
            for key, value in keys.get(item.spec.name, {}).items()
            if value != getattr(item.settings, key)
        }
        if changed:
            yield from ("[[inputs]]", f"name = {visible.quoted(item.spec.name)}")
        for key, value in changed.items():
            yield f"# without {key}" if value is None else f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return visible.quoted(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    return f"{value:g}"
