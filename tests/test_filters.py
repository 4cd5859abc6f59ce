"""Answers as the build writes them, against JavaScript and the widgets' own scripts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pytest

from bundler import plan
from bundler.bundle import packages
from bundler.demo import config, parts
from bundler.demo.parts import Part
from bundler.formats.signature import Signature
from bundler.ground import layout
from bundler.ground.numbers import significant, to_fixed
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.ground.texts import ENGLISH
from bundler.plan import PlannedOutput
from bundler.site import filters
from tests.conftest import Host, NewPage

WIDGETS = parts.read()
LABELS = ["Barolo", "Grüner & <b>", "x" * 40, "3", "", "Ⅴ"]
COUNT = 60

NODE = """
const numbers = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(numbers.map(([value, places]) => [
  value.toFixed(places), String(Number(value.toPrecision(4))), String(Number(value.toPrecision(6))),
])));
"""

# Shows each tensor in the widget as the build renders it, then lets the script take over.
COMPARE = """
async (cases) => {
  const read = (root) => ({
    text: root.textContent.replace(/\\s+/g, ' ').trim(),
    titles: [...root.querySelectorAll('[title]')].map(({ title }) => title),
    widths: [...root.querySelectorAll('rect')].map((bar) => parseFloat(bar.getAttribute('width'))),
  });
  return Promise.all(cases.map(async ({ script, html, options, tensor }) => {
    const { mount } = await import(script);
    const root = document.createElement('div');
    document.body.replaceChildren(root);
    root.innerHTML = html;
    const before = read(root);
    mount(root, options).show(tensor);
    return [before, read(root)];
  }));
}
"""


def numbers(generator: np.random.Generator) -> list[float]:
    """All magnitudes, halves that a rounding could take either way, zeros, whole numbers."""
    sizes = 10.0 ** generator.uniform(-12, 23, 500)
    random = sizes * generator.choice([-1, 1], 500)
    halves = (generator.integers(-2000, 2000, 300) + 0.5) / generator.choice([1, 4, 64, 1000], 300)
    small = generator.normal(size=300)
    special = [0.0, -0.0, 1.0, -1.0, 1e21, 999999.5, 9999.5, 1e-7, 123456.5, 0.0625, 12345.0, 1e-6]
    return [*random.tolist(), *halves.tolist(), *small.tolist(), *special]


def test_numbers_are_written_as_javascript_writes_them() -> None:
    generator = np.random.default_rng(1)
    rows = [(value, int(generator.integers(0, 10))) for value in numbers(generator)]
    result = subprocess.run(
        [packages.node(), "--eval", NODE], input=json.dumps(rows), capture_output=True, text=True
    )
    written = json.loads(result.stdout)
    assert len(written) == len(rows)
    for (value, places), (fixed, four, six) in zip(rows, written, strict=True):
        assert to_fixed(value, places) == fixed, (value, places)
        assert significant(value, 4) == four, value
        assert significant(value, 6) == six, value


def scores(generator: np.random.Generator) -> Tensor:
    values = generator.dirichlet(np.full(len(LABELS), 0.3), 1)
    if generator.random() < 0.2:
        values = generator.integers(0, 17, (1, len(LABELS))) / 16
    return Tensor.from_numpy(values.astype(np.float32))


def scalar(generator: np.random.Generator) -> Tensor:
    return Tensor.from_numpy(np.array([[generator.choice(numbers(generator))]], np.float32))


def sequence(generator: np.random.Generator) -> Tensor:
    """Few steps and more than are shown at once, with classes that stay for some."""
    steps = int(generator.choice([1, 7, 100, 130]))
    values = np.repeat(generator.dirichlet(np.full(len(LABELS), 0.3), -(-steps // 3)), 3, axis=0)
    return Tensor.from_numpy(values[None, :steps].astype(np.float32))


def anything(generator: np.random.Generator) -> Tensor:
    shape = (1, *generator.integers(1, 12, generator.integers(0, 3)).tolist())
    dtype = generator.choice(["float32", "int32", "bool", "string"])
    if dtype == "string":
        texts = generator.choice(
            ["", "a", 'say "hi"\\n', "tab\t", "Grüße", "a\nb", "\u2028"], shape
        )
        return Tensor.from_numpy(texts)
    return Tensor.from_numpy((generator.normal(size=shape) * 1000).astype(dtype))


# Tensors of each kind; a widget is tried with those that it fits.
MAKERS: dict[str, Callable[[np.random.Generator], Tensor]] = {
    "scores": scores,
    "sequence": sequence,
    "number": scalar,
    "tensor": anything,
}


# Pictures are no texts: their captions are files that Python paints.
OUTPUTS = [part for part in WIDGETS["output"].values() if {*part.manifest.fits} & MAKERS.keys()]


def plan_output(part: Part, tensor: Tensor, folder: Path, extra: str = "") -> PlannedOutput:
    """What planning makes of one output with this widget."""
    lines = ['model = "model.keras"', "[[outputs]]", f'widget = "{part.name}"', extra]
    if "labels" in part.manifest.options:
        lines.append(f"labels = {json.dumps(LABELS)}")
    (folder / "model.keras").touch()
    (folder / "demo.toml").write_text("\n".join(lines), encoding="utf-8")
    spec = TensorSpec("y", tensor.dtype, (None, *tensor.shape[1:]))
    signature = Signature((TensorSpec("x", "float32", (None, 1)),), (spec,), {}, True)
    (output,) = plan.make(config.read(folder), signature, WIDGETS).outputs
    return output


def render(part: Part, tensor: Tensor, output: PlannedOutput) -> dict[str, Any]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(layout.templates()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(filters.of())
    environment.globals.update(text=ENGLISH.text, count=ENGLISH.count)
    template = environment.from_string((part.folder / "widget.html.j2").read_text("utf-8"))
    answer = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data": tensor.values}
    shown = {"id": "output-0", "label": "Y", "options": output.options, "answer": answer}
    script = f"/widgets/output/{part.name}/{part.on_page([output.options]).script}"
    html = template.render(output=shown)
    return {"script": script, "html": html, "options": output.options, "tensor": answer}


@pytest.mark.parametrize("part", OUTPUTS, ids=lambda part: part.name)
def test_nothing_changes_when_the_script_takes_over(
    part: Part, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    generator = np.random.default_rng(2)
    makers = [MAKERS[kind] for kind in part.manifest.fits if kind in MAKERS]
    assert makers
    extras = ["", "decimals = 2", 'unit = "m²"', "top = 2", "threshold = 0.3"]
    known = [e for e in extras if not e or e.split()[0] in part.manifest.options]
    cases = []
    for index in range(COUNT):
        tensor = makers[index % len(makers)](generator)
        output = plan_output(part, tensor, tmp_path, known[index % len(known)])
        cases.append(render(part, tensor, output))
    page = new_page()
    page.goto(host(layout.templates()).url)
    for case, (before, after) in zip(cases, page.evaluate(COMPARE, cases), strict=True):
        assert before == after, case["tensor"]


def test_scores_are_ranked_with_their_names() -> None:
    tensor = {"data": [0.1, 0.6, 0.3], "shape": [1, 3], "dtype": "float32"}
    first, second = filters.rank(tensor, ["a", "b", "c"], 2)
    assert (first["label"], first["percent"], first["width"]) == ("b", "60.0", "60.0%")
    assert (second["label"], second["percent"]) == ("c", "30.0")


def test_equal_scores_keep_the_order_of_the_classes() -> None:
    tensor = {"data": [0.25] * 4, "shape": [1, 4], "dtype": "float32"}
    assert [row["label"] for row in filters.rank(tensor, list("abcd"), 4)] == list("abcd")
