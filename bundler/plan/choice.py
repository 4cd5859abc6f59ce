"""Which widget a tensor gets, and what is wrong with the tables of demo.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bundler.demo.settings import Output, Scale
from bundler.ground import names
from bundler.ground.tensors import ENDS, TensorSpec, is_number, is_whole
from bundler.plan.parts import Kind, Part

# The keys that mean something to every widget.
COMMON = {"name", "label", "widget", "fields", "shape"}
# Names of layers and tensors that nobody named: the layer's class, and a number.
MADE_UP = re.compile(
    r"(input(_layer)?|output|keras_tensor\w*|dense|conv\w*|activation|softmax|sequential|functional|"
    r"reshape|flatten|add|concatenate|lambda|dropout|predictions|rescaling|normalization)(_\d+)*"
)


@dataclass
class Findings:
    """Problems end the build, notices are shown with its result."""

    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    raw_values: list[str] = field(default_factory=list)


class RefusedError(Exception):
    """A tensor cannot be planned; why is among the problems."""


def kind_of(spec: TensorSpec) -> Kind:
    """What a tensor looks like, by its dtype and shape."""
    inner = spec.shape[1:]
    if spec.shape and spec.shape[0] not in (None, 1):
        return "any"
    if all(size == 1 for size in inner):
        return "text" if spec.dtype == "string" else "scalar"
    if spec.dtype == "string":
        return "any"
    if len(inner) == 1:
        return "vector" if inner[0] else "any"
    if len(inner) == 2 and is_whole(spec.dtype) and spec.dtype not in ENDS:
        return "any"  # rows of indices, more likely than grey pixels
    is_square = len(inner) == 3 or inner[0] == inner[1]
    return "image" if can_be_image(spec) and is_square and _picture_sides(*inner[:2]) else "any"


def can_be_image(spec: TensorSpec) -> bool:
    """Whether a picture can fill a tensor, if the user says so."""
    grey_or_colour = len(spec.shape) == 3 or (len(spec.shape) == 4 and spec.shape[3] in (1, 3))
    return grey_or_colour and spec.shape[0] in (None, 1) and is_number(spec.dtype)


def _picture_sides(height: int | None, width: int | None) -> bool:
    if height is None or width is None:
        return height == width
    return min(height, width) >= 16 or height == width >= 8


def choose(
    key: str, asked: str | None, kinds: list[Kind], parts: dict[str, Part], findings: Findings
) -> Part:
    """The widget that is asked for, or the first that may be inferred for these kinds.

    Raises RefusedError for one that does not exist or does not fit.
    """
    wanted: list[Kind] = [*kinds, "any"]
    fitting = [part for kind in wanted for part in parts.values() if kind in part.manifest.fits]
    if asked and asked not in parts:
        tail = _meant(asked, fitting)
        findings.problems.append(f'{key}.widget: there is no widget "{asked}"; {tail}')
        raise RefusedError
    if asked and parts[asked] not in fitting:
        would = ", ".join(dict.fromkeys(part.name for part in fitting))
        findings.problems.append(f'{key}.widget: "{asked}" does not fit this tensor; {would} would')
        raise RefusedError
    return parts[asked] if asked else next(part for part in fitting if part.manifest.infer)


def _meant(asked: str, fitting: list[Part]) -> str:
    """The end of a message about a widget that does not exist: one that fits the tensor."""
    known = list(dict.fromkeys(part.name for part in fitting))
    synonyms: dict[str, list[str]] = {}
    for part in fitting:
        for synonym in part.manifest.synonyms:
            synonyms.setdefault(names.plain(synonym), []).append(part.name)
    found = names.near(asked, known, synonyms)
    if not found:
        return f'for this tensor there are {", ".join(known)} (README, "Widgets")'
    if found == "json" and names.plain(asked) in synonyms:
        return 'but "json" takes any tensor, as nested lists'
    return f'did you mean "{found}"?'


def check_options(
    key: str, part: Part, settings: Scale | Output, spec: TensorSpec, findings: Findings
) -> None:
    """Every key that was given must mean something to the widget, and what it needs be there."""
    given = {name for name in settings.model_fields_set if getattr(settings, name) is not None}
    for name in sorted(given - COMMON - set(part.manifest.options)):
        findings.problems.append(
            f'{key}.{name}: means nothing to the widget "{part.name}"; '
            f"it knows {', '.join(part.manifest.options) or 'no options'}"
        )
    default = getattr(settings, "default", None)
    wanted = str if spec.dtype == "string" else int | float
    if part.manifest.feed == "element" and not isinstance(default, wanted | None):
        kind = "text" if spec.dtype == "string" else "number"
        findings.problems.append(f"{key}.default: must be a {kind} (it is {default!r})")
    for name in part.manifest.requires:
        if name not in given:
            findings.problems.append(f'{key}.{name}: the widget "{part.name}" needs this key')


def page_options(part: Part, settings: Scale | Output, spec: TensorSpec) -> dict[str, Any]:
    """What the widget's script and template are given."""
    options = settings.model_dump(include=set(part.manifest.options))
    return options | {"shape": list(spec.shape), "dtype": spec.dtype}


def humanize(name: str, otherwise: str = "") -> str:
    """`blood_pressure` as "Blood pressure"; `otherwise` for a name that Keras made up."""
    if otherwise and MADE_UP.fullmatch(name):
        return otherwise
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
