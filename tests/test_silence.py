"""Which programs are silent, and which are at work: those that move are waited for."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from bundler.bundle import packages
from bundler.ground import processes

# Programs that say and write nothing: asleep, and at work.
ASLEEP, AT_WORK = "import time; time.sleep(60)", "import time\nwhile time.time() < {end}: pass"


def test_only_a_program_that_waits_is_silent() -> None:
    def run(program: str) -> int:
        command = [sys.executable, "-c", program]
        return processes.run_while_it_moves(command, lambda: 0, patience=2).returncode

    with pytest.raises(processes.SilentError):
        run(ASLEEP)
    assert run(AT_WORK.format(end=time.time() + 5)) == 0


def test_a_program_that_complains_of_what_is_hopeless_is_ended() -> None:
    """It would go on for as long again as it takes to give up on every file."""
    complains = f"import sys; print('disk full', file=sys.stderr, flush=True); {ASLEEP}"
    begin = time.monotonic()
    result = processes.run_while_it_moves(
        [sys.executable, "-c", complains], lambda: 0, 30, re.compile(b"disk full")
    )
    assert result.returncode and "disk full" in result.stderr
    assert time.monotonic() - begin < 25


def test_a_program_whose_files_grow_moves(tmp_path: Path) -> None:
    program = "import time\nfor n in range(10):\n time.sleep(.4); open('x', 'a').write('x')"
    result = processes.run_while_it_moves(
        [sys.executable, "-c", program],
        lambda: packages.bytes_below(tmp_path), patience=2, cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0
