"""Runs the tests in all engines and keeps what they found: `python -m tests.engines`.

What is given besides goes to pytest; `-k` keeps nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT
from tests.engines import results
from tests.engines.browsers import ENGINES

PYTEST = ["pytest", "-m", "engines", "-n", "auto", "--dist", "loadgroup"]


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", *PYTEST, f"--junitxml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, "CI": "true"}).returncode
        if not arguments and report.exists():
            versions = {engine.name: engine.version() for engine in ENGINES}
            results.write(results.read(report), versions)
            print("Now: python -m tests.readme")
        return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
