"""What a thousand predictions leave behind: tensors and JavaScript heaps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.benchmarks.page_parts.host import serve
from tests.benchmarks.page_parts.visits import evaluate, fresh_context, open_answered

# The first ones fill pools, and the browser compiles what runs often once more, and keeps that.
WARM_UP = 1000
COUNT = 1000


@dataclass(frozen=True)
class Used:
    """Bytes in use after garbage collection, array buffers included, and tensors if told."""

    page: float
    worker: float | None
    tensors: int | None


class Heaps:
    """The heaps of a page and of the worker that it starts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = page.context.new_cdp_session(page)
        self.workers: list[str] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self.session.on("Target.attachedToTarget", self._attached)
        self.session.on("Target.receivedMessageFromTarget", self._received)
        # Playwright's sessions cannot address the worker's own one in a flat protocol.
        settings = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        self.session.send("Target.setAutoAttach", settings)

    def bytes(self) -> tuple[float, float | None]:
        """What page and worker use after garbage collection, array buffers included."""
        worker = None
        if self.workers:
            self._ask_worker("HeapProfiler.collectGarbage")
            worker = _sum(self._ask_worker("Runtime.getHeapUsage"))
        self.session.send("HeapProfiler.collectGarbage")
        return _sum(self.session.send("Runtime.getHeapUsage")), worker

    def used(self) -> Used:
        """And the tensors of a page that has the benchmark's script."""
        return Used(*self.bytes(), evaluate(self.page, "benchmark.tensors()"))

    def _attached(self, event: dict[str, Any]) -> None:
        if event["targetInfo"]["type"] == "worker":
            self.workers.append(event["sessionId"])

    def _received(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self.answers[message["id"]] = message.get("result", {})

    def _ask_worker(self, method: str) -> dict[str, Any]:
        number = len(self.answers) + 1
        message = json.dumps({"id": number, "method": method})
        request = {"sessionId": self.workers[0], "message": message}
        self.session.send("Target.sendMessageToTarget", request)
        for _ in range(200):
            if number in self.answers:
                return self.answers[number]
            self.page.wait_for_timeout(50)
        raise RuntimeError(f"the worker did not answer {method}")


def measure(browser: Browser, site: Path, side: int) -> tuple[Used, Used]:
    """Before and after a thousand predictions."""
    with serve(site) as host, fresh_context(browser) as context:
        page = open_answered(context, host.url)
        heaps = Heaps(page)
        evaluate(page, f"benchmark.predict({WARM_UP}, {side})")
        before = heaps.used()
        evaluate(page, f"benchmark.predict({COUNT}, {side})")
        return before, heaps.used()


def _sum(usage: dict[str, Any]) -> float:
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0))
