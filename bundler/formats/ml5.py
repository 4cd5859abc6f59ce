"""Neural networks of ml5.js: a layers model, and a model_meta.json that says what its numbers mean.

The file: github.com/ml5js/ml5-library, src/NeuralNetwork (meta.inputs, meta.outputs: by name
`dtype`, `min`, `max`, and the `legend` of texts; isNormalized).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.formats.signature import Hints, Loaded, Signature
from bundler.formats.source import Source
from bundler.formats.web import files, layers
from bundler.ground import json_text

if TYPE_CHECKING:
    import tensorflow as tf

NAME = "ml5.js"
META = "model_meta.json"
MOST_FIELDS = 100


@dataclass(frozen=True)
class Column:
    """An element of a vector: what it is called, and the ends that became 0 and 1."""

    name: str
    low: float = 0.0
    high: float = 1.0

    @property
    def field(self) -> dict[str, Any]:
        """The keys of [[inputs.fields]]."""
        ends = {"widget": "slider", "min": self.low, "max": self.high}
        return {"name": self.name, "label": self.name, **(ends if self.low < self.high else {})}


def matches(path: Path) -> bool:
    is_layers = path.is_dir() and layers.config_of(files.topology(path)) is not None
    return is_layers and bool(_read(path))


def check(source: Source) -> None:
    layers.check(source)


def load(source: Source) -> Loaded:
    loaded = layers.load(source)
    meta = _read(source.path)
    if len(loaded.signature.inputs) != 1 or len(loaded.signature.outputs) != 1:
        return loaded
    (given,), (made,) = loaded.signature.inputs, loaded.signature.outputs
    is_normal = meta.get("isNormalized") is True
    inputs = _columns(meta["inputs"], is_normal)
    outputs = _columns(meta["outputs"], is_normal and not _labels(meta))
    inputs = inputs if given.shape[1:] == (len(inputs),) else []
    outputs = outputs if made.shape[1:] == (len(outputs),) else []
    hints = _hints(loaded.signature, meta, inputs, is_normal)
    signature = replace(loaded.signature, hints=hints)

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        # The page takes and gives what people measure; the network knows 0 to 1.
        low, size = _ends(inputs)
        (answer,) = loaded.call([(tensors[0] - low) / size])
        low, size = _ends(outputs)
        return [answer * size + low]

    return Loaded(call, signature)


def _ends(columns: list[Column]) -> tuple[Any, Any]:
    """Where each element begins, and how far it reaches; what does not vary is left alone."""
    if not columns:
        return 0.0, 1.0
    vary = [column.high != column.low for column in columns]
    low = [column.low if varies else 0.0 for column, varies in zip(columns, vary, strict=True)]
    size = [
        column.high - column.low if varies else 1.0
        for column, varies in zip(columns, vary, strict=True)
    ]
    return low, size


def _hints(
    signature: Signature, meta: dict[str, Any], columns: list[Column], is_normal: bool
) -> Hints:
    (given,), (made,) = signature.inputs, signature.outputs
    inputs: dict[str, Any] = {}
    if 0 < len(columns) <= MOST_FIELDS:
        inputs[given.name] = {"fields": [column.field for column in columns]}
    elif len(given.shape) == 4 and given.shape[3] in (1, 3) and is_normal:
        inputs[given.name] = {"widget": "image", "range": (0.0, 1.0)}
    outputs: dict[str, Any] = {}
    labels = _labels(meta)
    if labels and made.shape[1:] == (len(labels),):
        outputs[made.name] = {"widget": "label", "labels": labels}
    elif made.shape[1:] == (1,) and len(meta["outputs"]) == 1:
        outputs[made.name] = {"widget": "number", "label": next(iter(meta["outputs"]))}
    return Hints(inputs=inputs, outputs=outputs)


def _columns(rows: dict[str, dict[str, Any]], is_normal: bool) -> list[Column]:
    """The elements of the vector that ml5 makes of named values: texts become one-hot."""
    columns = []
    for name, row in rows.items():
        legend = _legend(row)
        ends = [row.get("min"), row.get("max")]
        known = is_normal and all(isinstance(end, int | float) for end in ends)
        low, high = map(float, ends) if known else (0.0, 0.0)  # type: ignore[arg-type]
        if legend:
            columns += [Column(f"{name}: {text}") for text in legend]
        else:
            columns.append(Column(name, low, high))
    return columns


def _legend(row: dict[str, Any]) -> list[str]:
    """The texts that a value may be, in the order of their places."""
    legend = row.get("legend")
    if not isinstance(legend, dict) or not all(isinstance(one, list) for one in legend.values()):
        return []
    return sorted(legend, key=lambda text: legend[text].index(max(legend[text], default=0)))


def _labels(meta: dict[str, Any]) -> list[str]:
    """The classes, if that is what the network tells apart."""
    rows = list(meta["outputs"].values())
    return _legend(rows[0]) if len(rows) == 1 else []


def _read(folder: Path) -> dict[str, Any]:
    """The content of model_meta.json; nothing for files of others."""
    try:
        meta = json_text.read_file(folder / META)
    except (OSError, ValueError, RecursionError):
        return {}
    tables = [meta.get(name) for name in ("inputs", "outputs")] if isinstance(meta, dict) else []
    known = bool(tables) and all(
        isinstance(table, dict) and table and all(isinstance(row, dict) for row in table.values())
        for table in tables
    )
    return meta if known else {}
