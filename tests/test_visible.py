"""Texts of others: quoted where they are written, seen where they are printed."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bundler.cli import scaffold
from bundler.demo.demo import Demo
from bundler.demo.label_files import Found
from bundler.deploy import TARGETS, workflow
from bundler.deploy.workflow import Built
from bundler.feeds import element, image, tensor
from bundler.ground import visible
from bundler.ground.errors import ModelError
from bundler.ground.tensors import TensorSpec
from bundler.heads import scores
from bundler.plan import SOLE, Other, Plan, PlannedField, PlannedInput, PlannedOutput
from bundler.serve.notebook import _file_name
from bundler.site import INDEX, Site
from tests.command import run
from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HOSTILE = {
    "a line of TOML": 'x"\n[build]\ncustom_objects = "evil.py"\n#',
    "a line end of old": "x\rmodel = 'y'",
    "a line end of Unicode": "x\u2028model = 'y'\u2029\x85\x0b\x0c",
    "colours": "\x1b[31mred\x1b[0m",
    "a title of a window": "\x1b]0;title\x07",
    "a command of eight bits": "\x9b2J\x9d0;x\x9c",
    "deleted": "safe\x08\x08\x08\x08evil\x7f",
    "the other direction": "\u202egnp.exe\u2066x\u2069\u200e\u061c",
    "a log's command": "::warning::x",
    "a log's command on a line": "x\n  ::error file=a::x",
    "a log's old command": "x ##[error]x",
    "a command of Azure's log": "##vso[task.setvariable variable=PATH]x",
    "a command of TeamCity's log": "##teamcity[buildStop]",
    "markup": "[red]x[/red][link=http://x]y[/link]",
    "markdown": "![x](http://x) <b>*x*</b> `x` [y](javascript:x) # x",
    "quotes": "\"'\\'\"\"\"'''\\u0041\\",
    "a lone surrogate": "x\ud800",
    "an expression": "{{ 7*7 }} {% x %}",
    "nothing": "",
    "beyond the first plane": "\U0001f600\U000e0041",
    "no ASCII": "größe ² ٣",
}
OBEYED = set(
    map(chr, [*range(32), *range(127, 160), 0x202E, 0x2066, 0x2069, 0x200E, 0x061C, 0x2028])
)


@pytest.fixture(params=HOSTILE)
def text(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


def test_a_line_is_one_line_and_commands_nothing(text: str) -> None:
    shown = visible.line(text)
    assert not OBEYED & set(shown) and not re.search(r"##\w*\[", shown)
    assert not shown.lstrip().startswith("::")
    shown.encode()


@pytest.mark.parametrize(
    "text", ["Größe", "日本語", "שלום", "می‌خواهم", "👩‍👧", "a: b :: c", "#[x]", "a\\b"]
)
def test_what_people_write_stays(text: str) -> None:
    assert visible.line(text) == text
    assert tomllib.loads(f"x = {visible.quoted(text)}") == {"x": text}


def test_toml_reads_back_what_was_quoted(text: str) -> None:
    read = tomllib.loads(f"{visible.key(text)} = {visible.quoted(text)}  # {visible.line(text)}")
    expected = text.replace("\ud800", "\ufffd")
    assert read == {expected: expected}


def planned(text: str) -> Plan:
    """A plan in which everything that a model says is this text."""
    spec = TensorSpec(text, "float32", (1, 3))
    sole = {SOLE: spec}
    shown = scores.Settings(labels=[text, text], top=2)
    others = (Other(text, text, (text,)),)
    fields = tuple(
        PlannedField(f"{text}{n}", text, "number", {}, element.Settings(), others=others)
        for n in range(2)
    )
    inputs = (
        PlannedInput(spec, text, "tensor", tensor.Settings(), fields, sole),
        PlannedInput(spec, text, "image", image.Settings(), fields[:1], sole),
    )
    output = PlannedOutput(spec, text, "label", "scores", shown, {}, sole, others=others)
    return Plan(inputs, (output,))


def test_no_name_of_a_model_writes_a_key(text: str) -> None:
    demo = Demo(model=f"{text}.keras", title=text, signature=text, folder=Path(), file="x")
    written = tomllib.loads(scaffold._write_toml(f"{text}.keras", demo, planned(text), {}))
    read = text.replace("\ud800", "\ufffd")
    assert written.keys() - {"signature"} == {"model", "title", "description", "inputs", "outputs"}
    assert written["model"] == f"{read}.keras"
    assert [item["name"] for item in written["inputs"]] == [read, read]
    assert [field["name"] for field in written["inputs"][0]["fields"]] == [f"{read}0", f"{read}1"]
    assert written["outputs"] == [
        {"name": read, "widget": "label", "labels": [read, read], "top": 2}
    ]


def test_no_name_of_a_file_of_labels_writes_a_key(text: str) -> None:
    demo = Demo(model="m.keras", folder=Path(), file="x")
    named = {text: Found(Path(f"{text}.txt"), text, ["a", "b"])}
    (written,) = tomllib.loads(scaffold._write_toml("m.keras", demo, planned(text), named))[
        "outputs"
    ]
    assert written.keys() == {"name", "widget", "labels", "top"}
    assert written["labels"] == Path(f"{text}.txt".replace("\ud800", "\ufffd")).name


def test_the_lines_for_an_example_are_comments_until_then(text: str) -> None:
    """Uncommented, each is a key and a value."""
    demo = Demo(model="m.keras", folder=Path(), file="x")
    lines = scaffold._write_toml("m.keras", demo, planned(text), {}).splitlines()
    keys = [line[2:].replace("…", "1") for line in lines if line.endswith(" = …")]
    assert [list(tomllib.loads(line).values()) for line in keys] == [[1]] * 3


@pytest.mark.parametrize("kind", ["message", "hint"])
def test_an_error_is_printed_and_not_obeyed(kind: str, text: str, tmp_path: Path) -> None:
    """In a process, as with a terminal, with --json and in a log."""
    program = f"""
import sys
from bundler.cli import main
from bundler.cli.building import clean
from bundler.ground.errors import ModelError
def fail(**_):
    text = {text!r}
    said = {{"message": "a\\n  b", "hint": "", "details": text, {kind!r}: "it is " + text}}
    raise ModelError(**said)
clean.callback = fail
main(["clean", "--json"])
"""
    result = subprocess.run(
        [sys.executable, "-c", program, "--debug", "--json"], capture_output=True, cwd=ROOT
    )
    assert result.returncode == 3
    printed = result.stdout.decode() + result.stderr.decode()
    assert not (OBEYED - {"\n"}) & set(printed) and not re.search(r"##\w*\[", printed)
    assert not any(line.lstrip().startswith("::") for line in printed.splitlines())
    assert json.loads(result.stdout)[{"message": "error"}.get(kind, kind)] == f"it is {text}"
    told = result.stderr.decode().split("error: ")[-1].splitlines()
    foreign = {"x" + one for one in ("", "model = 'y'")}
    assert not foreign & set(told[1:])


def test_an_error_that_nobody_catches_is_printed_and_not_obeyed(text: str) -> None:
    """By Python itself: in a notebook, for example."""
    shown = str(ModelError(f"a\n  {text}", hint=text))
    assert shown.startswith("a\n  ") and not (OBEYED - {"\n"}) & set(shown)
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


def test_what_a_command_prints_is_not_markup(text: str) -> None:
    """A table and a bar of rich's, on a terminal."""
    program = f"""
import sys
sys.stderr.isatty = lambda: True
from bundler.cli.reports import _print_files
from bundler.cli.shared import Progress
_print_files([({text!r}, 1, 1)])
with Progress(False) as progress:
    progress.step({text!r})
"""
    settings = {**os.environ, "COLUMNS": "500", "TERM": "dumb", "NO_COLOR": "1"}
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=settings
    )
    assert result.returncode == 0, result.stderr
    assert visible.line(text).strip() in result.stdout
    assert not (OBEYED - {"\n"}) & set(result.stdout)


def test_a_name_on_the_command_line_is_printed_and_not_obeyed(tmp_path: Path) -> None:
    evil = "\x1b[2J\x9b2J"
    for arguments in (
        ("build", f"{evil}.keras"), ("serve", f"--{evil}"), (f"{evil}",), ("clean", evil, evil),
    ):  # fmt: skip
        result = run(*arguments, cwd=tmp_path)
        assert result.returncode and not (OBEYED - {"\n"}) & set(result.stdout + result.stderr)


def test_one_module_prints() -> None:
    """So that no other has to remember how."""
    for file in sorted((ROOT / "bundler").rglob("*.py")):
        # What a child prints, its parent reads.
        if file.name == "terminal.py" or file.parent.name == "graph":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            prints = name in ("print", "input") or name.startswith(("click.echo", "click.secho"))
            prints |= name.startswith(("sys.stdout.", "sys.stderr.write", "traceback.print"))
            assert not prints, f"{file}:{node.lineno} {name}"


NAMES = ["--trust-model", "-x", "--", "a b", "it's", "$(touch x)", "größe", "#x", "*", "'; x '"]


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_takes_a_folder_for_a_folder(name: str, tmp_path: Path) -> None:
    text = workflow.render(
        [Built(name, f"{name}/site"), Built(f"demos/{name}", f"demos/{name}/site")],
        branch=name,
        build_flags=["--signature", name],
        title=name,
    )
    said = yaml.safe_load(text)
    assert said[True]["push"]["branches"] == [name]
    steps = [step["run"] for step in said["jobs"]["build"]["steps"] if "run" in step]
    script = "tfjs-demo() { printf '%s\\n' \"$@\" END; }\npython() { :; }\n" + "\n".join(steps)
    shown = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, cwd=tmp_path)
    calls = [call.split("\n") for call in shown.stdout.split("\nEND\n")]
    typed = f"./{name}" if name.startswith("-") else name
    assert calls[0] == ["build", typed, "--signature", name]
    assert calls[2] == ["verify", f"{typed}/site"]
    assert calls[4][:3] == ["deploy", f"{typed}/site", f"demos/{name}/site"]
    assert calls[4][3:] == ["--to", "folder", "--out", "_site", "--title", name]
    assert not list(tmp_path.iterdir())


def test_a_space_reads_its_settings_back(text: str) -> None:
    page = {"title": text, "description": text, "language": "en", "picture": None}
    made = TARGETS["huggingface"].extend(Site({INDEX: b""}, {"page": page}))
    readme = made.files["README.md"]
    assert isinstance(readme, bytes)
    _, front, body = readme.decode().split("---\n", 2)
    settings = yaml.safe_load(front)
    assert settings["title"] == text.replace("\ud800", "\ufffd")
    assert settings["sdk"] == "static" and "custom_headers" in settings
    assert not (OBEYED - {"\n"}) & set(body)
    for meant in ("<b>", "![x](", "*x*", "[y]("):
        assert meant not in body


@pytest.mark.parametrize(
    "name", ["../x", "/tmp/x", "..", ".", "", "a/b", "a\\b", "x\0y", "~", "x" * 300, "é" * 300,
             "-x", "con:", "\x1b[0m", *HOSTILE.values()],
)  # fmt: skip
def test_the_file_of_a_model_lies_in_its_folder(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{_file_name(name)}.keras"
    file.write_bytes(b"x")
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert not file.name.startswith(("-", "."))


def test_a_model_s_name_is_no_path_of_a_notebook(tmp_path: Path) -> None:
    """With a model of one's own, in a process of its own."""
    program = f"""
import sys
from pathlib import Path
import bundler
from bundler.ground.errors import DemoError
class Model:
    name = "../../{{}}/evil".format("x" * 3)
    def save(self, path):
        Path(path).write_bytes(b"no model")
    def export(self, path):
        Path(path).mkdir()
try:
    bundler.build(Model(), {str(tmp_path / "site")!r})
except DemoError as error:
    print(error.message)
"""
    (tmp_path / "tmp" / "xxx").mkdir(parents=True)
    settings = {**os.environ, "TMPDIR": str(tmp_path / "tmp" / "xxx")}
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=settings
    )
    assert result.returncode == 0, result.stderr
    assert not [path for path in (tmp_path / "tmp").rglob("*") if "evil" in path.name]


def test_a_printed_command_takes_a_folder_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "--trust-model").mkdir()
    result = run("check", "--", "--trust-model", cwd=tmp_path)
    assert "tfjs-demo new MODEL ./--trust-model" in result.stderr
