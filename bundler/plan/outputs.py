"""Outputs: the widget behind each, and what its head still has to do."""

from __future__ import annotations

from dataclasses import dataclass

from bundler.demo.config import read_labels
from bundler.demo.demo import Demo
from bundler.demo.settings import Output
from bundler.ground.tensors import TensorSpec, format_shape, is_whole, whole_range
from bundler.plan.choice import (
    Findings,
    can_be_image,
    check_options,
    choose,
    humanize,
    kind_of,
    page_options,
)
from bundler.plan.parts import Kind, Part
from bundler.plan.planned import PlannedOutput

SHOWN_CLASSES = 5
# The values for black and white that follow from the last activation.
RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
}
PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid")


@dataclass
class OutputPlanner:
    """Plans outputs one by one; `activations` are the model's last ones, by output."""

    parts: dict[str, Part]
    activations: dict[str, str]
    demo: Demo
    findings: Findings

    def plan(self, key: str, spec: TensorSpec, entry: Output) -> PlannedOutput:
        """The output `spec` with its table `entry`, which messages call `key`."""
        labels = read_labels(self.demo, entry)
        activation = self.activations.get(spec.name, "linear")
        kinds = self._kinds(spec, entry, labels, activation)
        part = choose(key, entry.widget, kinds, self.parts, self.findings)
        check_options(key, part, entry, spec, self.findings)
        options = page_options(part, entry, spec)
        remaining = "linear"
        count = spec.shape[-1] if spec.shape else None
        if part.manifest.head == "scores" and count:
            names = self._complete_labels(key, spec, count, labels)
            options |= {"labels": names, "top": min(entry.top or SHOWN_CLASSES, len(names))}
            remaining = self._remaining_activation(spec, entry, activation, count)
        if part.manifest.head == "image":
            options["range"] = self._complete_range(key, spec, entry, activation)
        label = entry.label or humanize(spec.name, "Answer")
        return PlannedOutput(spec, label, part.name, part.manifest.head, remaining, options)

    def _kinds(
        self, spec: TensorSpec, entry: Output, labels: list[str] | None, activation: str
    ) -> list[Kind]:
        """Scores and pictures only where something says that they are: a table, an activation."""
        kinds: list[Kind] = []
        count = spec.shape[-1] if len(spec.shape) == 2 else None
        says_so = labels or entry.scores or entry.widget or activation == "softmax"
        if says_so and count and (count > 1 or (labels is not None and len(labels) == 2)):
            kinds.append("scores")
        if kind_of(spec) == "scalar":
            kinds.append("scalar")
        bounded = kind_of(spec) == "image" and len(spec.shape) == 4 and activation in RANGES
        if can_be_image(spec) and (entry.widget or entry.range or bounded):
            kinds.append("image")
        return kinds

    def _complete_range(
        self, key: str, spec: TensorSpec, entry: Output, activation: str
    ) -> tuple[float, float] | None:
        """The values for black and white: stated, or known from activation or dtype."""
        known = RANGES.get(activation) or (
            whole_range(spec.dtype) if is_whole(spec.dtype) else None
        )
        if not entry.range and not known:
            self.findings.problems.append(
                f'{key}.range: the widget "image" needs the values for black and white, '
                f"for example [0, 1], because nothing says what the output {spec.name} holds"
            )
        return entry.range or known

    def _complete_labels(
        self, key: str, spec: TensorSpec, count: int, labels: list[str] | None
    ) -> list[str]:
        expected = 2 if count == 1 else count
        if labels is None:
            return [f"class {index}" for index in range(expected)]
        if len(labels) != expected:
            self.findings.problems.append(
                f"{key}.labels: there are {len(labels)}, but the output {spec.name} "
                f"{format_shape(spec.shape)} has {expected} classes"
            )
        return labels

    def _remaining_activation(
        self, spec: TensorSpec, entry: Output, activation: str, count: int
    ) -> str:
        """What makes probabilities of the output; "linear" if they are probabilities."""
        if entry.scores == "probabilities" or (
            entry.scores is None and activation in PROBABILITIES
        ):
            return "linear"
        missing = "sigmoid" if count == 1 else "softmax"
        if entry.scores is None:
            self.findings.notices.append(
                f"The output {spec.name} ends without an activation, so {missing} was added to "
                f"make probabilities. If they are probabilities already, add "
                f'scores = "probabilities" to [[outputs]] in demo.toml.'
            )
        return missing
