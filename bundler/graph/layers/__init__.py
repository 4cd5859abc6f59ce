"""The TF.js layers format (`tf.loadLayersModel`), for those who go on training in the browser.

Written by `tensorflowjs.converters.save_keras_model`, then repaired (topology.py); this is the
only place that imports tensorflowjs.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from bundler.graph.layers import topology
from bundler.ground.errors import ModelError, SetupError

__all__ = ["save"]

LEAVE_OUT = 'Leave [build] format = "layers" out: the graph format takes every model.'
MODEL_FILE = "model.json"


def save(model: Any, folder: Path) -> list[str]:
    """Writes a Keras model into `folder`; returns the names of the files, model.json first.

    Raises SetupError without tensorflowjs, ModelError for what the format cannot say.
    """
    if model is None:
        raise ModelError(
            "only a Keras model can become a layers model",
            hint=LEAVE_OUT,
        )
    try:
        from tensorflowjs.converters import save_keras_model
    except ImportError as error:
        raise SetupError(
            f'[build] format = "layers" needs tensorflowjs, which cannot be imported here: {error}',
            hint="It exists for Python 3.10 to 3.12 on Linux x86_64 and macOS arm64. Use one of "
            'these, or leave format out: "graph" needs nothing.',
        ) from error
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            save_keras_model(model, str(folder))
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"tensorflowjs cannot write this model as layers: {lines[0]}", hint=LEAVE_OUT
        ) from error
    file = folder / MODEL_FILE
    artifacts = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(topology.repair(artifacts)), encoding="utf-8")
    shards = [path for group in artifacts["weightsManifest"] for path in group["paths"]]
    return [MODEL_FILE, *shards]
