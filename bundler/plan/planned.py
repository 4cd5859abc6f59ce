"""What planning decides: plain values that the graph and the page are made from.

`settings` are always those of the feed or head, completed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bundler.ground.tensors import TensorSpec

Tensors = dict[str, TensorSpec]


@dataclass(frozen=True)
class Other:
    """A widget that would fit as well: what for, and the keys that it needs."""

    widget: str
    reason: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedField:
    """One widget on the page that fills an input, or one element of it.

    With `names_itself`, it says the label itself; with `clear_button`, the page has to clear it.
    """

    name: str
    label: str
    widget: str
    options: dict[str, Any]
    settings: Any
    names_itself: bool = False
    others: tuple[Other, ...] = ()
    clear_button: bool = False

    @property
    def states_default(self) -> bool:
        """Whether demo.toml says what stands in it first."""
        return getattr(self.settings, "default", None) is not None


@dataclass(frozen=True)
class PlannedInput:
    """An input of the page: the feed, the model's tensors that it fills by role, its widgets.

    `spec` is the first of these tensors, by the name that the page knows. Where it is `after` an
    output, that one's last answer goes in and there is no widget. `place` is its own on the page.
    """

    spec: TensorSpec
    label: str
    feed: str
    settings: Any
    fields: tuple[PlannedField, ...]
    tensors: Tensors
    after: str | None = None
    place: int = 0


@dataclass(frozen=True)
class PlannedOutput:
    """An answer of the page: the head, the model's tensors behind it by role, its widget.

    `spec` is the first of these tensors, by the name that the page knows. `over` is the input over
    which the answer is shown, `taken` are the forms in which it can be taken away. `place` is its
    own on the page.
    """

    spec: TensorSpec
    label: str
    widget: str
    head: str
    settings: Any
    options: dict[str, Any]
    tensors: Tensors
    over: str | None = None
    others: tuple[Other, ...] = ()
    place: int = 0
    taken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What planning decided, and what the user should know about it.

    `takes` and `gives` are the model's tensors in its own order. `raw_values` are the inputs of
    which nothing says what values they were trained on.
    """

    inputs: tuple[PlannedInput, ...]
    outputs: tuple[PlannedOutput, ...]
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    raw_values: tuple[str, ...] = field(default=())

    def with_keys(self, keys: Mapping[str, Mapping[str, Any]]) -> Plan:
        """The same but for these values of the settings of these inputs."""
        inputs = [
            replace(item, settings=item.settings.model_copy(update=keys.get(item.spec.name, {})))
            for item in self.inputs
        ]
        return replace(self, inputs=tuple(inputs))
