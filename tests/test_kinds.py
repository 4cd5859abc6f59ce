"""New kinds of input and answer are a module each; several tensors, over inputs, and in again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bundler import plan
from bundler.bundle import runtime
from bundler.demo import config, parts
from bundler.formats.signature import Signature
from bundler.ground import layout
from bundler.ground.errors import ConfigError, SetupError
from bundler.ground.tensors import TensorSpec
from tests.conftest import ROOT, Host, NewPage
from tests.models import tf
from tests.visitor import open_ready

# A kind of answer that two tensors make, and one of input that fills two.
DETECTIONS = '''
from bundler.ground import table
from bundler.ground.kinds import BEST, Fit
from bundler.heads.kind import Head


class Settings(table.Settings):
    """The keys of detections."""


class Detections(Head):
    """Rows of a box and its score."""

    SETTINGS = Settings
    KINDS = ("detections",)
    ROLES = ("boxes", "scores")

    def fits(self, spec, settings, activation):
        return [Fit("detections", BEST, "boxes with scores")]

    def trace(self, values, settings):
        import tensorflow as tf

        return tf.concat([values["boxes"], values["scores"][..., tf.newaxis]], axis=-1)


HEAD = Detections()
'''
MEASURED = '''
from bundler.feeds import tensor
from bundler.feeds.tensor import RawTensor
from bundler.ground.kinds import BEST, Fit


class Measured(RawTensor):
    """A table, and how many rows it has."""

    KINDS = ("table",)
    ROLES = ("rows", "count")

    def fits(self, spec):
        return [Fit("table", BEST, "rows and their number")]

    def trace(self, raw, spec, settings):
        import tensorflow as tf

        return {"rows": raw, "count": tf.reshape(tf.shape(raw)[1], [1, 1])}


FEED = Measured()
'''
DEMO = """
model = "model"
[[inputs]]
widget = "table"
tensors = { rows = "rows", count = "count" }
[[inputs]]
name = "state"
after = "sum"
[[outputs]]
name = "found"
widget = "detections"
tensors = { boxes = "boxes", scores = "scores" }
over = "rows"
[[outputs]]
name = "sum"
"""
# A widget that needs a package, and a module of its own, only once somebody has typed.
LOADS = """import { mount as plain } from '../../input/json/widget.js';

export function mount(root, options) {
  const widget = plain(root, options);
  root.addEventListener('input', async () => {
    const [{ parse }, { nested }] = [await import('acorn'), await import('./nested.js')];
    root.dataset.kind = `${parse(widget.save(), { ecmaVersion: 6 }).body[0].type} ${nested}`;
  });
  return widget;
}
"""
BUILD = """
import sys
sys.path.insert(0, sys.argv[1])
from bundler.cli import main
sys.exit(main(["build", sys.argv[2], "--json"]))
"""


def widget(name: str, role: str, kind: str, folder: Path, like: str) -> None:
    """A widget as another one is, of a kind of its own."""
    place = folder / "widgets" / role / name
    shutil.copytree(ROOT / "templates" / "widgets" / role / like, place)
    key = "feed" if role == "input" else "head"
    options = 'options = ["default"]' if role == "input" else "options = []"
    text = f'summary = "{name}"\n{key} = "{kind}"\nfits = ["{name}"]\ninfer = true\n{options}\n'
    (place / "part.toml").write_text(text)


def save_model(folder: Path) -> None:
    """Boxes and scores of a table's rows, and the sum of all that there ever was."""

    class Model(tf.Module):  # type: ignore[misc]
        @tf.function(  # type: ignore[untyped-decorator]
            input_signature=[
                tf.TensorSpec((1, None, 4), tf.float32, name="rows"),
                tf.TensorSpec((1, 1), tf.int32, name="count"),
                tf.TensorSpec((1, 1), tf.float32, name="state"),
            ]
        )
        def serve(self, rows: Any, count: Any, state: Any) -> dict[str, Any]:
            mean = tf.reduce_sum(rows, [1, 2])[:, None] / tf.cast(count, tf.float32)
            return {"boxes": rows * 2, "scores": tf.reduce_max(rows, -1), "sum": mean + state}

    model = Model()
    tf.saved_model.save(model, str(folder), signatures={"serving_default": model.serve})


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds") / "demo"
    save_model(folder / "model")
    (folder / "demo.toml").write_text(DEMO)
    widget("detections", "output", "detections", folder / "templates", "json")
    return folder


@pytest.fixture(scope="module")
def site(demo: Path) -> Path:
    """Built by a copy of the tool to which only the two modules were added."""
    package = demo.parent / "installed" / "bundler"
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    shutil.copytree(ROOT / "bundler", package, ignore=ignored)
    shutil.copytree(ROOT / "templates", package / "templates", ignore=ignored)
    (package / "heads" / "detections.py").write_text(DETECTIONS)
    (package / "feeds" / "measured.py").write_text(MEASURED)
    widget("table", "input", "measured", package / "templates", "json")
    table = package / "templates" / "widgets" / "input" / "table"
    with (table / "part.toml").open("a") as file:
        file.write('packages = ["acorn"]\n')
    (table / "widget.js").write_text(LOADS)
    (table / "nested.js").write_text("export const nested = 'and its own';\n")
    command = [sys.executable, "-c", BUILD, str(package.parent), str(demo)]
    made = subprocess.run(command, capture_output=True, text=True, cwd=demo.parent, timeout=300)
    assert made.returncode == 0, made.stdout + made.stderr
    rows = json.loads(made.stdout)["parity"]["rows"]
    assert {row["output"] for row in rows} == {"found", "sum"}
    return demo / "site"


def test_several_tensors_are_one_answer_and_one_input_is_several(
    site: Path, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, host(site).url)
    found = page.evaluate("tfjsDemo.predict({rows: [[[1, 2, 3, 4], [5, 6, 7, 8]]], state: [[10]]})")
    values = list(found["found"]["data"])
    assert values == [2, 4, 6, 8, 4, 10, 12, 14, 16, 8]
    assert list(found["sum"]["data"]) == [36 / 2 + 10]


def test_an_answer_goes_in_again_until_the_page_is_emptied(
    site: Path, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, host(site).url)
    box = page.locator("#input-0-0 textarea")
    shown = page.locator("#output-1")
    for row, expected in (([1, 1, 1, 1], "4"), ([2, 2, 2, 2], "12"), ([0, 0, 0, 1], "13")):
        box.fill(json.dumps([[row]]))
        # Longer than the page waits for a gesture: what is typed goes in once.
        page.wait_for_timeout(200)
        box.press("Tab")
        page.wait_for_function(
            "expected => document.querySelector('#output-1').textContent.includes(expected)",
            arg=expected,
        )
    assert "13" in shown.inner_text()


def test_packages_are_loaded_once_a_widget_needs_them_and_offline_too(
    site: Path, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    open_ready(page, host(site).url)
    later = {path.name for path in (site / "assets").glob("*.js")} - {*asked}
    packed = [name for name in later if name.startswith(("acorn-", "nested-"))]
    assert len(packed) == 2 and all(name in (site / "sw.js").read_text() for name in packed)
    box = page.locator("#input-0-0 textarea")
    box.fill("[[[1, 2, 3, 4]]]")
    expect(page.locator("#input-0-0")).to_have_attribute(
        "data-kind", "ExpressionStatement and its own"
    )
    assert {*packed} <= {*asked}


@pytest.mark.parametrize(
    ("imported", "declared", "said"),
    [
        ("await import('acorn')", "", "whose part.toml names it under packages"),
        ("await import('acorn-walk')", 'packages = ["acorn"]', "widgets/input/json/widget.js"),
        ("import 'acorn'", 'packages = ["acorn"]', "write await import('acorn')"),
        ("import '@tensorflow/tfjs-core'", "", "widgets/input/json/widget.js"),
        ("await import('acorn/dist')", 'packages = ["acorn"]', "acorn/dist"),
    ],
)
def test_a_package_is_named_and_loaded_late_or_the_build_fails(
    imported: str, declared: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    monkeypatch.setattr(layout, "templates", lambda: templates)
    folder = templates / "widgets" / "input" / "json"
    for name, more in (("part.toml", declared), ("widget.js", f"{imported};")):
        with (folder / name).open("a") as file:
            file.write(f"\n{more}\n")
    with pytest.raises(SetupError) as caught:
        runtime.bundle_page([parts.read()["input"]["json"]], None)
    assert said in caught.value.details


def test_an_authors_widget_brings_its_scripts_along(tmp_path: Path) -> None:
    place = tmp_path / "widgets" / "output" / "mine"
    shutil.copytree(ROOT / "templates" / "widgets" / "output" / "json", place)
    assert "mine" in parts.read([tmp_path])["output"]
    with (place / "part.toml").open("a") as manifest:
        manifest.write('packages = ["acorn"]\n')
    with pytest.raises(ConfigError, match="packages: only the tool's own"):
        parts.read([tmp_path])


def test_what_stands_over_an_input_knows_its_widget(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    data = html.split('id="tfjs-demo-data"')[1].split(">", 1)[1].split("</script>")[0]
    (found, _) = json.loads(data)["outputs"]
    assert found["options"]["over"] == "input-0-0"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('after = "sum"', 'after = "sun"'),
        ('over = "rows"', 'over = "row"'),
        ('scores = "scores"', 'scores = "score"'),
        ('scores = "scores"', 'scores = "boxes"'),
    ],
)
def test_partners_that_are_not_there_are_told(change: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "saved_model.pb").touch()
    (tmp_path / "demo.toml").write_text(DEMO.replace('widget = "table"', "").replace(change, said))
    specs = {
        "rows": (1, None, 4), "count": (1, 1), "state": (1, 1),
        "boxes": (1, None, 4), "scores": (1, None), "sum": (1, 1),
    }  # fmt: skip
    tensors = [TensorSpec(name, "float32", shape) for name, shape in specs.items()]
    signature = Signature(tuple(tensors[:3]), tuple(tensors[3:]), {}, True)
    with pytest.raises(ConfigError) as caught:
        plan.make(config.read(tmp_path), signature, parts.read())
    key, name = said.split(" = ")
    assert f".{key}: " in caught.value.message and name in caught.value.message
