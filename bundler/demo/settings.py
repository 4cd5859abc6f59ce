"""The tables of inputs and answers in demo.toml: keys that all have, and those of every kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field, create_model, field_validator

from bundler.demo import parts
from bundler.demo.parts import Part, Parts
from bundler.feeds import FEEDS
from bundler.ground.errors import ConfigError
from bundler.ground.table import Settings, Table
from bundler.heads import HEADS

S = TypeVar("S", bound=Settings)


class FieldTable(Table):
    """One named element of an input vector."""

    name: str = Field(description="what examples call it")
    label: str | None = Field(None, description="what the page calls it")
    widget: str | None = Field(None, description="the name of a widget")


class TensorTable(Table):
    """One input or answer of the page."""

    name: str | None = Field(None, description="the model's name of the tensor")
    label: str | None = Field(None, description="what the page calls it")
    widget: str | None = Field(None, description="the name of a widget")
    tensors: dict[str, str] | None = Field(
        None,
        description="of a widget for several tensors: the model's names by the widget's",
        examples=[{"boxes": "detection_boxes"}],
    )


class InputTable(TensorTable):
    """One input: its widget, and how the widget's value becomes a tensor."""

    fields: Sequence[FieldTable] | None = Field(
        None, description="a widget for each element of a vector"
    )
    shape: tuple[int | None, ...] | None = Field(
        None,
        description="where the model does not say it: batch first, -1 for what is free",
        examples=[[-1, 224, 224, 3]],
    )
    after: str | None = Field(
        None, description="the output whose answer goes in again, instead of a widget's value"
    )

    @field_validator("shape")
    @classmethod
    def _free_sizes(cls, value: tuple[int | None, ...] | None) -> tuple[int | None, ...] | None:
        return value and tuple(None if size == -1 else size for size in value)


class OutputTable(TensorTable):
    """One answer and how it is shown."""

    over: str | None = Field(None, description="the input over which the answer is shown")


# The keys of a table that are no kind's own.
COMMON = {*InputTable.model_fields, *OutputTable.model_fields}


def composed(
    name: str,
    base: type[Table],
    kinds: Sequence[type[Settings]],
    owners: Iterable[Part],
    **more: Any,
) -> type[Any]:
    """A table with the keys of all kinds, and those of the widgets themselves.

    A key means the same everywhere: two kinds may have it if both say the same of it. Raises
    TypeError where they do not, ConfigError for a widget's own key that is a kind's.
    """
    known: dict[str, Any] = {}
    for kind in kinds:
        for key, field in kind.model_fields.items():
            if known.setdefault(key, field.annotation) != field.annotation:
                raise TypeError(f"{kind.__module__} has another key {key} than the kinds before")
    for part in owners:
        for key, said in part.manifest.keys.items():
            if key in known or key in base.model_fields:
                raise ConfigError(
                    f"{part.folder / parts.MANIFEST}: the key {key} has a meaning already",
                    hint="Call it otherwise: a key means the same for all widgets.",
                )
            more[key] = said.field
    # A kind may have another one's keys.
    apart = [
        one for one in dict.fromkeys(kinds) if not any(_extends(other, one) for other in kinds)
    ]
    made: type[Any] = create_model(name, __base__=(base, *apart), **more)
    return made


def _extends(one: type, other: type) -> bool:
    return one is not other and issubclass(one, other)


def tables(widgets: Parts) -> tuple[type[Any], type[Any], type[Any]]:
    """The tables of an input, one of its fields, and an output, for these widgets."""
    inputs, outputs = widgets["input"].values(), widgets["output"].values()
    elements = [feed.SETTINGS for feed in FEEDS.values() if feed.EACH]
    field = composed("InputField", FieldTable, elements, inputs)
    whole = composed(
        "Input",
        InputTable,
        [feed.SETTINGS for feed in FEEDS.values()],
        inputs,
        fields=(list[field] | None, InputTable.model_fields["fields"]),  # type: ignore[valid-type]
    )
    answer = composed("Output", OutputTable, [head.SETTINGS for head in HEADS.values()], outputs)
    return whole, field, answer


def narrowed(kind: type[S], table: Table) -> S:
    """The settings of one kind among the keys that a table has."""
    given = table.model_fields_set & kind.model_fields.keys()
    return kind.model_validate({name: getattr(table, name) for name in given})


if TYPE_CHECKING:
    # Their keys are those of the kinds, which are found when the program runs.
    class InputField(FieldTable):
        """What `tables` makes of FieldTable."""

        def __init__(self, **keys: Any) -> None: ...
        def __getattr__(self, key: str) -> Any: ...

    class Input(InputTable):
        """What `tables` makes of InputTable."""

        fields: Sequence[InputField] | None

        def __init__(self, **keys: Any) -> None: ...
        def __getattr__(self, key: str) -> Any: ...

    class Output(OutputTable):
        """What `tables` makes of OutputTable."""

        def __init__(self, **keys: Any) -> None: ...
        def __getattr__(self, key: str) -> Any: ...

else:
    Input, InputField, Output = tables(parts.read())
