"""How soon a saved file is seen, beside other servers: `python -m tests.benchmarks.serve`.

Ours builds a whole demo in the meantime, the others copy or render one page. What is served is
a copy of the tool, because the file that is saved is one of its templates.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.build import MAKE_MODEL, ROOT
from tests.benchmarks.serve_parts import peers
from tests.conftest import CHROMIUM_FLAGS, find_chromium
from tests.live import Listener, Live, end_all, serve_live

MAKE_LARGE = """
import keras, sys
keras.utils.set_random_seed(0)
layers = [keras.layers.Dense(5000, activation="relu"), keras.layers.Dense(3)]
keras.Sequential([keras.Input((5000,)), *layers]).save(sys.argv[1])
"""
WATCHED_FILES = 5000
IDLE_SECONDS = 20
# Between saves, so that each is seen by itself.
APART = 0.7


@dataclass(frozen=True)
class Tool:
    """A copy of the tool whose templates may be edited, and a demo beside it."""

    folder: Path
    demo: Path

    @property
    def template(self) -> Path:
        return self.folder / "templates" / "page.html.j2"

    @property
    def style(self) -> Path:
        return self.folder / "templates" / "base.css"


def make_tool(work: Path) -> Tool:
    folder = work / "tool"
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "site")
    for name in ("bundler", "templates", "demos"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    os.environ["PYTHONPATH"] = str(folder)
    return Tool(folder, folder / "demos" / "digits")


@contextmanager
def serving(tool: Tool, demo: Path) -> Iterator[Live]:
    before = Path.cwd()
    os.chdir(tool.folder)
    live = serve_live(demo)
    os.chdir(before)
    live.wait_for("built")
    yield live
    end_all()


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(name: str, values: Sequence[float], bounds: str = "") -> None:
    """Milliseconds of a kind of save."""
    middle, late = statistics.median(values) * 1e3, percentile(values, 0.95) * 1e3
    print(f"{name:52}p50 {middle:7.0f} ms   p95 {late:7.0f} ms   {bounds}", flush=True)


def show_fact(name: str, text: str) -> None:
    print(f"{name:52}{text}", flush=True)


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def template_saves(tool: Tool, live: Live, count: int) -> list[float]:
    """Seconds from a saved template to the message of its reload."""
    page = Listener(live)
    build, found = page.settled()["build"], []
    for number in range(count):
        time.sleep(APART)
        begin = time.perf_counter()
        append(tool.template, f"<!-- {number} -->\n")
        while (state := page.settled())["build"] == build:
            continue
        found.append(time.perf_counter() - begin)
        build = state["build"]
    return found


def mistakes(tool: Tool, page: Page, live: Live, count: int) -> list[float]:
    """Seconds from a saved mistake until the page explains it; each is mended again."""
    page.goto(live.url)
    page.evaluate("tfjsDemo.ready")
    explained = page.get_by_role("alertdialog", name="The build failed")
    toml = tool.demo / "demo.toml"
    whole, found = toml.read_text(encoding="utf-8"), []
    for _ in range(count):
        time.sleep(APART)
        begin = time.perf_counter()
        toml.write_text(whole + "\n[them]\n", encoding="utf-8")
        explained.wait_for()
        found.append(time.perf_counter() - begin)
        toml.write_text(whole, encoding="utf-8")
        explained.wait_for(state="hidden")
    return found


def in_chromium(
    page: Page, live: Live, count: int, is_there: str, save: Callable[[int], None]
) -> list[float]:
    """Seconds from a save to the moment when the page shows it, looked at with every frame."""
    page.goto(live.url)
    page.evaluate("tfjsDemo.ready")
    found = []
    for number in range(count):
        time.sleep(APART)
        begin = time.perf_counter()
        save(number)
        while not _is_seen(page, is_there, number):
            continue
        found.append(time.perf_counter() - begin)
    return found


def _is_seen(page: Page, is_there: str, number: int) -> bool:
    try:
        return bool(page.evaluate(is_there, str(number)))
    except Exception:  # the page is being loaded
        return False


def lost_saves(tool: Tool, live: Live, count: int, gaps: tuple[float, float]) -> int:
    """How many of many saves at random moments were never told."""
    page, seen, ends = Listener(live), set[int](), threading.Event()
    page.settled()

    def listen() -> None:
        while not ends.is_set():
            try:
                page.receive(1)
            except TimeoutError:
                continue
            text = live.page()
            seen.update(number for number in range(count) if f"<!-- save {number} -->" in text)

    listener = threading.Thread(target=listen)
    listener.start()
    generator = random.Random(0)
    whole = tool.template.read_text(encoding="utf-8")
    for number in range(count):
        tool.template.write_text(f"{whole}<!-- save {number} -->\n", encoding="utf-8")
        time.sleep(generator.uniform(*gaps))
    time.sleep(1)
    ends.set()
    listener.join()
    tool.template.write_text(whole, encoding="utf-8")
    return count - len(seen)


def burst(tool: Tool, live: Live) -> tuple[int, int]:
    """Builds and reloads after five files were saved together."""
    time.sleep(2)  # what was saved before is built by then
    page = Listener(live)
    page.settled()
    builds = live.count("begun")
    for number in range(4):
        append(tool.demo / f"burst-{number}.txt", "x")
    append(tool.template, "<!-- burst -->\n")
    time.sleep(1.5)
    reloads = 0
    while True:
        try:
            state = page.state(0.2)
        except TimeoutError:
            return live.count("begun") - builds, reloads
        reloads += not state.get("step")


def answers_during_build(tool: Tool, live: Live, work: Path) -> tuple[list[float], float]:
    """Seconds of requests while a new model is converted, and how long that took."""
    model = work / "mobilenet.keras"
    if not model.exists():
        subprocess.run(
            [sys.executable, "-c", MAKE_MODEL, str(model)], check=True, capture_output=True
        )
    text = (tool.demo / "demo.toml").read_text(encoding="utf-8")
    shutil.copy(model, tool.demo / "other.keras")
    builds, old = live.count("built"), live.page()
    (tool.demo / "demo.toml").write_text('model = "other.keras"\n', encoding="utf-8")
    begin, times = time.perf_counter(), []
    while live.count("built") == builds:
        start = time.perf_counter()
        body = live.page()
        times.append(time.perf_counter() - start)
        if live.count("built") == builds and body != old:
            raise RuntimeError("the old site was not whole")
        time.sleep(0.02)
    taken = time.perf_counter() - begin
    (tool.demo / "demo.toml").write_text(text, encoding="utf-8")
    live.wait_for("built", builds + 2)
    return times, taken


def idle_share(tool: Tool, live: Live) -> float:
    """The share of a processor that the server takes when nothing happens."""
    files = tool.demo / "many"
    for number in range(WATCHED_FILES):
        place = files / f"folder-{number // 100}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.txt").write_text("x")
    time.sleep(5)
    before = _processor_seconds(live.process.pid)
    time.sleep(IDLE_SECONDS)
    used = _processor_seconds(live.process.pid) - before
    shutil.rmtree(files)
    return used / IDLE_SECONDS


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def large_demo(tool: Tool) -> Path:
    """A demo with a model of 100 MB."""
    folder = tool.folder / "large"
    folder.mkdir()
    command = [sys.executable, "-c", MAKE_LARGE, str(folder / "large.keras")]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "demo.toml").write_text('model = "large.keras"\n')
    return folder


def peer_saves(programs: Path, work: Path, count: int) -> Iterator[tuple[str, list[float], int]]:
    """Of each peer, the seconds of the saves that it told, and how many it did not."""
    for peer in peers.PEERS:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        times, lost = [], 0
        folder = work / peer.name
        with peers.running(peer, programs, folder, port) as file:
            wait = peer.listen(port)
            for number in range(count):
                time.sleep(0.9 if number else 4)
                while wait(0.05):
                    continue  # a second message of the save before
                begin = _save_soon(file, peer.files[peer.file].replace("0", str(number + 1)))
                is_told = wait(peers.SECONDS)
                while is_told and not begin:
                    is_told = wait(peers.SECONDS)
                if is_told:
                    times.append(time.perf_counter() - begin[0])
                else:
                    lost += 1
        yield peer.name, times, lost


def _save_soon(file: Path, text: str) -> list[float]:
    """Saves when somebody listens; the time of it is in the list then."""
    begin: list[float] = []

    def save() -> None:
        begin.append(time.perf_counter())
        file.write_text(text)

    threading.Timer(0.1, save).start()
    return begin


SEES_TEMPLATE = """(number) => {
  const nodes = [...document.childNodes, ...document.body.childNodes];
  return nodes.some(({ data }) => data?.trim() === `dom ${number}`);
}"""
SEES_STYLE = """(number) => {
  const { letterSpacing } = getComputedStyle(document.querySelector('h1'));
  return letterSpacing === `${Number(number) + 1}px`;
}"""


def measure_saves(tool: Tool, live: Live, count: int) -> None:
    """Of one file, as the socket and as Chromium see them."""
    show("template -> reload message", template_saves(tool, live, count), "at most 80, 150")

    def save_template(number: int) -> None:
        append(tool.template, f"<!-- dom {number} -->\n")

    def save_style(number: int) -> None:
        append(tool.style, f"h1 {{ letter-spacing: {number + 1}px }}\n")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        seen = in_chromium(page, live, count, SEES_TEMPLATE, save_template)
        show("template -> new DOM in Chromium", seen, "p95 at most 400")
        seen = in_chromium(page, live, count, SEES_STYLE, save_style)
        show("style sheet -> new style in Chromium", seen, "p95 at most 150")
        show("mistake -> explanation in Chromium", mistakes(tool, page, live, count), "at most 300")
        browser.close()


def measure_steadiness(tool: Tool, live: Live, work: Path, saves: int) -> None:
    """Bursts, builds that last, idleness, and many saves."""
    builds, reloads = burst(tool, live)
    show_fact("5 files together", f"{builds} builds, {reloads} reloads (1 and 1)")
    times, taken = answers_during_build(tool, live, work)
    show(f"GET during a build of {taken:.0f} s", times, "at most 50")
    show_fact("the longest of them", f"{max(times) * 1e3:.0f} ms")
    share = idle_share(tool, live)
    show_fact("idle, 5,000 watched files", f"{share:.2%} of a processor (at most 0.5 %)")
    if saves:
        lost = lost_saves(tool, live, saves, (0.2, 3.0))
        show_fact(f"{saves} saves at random moments", f"{lost} lost")


def measure(work: Path, saves: int, count: int) -> None:
    """Everything, the peers last."""
    tool = make_tool(work)
    with serving(tool, tool.demo) as live:
        measure_saves(tool, live, count)
        measure_steadiness(tool, live, work, saves)
    with serving(tool, large_demo(tool)) as live:
        times = template_saves(tool, live, count)
        show("template -> reload message, model of 100 MB", times, "at most 80, 150")
    for name, values, lost in peer_saves(peers.make_environment(work), work, min(count, 10)):
        if values:
            show(f"{name}: page -> reload message", values, f"{lost} lost")
        else:
            show_fact(f"{name}: page -> reload message", f"all {lost} lost")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=30, help="saves of each kind (30)")
    parser.add_argument("--saves", type=int, default=100, help="saves at random moments (100)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TFJS_DEMO_CACHE"] = os.environ.get("TFJS_DEMO_CACHE") or f"{folder}/cache"
        measure(Path(folder), options.saves, options.count)


if __name__ == "__main__":
    main()
