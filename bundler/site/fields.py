"""What the templates are told of inputs and answers, and of the widgets that stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from bundler.feeds import FEEDS
from bundler.ground.tensors import Tensor
from bundler.ground.texts import Texts
from bundler.heads import HEADS
from bundler.plan import Plan, PlannedInput, PlannedOutput
from bundler.site import entries, over, ranges, words
from bundler.site.examples import field_id
from bundler.site.ranges import Known


def planned_input(
    index: int, item: PlannedInput, start: Tensor, known: Known, texts: Texts
) -> dict[str, Any]:
    """An input and its widgets."""
    options = _first_values(item, start, known)
    fields = [
        {
            "id": field_id(index, number),
            "name": field.name,
            "label": words.label(field.label, texts),
            "widget": field.widget,
            "template": f"widgets/input/{field.widget}/widget.html.j2",
            "options": ranges.kept(item.spec, options[number]),
            "takes": words.taken(entries.spec_of(item, field), options[number], texts),
            "clear_button": field.clear_button,
            "names_itself": field.names_itself,
        }
        for number, field in enumerate(item.fields)
    ]
    return {
        "name": item.spec.name,
        "label": words.label(item.label, texts),
        "hint": _hint(item, texts),
        "fields": fields,
        "is_element": len(fields) == 1 and FEEDS[item.feed].EACH,
        "is_labelled": len(fields) == 1 and item.fields[0].names_itself,
    }


def _first_values(item: PlannedInput, start: Tensor, known: Known) -> list[dict[str, Any]]:
    """The options of an input's widgets; what nobody stated, stands where the model answers."""
    is_split = len(item.fields) > 1 or FEEDS[item.feed].EACH
    values: list[Any] = start.values if is_split else [start.nested]
    made = [ranges.options(item, number, known) for number in range(len(item.fields))]
    return [
        {**options, "default": value}
        if "default" in options and not field.states_default
        else options
        for field, options, value in zip(item.fields, made, values, strict=False)
    ]


def planned_inputs(
    plan: Plan, start: Mapping[str, Tensor], known: Known, texts: Texts
) -> list[dict[str, Any]]:
    """The inputs in the order of demo.toml."""
    made = [
        (item.place, planned_input(index, item, start[item.spec.name], known, texts))
        for index, item in enumerate(plan.inputs)
    ]
    return [one for _, one in sorted(made, key=lambda pair: pair[0])]


def grouped(inputs: list[dict[str, Any]], texts: Texts) -> list[dict[str, Any]]:
    """What stands under one heading.

    Inputs of one element each that follow each other are one group of fields.
    """
    shown = [item for item in inputs if item["fields"]]
    groups: list[dict[str, Any]] = []
    for is_element, items in groupby(shown, key=lambda item: bool(item["is_element"])):
        run = list(items)
        if is_element and len(run) > 1:
            fields = [field for item in run for field in item["fields"]]
            label, hint = texts.text("Values"), words.values(len(fields), texts)
            run = [{"label": label, "hint": hint, "fields": fields, "is_labelled": False}]
        groups += run
    return groups


def _hint(item: PlannedInput, texts: Texts) -> str:
    """What an input expects, in a few words."""
    becomes = FEEDS[item.feed].becomes(item.settings)
    if becomes:
        height, width, channels = becomes
        sides = {"width": texts.number(width), "height": texts.number(height)}
        if channels == 1:
            return texts.text("becomes {width} × {height} pixels, grey", **sides)
        return texts.text("becomes {width} × {height} pixels, colour", **sides)
    return words.values(len(item.fields), texts) if len(item.fields) > 1 else ""


def planned_outputs(
    plan: Plan,
    answers: Mapping[str, dict[str, Any]],
    texts: Texts,
    under: Mapping[str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """The answers in the order of demo.toml; `under` are pictures by the ids of their widgets."""
    made = [
        (item.place, planned_output(index, item, answers.get(item.spec.name), plan, texts, under))
        for index, item in enumerate(plan.outputs)
    ]
    return [one for _, one in sorted(made, key=lambda pair: pair[0])]


def _over(name: str, plan: Plan) -> dict[str, Any]:
    """The widget over whose value an answer is shown, and what the model sees of a picture."""
    index = [one.spec.name for one in plan.inputs].index(name)
    settings = plan.inputs[index].settings
    seen = {key: getattr(settings, key) for key in ("fit", "size") if hasattr(settings, key)}
    return {"over": field_id(index, 0), "seen": seen}


def planned_output(
    index: int,
    item: PlannedOutput,
    answer: dict[str, Any] | None,
    plan: Plan,
    texts: Texts,
    under: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    """An answer and its widget; one over an input is told the id of that one's widget."""
    partner = _over(item.over, plan) if item.over else {}
    folder = f"widgets/output/{item.widget}"
    label = words.label(item.label, texts)
    return {
        "id": f"output-{index}",
        "name": item.spec.name,
        "label": label,
        "widget": item.widget,
        "template": f"{folder}/widget.html.j2",
        "caption": f"{folder}/caption.html.j2",
        "options": {**item.options, **partner},
        "answer": answer,
        "under": over.placed(under.get(partner.get("over", "")), partner.get("seen", {})),
        "taken": item.taken,
        "columns": HEADS[item.head].columns(label, item.settings, texts),
    }
