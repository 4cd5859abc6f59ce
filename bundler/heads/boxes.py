"""Boxes over a picture, with classes, scores and points: rows of numbers from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bundler.ground.kinds import BEST, IF_ASKED, SOLE, Fit
from bundler.ground.shapes import is_one_of_a_batch
from bundler.ground.tensors import TensorSpec, is_number
from bundler.ground.texts import Texts
from bundler.ground.visible import quoted
from bundler.heads.detection import FORMATS, Format
from bundler.heads.detection.bodies import POINTS, SKELETON
from bundler.heads.detection.format import Measured, MismatchError, Sides, Specs
from bundler.heads.detection.settings import Settings, Settled
from bundler.heads.detection.suppression import chosen
from bundler.heads.kind import AnswerPlace, Head

if TYPE_CHECKING:
    import tensorflow as tf

# What nobody stated, and no format says.
USUAL = {"threshold": 0.5, "least": 0.05, "overlap": 0.5, "most": 100, "scores": "probabilities"}
# Of classes that nobody has named or counted.
UNKNOWN = 90
# The fewest numbers of a box in a tensor of boxes, and in a grid.
FEWEST = {3: 4, 4: 5}


class Boxes(Head):
    """What a detector finds, chosen in the graph."""

    SETTINGS = Settings
    KINDS = ("boxes",)
    OPTIONAL = tuple(
        sorted({r for one in FORMATS.values() for r in one.OPTIONAL.union(*one.ROLES)} - {SOLE})
    )

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        return []

    def fits_over(
        self, tensors: Specs, settings: Settings, activation: str, sides: Sides
    ) -> list[Fit]:
        """Certainly what somebody says or its shape tells; else what could be rows of boxes."""
        if not all(is_number(spec.dtype) and is_one_of_a_batch(spec) for spec in tensors.values()):
            return []
        name = settings.format or recognised(tensors, sides)
        if name:
            return [Fit("boxes", BEST, f"boxes as {name} has them")]
        shape = next(iter(tensors.values())).shape
        is_likely = SOLE not in tensors or (shape[-1] or 0) >= FEWEST.get(len(shape), 1 << 30)
        return [Fit("boxes", IF_ASKED, "boxes, if format says how")] if is_likely else []

    def joined(
        self, specs: tuple[TensorSpec, ...], settings: Settings, sides: Sides
    ) -> dict[str, Any] | None:
        names = [settings.format] if settings.format else list(FORMATS)
        for name in names:
            tensors = FORMATS[name].recognise(specs, sides)
            if tensors and SOLE in tensors:
                return {"format": name, "name": tensors[SOLE]}
            if tensors:
                return {"format": name, "tensors": tensors}
        return None

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: AnswerPlace
    ) -> Settled:
        """What the format says, and what the shapes do; mismatches become problems."""
        name = settings.format or recognised(place.tensors, place.sides)
        if not name:
            place.problem("format", f"say what the tensors hold: {', '.join(map(quoted, FORMATS))}")
            return Settled.model_validate(settings.model_dump(exclude_none=True))
        form = FORMATS[name]
        said = settings.model_dump(exclude_none=True)
        full = Settings.model_validate({**USUAL, **form.DEFAULTS, **said, "format": name})
        measured = _measured(form, full, place)
        if not settings.format:
            place.findings.notices.append(
                f'The output {spec.name} is shown as the boxes of a "{name}", as its name or '
                "shape has it. If it is something else, add format or widget to [[outputs]]."
            )
        points = full.names_of_points or (POINTS if "points" in place.tensors else [])
        is_body = points == POINTS or len(points) == len(POINTS)
        named = POINTS if is_body and isinstance(full.keypoints, int) else points
        return Settled.model_validate(
            {
                **full.model_dump(),
                "labels": _labels(full, form, measured.classes, place),
                "most": min(full.most or 1, measured.boxes or 1000),
                "keypoints": list(named),
                "skeleton": full.skeleton or (SKELETON if is_body else []),
                "sides": place.sides,
            }
        )

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settled) -> tf.Tensor:
        form = FORMATS[settings.format or ""]
        return chosen(form.read(values, settings), settings, is_final=form.IS_FINAL)

    def columns(self, label: str, settings: Settled, texts: Texts) -> tuple[str, ...]:
        """A row for each box."""
        sides = (
            texts.text("Left edge"),
            texts.text("Top edge"),
            texts.text("Right edge"),
            texts.text("Bottom edge"),
        )
        return (label, texts.text("Score"), *sides)

    def suggestions(self, settings: Settled) -> list[str]:
        named = '# labels = "labels.txt"'
        return [
            f"format = {quoted(settings.format or '')}",
            f"threshold = {settings.threshold:g}",
            *([] if FORMATS[settings.format or ""].ONLY else [named]),
        ]


def recognised(tensors: Mapping[str, TensorSpec], sides: Sides) -> str | None:
    """The format of which these tensors certainly are."""
    specs = list(tensors.values())
    for name, form in FORMATS.items():
        found = form.recognise(specs, sides)
        if found and form.takes(frozenset(tensors)) and set(found) == set(tensors):
            return name
    return None


def _measured(form: Format, settings: Settings, place: AnswerPlace) -> Measured:
    """What the shapes say."""
    if not form.takes(frozenset(place.tensors)):
        needed = " or ".join(_listed(roles) for roles in form.ROLES)
        place.problem("tensors", f'the format "{settings.format}" is read from {needed}')
        return Measured()
    try:
        return form.measure(place.tensors, settings, place.sides)
    except MismatchError as error:
        place.problem(error.key, str(error))
        return Measured()


def _listed(roles: frozenset[str]) -> str:
    return ", ".join(sorted(roles)) if roles != {SOLE} else "one tensor: write name"


def _labels(settings: Settings, form: Format, classes: int | None, place: AnswerPlace) -> list[str]:
    """One for each class."""
    first = settings.first_class or 0
    if settings.labels is None:
        if form.ONLY:
            return [form.ONLY]
        return [f"class {first + index}" for index in range(classes or UNKNOWN)]
    labels = list(settings.labels)
    if classes is not None and len(labels) != classes:
        place.problem("labels", f"there are {len(labels)}, but the model has {classes} classes")
    return labels


HEAD = Boxes()
