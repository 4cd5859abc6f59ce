"""Runs every case of the sweep at every place: `python -m tests.sweep --help`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache as memoize
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bundler.ground import cache, layout
from tests.sweep import auditing, making, peer, results
from tests.sweep.cases import GROUPS
from tests.sweep.results import PLACES, Outcome, Result, Store
from tests.sweep.service import Service

RESULTS = Path(__file__).parent / "results.json"
# A case that takes longer at one stage is killed.
SECONDS = 240
# The share of cases that must be right, the others being refused by name.
LEAST_ON_CPU, LEAST = 0.98, 0.97
# From what error on a kernel is shown by the audit: a build allows 1e-4 of a whole model.
AUDIT_TOLERANCE = 3e-5

EXAMPLES = """
examples:
  python -m tests.sweep                                     everything that changed
  python -m tests.sweep --only layers/Conv3D                the cases whose names begin so
  python -m tests.sweep --group layers --backends cpu,wasm  a group, on these backends
  python -m tests.sweep --part 1/4                          every fourth case
  python -m tests.sweep --report                            the table of what is known; runs nothing
"""


@dataclass
class Work:
    """What all runners share: the cases that wait, and where results go."""

    folder: Path
    places: list[str]
    again: bool
    waiting: queue.SimpleQueue[dict[str, Any]]
    store: Store
    cases: list[dict[str, Any]]
    failures: Path | None
    done: int = 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.sweep",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--group", help=f"of {', '.join(GROUPS)}; several with commas")
    parser.add_argument("--only", help="cases by the begin of their names: layers/Conv,Dense")
    parser.add_argument("--backends", help="cpu, wasm (both in Node and Chromium), webgl, webgpu")
    parser.add_argument("--node", action="store_true", help="in Node only")
    parser.add_argument("--part", help="I/N: every N-th case, beginning with the I-th")
    parser.add_argument("--again", action="store_true", help="run again what was not right")
    parser.add_argument("--peer", action="store_true", help="plain tensorflowjs instead of ours")
    parser.add_argument("--audit", action="store_true", help="which kernels differ from cpu's")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side (2)")
    parser.add_argument("--report", action="store_true", help="show what is known; run nothing")
    parser.add_argument("--failures", type=Path, help="write what is not right into this file")
    parser.add_argument("--work", type=Path, help="folder for models and results")
    options = parser.parse_args()
    folder = options.work or cache.root() / "sweep"
    places = _places(options)
    chosen = _chosen(_list(folder), options)
    store = Store(folder / "results")
    if not options.report:
        _run(folder, chosen, places, options)
    found = [_with_committed(_read(store, case)) for case in chosen]
    if options.audit:
        return _show_audit(found, places)
    missing = [f"{case['group']}/{case['name']}" for case in chosen if case["missing"]]
    print(results.format_table(found, places))
    for name in missing:
        print(f"- {name}: missing: no case covers it")
    print(results.format_failures(found, places))
    print(results.format_remarks(found))
    if options.failures:
        _write_failures(options.failures, found, places)
    whole = not (options.group or options.only or options.part)
    if whole and all(place in item.places for item in found for place in PLACES):
        families = [case["family"] for case in chosen]
        table = results.to_json(found, families, (*PLACES, *peer.PLACES), _versions())
        RESULTS.write_text(json.dumps(table, indent=1) + "\n")
        print(f"written: {RESULTS}")
    return 0 if options.peer or (_is_good(found, places) and not missing) else 1


def _is_good(found: list[Result], places: list[str]) -> bool:
    """Nothing is wrong or fails, and little is refused."""
    statuses = {item.places[p].status for item in found for p in places if p in item.places}
    least = {place: LEAST_ON_CPU if place.endswith("cpu") else LEAST for place in places}
    shares = {place: results.share_of_right(found, place) for place in places}
    return statuses <= {"right", "refused"} and all(shares[p] >= least[p] for p in places)


def _show_audit(found: list[Result], places: list[str]) -> int:
    """Writes the table of kernels, and prints those that differ from the cpu backend's."""
    tables = {
        (item.full_name, place.removeprefix(auditing.PREFIX)): json.loads(outcome.reason)
        for item in found
        for place, outcome in item.places.items()
        if place in places and outcome.status == "right"
    }
    kernels = auditing.merge(tables)
    auditing.TABLE.write_text(json.dumps(kernels, indent=1) + "\n", encoding="utf-8")
    print(auditing.format_table(kernels, above=AUDIT_TOLERANCE))
    failures = [item for item in found if any(p in places for p in item.places)]
    print(results.format_failures(failures, places))
    print(f"written: {auditing.TABLE}")
    return 0


def _write_failures(path: Path, found: list[Result], places: list[str]) -> None:
    shown = [
        results.format_table(found, places),
        results.format_causes(found, places),
        results.format_failures(found, places),
        results.format_remarks(found),
    ]
    path.write_text("\n\n".join(shown) + "\n", encoding="utf-8")


def _places(options: argparse.Namespace) -> list[str]:
    wanted = options.backends.split(",") if options.backends else PLACES
    if options.peer:
        return [p for p in peer.PLACES if p.removeprefix(peer.PREFIX) in wanted]
    if options.audit:
        named = options.backends is not None
        return [
            p for p in auditing.PLACES if not named or p.removeprefix(auditing.PREFIX) in wanted
        ]
    places = [place for place in PLACES if place.removeprefix("node-") in wanted or place in wanted]
    return [place for place in places if place.startswith("node-") or not options.node]


def _list(folder: Path) -> list[dict[str, Any]]:
    """All cases of all groups; TensorFlow is asked only if the cases' code changed."""
    path = folder / "cases.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if known.get("key") != making.key():
        maker = Service("tests.sweep.making")
        rows = [{"group": group, **row} for group in GROUPS for row in maker.ask(group=group)]
        maker.close()
        known = {"key": making.key(), "cases": rows}
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known))
    cases: list[dict[str, Any]] = known["cases"]
    return cases


def _chosen(cases: list[dict[str, Any]], options: argparse.Namespace) -> list[dict[str, Any]]:
    groups = options.group.split(",") if options.group else GROUPS
    begins = tuple(options.only.split(",")) if options.only else ("",)
    chosen = [
        case
        for case in cases
        if case["group"] in groups
        and (
            f"{case['group']}/{case['name']}".startswith(begins) or case["name"].startswith(begins)
        )
    ]
    if options.part:
        first, step = map(int, options.part.split("/"))
        chosen = chosen[first - 1 :: step]
    return chosen


def _read(store: Store, case: dict[str, Any]) -> Result:
    if case["missing"]:
        reason = "no case covers it"
        outcome = Outcome("failed", "", None, reason, "missing")
        return Result(case["group"], case["name"], dict.fromkeys(PLACES, outcome))
    return store.read(case["group"], case["name"])


def _with_committed(result: Result) -> Result:
    """With what the committed table says of places where this machine has not run the case."""
    result.places = {**_committed().get(result.full_name, {}), **result.places}
    return result


@memoize
def _committed() -> dict[str, dict[str, Outcome]]:
    return results.from_json(json.loads(RESULTS.read_text(encoding="utf-8")))


def _versions() -> dict[str, str]:
    names = ("tensorflow", "keras", "tf_keras", "tensorflowjs", "numpy")
    lock = json.loads((layout.templates() / "package-lock.json").read_text())
    core = lock["packages"]["node_modules/@tensorflow/tfjs-core"]["version"]
    return {**{name: version(name) for name in names}, "tfjs": core}


def _run(
    folder: Path, chosen: list[dict[str, Any]], places: list[str], options: argparse.Namespace
) -> None:
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    cases = [case for case in chosen if not case["missing"]]
    for case in cases:
        waiting.put(case)
    store = Store(folder / "results")
    work = Work(folder, places, options.again, waiting, store, cases, options.failures)
    # Daemons: an interrupt ends them, and with them, by the end of their input, the processes.
    runners = [
        threading.Thread(target=_keep_running, args=(work,), daemon=True)
        for _ in range(options.jobs)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()


def _keep_running(work: Work) -> None:
    """Hands cases to a process of its own, and starts another where one dies or hangs."""
    process: subprocess.Popen[bytes] | None = None
    while True:
        try:
            case = work.waiting.get_nowait()
        except queue.Empty:
            break
        begin = time.monotonic()
        if process is None or process.poll() is not None:
            process = _start(work.folder)
        result, process = _run_case(work, case, process)
        work.done += 1
        states = " ".join(
            f"{place}:{result.places[place].status}"
            for place in work.places
            if place in result.places
        )
        seconds = time.monotonic() - begin
        print(
            f"[{work.done}/{len(work.cases)}] {result.full_name} {seconds:.1f}s {states}",
            flush=True,
        )
        if work.failures and work.done % 20 == 0:
            found = [_read(work.store, case) for case in work.cases]
            _write_failures(work.failures, found, work.places)
    if process:
        _kill(process)


def _run_case(
    work: Work, case: dict[str, Any], process: subprocess.Popen[bytes]
) -> tuple[Result, subprocess.Popen[bytes]]:
    """The case's result; places at which the process dies or hangs have failed."""
    for _ in range(len(PLACES) + 1):
        request = {"case": case, "places": work.places, "again": work.again}
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        stage, key = "start", ""
        while line := _read_line(process):
            reply = json.loads(line)
            if "result" in reply:
                facts = reply["result"]
                facts["places"] = {name: Outcome(**row) for name, row in facts["places"].items()}
                return Result(**facts), process
            stage, key = reply["stage"], reply["key"]
        reason = "the process died" if process.poll() is not None else f"no end in {SECONDS} s"
        _kill(process)
        process = _start(work.folder)
        result = work.store.read(case["group"], case["name"])
        if stage in work.places:
            result.places[stage] = Outcome("failed", key, None, reason)
            work.store.write(result)
            continue
        result.places |= dict.fromkeys(work.places, Outcome("failed", "", None, reason, stage))
        work.store.write(result)
        return result, process
    return work.store.read(case["group"], case["name"]), process


def _read_line(process: subprocess.Popen[bytes]) -> bytes:
    """The next line, or nothing when the process dies or is silent for too long."""
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], SECONDS)
    return process.stdout.readline() if ready else b""


def _start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sweep.worker", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "worker.log").open("ab"),
        bufsize=0,
        start_new_session=True,
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With the browser, TensorFlow and Node that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    sys.exit(main())
