"""What the tests of ../shared/cases share: the makers' folder, built sites, and the table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cases.making import Made

BACKENDS = ("cpu", "wasm", "webgl")


@dataclass
class Found:
    """What is known of a model: how it was built, and the largest error on each backend."""

    state: str = "failed"
    errors: dict[str, float] = field(default_factory=dict)

    def add(self, backend: str, error: float) -> None:
        self.errors[backend] = max(error, self.errors.get(backend, 0.0))


FOUND: dict[str, Found] = {}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Where the makers write; CASES_ROOT names a folder that is kept between runs."""
    kept = os.environ.get("CASES_ROOT")
    yield Made(Path(kept).resolve() if kept else tmp_path_factory.mktemp("cases"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not FOUND:
        return
    width = max(map(len, FOUND))
    terminalreporter.section("models of ../shared/cases: largest error on each backend")
    head = "  ".join(f"{backend:>8}" for backend in BACKENDS)
    terminalreporter.write_line(f"{'':{width}}  {'':9}{head}")
    for name, found in sorted(FOUND.items()):
        cells = (
            f"{found.errors[backend]:8.1e}" if backend in found.errors else f"{'–':>8}"
            for backend in BACKENDS
        )
        terminalreporter.write_line(f"{name:{width}}  {found.state:9}{'  '.join(cells)}")
