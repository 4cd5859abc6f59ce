"""Deploys beside ghp-import, their time and what they leave: `python -m tests.benchmarks.deploy`.

Every figure is the median of several runs in fresh processes; ours and the peer's take turns. The
remotes are bare repositories on this machine, so that no network is measured.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bundler import site
from bundler.site import INDEX, Site
from tests.deploy.git_hosts import ENVIRONMENT, git, refs
from tests.deploy.project import BRANCH, PAGE, Project, new_project, small_site

PEER = "ghp-import==2.1.0"
MIB = 1024 * 1024
DEPLOYS = 10

# A repository, and the command that publishes its site.
Way = tuple[Project, list[str | Path]]


def make_peer(work: Path) -> Path:
    """The peer's program, in an environment of its own."""
    programs = work / "peer" / "bin"
    subprocess.run([sys.executable, "-m", "venv", str(work / "peer")], check=True)
    install = [str(programs / "pip"), "install", "--quiet", PEER]
    subprocess.run(install, check=True, capture_output=True)
    return programs / "ghp-import"


def seconds(command: Sequence[str | Path], folder: Path, *, code: int = 0) -> float:
    """Wall time of a process that ends with this exit code."""
    environment = {**os.environ, **ENVIRONMENT}
    begin = time.perf_counter()
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == code, result.stderr
    return time.perf_counter() - begin


def ours(folder: Path) -> list[str | Path]:
    return [sys.executable, "-m", "bundler.cli", "deploy", folder, "--branch", BRANCH, "--quiet"]


def refused(work: Path, files: int, size: int, runs: int) -> float:
    """Seconds until a site of so many files of this size is refused."""
    made = {f"model-1/weights-{number}.bin": b"w" for number in range(files)}
    project = new_project(work)
    project.build(Site({INDEX: b"page", **made}, {"page": PAGE, "isolate": False}))
    for path in project.folder.glob("model-1/*"):
        os.truncate(path, size)
    return statistics.median(
        seconds(ours(project.folder), project.top, code=7) for _ in range(runs)
    )


def reachable(remote: Path) -> int:
    """Bytes that a clone with all refs transfers."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone.git"
        git(remote, "clone", "--quiet", "--mirror", f"file://{remote}", str(clone))
        packs = (clone / "objects" / "pack").glob("*.pack")
        return sum(path.stat().st_size for path in packs)


def deploys(ways: dict[str, Way]) -> dict[str, list[float]]:
    """Seconds of deploys of 5 MiB weights, each time others, in turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(DEPLOYS):
        made = small_site(f"{number}", os.urandom(5 * MIB))
        for name, (project, command) in ways.items():
            site.write(made, project.folder)
            times[name].append(seconds(command, project.top))
    return times


def again(way: Way, runs: int) -> tuple[float, int]:
    """Seconds of a deploy that has nothing new, and the commits that so many of them make."""
    project, command = way
    made = set()
    times = []
    for _ in range(runs):
        before = refs(project.remote)
        times.append(seconds(command, project.top))
        made |= set(refs(project.remote).split("\n")) - set(before.split("\n"))
    return statistics.median(times), len(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        peer = make_peer(work)
        large = refused(work / "file", 1, 101 * MIB, runs)
        heavy = refused(work / "site", 12, 90 * MIB, runs)
        own, theirs = new_project(work / "own"), new_project(work / "theirs")
        imported: list[str | Path] = [
            peer,
            "--push",
            "--no-jekyll",
            "--branch",
            BRANCH,
            theirs.folder,
        ]
        ways: dict[str, Way] = {"own": (own, ours(own.folder)), "peer": (theirs, imported)}
        times = {name: statistics.median(each) for name, each in deploys(ways).items()}
        unchanged = {name: again(way, runs) for name, way in ways.items()}
        sizes = {name: reachable(project.remote) / MIB for name, (project, _) in ways.items()}
    rows = [
        ("a file of 101 MiB is refused (at most 1 s)", f"{large:.2f} s"),
        ("a site of 1,080 MiB is refused (at most 1 s)", f"{heavy:.2f} s"),
        ("deploy of 5 MiB weights, checked", f"{times['own']:.2f} s"),
        ("ghp-import of the same", f"{times['peer']:.2f} s"),
        ("ratio", f"{times['own'] / times['peer']:.2f}"),
        ("unchanged deploy", f"{unchanged['own'][0]:.2f} s, {unchanged['own'][1]} commits"),
        ("ghp-import of the same", f"{unchanged['peer'][0]:.2f} s, {unchanged['peer'][1]} commits"),
        (f"what is reachable after {DEPLOYS} deploys of 5 MiB", f"{sizes['own']:.1f} MiB"),
        ("ghp-import's", f"{sizes['peer']:.1f} MiB"),
    ]
    for name, value in rows:
        print(f"{name:56}{value:>24}")


if __name__ == "__main__":
    main()
