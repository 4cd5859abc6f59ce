"""A plan in words: which widget each tensor gets, and what would fit as well."""

from __future__ import annotations

from collections.abc import Iterator

from bundler.ground.shapes import format_size
from bundler.ground.tensors import TensorSpec
from bundler.plan.planned import Other, Plan


def lines(plan: Plan) -> Iterator[str]:
    """One for each tensor."""
    for item in plan.inputs:
        count = len(item.fields)
        chosen = ", ".join(dict.fromkeys(field.widget for field in item.fields))
        if count > 1:
            chosen = f"{chosen} for each of {count} values"
        others = item.fields[0].others if count == 1 else ()
        yield _line(item.spec, chosen or f"the answer {item.after}, once more", others)
    for output in plan.outputs:
        yield _line(output.spec, output.widget, output.others)


def _line(spec: TensorSpec, chosen: str, others: tuple[Other, ...]) -> str:
    line = f"{spec.name}, {format_size(spec)}: {chosen}"
    if not others:
        return line
    names = " and ".join(
        f"{other.widget} (with {', '.join(other.requires)})" if other.requires else other.widget
        for other in others
    )
    return f"{line}; {names} would fit as well"
