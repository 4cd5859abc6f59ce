"""The sites that all engines are shown: built once, by whoever comes first, for all processes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import answer_pages, warm
from tests.command import arguments_of
from tests.conftest import DEMOS, ROOT
from tests.empty import ask

BARE = ("sequence", "grey", "painter", "mood")
PAGES = ("digits", "wine", "diabetes", *BARE)
# The wine demo as its author changes it later.
NEWER_TITLE = "Which grape is it now?"
# Models of keras_cases.py, and the keys that ask for a widget: a camera; a video; ears for any
# sound; a sound that becomes another one.
ASKED = {
    "camera": ("grey", '[[inputs]]\nsources = ["upload", "webcam", "clipboard"]\n'),
    "video": ("grey", '[[inputs]]\nwidget = "video"\nframes = 3\n'),
    "audio": (
        "ears",
        '[[inputs]]\nwidget = "audio"\nsample_rate = 16000\nfeature = "mfcc"\n'
        'preset = "speech_features"\n',
    ),
    "heard": (
        "smoother",
        '[[inputs]]\nwidget = "audio"\nsample_rate = 16000\nsources = ["upload"]\n',
    ),
}
# Of answer_pages.py.
ANSWERS = ("tags", "tagger", "thing", "parts", "larger")
# Seconds for a build.
LIMIT = 300
HEAD = '<meta charset="utf-8">'

# Keeps what goes wrong in a page, which no WebDriver of WebKit tells: across reloads, and from
# the page's first byte on.
PROBE = """<script>
{
  const note = (text) => {
    try {
      const seen = JSON.parse(sessionStorage.getItem('probe') ?? '[]');
      sessionStorage.setItem('probe', JSON.stringify([...seen, text]));
    } catch {}
  };
  addEventListener('error', ({ message }) => message && note(message));
  addEventListener('unhandledrejection', ({ reason }) => note(`unhandled: ${reason}`));
  document.addEventListener('securitypolicyviolation', (event) => {
    note(`forbidden: ${event.effectiveDirective} ${event.blockedURI}`);
  });
  const { error } = console;
  console.error = (...all) => { note(all.join(' ')); error(...all); };
}
</script>"""


def build_all(root: Path) -> Path:
    """The folder of all sites by their names, and `keras` with Python's answers."""
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done, state = root / "done", sources()
        if not done.exists() or done.read_text() != state:
            for old in root.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            _build(root)
            done.write_text(state)
    return root


def sources() -> str:
    """A digest of all that the sites are made of."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for folder in ("bundler", "templates", "demos"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _build(root: Path) -> None:
    keras = root / "keras"
    keras.mkdir(exist_ok=True)
    warm.run_maker("keras_cases", keras)
    demos = {name: DEMOS / name for name in ("digits", "wine", "diabetes")}
    demos |= {name: keras / f"{name}.keras" for name in BARE}
    _build_side_by_side(demos, root)
    threads = copy_demo("digits", root / "sources" / "isolated")
    with (threads / "demo.toml").open("a", encoding="utf-8") as file:
        file.write("\n[build]\nisolate = true\n")
    newer = copy_demo("wine", root / "sources" / "newer") / "demo.toml"
    newer.write_text(newer.read_text().replace("Which grape is it?", NEWER_TITLE))
    later = {"isolated": threads, "newer": newer.parent}
    for name, (model, keys) in ASKED.items():
        later[name] = ask(model, keys, keras, root / "sources" / name)
    answers = keras / "answers"
    answers.mkdir()
    warm.run_maker("answer_cases", answers)
    for name in ANSWERS:
        later[name] = answer_pages.write(name, answers, root / "sources")
    later["dreamt-digits"] = DEMOS / "dreamt-digits"
    later["boxes"] = warm.run_maker("boxes_demo", root / "sources" / "boxes")
    # Most of their models are converted already.
    _build_side_by_side(later, root)


def _build_side_by_side(demos: dict[str, Path], root: Path) -> None:
    def make(name: str) -> None:
        run(arguments_of("build", demos[name], "--out", root / name))
        watch(root / name)

    first, *others = demos
    make(first)  # which fetches the packages
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, others))


def run(command: list[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def copy_demo(name: str, folder: Path) -> Path:
    return shutil.copytree(DEMOS / name, folder, ignore=shutil.ignore_patterns("site"))


def watch(site: Path) -> None:
    """Puts the probe into a site's page, before its policy, and tells the service worker."""
    index, worker = site / "index.html", site / "sw.js"
    page = index.read_bytes()
    watched = page.replace(HEAD.encode(), HEAD.encode() + PROBE.encode(), 1)
    old, new = (hashlib.sha256(content).hexdigest() for content in (page, watched))
    code = worker.read_text(encoding="utf-8")
    assert (page.count(HEAD.encode()), code.count(old)) == (1, 1)
    index.write_bytes(watched)
    worker.write_text(code.replace(old, new), encoding="utf-8")
