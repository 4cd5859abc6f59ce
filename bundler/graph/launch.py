"""How the TensorFlow process is started: with an environment given by us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from bundler.demo.demo import Demo
from bundler.formats.source import Source
from bundler.ground import layout, own_program

# All that the child gets of the environment: nothing that a model could want to read.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
# Where code of the author's own may keep what it needs.
HOMES = ("HOME", "USERPROFILE")
SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}
# What the child imports of others, to be found wherever the parent would.
LIBRARIES = (
    "tensorflow", "keras", "tf_keras", "numpy", "h5py", "PIL", "pydantic", "platformdirs", "tomli",
)  # fmt: skip
PROGRAM = own_program.program("bundler.graph.child")


def start(demo: Demo, own: Path, readable: Sequence[Path], log: IO[str]) -> subprocess.Popen[str]:
    """Starts it; what it prints goes to `log`."""
    return subprocess.Popen(
        command(demo, own, readable),
        env=environment(demo, own),
        cwd=own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
        # A group of its own, to be ended with whatever it started.
        start_new_session=True,
    )


def command(demo: Demo, own: Path, readable: Sequence[Path] = ()) -> list[str]:
    """The program and its arguments.

    `own` is the folder in which it may write; beside the model, it may read what is `readable`.
    """
    what = json.dumps(given(demo, own, readable))
    return [sys.executable, "-I", "-B", "-u", "-c", PROGRAM, what]


def given(demo: Demo, own: Path, readable: Sequence[Path]) -> dict[str, Any]:
    """What the program is told of where it is."""
    shown = [layout.PACKAGE, layout.templates(), *_model(demo), *readable]
    return {
        "package": str(layout.PACKAGE),
        "path": [str(folder) for folder in _path(demo)],
        "readable": [str(path) for path in shown],
        "writable": [str(own)],
        "fenced": not demo.trusted,
    }


def _model(demo: Demo) -> list[Path]:
    """The model's files, but none elsewhere that it names or links to.

    Of a folder all of it, for the model may lie somewhere in it.
    """
    source = Source.of(demo)
    named = source.path.resolve()
    if named.is_dir():
        return [named]
    folder = source.path.parent.resolve()
    beside = [file.resolve() for file in source.files]
    return [named, *(file for file in beside if file.is_relative_to(folder))]


def environment(demo: Demo, own: Path) -> dict[str, str]:
    """All of its environment."""
    passed_on = (*PASSED_ON, *HOMES) if demo.trusted else PASSED_ON
    kept = {name: os.environ[name] for name in passed_on if name in os.environ}
    # Keras wants a folder for its settings; those of the user would change what a model answers.
    # What is unpacked goes with the process, also when it is killed.
    folders = dict.fromkeys((*HOMES, "KERAS_HOME", "TMPDIR", "TEMP", "TMP"), str(own))
    return {**folders, **kept, **SETTINGS}


def _path(demo: Demo) -> list[Path]:
    """The folders from which the parent has its libraries; of a trusted demo, all that it has."""
    if demo.trusted:
        return [Path(entry).resolve() for entry in sys.path]
    return own_program.folders(LIBRARIES)
