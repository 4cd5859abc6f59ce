"""The contract of every widget's folder."""

from __future__ import annotations

import json
import subprocess
from typing import get_args

import jinja2
import pytest

from bundler.bundle import packages
from bundler.demo.settings import Input, InputField, Output
from bundler.graph.feeds import FEEDS
from bundler.graph.heads import HEADS
from bundler.ground import layout, names
from bundler.ground.texts import ENGLISH
from bundler.plan import parts
from bundler.plan.choice import COMMON
from bundler.plan.parts import Kind, Part, Role
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
    assert manifest.fits and set(manifest.requires) <= set(manifest.options)


@pytest.mark.parametrize("part", INPUTS, ids=identify)
def test_an_input_widget_feeds_and_understands_what_there_is(part: Part) -> None:
    assert part.manifest.feed in FEEDS
    settings = Input if part.manifest.feed != "element" else InputField
    assert set(part.manifest.options) <= set(settings.model_fields)
    assert "scores" not in part.manifest.fits


@pytest.mark.parametrize("part", OUTPUTS, ids=identify)
def test_an_output_widget_heads_and_understands_what_there_is(part: Part) -> None:
    assert part.manifest.head in HEADS
    assert set(part.manifest.options) <= set(Output.model_fields)


@pytest.mark.parametrize("table", [Input, InputField, Output])
def test_every_option_means_something_to_a_widget(table: type[Input]) -> None:
    known = {option for part in ALL for option in part.manifest.options}
    assert set(table.model_fields) - COMMON <= known


@pytest.mark.parametrize("role", get_args(Role))
def test_a_bare_tensor_of_any_kind_finds_a_widget(role: Role) -> None:
    inferred = [part.manifest for part in WIDGETS[role].values() if part.manifest.infer]
    assert any("any" in manifest.fits for manifest in inferred)
    for kind in get_args(Kind):
        candidates = [m for m in inferred if kind in m.fits]
        # An inferred widget has to work without any table.
        assert all(not manifest.requires for manifest in candidates)


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
    style = (part.folder / "widget.css").read_text(encoding="utf-8")
    assert style.count("{") == style.count("}")
    assert not any(word in style for word in ("http:", "https:", "@import", "url("))


def test_the_script_of_every_widget_can_be_mounted() -> None:
    scripts = [str(part.folder / "widget.js") for part in ALL]
    command = [packages.node(), "--input-type=module", "--eval", LIST_MOUNTS, *scripts]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == dict.fromkeys(scripts, True)


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
