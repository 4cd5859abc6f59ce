"""`tfjs-demo serve` of a demo: what changes is built again, served, and told, once."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bundler.demo import config
from bundler.pipeline import build
from bundler.site import INDEX, MANIFEST, SERVICE_WORKER
from tests.command import (
    child_of,
    content,
    copy_demo,
    wait_for_tensorflow,
    wait_until,
)
from tests.conftest import BuildDemo, KerasModels
from tests.live import Listener, Live, end_all, serve_live

SCRIPT = re.compile(r'<script src="/livereload/client\.js" [^>]*></script>')
# A second build for the same burst would be there by then.
LONG_ENOUGH = 0.6


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


@pytest.fixture
def live(wine: Path) -> Iterator[Live]:
    running = serve_live(wine)
    running.wait_for("built")
    yield running
    end_all()


@pytest.fixture(autouse=True)
def _end_all() -> Iterator[None]:
    yield
    end_all()


def retitle(demo: Path, title: str) -> str:
    """demo.toml with another title."""
    text = (demo / "demo.toml").read_text(encoding="utf-8")
    return re.sub(r'(?m)^title = ".*"$', f'title = "{title}"', text, count=1)


def save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_what_is_served_is_what_build_writes_but_for_the_script(live: Live, wine: Path) -> None:
    built = wine.parent / "built"
    build(wine, out=built)
    files = content(built)
    assert len(files) > 10
    for path, expected in files.items():
        response, body = live.get(f"/{path}")
        assert response.status == 200, path
        if path == INDEX:
            assert SCRIPT.search(body.decode())
            body = SCRIPT.sub("", body.decode(), count=1).encode()
        if path == SERVICE_WORKER:
            assert b"unregister" in body and b"respondWith" not in body
        else:
            assert body == expected, path
    assert live.get(f"/{MANIFEST}")[1] == files[MANIFEST]


def test_the_site_folder_is_left_alone(live: Live, wine: Path) -> None:
    before = content(wine / "site")
    save(wine / "demo.toml", retitle(wine, "Another"))
    live.wait_for("built", 2)
    assert "<title>Another</title>" in live.page()
    assert content(wine / "site") == before


def test_a_change_is_built_without_tensorflow_and_told_once(live: Live, wine: Path) -> None:
    page = Listener(live)
    assert page.settled()["build"] == 1
    save(wine / "demo.toml", retitle(wine, "Another"))
    assert page.settled() == {"build": 2, "problem": None, "step": "", "restyled": False}
    assert "<title>Another</title>" in live.page()
    assert live.wait_for("built", 2)["tensorflow_started"] is False
    time.sleep(LONG_ENOUGH)
    assert live.count("built") == 2


def test_what_changes_nothing_reloads_nothing(live: Live, wine: Path) -> None:
    page = Listener(live)
    assert page.settled()["build"] == 1
    (wine / "demo.toml").touch()
    save(wine / "notes.txt", "nothing of the demo")
    assert page.settled()["build"] == 1


def test_a_burst_is_one_build_and_one_reload(live: Live, wine: Path) -> None:
    page = Listener(live)
    page.settled()
    for number in range(4):
        save(wine / f"file{number}.txt", "x")
    save(wine / "demo.toml", retitle(wine, "Burst"))
    assert page.settled()["build"] == 2
    time.sleep(LONG_ENOUGH)
    assert (live.count("begun"), live.count("built")) == (2, 2)


def test_no_save_is_lost(live: Live, wine: Path) -> None:
    """Also of those in quick succession, while a build runs."""
    page, gaps = Listener(live), random.Random(0)
    page.settled()
    for number in range(20):
        save(wine / "demo.toml", retitle(wine, f"Title {number}"))
        time.sleep(gaps.uniform(0, 0.25))
    wait_until(lambda: "<title>Title 19</title>" in live.page())
    time.sleep(LONG_ENOUGH)
    assert live.count("failed") == 0
    assert "<title>Title 19</title>" in live.page()
    newest = re.search(r'data-build="(\d+)"', live.page())
    while newest and page.settled()["build"] != int(newest[1]):
        continue


def vim(path: Path, text: str) -> None:
    """`:w` with its default settings: the old file becomes the backup."""
    probe, backup = path.with_name("4913"), path.with_name(path.name + "~")
    probe.touch()
    probe.unlink()
    path.rename(backup)
    save(path, text)
    backup.unlink()


def emacs(path: Path, text: str) -> None:
    """A lock, a backup, and the file written in place."""
    lock = path.with_name(f".#{path.name}")
    lock.symlink_to("somebody@somewhere")
    shutil.copy2(path, path.with_name(path.name + "~"))
    save(path, text)
    lock.unlink()


def visual_studio_code(path: Path, text: str) -> None:
    """Emptied, then written in place."""
    with path.open("r+", encoding="utf-8") as stream:
        stream.truncate(0)
        stream.flush()
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def pycharm(path: Path, text: str) -> None:
    """Its safe write: a new file takes the place of the old one."""
    new, old = (
        path.with_name(path.name + "___jb_tmp___"),
        path.with_name(path.name + "___jb_old___"),
    )
    save(new, text)
    path.rename(old)
    new.rename(path)
    old.unlink()


@pytest.mark.parametrize("editor", [vim, emacs, visual_studio_code, pycharm])
def test_a_save_of_every_editor_is_seen_once(
    editor: Callable[[Path, str], None], live: Live, wine: Path
) -> None:
    page = Listener(live)
    page.settled()
    editor(wine / "demo.toml", retitle(wine, f"By {editor.__name__}"))
    assert page.settled()["build"] == 2
    assert f"<title>By {editor.__name__}</title>" in live.page()
    time.sleep(LONG_ENOUGH)
    assert (live.count("begun"), live.count("built"), live.count("failed")) == (2, 2, 0)


def test_files_come_go_and_change_their_names(live: Live, wine: Path) -> None:
    text = (wine / "demo.toml").read_text(encoding="utf-8")
    labels = re.search(r"(?m)^labels = .*$", text)
    assert labels
    # The truth of the examples is none of the new names.
    text = re.sub(r'(?m)^(title = "An? .*\n)label = .*\n', r"\1", text)
    save(wine / "demo.toml", text.replace(labels[0], 'labels = "names.txt"'))
    assert "names.txt" in live.wait_for("failed")["error"]
    save(wine / "other.txt", "One\nTwo\nThree\n")
    time.sleep(0.2)
    (wine / "other.txt").rename(wine / "names.txt")
    live.wait_for("built", 2)
    assert "Three" in live.page()
    (wine / "demo.toml").rename(wine / "away.toml")
    live.wait(lambda: "demo.toml" in live.events[-1].get("error", ""))
    assert "Three" in live.page(), "the last good site is gone"
    (wine / "away.toml").rename(wine / "demo.toml")
    live.wait(lambda: live.events[-1].get("event") == "built")


def test_a_changed_model_is_converted_while_the_old_site_is_served(
    live: Live, wine: Path, keras_models: KerasModels
) -> None:
    page = Listener(live)
    page.settled()
    # As nobody else converts it: what is in the cache is there at once.
    text = 'model = "model.keras"\ntitle = "Model"\n[build]\nquantize = "uint8"\n'
    save(wine / "demo.toml", text)
    assert page.settled()["problem"]
    shutil.copy(keras_models.folder / "mlp.keras", wine / "model.keras")
    step = page.state()
    while not step["step"].startswith("convert"):
        step = page.state()
    assert step["build"] == 1 and "Which grape" in live.page()
    assert page.settled() == {"build": 2, "problem": None, "step": "", "restyled": False}
    assert "<title>Model</title>" in live.page()
    assert live.wait_for("built", 2)["tensorflow_started"] is True


def test_a_model_that_is_written_bit_by_bit_is_awaited(live: Live, wine: Path) -> None:
    whole = (wine / "wine.keras").read_bytes()
    with (wine / "wine.keras").open("wb") as stream:
        for start in range(0, len(whole), len(whole) // 4):
            stream.write(whole[start : start + len(whole) // 4])
            stream.flush()
            time.sleep(0.7)
    live.wait(lambda: live.count("begun") > 1 and live.events[-1].get("event") == "built")
    assert live.count("failed") == 0


def test_a_model_outside_of_the_folder_is_watched(
    wine: Path, tmp_path: Path, keras_models: KerasModels
) -> None:
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "model.keras"
    shutil.copy(wine / "wine.keras", model)
    save(wine / "demo.toml", 'model = "../models/model.keras"\n')
    live = serve_live(wine, "--allow-path", str(model.parent))
    live.wait_for("built")
    shutil.copy(keras_models.folder / "mlp.keras", model)
    live.wait_for("built", 2)


def test_examples_outside_of_the_folder_are_watched(wine: Path, tmp_path: Path) -> None:
    """A table that another program writes, and its mistakes."""
    table = tmp_path / "tables" / "examples.csv"
    table.parent.mkdir()
    demo = config.read(wine)
    assert isinstance(demo.examples, list)
    example = demo.examples[0]
    names, cells = ",".join(example), ",".join(json.dumps(str(one)) for one in example.values())
    table.write_text(f"{names}\n{cells}\n")
    text = (wine / "demo.toml").read_text().split("[[examples]]")[0]
    save(wine / "demo.toml", f'examples = "../tables/examples.csv"\n{text}')
    live = serve_live(wine, "--allow-path", str(table.parent))
    live.wait_for("built")
    save(table, f"{names}\n{cells}\n{cells}\n")
    live.wait_for("built", 2)
    save(table, f'{names}\n{cells}\n{cells[:-1]}x"\n')
    live.wait_for("failed")


def test_a_bare_model_is_watched(wine: Path, tmp_path: Path, keras_models: KerasModels) -> None:
    model = tmp_path / "model.keras"
    shutil.copy(wine / "wine.keras", model)
    live = serve_live(model)
    live.wait_for("built")
    shutil.copy(keras_models.folder / "mlp.keras", model)
    live.wait_for("built", 2)


def test_changes_are_looked_for_where_nobody_tells_of_them(wine: Path) -> None:
    live = serve_live(wine, "--poll")
    live.wait_for("built")
    save(wine / "demo.toml", retitle(wine, "Polled"))
    live.wait_for("built", 2)
    assert "<title>Polled</title>" in live.page()


def test_nothing_is_shown_before_the_first_build_but_that_it_comes(wine: Path) -> None:
    save(wine / "demo.toml", "title = ")
    live = serve_live(wine)
    problem = live.wait_for("failed")
    assert "demo.toml" in problem["error"] and problem["place"].endswith("demo.toml:1")
    assert "being built" in live.page() and SCRIPT.search(live.page())
    save(wine / "demo.toml", 'model = "wine.keras"\ntitle = "Mended"\n')
    live.wait_for("built")
    assert "<title>Mended</title>" in live.page()


MISTAKES = {
    "toml": ("demo.toml", 'model = "wine.keras"\ntitle = \n', "demo.toml:2", "not valid TOML"),
    "key": ("demo.toml", 'model = "wine.keras"\ntitel = "x"\n', "demo.toml:2", 'mean "title"'),
    "table": (
        "demo.toml",
        'model = "wine.keras"\n[[inputs]]\n[[inputs.fields]]\nname = "a"\nstep = 0\n',
        "demo.toml:5",
        "inputs[0].fields[0].step",
    ),
    "model": ("wine.keras", "no model", "", "wine.keras"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_goes_when_it_is_mended(name: str, live: Live, wine: Path) -> None:
    file, wrong, place, said = MISTAKES[name]
    before, right = live.page(), (wine / file).read_bytes()
    page = Listener(live)
    page.settled()
    save(wine / file, wrong)
    problem = page.settled()["problem"]
    assert said in problem["message"] and problem["place"].endswith(place)
    assert live.page() == before, "the last good site is gone"
    (wine / file).write_bytes(right)
    assert page.settled() == {"build": 1, "problem": None, "step": "", "restyled": False}


@pytest.mark.parametrize(
    ("program", "said"),
    [("class Wave(:\n", "SyntaxError"), ("raise SystemExit(3)\n", "SystemExit: 3")],
)
def test_a_mistake_in_python_is_told(program: str, said: str, wine: Path) -> None:
    text = (wine / "demo.toml").read_text(encoding="utf-8")
    save(wine / "demo.toml", 'custom_objects = "layers.py"\n' + text)
    save(wine / "layers.py", program)
    live = serve_live(wine, "--trust-model")
    problem = live.wait_for("failed")
    assert "layers.py" in problem["error"] + problem["place"] and said in problem["error"]
    save(wine / "layers.py", "")
    live.wait_for("built")


@pytest.mark.cold
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_the_middle_of_a_conversion_and_leaves_nothing(
    number: signal.Signals, wine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = content(wine / "site")
    live = serve_live(wine)
    child = wait_for_tensorflow(live.process.pid)
    live.stop(number)
    assert live.process.returncode == 0
    assert live.process.stderr and live.process.stderr.read() == ""
    assert child_of(live.process.pid) is None and not Path(f"/proc/{child}").exists()
    assert list(temporary.iterdir()) == []
    assert [path for path in (tmp_path / "cache").rglob("*") if "unfinished" in path.name] == []
    assert content(wine / "site") == before


@pytest.mark.cold
def test_killed_it_leaves_the_site_and_can_be_started_again(
    wine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(tmp_path / "cache"))
    before = content(wine / "site")
    live = serve_live(wine)
    child = wait_for_tensorflow(live.process.pid)
    live.process.kill()
    live.process.wait()
    assert content(wine / "site") == before
    deadline = time.monotonic() + 30
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists(), "TensorFlow goes on without the server"
    again = serve_live(wine)
    again.wait_for("built")
