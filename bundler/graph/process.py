"""The TensorFlow process as its parent sees it: started when first asked, ended with the build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from bundler import disk, errors, processes
from bundler.config import Demo
from bundler.errors import DemoError, ModelError
from bundler.graph import limits

# All that the child gets of the environment: nothing that a model could want to read.
PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE",
    "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "TFJS_DEMO_CACHE", "LD_LIBRARY_PATH",
)  # fmt: skip
SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONUNBUFFERED": "1",
}


class TensorFlowProcess:
    """Converts models and computes Python's answers in a process of its own."""

    def __init__(self, demo: Demo, on_step: Callable[[str], None]) -> None:
        self._demo = demo
        self._on_step = on_step
        self._process: subprocess.Popen[str] | None = None
        self._known = ExitStack()
        self._memory_limit = limits.memory()
        self._stopped_because = ""
        # Closed by close(), with the process that writes to them. Keras wants a folder for its
        # settings; those of the user would change what a model answers.
        try:
            self._home = tempfile.TemporaryDirectory(
                prefix="tfjs-demo-", ignore_cleanup_errors=True
            )
            self._log = tempfile.TemporaryFile(mode="w+", prefix="tfjs-demo-", suffix=".log")  # noqa: SIM115
        except OSError as error:
            raise disk.temporary_error(os.environ.get("TMPDIR", "the system's"), error) from error

    @property
    def started(self) -> bool:
        return self._process is not None

    def request(self, do: str, **parameters: Any) -> Any:
        """Sends one request and waits for its result.

        Raises the child's DemoError, or ModelError when the child died.
        """
        process = self._start()
        assert process.stdin and process.stdout
        message = {
            "do": do,
            "demo": self._demo.model_dump(mode="json"),
            "folder": str(self._demo.folder.resolve()),
            "file": self._demo.file,
            "trusted": self._demo.trusted,
            **parameters,
        }
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        with limits.watching(process.pid, self._memory_limit, self._stop):
            return self._await_result(process)

    def _await_result(self, process: subprocess.Popen[str]) -> Any:
        assert process.stdout
        for line in process.stdout:
            reply = json.loads(line)
            if "step" in reply:
                self._on_step(reply["step"])
            elif "error" in reply:
                kind: type[DemoError] = getattr(errors, reply["error"]["kind"], ModelError)
                message, hint = reply["error"]["message"], reply["error"]["hint"]
                raise kind(message, hint=hint, details=self._read_log())
            else:
                return reply["result"]
        raise self._died()

    def _stop(self, reason: str) -> None:
        assert self._process
        self._stopped_because = reason
        processes.end(self._process)

    def close(self) -> None:
        self._known.close()
        self._log.close()
        self._home.cleanup()

    def __enter__(self) -> TensorFlowProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
            # The package is found from any working directory, installed or not.
            package = str(Path(__file__).resolve().parents[2])
            paths = [package, *filter(None, [kept.get("PYTHONPATH")])]
            popen = partial(
                subprocess.Popen,
                [sys.executable, "-m", "bundler.graph.child"],
                env={
                    **kept,
                    **SETTINGS,
                    "KERAS_HOME": self._home.name,
                    # What it unpacks goes with this process, also when it is killed.
                    **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._home.name),
                    "PYTHONPATH": os.pathsep.join(paths),
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
                encoding="utf-8",
                # A group of its own, to be ended with whatever it started.
                start_new_session=True,
            )
            self._process = self._known.enter_context(processes.started(popen))
        return self._process

    def _died(self) -> ModelError:
        assert self._process
        code = self._process.wait()
        if self._stopped_because:
            return ModelError(
                f"the TensorFlow process was stopped: {self._stopped_because}",
                hint=f"The environment variables {limits.SECONDS} and {limits.MEGABYTES} (MiB) "
                "set other limits.",
                details=self._read_log(),
            )
        reason = "it ran out of memory" if code in (-9, 137) else f"exit code {code}"
        return ModelError(
            f"the TensorFlow process died ({reason})",
            hint="Run again with --debug to see what it printed.",
            details=self._read_log(),
        )

    def _read_log(self) -> str:
        self._log.seek(0)
        return self._log.read()
