"""The TensorFlow process as its parent sees it: started when first asked, ended with the build."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Any

from bundler.demo import config
from bundler.demo.demo import Demo
from bundler.formats.source import Source
from bundler.graph import launch, limits
from bundler.ground import cache, disk, errors, processes
from bundler.ground.errors import DemoError, ModelError


def _log() -> IO[str]:
    """What the process prints; apart from what it writes, of which there may be too much."""
    try:
        return tempfile.TemporaryFile(mode="w+", prefix="tfjs-demo-", suffix=".log")
    except OSError as error:
        raise disk.temporary_error(tempfile.gettempdir(), error) from error


class TensorFlowProcess:
    """Converts models and computes Python's answers in a process of its own."""

    # What it may read beside the model that it is started for.
    readable: Sequence[Path] = ()

    def __init__(
        self, demo: Demo, on_step: Callable[[str], None], widgets: Sequence[Path] = ()
    ) -> None:
        """`widgets` are the demo's own folders of them."""
        self._demo = demo
        self._on_step = on_step
        self._widgets = widgets
        self._process: subprocess.Popen[str] | None = None
        self._known = ExitStack()
        self._memory_limit = limits.memory()
        self._stopped_because = ""
        self._given_folders = 0
        # What the system could not fence in of the process: files, programs and the network.
        self.unfenced: list[str] = []

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
            "demo": self._described(),
            "folder": str(self._demo.folder.resolve()),
            "file": self._demo.file,
            "trusted": self._demo.trusted,
            "files": Source.of(self._demo).file_names,
            "widgets": list(map(str, self._widgets)),
            **parameters,
        }
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        with limits.watching(process.pid, self._memory_limit, self._stop):
            return self._await_result(process)

    def make(self, do: str, out: Path, **parameters: Any) -> Any:
        """Sends a request that fills the folder `out`, and waits for its result."""
        self._start()
        self._given_folders += 1
        made = self._own / f"out-{self._given_folders}"
        made.mkdir()
        result = self.request(do, out=str(made), **parameters)
        for item in made.iterdir():
            shutil.move(item, out / item.name)
        return result

    def lend(self, folder: Path) -> Path:
        """A copy of a folder, where the process can read it."""
        self._start()
        lent = self._own / folder.name
        if not lent.exists():
            shutil.copytree(folder, lent)
        return lent

    def _described(self) -> dict[str, Any]:
        """The demo, without files that only its own folder has."""
        return config.with_lines(self._demo).model_dump(mode="json", exclude_unset=True)

    def _await_result(self, process: subprocess.Popen[str]) -> Any:
        assert process.stdout
        for line in process.stdout:
            reply = json.loads(line)
            if "step" in reply:
                self._on_step(reply["step"])
            elif "unfenced" in reply:
                self.unfenced = reply["unfenced"]
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

    def __enter__(self) -> TensorFlowProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            # Gone with the process that writes there, also when that is killed.
            self._own = self._known.enter_context(cache.scratch("running"))
            self._log = self._known.enter_context(_log())
            readable = [*self.readable, *self._widgets]
            start = partial(launch.start, self._demo, self._own, readable, self._log)
            self._process = self._known.enter_context(processes.started(start))
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
