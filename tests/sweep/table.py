"""The table in tests/README.md of what runs where, from the results that are committed."""

from __future__ import annotations

import json
from typing import Any

from tests.sweep import results
from tests.sweep.__main__ import RESULTS

# The outcome at each place.
Places = dict[str, Any]

# Column -> the places where a case must be right to count.
COLUMNS = {
    "cpu": ("node-cpu", "cpu"),
    "wasm": ("node-wasm", "wasm"),
    "webgl": ("webgl",),
    "webgpu": ("webgpu",),
    "tensorflowjs, cpu": ("tensorflowjs-cpu",),
    "tensorflowjs, wasm": ("tensorflowjs-wasm",),
}
FORMATS = {
    "keras_3": "`.keras` of Keras 3",
    "keras_3_hdf5": "`.h5` of Keras 3",
    "keras_3_json": "JSON and weights of Keras 3",
    "keras_2": "`.keras` of Keras 2",
    "keras_2_hdf5": "`.h5` of Keras 2",
    "keras_2_json": "JSON and weights of Keras 2",
    "saved_model_keras_3": "SavedModel, `model.export` of Keras 3",
    "saved_model_keras_2": "SavedModel, `model.save` of Keras 2",
    "saved_model_1": "SavedModel of TensorFlow 1",
    "frozen_graph": "frozen graph",
    "tfjs_graph": "TensorFlow.js graph model",
    "tfjs_layers": "TensorFlow.js layers model",
    "teachable_machine": "Teachable Machine",
}
GROUPS = {
    "activations": "activations",
    "ops": "`keras.ops`",
    "lowerings": "TensorFlow's ops that TensorFlow.js lacks or gets wrong",
    "structures": "structures",
    "realistic": "realistic models",
    "applications": "`keras.applications`",
    "tf_keras_layers": "Keras 2: all layers",
    "tf_keras_activations": "Keras 2: activations",
    "tf_keras_structures": "Keras 2: structures",
    "tf_keras_realistic": "Keras 2: realistic models",
    "tf_keras_applications": "Keras 2: applications",
}


def markdown() -> str:
    """A row for each format, family of layers and group of cases."""
    data = json.loads(RESULTS.read_text(encoding="utf-8"))
    cases = list(data["cases"].values())
    families = sorted({case["family"] for case in cases if case["group"] == "layers"})
    titles = {("formats", family): title for family, title in FORMATS.items()}
    titles |= {("layers", family): f"layers: {family}" for family in families}
    titles |= {(group, group): title for group, title in GROUPS.items()}
    members: dict[tuple[str, str], list[Places]] = {key: [] for key in titles}
    for case in cases:
        is_split = case["group"] in ("formats", "layers")
        family = case["family"] if is_split else case["group"]
        members[case["group"], family].append(case["places"])
    everything = [case["places"] for case in cases]
    rows = [
        *(_row(titles[key], found) for key, found in members.items()),
        _row("**all**", everything),
        _row("of them refused by name", [_ours(places) for places in everything], "refused"),
    ]
    head = "| | cases | " + " | ".join(COLUMNS) + " |"
    versions = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return "\n".join([head, "|---" * (len(COLUMNS) + 2) + "|", *rows]) + f"\n\nWith {versions}."


def _ours(places: Places) -> Places:
    """Without the peer, which refuses nothing."""
    return {place: outcome for place, outcome in places.items() if place in results.PLACES}


def _row(title: str, members: list[Places], status: str = "right") -> str:
    cells = [_count(members, places, status) for places in COLUMNS.values()]
    return f"| {title} | {len(members)} | " + " | ".join(cells) + " |"


def _count(members: list[Places], places: tuple[str, ...], status: str) -> str:
    """How many cases have this status at all of the places; nothing where none was run."""
    run = [case for case in members if all(place in case for place in places)]
    count = sum(all(case[place]["status"] == status for place in places) for case in run)
    return str(count) if run else "–"
