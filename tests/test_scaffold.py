"""`tfjs-demo new`: what it makes can be built as it is."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bundler.demo import config
from bundler.demo.demo import Demo
from tests.command import content, run
from tests.conftest import DEMOS

NAMES = ["wine", "digits"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders that `new` made, each built; TensorFlow starts in both at once."""
    folder = tmp_path_factory.mktemp("new")

    def make(name: str) -> None:
        # The default folder has the name of the model.
        own = ["--templates"] if name == "wine" else []
        new = run("new", *own, DEMOS / name / f"{name}.keras", cwd=folder)
        assert new.returncode == 0, new.stderr
        assert new.stdout.startswith(f"Made {name}. Edit {Path(name) / 'demo.toml'}, then")
        build = run("build", name, cwd=folder)
        assert build.returncode == 0, build.stderr

    with ThreadPoolExecutor() as pool:
        list(pool.map(make, NAMES))
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_what_new_makes_can_be_built(name: str, made: Path) -> None:
    files = content(made / name)
    assert {f"{name}.keras", "demo.toml", "site/index.html"} <= files.keys()
    assert files[f"{name}.keras"] == (DEMOS / name / f"{name}.keras").read_bytes()


def test_new_starts_files_of_ones_own_and_replaces_none(made: Path, tmp_path: Path) -> None:
    start = {f"templates/{name}" for name in ("page.html.j2", "style.css", "page.js")}
    assert start <= content(made / "wine").keys()
    refused = run("new", "--templates", made / "wine")
    assert refused.returncode == 2 and "page.html.j2 is there already" in refused.stderr
    folder = shutil.copytree(made / "digits", tmp_path / "digits")
    assert run("new", folder, "--templates").returncode == 0
    assert start <= content(folder).keys()


def read(made: Path, name: str) -> Demo:
    return config.read(made / name)


def test_new_writes_down_what_was_inferred(made: Path) -> None:
    wine, digits = read(made, "wine"), read(made, "digits")
    fields = wine.inputs[0].fields or []
    assert [field.widget for field in fields] == ["number"] * 13
    assert [item.widget for item in digits.inputs] == ["image"]
    for demo, count in ((wine, 3), (digits, 10)):
        assert demo.outputs[0].labels == [f"class {index}" for index in range(count)]
    text = (made / "digits" / "demo.toml").read_text(encoding="utf-8")
    assert "# range = [0, 1]" in text and "# [[examples]]" in text


def test_the_comments_of_new_are_good_when_they_are_uncommented(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made / "digits", tmp_path / "digits")
    text = (folder / "demo.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]
    kept = [
        line
        for line in lines
        if "…" not in line and not line.startswith("or: ") and not line.startswith('title = "An ')
    ]
    (folder / "demo.toml").write_text("\n".join(kept), encoding="utf-8")
    demo = config.read(folder)
    assert demo.inputs[0].range == (0, 1) and demo.author == "You"


def test_new_keeps_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text("mine")
    result = run("new", DEMOS / "wine" / "wine.keras", tmp_path)
    assert result.returncode == 2
    assert "is there already" in result.stderr
    assert content(tmp_path) == {"demo.toml": b"mine"}


def test_new_does_not_take_another_model_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "wine.keras").write_bytes(b"another")
    result = run("new", DEMOS / "wine" / "wine.keras", tmp_path)
    assert result.returncode == 2, result.stderr
    assert content(tmp_path) == {"wine.keras": b"another"}


def test_new_wants_a_model_and_no_demo(tmp_path: Path) -> None:
    result = run("new", DEMOS / "wine", tmp_path / "wine")
    assert result.returncode == 2 and result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr and "Is a directory" not in result.stderr
    assert not (tmp_path / "wine").exists()
