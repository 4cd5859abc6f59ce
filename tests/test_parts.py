"""The contract of every widget's folder."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import jinja2
import pytest

from bundler import plan
from bundler.bundle import packages, runtime
from bundler.demo import parts
from bundler.demo.demo import Demo
from bundler.demo.parts import Part, Role
from bundler.demo.settings import COMMON, Input, InputField, Output
from bundler.feeds import FEEDS
from bundler.formats.signature import Signature
from bundler.ground import layout, names
from bundler.ground.errors import ConfigError
from bundler.ground.table import Settings
from bundler.ground.tensors import TensorSpec
from bundler.ground.texts import ENGLISH
from bundler.heads import HEADS
from bundler.site import filters

WIDGETS = parts.read()
ALL = [part for role in WIDGETS.values() for part in role.values()]
INPUTS, OUTPUTS = list(WIDGETS["input"].values()), list(WIDGETS["output"].values())
FILES: dict[Role, set[str]] = {
    "input": {"part.toml", "widget.html.j2", "widget.js", "widget.css", "example.html.j2"},
    "output": {"part.toml", "widget.html.j2", "widget.js", "widget.css", "caption.html.j2"},
}
# Imports modules and prints whether each has a function mount(root, options).
LIST_MOUNTS = """
const found = {};
for (const path of process.argv.slice(1)) {
  const module = await import(path);
  found[path] = typeof module.mount === 'function' && module.mount.length >= 1;
}
console.log(JSON.stringify(found));
"""
# The same of the forms in which answers can be taken away.
LIST_EXPORTS = """
const found = {};
for (const path of process.argv.slice(1)) found[path] = Object.keys(await import(path)).sort();
console.log(JSON.stringify(found));
"""


def identify(part: Part) -> str:
    return f"{part.role}-{part.name}"


def test_every_folder_is_a_widget() -> None:
    folders = set((layout.templates() / "widgets").glob("*/*"))
    assert {part.folder for part in ALL} == folders
    assert set(WIDGETS) == set(get_args(Role))


@pytest.mark.parametrize("part", ALL, ids=identify)
def test_a_widget_has_its_files(part: Part) -> None:
    present = {file.name for file in part.folder.iterdir()}
    assert FILES[part.role] <= present
    assert all(file.stat().st_size for file in part.folder.iterdir())


@pytest.mark.parametrize("part", ALL, ids=identify)
def test_a_manifest_is_about_its_own_role(part: Part) -> None:
    manifest = part.manifest
    foreign = "head" if part.role == "input" else "feed"
    assert foreign not in manifest.model_fields_set
    assert manifest.summary and manifest.summary[0].islower()
    assert manifest.fits and set(manifest.requires) <= set(part.known)


def settings(part: Part) -> type[Settings]:
    """The keys of its feed or head."""
    is_input = part.role == "input"
    kind = FEEDS[part.manifest.feed] if is_input else HEADS[part.manifest.head]
    return kind.SETTINGS


@pytest.mark.parametrize("part", ALL, ids=identify)
def test_a_widget_understands_what_there_is(part: Part) -> None:
    assert set(part.manifest.options) <= set(settings(part).model_fields)
    assert not set(part.manifest.keys) & set(settings(part).model_fields)


@pytest.mark.parametrize("table", [Input, InputField, Output])
def test_every_option_means_something_to_a_widget(table: type[Input]) -> None:
    known = {option for part in ALL for option in part.known}
    assert set(table.model_fields) - COMMON <= known


@pytest.mark.parametrize("table", [Input, InputField, Output])
def test_every_key_is_described(table: type[Input]) -> None:
    assert [key for key, field in table.model_fields.items() if not field.description] == []


# Tensors of all sorts: (dtype, shape).
TENSORS = [
    ("float32", (None, 1)), ("int64", (1,)), ("bool", (None, 1)), ("string", (None, 1)),
    ("string", (None, 3)), ("float32", (None, 4)), ("float32", (None, 400)), ("int32", (None, 7)),
    ("float32", (None, None)), ("float32", (None, 28, 28, 1)), ("uint8", (1, None, None, 3)),
    ("float32", (None, 28, 28)), ("int32", (None, 20, 20)), ("float32", (None, 5, 6, 7, 8)),
    ("float32", ()), ("complex64", (None, 2)), ("float32", (None, 0)), ("float32", (3, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "shape"), TENSORS)
@pytest.mark.parametrize("role", get_args(Role))
def test_a_bare_tensor_of_any_kind_finds_a_widget(
    role: Role, dtype: str, shape: tuple[int | None, ...]
) -> None:
    spec = TensorSpec("x", dtype, shape)
    number = TensorSpec("n", "float32", (None, 1))
    given = ((spec,), (number,)) if role == "input" else ((number,), (spec,))
    planned = plan.make(Demo(model="m.keras"), Signature(*given, {}, True), WIDGETS)
    items = planned.inputs if role == "input" else planned.outputs
    assert [item.spec for item in items] == [spec]


@pytest.mark.parametrize("name", FEEDS)
def test_every_feed_has_a_widget(name: str) -> None:
    assert any(part.manifest.feed == name for part in INPUTS)


@pytest.mark.parametrize("name", HEADS)
def test_every_head_has_a_widget(name: str) -> None:
    assert any(part.manifest.head == name for part in OUTPUTS)


@pytest.mark.parametrize("part", ALL, ids=identify)
def test_the_templates_of_a_widget_are_templates(part: Part) -> None:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    environment.filters.update(filters.of())
    environment.globals.update(text=ENGLISH.text, count=ENGLISH.count)
    for file in part.folder.glob("*.j2"):
        source = file.read_text(encoding="utf-8")
        environment.from_string(source)
        assert "| safe" not in source and "style=" not in source and "onclick" not in source


@pytest.mark.parametrize("part", ALL, ids=identify)
def test_the_style_of_a_widget_asks_nobody_else(part: Part) -> None:
    for sheet in part.folder.glob("*.css"):
        style = sheet.read_text(encoding="utf-8")
        assert style.count("{") == style.count("}")
        assert not any(word in style for word in ("http:", "https:", "@import", "url("))


def test_the_script_of_every_widget_can_be_mounted() -> None:
    mounting = [(part, name) for part in ALL for name in ("widget", *part.manifest.also)]
    scripts = [str(part.folder / f"{name}.js") for part, name in mounting]
    command = [packages.node(), "--input-type=module", "--eval", LIST_MOUNTS, *scripts]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == dict.fromkeys(scripts, True)


def test_every_answer_can_be_taken_away_as_its_widget_says() -> None:
    forms = {str(part.folder / "take.js"): sorted(part.manifest.taken) for part in OUTPUTS}
    assert all(forms.values())
    command = [packages.node(), "--input-type=module", "--eval", LIST_EXPORTS, *forms]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == forms


@pytest.mark.parametrize(
    ("role", "name", "said"),
    [
        ("input", "json", "taken: only answers can be taken away"),
        ("output", "json", "taken: take.js is missing"),
    ],
)
def test_what_cannot_be_taken_away_is_not_promised(
    role: Role, name: str, said: str, tmp_path: Path
) -> None:
    place = tmp_path / "widgets" / role / "mine"
    shutil.copytree(
        WIDGETS[role][name].folder, place, ignore=shutil.ignore_patterns("take.js", "part.toml")
    )
    text = (WIDGETS[role][name].folder / "part.toml").read_text()
    taken = "" if "taken" in text else 'taken = ["csv"]\n'
    (place / "part.toml").write_text(taken + text)
    with pytest.raises(ConfigError, match=said):
        parts.read([tmp_path])


CAMERA = WIDGETS["input"]["image"]


@pytest.mark.parametrize(
    ("fields", "added"),
    [
        ([], ""),
        ([{"sources": ["upload", "clipboard"]}], ""),
        ([{"sources": None}, {}], ""),
        ([{"sources": ["webcam"]}], "webcam"),
        ([{"sources": ["upload"]}, {"sources": ["upload", "webcam"]}], "webcam"),
    ],
)
def test_a_page_has_what_one_of_its_fields_asks_for(
    fields: list[dict[str, Any]], added: str
) -> None:
    part = CAMERA.on_page(fields)
    assert part.addition == added
    assert part.script == f"{added or 'widget'}.js"
    assert part.sheets == ["widget.css", *([f"{added}.css"] if added else [])]
    assert part.browser == (["camera"] if added else [])
    style = runtime.read_style([part], None)
    assert ("camera" in style) == bool(added)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("also.webcam", "also.film", r"also.film: film.js is missing"),
        (
            "sources =",
            "source =",
            r'also.webcam: source is no key of its page side; did you mean "sources"',
        ),
        (
            '"camera"]\n',
            '"camra"]\n',
            r'also.webcam.browser\[0\]: should be "camera" or "microphone"',
        ),
    ],
)
def test_what_a_widget_has_besides_is_there(old: str, new: str, said: str, tmp_path: Path) -> None:
    place = tmp_path / "widgets" / "input" / "mine"
    shutil.copytree(CAMERA.folder, place)
    text = (place / "part.toml").read_text()
    assert old in text
    (place / "part.toml").write_text(text.replace(old, new))
    with pytest.raises(ConfigError, match=said):
        parts.read([tmp_path])


def test_no_widget_reaches_into_another() -> None:
    for part in ALL:
        for script in part.folder.glob("*.js"):
            lines = script.read_text(encoding="utf-8").splitlines()
            imports = [line for line in lines if line.startswith("import ") or " from '" in line]
            paths = [line.split("'")[1] for line in imports if "'" in line]
            assert all(path.startswith(("./", "../../../runtime/page/")) for path in paths), script


@pytest.mark.parametrize("part", ALL, ids=identify)
def test_no_synonym_is_the_name_of_a_widget_beside_it(part: Part) -> None:
    called = [names.plain(synonym) for synonym in part.manifest.synonyms]
    assert called and len(called) == len(set(called))
    assert not set(called) & WIDGETS[part.role].keys()
