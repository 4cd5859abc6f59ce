"""A process that stays and answers JSON requests, one a line: TensorFlow starts slowly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

# With the last one, those parts of tf_keras that ask TensorFlow for Keras get tf_keras.
SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_USE_LEGACY_KERAS": "1",
}


class ServiceError(Exception):
    """A request could not be answered."""


class Service:
    """The process as its parent sees it; started when first asked."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None

    def ask(self, **request: Any) -> Any:
        """Raises ServiceError."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
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
            raise ServiceError(f"the process died ({self._process.wait()})")
        reply = json.loads(line)
        if "error" in reply:
            raise ServiceError(reply["error"])
        return reply["result"]

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


def serve(answer: Callable[[dict[str, Any]], Any]) -> None:
    """Answers requests from standard input until it ends."""
    warnings.simplefilter("ignore")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            reply: dict[str, Any] = {"result": answer(json.loads(line))}
        except Exception as error:
            lines = [part.strip() for part in str(error).splitlines() if part.strip()]
            reply = {"error": f"{type(error).__name__}: {' '.join(lines)[:400]}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
