"""Inputs: the widget in front of each, and the settings of its feed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeVar

from bundler.demo.settings import Input, InputField, Scale
from bundler.ground.tensors import ENDS, TensorSpec, format_shape, is_whole, whole_range
from bundler.plan.choice import (
    Findings,
    RefusedError,
    can_be_image,
    check_options,
    choose,
    humanize,
    kind_of,
    page_options,
)
from bundler.plan.parts import Kind, Part
from bundler.plan.planned import PlannedField, PlannedInput

# A bare vector of at most so many elements gets a number field for each.
MOST_INFERRED_FIELDS = 24
# A picture of fewer shades than this is hardly what was meant.
FEW_SHADES = 16
S = TypeVar("S", bound=Scale)

# What an input is called whose name Keras made up, by its feed.
MADE_UP_LABELS = {"image": "Picture", "sketch": "Drawing"}


@dataclass
class InputPlanner:
    """Plans inputs one by one; `normalizes` says whether the model scales raw values itself."""

    parts: dict[str, Part]
    normalizes: bool
    findings: Findings

    def plan(self, key: str, spec: TensorSpec, entry: Input) -> PlannedInput:
        """The input `spec` with its table `entry`, which messages call `key`."""
        kind = kind_of(spec)
        fields = entry.fields
        if entry.shape is not None and entry.shape != spec.shape:
            self.findings.problems.append(
                f"{key}.shape: the model says {format_shape(spec.shape)} itself"
            )
        if fields is None and kind == "vector" and not entry.widget:
            fields = _inferred_fields(spec, entry)
        if fields is not None:
            return self._plan_fields(key, spec, entry, fields)
        return self._plan_whole(key, spec, entry, kind)

    def _plan_whole(self, key: str, spec: TensorSpec, entry: Input, kind: Kind) -> PlannedInput:
        """One widget for the whole tensor."""
        kinds: list[Kind] = [kind] if kind != "vector" or entry.widget else []
        if entry.widget and can_be_image(spec):
            kinds = ["image"]
        part = choose(key, entry.widget, kinds, self.parts, self.findings)
        if kind == "vector" and part.manifest.feed == "element":
            self.findings.problems.append(
                f'{key}: "{part.name}" gives one number, but the input {spec.name} '
                f"{format_shape(spec.shape)} wants {spec.shape[1]}: add [[inputs.fields]]"
            )
        check_options(key, part, entry, spec, self.findings)
        settings = self._settle_choices(key, spec, entry)
        if part.manifest.feed in ("image", "sketch"):
            settings = self._complete_picture(key, spec, entry, part)
        feed = part.manifest.feed
        label = entry.label or humanize(spec.name, MADE_UP_LABELS.get(feed, "Input"))
        options, names_itself = _options(part, settings, spec), part.manifest.names_field
        field = PlannedField(spec.name, label, part.name, options, names_itself)
        return PlannedInput(spec, label, feed, settings, (field,))

    def _plan_fields(
        self, key: str, spec: TensorSpec, entry: Input, fields: list[InputField]
    ) -> PlannedInput:
        """One widget for each element."""
        count = prod(size or 1 for size in spec.shape)
        if len(fields) != count:
            self.findings.problems.append(
                f"{key}.fields: there are {len(fields)}, but the input {spec.name} "
                f"{format_shape(spec.shape)} has {count} elements"
            )
        planned = []
        element = replace(spec, shape=(1,))
        fields = [
            self._settle_choices(f"{key}.fields[{index}]", spec, settings)
            for index, settings in enumerate(fields)
        ]
        for index, settings in enumerate(fields):
            field_key = f"{key}.fields[{index}]"
            if settings.name in {field.name for field in fields[:index]}:
                problem = f'{field_key}.name: "{settings.name}" is there twice'
                self.findings.problems.append(problem)
            try:
                kinds = [kind_of(element)]
                part = choose(field_key, settings.widget, kinds, self.parts, self.findings)
            except RefusedError:
                continue
            check_options(field_key, part, settings, spec, self.findings)
            label = settings.label or humanize(settings.name)
            options = _options(part, settings, replace(element, name=settings.name))
            names_itself = part.manifest.names_field
            planned.append(PlannedField(settings.name, label, part.name, options, names_itself))
        label = entry.label or humanize(spec.name, "Values")
        settled = entry.model_copy(update={"fields": fields})
        return PlannedInput(spec, label, "tensor", settled, tuple(planned))

    def _settle_choices(self, key: str, spec: TensorSpec, settings: S) -> S:
        """The settings with the values that the model gets for the choices."""
        settled = []
        for index, choice in enumerate(settings.choices or []):
            try:
                settled.append(choice.settled(index, spec.dtype))
            except ValueError as error:
                self.findings.problems.append(f"{key}.choices[{index}].value: {error}")
        return settings.model_copy(update={"choices": settled}) if settled else settings

    def _complete_picture(self, key: str, spec: TensorSpec, entry: Input, part: Part) -> Input:
        """Size and channels from the model's shape where they are fixed there."""
        height, width = spec.shape[1], spec.shape[2]
        channels = spec.shape[3] if len(spec.shape) == 4 else 1
        problems = self.findings.problems
        if height and width and entry.size not in (None, (height, width)):
            problems.append(f"{key}.size: the model is made for [{height}, {width}]")
        if channels and entry.channels not in (None, channels):
            problems.append(f"{key}.channels: the model is made for {channels}")
        size = entry.size or ((height, width) if height and width else None)
        if size is None and part.manifest.feed == "sketch":
            problems.append(f"{key}.size: the model takes any size, so say which: [28, 28]")
        if is_whole(spec.dtype):
            self._check_whole_range(key, spec, entry.range)
        elif entry.range is None and not self.normalizes:
            self._notice_raw_values(spec, is_sketch=part.manifest.feed == "sketch")
        known = channels if channels in (1, 3) else None
        return entry.model_copy(update={"size": size, "channels": entry.channels or known})

    def _check_whole_range(
        self, key: str, spec: TensorSpec, value_range: tuple[float, float] | None
    ) -> None:
        """Whole numbers from 0 to 255 are pixels; for others, what black and white are is said."""
        low, high = sorted(value_range or whole_range(spec.dtype))
        least, most = ENDS.get(spec.dtype, (low, high))
        if low < least or high > most:
            self.findings.problems.append(
                f"{key}.range: the input {spec.name} takes {spec.dtype}, "
                f"whole numbers from {least} to {most}"
            )
        elif value_range and high - low < FEW_SHADES and spec.dtype != "bool":
            self.findings.notices.append(
                f"The input {spec.name} takes whole numbers ({spec.dtype}), so range = "
                f"[{value_range[0]:g}, {value_range[1]:g}] leaves {int(high - low) + 1} shades of "
                "a picture. If it was trained on pixels, leave range out."
            )
        elif value_range is None and low < 0:
            self.findings.notices.append(
                f"The input {spec.name} takes {spec.dtype}, so black is {low:g}, white {high:g}. "
                "If the model was trained on something else, add range to [[inputs]]."
            )

    def _notice_raw_values(self, spec: TensorSpec, *, is_sketch: bool) -> None:
        self.findings.raw_values.append(spec.name)
        what = "paper 0 and ink 255" if is_sketch else "pixels from 0 to 255"
        self.findings.notices.append(
            f"The input {spec.name} gets raw values ({what}), because nothing says what the model "
            f"was trained on. If it was trained on values from 0 to 1, add range = [0, 1] to "
            f"[[inputs]] in demo.toml."
        )


def _inferred_fields(spec: TensorSpec, entry: Input) -> list[InputField] | None:
    """A field for each element, all with what the table says of a number."""
    count = spec.shape[1]
    if count is None or count > MOST_INFERRED_FIELDS:
        return None
    stem = humanize(spec.name, "Value")
    said = entry.model_dump(include={*Scale.model_fields} & entry.model_fields_set)
    if entry.choices:
        said["widget"] = "dropdown"
    return [
        InputField(name=f"{spec.name}_{index + 1}", label=f"{stem} {index + 1}", **said)
        for index in range(count)
    ]


def _options(part: Part, settings: Scale, spec: TensorSpec) -> dict[str, Any]:
    if "int" in spec.dtype and settings.step is None:
        settings = settings.model_copy(update={"step": 1})
    options = page_options(part, settings, spec)
    if "default" in options and options["default"] is None:
        options["default"] = _default(part, settings, spec)
    return options


def _default(part: Part, settings: Scale, spec: TensorSpec) -> Any:
    """The first choice, the middle, or the nearest to 0; of a tensor, for each element."""
    if part.manifest.feed == "tensor":
        return _filled([size or 1 for size in spec.shape], _default_element(settings, spec))
    return _default_element(settings, spec)


def _default_element(settings: Scale, spec: TensorSpec) -> Any:
    if settings.choices:
        return settings.choices[0].value
    if spec.dtype == "string":
        return ""
    if settings.min is not None and settings.max is not None:
        middle = (settings.min + settings.max) / 2
        if settings.step is None:
            return round(middle, 6)
        return settings.min + round(
            round((middle - settings.min) / settings.step) * settings.step, 9
        )
    if settings.min is not None:
        return max(settings.min, 0)
    return min(settings.max or 0, 0)


def _filled(shape: list[int], element: Any) -> Any:
    return [_filled(shape[1:], element) for _ in range(shape[0])] if shape else element
