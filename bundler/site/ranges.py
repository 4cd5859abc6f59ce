"""Which numbers a field takes: what demo.toml offers, the model knows and its dtype holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bundler.graph.changes import Range
from bundler.ground.tensors import ENDS, KEPT, TensorSpec, is_whole
from bundler.plan import Plan, PlannedInput

NONE: Range = (None, None)
Known = Mapping[str, Sequence[Range]]


def known(item: PlannedInput, number: int, ranges: Known) -> Range:
    """What the model knows of the values of one of an input's widgets."""
    found = ranges.get(item.spec.name) or [NONE]
    mine = found[number : number + 1] if 1 < len(found) == len(item.fields) else found
    lows, highs = zip(*mine, strict=True)
    return _end(min, lows), _end(max, highs)


def options(item: PlannedInput, number: int, ranges: Known) -> dict[str, Any]:
    """The options of a widget, with the ends of what can be entered."""
    field = item.fields[number]
    said = field.options
    if not {"min", "max"} <= said.keys():
        return said
    low, high = known(item, number, ranges)
    least, most = ENDS.get(item.spec.dtype, NONE) if is_whole(item.spec.dtype) else NONE
    return {
        **said,
        "min": _inner(max, (said["min"], low, least)),
        "max": _inner(min, (said["max"], high, most)),
    }


def kept(spec: TensorSpec, options: dict[str, Any]) -> dict[str, Any]:
    """The same with the ends of what the page can keep, which goes without saying."""
    if not ({"min", "max"} <= options.keys() and is_whole(spec.dtype)):
        return options
    least, most = KEPT["int32"]
    low, high = options["min"], options["max"]
    return {**options, "min": least if low is None else low, "max": most if high is None else high}


def notices(plan: Plan, ranges: Known) -> Iterator[str]:
    """What demo.toml offers of which the model knows nothing."""
    for item in plan.inputs:
        for number, field in enumerate(item.fields):
            low, high = known(item, number, ranges)
            outside = [one for one in field.settings.offered or () if _is_outside(one, low, high)]
            if outside:
                yield (
                    f"demo.toml offers {', '.join(map(str, outside))} for {field.name}, and the "
                    f"model knows only {_said(low, high)}: no visitor can enter others."
                )


def _is_outside(value: Any, low: float | None, high: float | None) -> bool:
    is_number = isinstance(value, int | float)
    return is_number and ((low is not None and value < low) or (high is not None and value > high))


def _said(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"numbers up to {high:g}" if low is None else f"numbers from {low:g}"
    return f"the numbers {low:g} to {high:g}"


def _end(choose: Any, ends: Sequence[float | None]) -> float | None:
    """The outermost; none where one of them has no end."""
    known = [one for one in ends if one is not None]
    return _short(choose(known)) if len(known) == len(ends) else None


def _inner(choose: Any, ends: Sequence[float | None]) -> float | None:
    known = [one for one in ends if one is not None]
    return _short(choose(known)) if known else None


def _short(number: float) -> float:
    return int(number) if number == int(number) else number
