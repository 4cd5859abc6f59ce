"""Where the paths of a stranger's demo.toml may lead: into its folder, and what the user allows."""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from bundler import plan
from bundler.demo import config, parts
from bundler.demo.demo import Demo
from bundler.formats.signature import Signature
from bundler.formats.source import Source
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.site import examples
from tests.conftest import ROOT
from tests.hostile.demos import NAMES, WAYS, link
from tests.texts import assert_error

INPUT = TensorSpec("x", "float32", (None, 20, 30, 3))
OUTPUT = TensorSpec("y", "float32", (None, 2))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder with a demo in it, and beside that what others own."""
    for folder in (tmp_path / "demo", tmp_path / "private", tmp_path / "private2"):
        folder.mkdir()
        (folder / "m.keras").write_bytes(b"PK")
        (folder / "l.txt").write_text("secret one\nsecret two\n")
        (folder / "o.py").write_text("")
        Image.new("RGB", (30, 20)).save(folder / "p.png")
    (tmp_path / "demo" / "inner").mkdir()
    return tmp_path


def write(base: Path, key: str, path: str) -> Path:
    """A demo whose `key` names `path`; all others lie in its folder."""
    said = {name: repr(path if name == key else own) for name, own in NAMES.items()}
    text = (
        f"model = {said['model']}\ncustom_objects = {said['custom_objects']}\n"
        f"[[outputs]]\nlabels = {said['labels']}\n[[examples]]\nx = {said['examples']}\n"
    )
    (base / "demo" / "demo.toml").write_text(text)
    return base / "demo"


def open_all(folder: Path, allowed: Sequence[Path] = ()) -> Demo:
    """Reads all that a demo.toml names, as a build does."""
    demo = config.read(folder, allowed=allowed)
    planned = plan.make(demo, Signature((INPUT,), (OUTPUT,), {}, False), parts.read())
    examples.read(demo, planned)
    Source.of(demo)
    return demo


@pytest.mark.parametrize("key", NAMES)
@pytest.mark.parametrize("way", WAYS)
def test_no_path_leads_out_of_the_folder(way: str, key: str, base: Path) -> None:
    path = WAYS[way](base, NAMES[key])
    folder = write(base, key, path)
    with pytest.raises(ConfigError) as caught:
        open_all(folder)
    assert "leads out of the demo's folder" in caught.value.message
    assert key in caught.value.message and path in caught.value.message
    assert "secret" not in caught.value.message
    # What the hint says is all that is needed.
    option = re.search(r"--allow-path .*", caught.value.hint)
    assert option
    allowed = [Path(shlex.split(option[0])[1])]
    assert allowed == [base.resolve() / "private"] or way == "up from a linked folder"
    assert open_all(folder, allowed).folder == folder


@pytest.mark.parametrize("key", NAMES)
def test_a_path_in_the_folder_may_be_written_in_any_way(key: str, base: Path) -> None:
    name = NAMES[key]
    (base / "demo" / "other").symlink_to("inner")
    (base / "demo" / "inner" / name).symlink_to(f"../{name}")
    link(base / "again", "demo")
    absolute = base / "demo" / name
    for path in (name, f"./{name}", f"inner/../{name}", f"other/{name}", str(absolute)):
        folder = write(base, key, path)
        open_all(folder)
        open_all(base / "again")


def test_what_is_said_of_it(base: Path) -> None:
    folder = write(base, "labels", WAYS["link"](base, "l.txt"))
    with pytest.raises(ConfigError) as caught:
        open_all(folder)
    assert_error(caught.value, "config-leads-out", base)


def test_all_that_leads_out_is_named_at_once(base: Path) -> None:
    text = 'model = "../m.keras"\ncustom_objects = "/o.py"\n[[outputs]]\nlabels = "../../l.txt"\n'
    (base / "demo" / "demo.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.read(base / "demo")
    assert caught.value.message.count("leads out") == 3


def test_only_the_folders_that_were_allowed_are(base: Path) -> None:
    """Not their neighbours, whose names may begin alike, nor those above."""
    folder = write(base, "labels", "../private2/l.txt")
    for allowed in ([], [base / "private"], [base / "demo"], [base / "private2" / "deeper"]):
        with pytest.raises(ConfigError, match="leads out"):
            open_all(folder, allowed)
    for allowed in ([base / "private2"], [base], [base / "private", base / "private2"]):
        open_all(folder, allowed)


def test_an_allowed_folder_is_relative_to_where_the_user_is(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(base, "model", "../private/m.keras")
    monkeypatch.chdir(base)
    assert open_all(Path("demo"), [Path("private")]).folder == Path(folder.name)
    monkeypatch.chdir(base / "demo")
    assert open_all(Path(), [Path("../private")])
    with pytest.raises(ConfigError, match="leads out"):
        open_all(Path(), [Path("private")])


def test_an_allowed_folder_may_be_a_link(base: Path) -> None:
    folder = write(base, "labels", "../private/l.txt")
    link(base / "granted", "private")
    open_all(folder, [base / "granted"])


@pytest.mark.parametrize("way", ["link", "chain of links"])
def test_demo_toml_itself_is_no_link_out_of_its_folder(way: str, base: Path) -> None:
    write(base, "model", "m.keras")
    (base / "demo" / "demo.toml").rename(base / "private" / "demo.toml")
    path = WAYS[way](base, "demo.toml")
    link(base / "demo" / "demo.toml", path)
    with pytest.raises(ConfigError, match="leads out"):
        config.read(base / "demo")
    config.read(base / "demo", allowed=[base / "private"])


def test_a_demo_cannot_allow_itself_anything(base: Path) -> None:
    folder = write(base, "model", "m.keras")
    text = (folder / "demo.toml").read_text()
    for line in ("reach = ['/']", "allowed = ['/']", "allow_path = '/'"):
        (folder / "demo.toml").write_text(f"{line}\n{text}")
        with pytest.raises(ConfigError, match="no such key"):
            config.read(folder)


@pytest.mark.parametrize("key", ["labels", "examples", "model"])
def test_a_pipe_is_not_waited_for(key: str, base: Path) -> None:
    os.mkfifo(base / "demo" / "pipe")
    with pytest.raises(ConfigError, match="pipe is neither a file nor a folder"):
        open_all(write(base, key, "pipe"))


@pytest.mark.parametrize("target", ["round", "nowhere/at/all", "/dev/null/x"])
def test_links_that_lead_nowhere_are_told(target: str, base: Path) -> None:
    link(base / "demo" / "round", target)
    with pytest.raises(ConfigError, match="round"):
        open_all(write(base, "labels", "round"))


def test_a_model_on_the_command_line_is_the_users_wish(base: Path) -> None:
    link(base / "demo" / "mine.keras", base / "private" / "m.keras")
    assert config.read(base / "demo" / "mine.keras").model_path == base / "demo" / "mine.keras"


def test_a_program_may_name_files_anywhere(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(base / "demo")
    labels = {"outputs": [{"labels": str(base / "private" / "l.txt")}]}
    demo = config.around(base / "private2" / "m.keras", labels)
    assert config.with_lines(demo).outputs[0].labels == ["secret one", "secret two"]


def test_a_program_allows_what_a_demo_toml_names(base: Path) -> None:
    folder = write(base, "model", "../private/m.keras")
    with pytest.raises(ConfigError, match="leads out"):
        config.around(folder, {})
    config.around(folder, {}, allowed=[base / "private"])


def test_every_path_of_a_demo_goes_one_way() -> None:
    """Nobody joins a demo's folder and a name but `Demo.path`, and who asks for no demo's file."""
    known = {"self.folder / name", "self.folder / self.file", "demo.folder / DEFAULT_OUT",
             "demo.folder / name", "self._demo.folder / self._demo.model",
             "self._demo.folder / own.FOLDER"}  # fmt: skip
    found = set()
    for file in sorted((ROOT / "bundler").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                text = ast.unparse(node)
                if re.match(r"(self\._?)?demo\.folder /|self\.folder /", text):
                    found.add(text)
    assert found == known
