"""A process that runs cases one after the other, so that a hanging one can be killed.

Reads one JSON request a line, {"case": ..., "places": [...], "again": bool}; writes
{"stage": name, "key": ...} when one begins and {"result": ...} at the end.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.sweep.results import Outcome, Result
from tests.sweep.stages import Stages


def main() -> None:
    """Answers requests from standard input until it ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def reply(message: dict[str, Any]) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    stages = Stages(Path(sys.argv[1]), lambda stage, key: reply({"stage": stage, "key": key}))
    try:
        for line in sys.stdin:
            request = json.loads(line)
            case = request["case"]
            try:
                result = stages.run(case, request["places"], again=request["again"])
            except Exception:
                reason = traceback.format_exc(limit=-3)
                result = Result(case["group"], case["name"])
                result.places |= {
                    place: Outcome("failed", "", None, reason, "sweep")
                    for place in request["places"]
                }
            reply({"result": asdict(result)})
    finally:
        stages.close()


if __name__ == "__main__":
    main()
