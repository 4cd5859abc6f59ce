"""What the fence costs a build: `python -m tests.benchmarks.fence`.

Processes that import nothing but the tool's own module, with and without drawing it, take turns.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys

from bundler.ground import layout

PROGRAM = f"""
import sys
sys.path.append({str(layout.PACKAGE.parent)!r})
"""
DRAW = """
from bundler.ground import fence
assert not fence.draw([sys.prefix, sys.base_prefix, *sys.path], ["/tmp"]), "no whole fence here"
"""


def milliseconds(program: str) -> float:
    """Of a processor, which other processes do not change."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=31)
    runs = parser.parse_args().runs
    pairs = [(milliseconds(PROGRAM), milliseconds(PROGRAM + DRAW)) for _ in range(runs)]
    without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"a process {without:.1f} ms, with the fence {with_it:.1f} ms: {with_it - without:.1f} ms"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
