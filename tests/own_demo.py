"""A demo with files of its author's own in templates/: a page, a style, a script, a widget."""

from __future__ import annotations

import shutil
import struct
import zlib
from pathlib import Path

from tests.conftest import DEMOS

PAGE = """{% extends "page.html.j2" %}
{% block head %}
{{ super() }}
<meta name="robots" content="noindex">
{% endblock %}
{% block header %}
{{ super() }}
{% include "greeting.html.j2" %}
{% endblock %}
{% block footer %}<p>From the cellar of {{ page.title }}</p>{% endblock %}
"""
STYLE = """:root { --radius: 0; }
h1 { letter-spacing: 3px; background: url(pictures/dot.png); }
"""
# Takes what it is given apart, and the page's own API as well.
SCRIPT = """import { words } from './words.js';

export function ready(demo) {
  document.body.dataset.ready = demo.backend;
}

export function beforePredict(inputs) {
  const [strength] = inputs.analysis.data;
  for (const one of Object.values(inputs)) {
    one.data.fill(0);
    one.shape.length = 0;
    delete inputs.analysis;
  }
  if (strength > 14.5) return words.strong;
}

export function afterPredict(answers, inputs) {
  document.body.dataset.after = `${inputs.analysis.data[0]} ${answers.cultivar.shape}`;
  for (const one of Object.values(answers)) one.data.fill(1);
  inputs.analysis.data.fill(1);
  window.tfjsDemo.predict = () => Promise.reject(new Error('not this one'));
}
"""
WIDGET = {
    "part.toml": """summary = "a number, turned like a knob"
feed = "element"
fits = ["number"]
names_field = true
options = ["unit", "min", "max", "step", "default"]
requires = ["min", "max"]

[keys.turns]
type = "whole number"
description = "from one end to the other"
min = 1
default = 1
""",
    "widget.html.j2": """<label for="{{ field.id }}-knob">{{ field.label }} (knob)</label>
<input id="{{ field.id }}-knob" data-turns="{{ field.options.turns }}" type="range"
  min="{{ field.options.min }}" max="{{ field.options.max }}" step="any"
  value="{{ field.options.default }}">
""",
    "widget.css": ".field-knob input { border-radius: var(--radius-round) }\n",
    "widget.js": """import { announce, find } from '../../../runtime/page/widget.js';

export function mount(root, options) {
  const knob = find(root, 'input', HTMLInputElement);
  knob.addEventListener('input', () => announce(root, true));
  return {
    value: () => knob.valueAsNumber,
    save: () => knob.valueAsNumber,
    restore: (state) => { knob.value = String(state); },
  };
}
""",
    "example.html.j2": "{{ state }} on the knob",
}
OTHERS = {
    "greeting.html.j2": "<p class='greeting'>Made in {{ page.language }}</p>",
    "words.js": "export const words = { strong: 'No wine is that strong.' };\n",
    "logo.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'></svg>",
}


def write(folder: Path) -> Path:
    """The wine demo with all of it, and its first field turned like a knob."""
    shutil.copytree(DEMOS / "wine", folder, ignore=shutil.ignore_patterns("site"))
    demo = folder / "demo.toml"
    text = demo.read_text(encoding="utf-8")
    knob = text.replace('widget = "slider"', 'widget = "knob"\nturns = 3', 1)
    demo.write_text(knob, encoding="utf-8")
    widget = {f"widgets/input/knob/{name}": content for name, content in WIDGET.items()}
    files = {"page.html.j2": PAGE, "style.css": STYLE, "page.js": SCRIPT, **OTHERS, **widget}
    for name, content in files.items():
        path = folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    pictures = folder / "templates" / "pictures"
    pictures.mkdir()
    (pictures / "dot.png").write_bytes(dot())
    (folder / "templates" / "icon.png").write_bytes(dot())
    return folder


def dot() -> bytes:
    """A picture of one black point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
