"""The process that imports TensorFlow: answers requests, one JSON a line, until its input ends.

    {"do": "inspect", "demo": ..., "folder": ..., "file": ..., "files": [...], "widgets": [...]}
        -> its signature
    {"do": "convert", "demo": ..., ..., "out": folder, "examples": [tensors, ...]} -> {}
    {"do": "answer", "demo": ..., ..., "inputs": [tensors, ...], "quantised": folder or null}
        -> {"golden", "examples", "start": cases; "moved", "notices"}
    {"do": "answer otherwise", "demo": ..., ..., "ways": [keys by input, ...], "inputs": [...]}
        -> [[tensors, ...] or null, ...]: by way, by input

Every line of output is {"step": text}, {"result": ...} or {"error": {...}}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

from bundler.demo import parts
from bundler.demo.demo import Demo
from bundler.graph.answering import answer, answer_otherwise
from bundler.graph.converting import convert
from bundler.graph.session import Say, Session
from bundler.ground import disk, told
from bundler.ground.errors import DemoError, ModelError
from bundler.ground.tensors import Tensors, tensors_from_json, tensors_to_json


def main(unfenced: list[str]) -> None:
    """Answers requests from standard input until it ends; tells first what stands open to it."""
    # TensorFlow and models print as they like: only this stream is the protocol's.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def reply(message: dict[str, Any]) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    reply({"unfenced": unfenced})
    sessions: dict[str, Session] = {}
    for line in _requests():
        request = json.loads(line)
        session = _session(request, sessions, lambda text: reply({"step": text}))
        try:
            reply({"result": _handle(request, session)})
        except DemoError as error:
            reply({"error": _describe(error, session)})
        except Exception as error:
            traceback.print_exc()
            reply({"error": _describe(_failure(error, session), session)})


def _failure(error: Exception, session: Session) -> DemoError:
    """What is said of an error that nothing else has put into words."""
    if disk.is_full(error):
        # All that it may write is in a folder of the cache's.
        return disk.cache_error(Path(tempfile.gettempdir()).parents[1], error)
    cause = told.line(error)
    return ModelError(
        f"the conversion of {session.demo.model_path} failed while {session.stage}"
        f"{told.within(error)}: {cause}",
        hint="This is a mistake in tfjs-demo. Run again with --debug and report what it shows.",
    )


def _requests() -> Iterator[str]:
    """The lines of standard input; where it ends, the parent is gone, and so is this process."""
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        # At once, in the middle of a conversion: nobody waits for it any more.
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def _session(request: dict[str, Any], sessions: dict[str, Session], say: Say) -> Session:
    place = {key: request[key] for key in ("folder", "file", "trusted")}
    key = json.dumps([request["demo"], place], sort_keys=True)
    if key not in sessions:
        widgets = tuple(map(Path, request["widgets"]))
        understanding = Demo.understanding(parts.read(widgets))
        demo = understanding.model_validate({**request["demo"], **place})
        sessions[key] = Session(demo, say, tuple(request["files"]), widgets)
    return sessions[key]


def _handle(request: dict[str, Any], session: Session) -> Any:
    if request["do"] == "inspect":
        return session.loaded.signature.to_json()
    if request["do"] == "convert":
        return convert(session, Path(request["out"]), _tensors(request["examples"]))
    if request["do"] == "answer otherwise":
        session.say("trying other preprocessings, because labels of examples are missed")
        found = answer_otherwise(session, request["ways"], _tensors(request["inputs"]))
        return [row and [tensors_to_json(one) for one in row] for row in found]
    session.say("computing Python's answers")
    quantised = Path(request["quantised"]) if request["quantised"] else None
    return answer(session, _tensors(request["inputs"]), quantised)


def _tensors(items: list[Any]) -> list[Tensors]:
    return [tensors_from_json(item) for item in items]


def _describe(error: DemoError, session: Session) -> dict[str, str]:
    """The error, which speaks of the model where its author has it."""
    original = str(session.demo.model_path.parent)
    message, hint = (
        text.replace(str(session.private), original) for text in (error.message, error.hint)
    )
    return {"kind": type(error).__name__, "message": message, "hint": hint}
