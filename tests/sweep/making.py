"""Model files of the cases, made by a TensorFlow process that stays for all of them.

Run as a script: `python -m tests.sweep.making` reads one JSON request a line, and answers it.

    {"group": ...} -> the cases of a group: [{"name", "trusted", "demo", "suffix", "missing"}, ...]
    {"group": ..., "name": ..., "out": file} -> {}
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
import zipfile
from functools import cache as memoize
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bundler import cache
from tests.sweep.cases.case import SEED

CASES = Path(__file__).parent / "cases"
LIBRARIES = ("tensorflow", "keras", "tf_keras")
# With the last one, those parts of tf_keras that ask TensorFlow for Keras get tf_keras.
SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_USE_LEGACY_KERAS": "1",
}


class MakeError(Exception):
    """A case's model could not be made."""


@memoize
def key() -> str:
    """Changes when a case could give another model; the code as it was when it was loaded."""
    return cache.digest({name: version(name) for name in LIBRARIES}, cache.digest_files([CASES]))


class Maker:
    """The process as its parent sees it; started when first asked."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, **request: Any) -> Any:
        """Raises MakeError."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.sweep.making"],
                env={**os.environ, **SETTINGS},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise MakeError(f"the process that makes models died ({self._process.wait()})")
        reply = json.loads(line)
        if "error" in reply:
            raise MakeError(reply["error"])
        return reply["result"]

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


def put(made: Path, target: Path) -> None:
    """Moves a new file to its place, unless the one there says the same, but for its date."""
    if not target.exists() or _content(made) != _content(target):
        made.replace(target)
    made.unlink(missing_ok=True)


def _content(path: Path) -> Any:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        members = {item.filename: item.CRC for item in archive.infolist()}
    return {name: value for name, value in members.items() if name != "metadata.json"}


def _list(group: str) -> list[dict[str, Any]]:
    from tests.sweep import cases

    return [
        {
            "name": case.name,
            "suffix": case.suffix,
            "trusted": case.trusted,
            "demo": case.demo,
            "missing": case.make is None,
        }
        for case in cases.of(group)
    ]


def _make(group: str, name: str, out: str) -> None:
    import keras

    from tests.sweep import cases

    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    library: Any = keras
    if group.startswith("tf_keras"):
        import tf_keras

        library = tf_keras
        library.backend.clear_session()
        library.utils.set_random_seed(SEED)
    case = next(case for case in cases.of(group) if case.name == name)
    assert case.make
    case.make().save(out)


def _answer(request: dict[str, Any]) -> Any:
    if "name" not in request:
        return _list(request["group"])
    _make(request["group"], request["name"], request["out"])
    return {}


def main() -> None:
    """Answers requests from standard input until it ends."""
    warnings.simplefilter("ignore")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply: dict[str, Any] = {"result": _answer(request)}
        except Exception as error:
            lines = [part.strip() for part in str(error).splitlines() if part.strip()]
            reply = {"error": f"{type(error).__name__}: {' '.join(lines)[:400]}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
