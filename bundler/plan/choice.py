"""Which widget a tensor gets, and what is wrong with the tables of demo.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bundler.demo.parts import Part
from bundler.demo.settings import COMMON
from bundler.ground import names
from bundler.ground.kinds import ANY, IF_ASKED, Findings, Fit
from bundler.ground.table import Settings, Table
from bundler.ground.tensors import TensorSpec
from bundler.plan.planned import Other

# Names of layers and tensors that nobody named: the layer's class, and a number.
MADE_UP = re.compile(
    r"(input(_layer)?|output|keras_tensor\w*|dense|conv\w*|activation|softmax|sequential|functional|"
    r"reshape|flatten|add|concatenate|lambda|dropout|predictions|rescaling|normalization)(_\d+)*"
)


class RefusedError(Exception):
    """A tensor cannot be planned; why is among the problems."""


@dataclass(frozen=True)
class Candidate:
    """A widget, and how its kind fits the tensor."""

    part: Part
    fit: Fit

    @property
    def other(self) -> Other:
        summary = f"{self.part.manifest.summary}; {self.fit.reason}"
        return Other(self.part.name, summary, tuple(self.part.manifest.requires))


def candidates(fits: dict[str, list[Fit]], parts: dict[str, Part], entry: Table) -> list[Candidate]:
    """All widgets for the tensors of a table, the best first; `fits` are by feed or head."""
    found = [
        Candidate(part, fit)
        for part in parts.values()
        if part.takes(roles(entry))
        for fit in fits.get(part.kind, ())
        if fit.kind in part.manifest.fits
    ]
    return sorted(found, key=lambda one: (-one.fit.rank, not one.part.manifest.infer))


def choose(
    key: str, entry: Table, found: Sequence[Candidate], known: dict[str, Part], findings: Findings
) -> Candidate:
    """The widget that is asked for, or the best one that may be inferred.

    `known` are all widgets by name. Raises RefusedError for one that does not exist or does
    not fit.
    """
    asked = getattr(entry, "widget", None)
    if asked is None and found:
        return _inferred(given(entry), found)
    fitting = {one.part.name: one for one in reversed(found)}
    if asked in fitting:
        return fitting[asked]
    if asked in known and not known[asked].takes(roles(entry)):
        findings.problems.append(f"{key}: {_needed(known[asked])}")
    elif asked in known:
        would = ", ".join(reversed(fitting))
        findings.problems.append(f'{key}.widget: "{asked}" does not fit this tensor; {would} would')
    elif not found:
        together = ", ".join(sorted(roles(entry)))
        findings.problems.append(f"{key}.tensors: no widget takes {together} together")
    else:
        tail = _meant(str(asked), [one.part for one in found])
        findings.problems.append(f'{key}.widget: there is no widget "{asked}"; {tail}')
    raise RefusedError


def _inferred(said: set[str], found: Sequence[Candidate]) -> Candidate:
    """The best without any table, but for one that is made for the keys that were given."""
    apt = [one for one in found if one.fit.rank != IF_ASKED]
    first = next(one for one in apt if one.part.manifest.infer)
    if said <= set(first.part.known):
        return first
    made_for = (one for one in apt if one.fit.rank != ANY and said <= set(one.part.known))
    return next(made_for, first)


def others(found: Sequence[Candidate], chosen: Candidate) -> tuple[Other, ...]:
    """The widgets that would fit as well, without those that are there for any tensor."""
    apt = (one for one in found if one.fit.rank != ANY and not one.fit.each)
    return tuple(one.other for one in apt if one.part != chosen.part)


def roles(entry: Table) -> set[str]:
    """What `tensors` of a table calls them; nothing for a single tensor."""
    return set(getattr(entry, "tensors", None) or ())


def given(entry: Table) -> set[str]:
    """The keys of a table that are no table's own."""
    said = {name for name in entry.model_fields_set if getattr(entry, name) is not None}
    return said - COMMON


def _needed(part: Part) -> str:
    """Which tensors a widget is for."""
    if not part.roles:
        return f'"{part.name}" is for one tensor: write name in the place of tensors'
    named = ", ".join(f'{role} = "…"' for role in part.roles)
    return f'"{part.name}" is for several tensors: add tensors = {{ {named} }}'


def _meant(asked: str, fitting: Sequence[Part]) -> str:
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


def check_keys(key: str, part: Part, entry: Table, findings: Findings) -> None:
    """Every key that was given must mean something to the widget, and what it needs be there."""
    said = given(entry)
    for name in sorted(said - set(part.known)):
        findings.problems.append(
            f'{key}.{name}: means nothing to the widget "{part.name}"; '
            f"it knows {', '.join(part.known) or 'no options'}"
        )
    for name in part.manifest.requires:
        if name not in said:
            findings.problems.append(f'{key}.{name}: the widget "{part.name}" needs this key')


def page_options(part: Part, entry: Table, settings: Settings, spec: TensorSpec) -> dict[str, Any]:
    """What the widget's script and template are given; nothing of a switch that is off."""
    said = settings.model_dump(include=set(part.manifest.options))
    options = {name: value for name, value in said.items() if value is not False}
    own = {name: getattr(entry, name, said.default) for name, said in part.manifest.keys.items()}
    return {**options, **own, "shape": list(spec.shape), "dtype": spec.dtype}


def humanize(name: str, otherwise: str = "") -> str:
    """`blood_pressure` as "Blood pressure"; `otherwise` for a name that Keras made up."""
    if otherwise and MADE_UP.fullmatch(name):
        return otherwise
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
