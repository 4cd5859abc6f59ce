"""Files with names that could stand at a model's answers."""

from __future__ import annotations

from bundler.demo import label_files
from bundler.demo.demo import Demo
from bundler.demo.label_files import LABELS, Found
from bundler.formats.signature import Signature


def found(demo: Demo, signature: Signature) -> list[Found]:
    """Those for outputs whose classes neither demo.toml nor the model's own files name."""
    stated = [entry.name for entry in demo.outputs if LABELS in entry.model_fields_set]
    if None in stated:
        return []
    hinted = [name for name, keys in signature.hints.outputs.items() if LABELS in keys]
    return label_files.fitting(demo.model_path, signature.outputs, {*map(str, stated), *hinted})
