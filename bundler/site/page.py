"""The page: what the templates are given, and index.html. Pure: no file is written."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import jinja2
from markupsafe import Markup

from bundler import __version__
from bundler.bundle import runtime
from bundler.bundle.runtime import EngineBundle, PageBundle
from bundler.demo import own_texts
from bundler.demo.demo import Demo
from bundler.demo.own import NONE, Own
from bundler.feeds import FEEDS
from bundler.graph import Answers, Case, WebModel
from bundler.graph.changes import Quantization
from bundler.ground import cache, layout
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.ground.texts import ENGLISH, SOURCE, Texts
from bundler.plan import Plan, PlannedInput, PlannedOutput
from bundler.proof.verify import Parity
from bundler.site import words
from bundler.site.environment import prepared
from bundler.site.examples import Example, field_id
from bundler.site.own import blocks, rendering

# An example's answer in the page is cut to so many elements; a click computes it anew.
MOST_ANSWER_ELEMENTS = 65_536
# What no template of an author's is given.
FRAME = {"csp", "gate", "early", "style", "script", "data"}


@dataclass(frozen=True)
class Assets:
    """Paths of the site's files, relative to index.html."""

    script: str
    workers: dict[str, str]  # by backend
    engine_files: dict[str, tuple[str, int]]  # the engine's name of a file: path, bytes
    golden: str
    threads: str | None  # the script of wasm's threads
    download_bytes: int  # what a first visit transfers, compressed
    files: list[tuple[str, int, int]]  # for the report: path, bytes, gzipped bytes
    answers: dict[tuple[int, str], str]  # pictures of answers, by example and output
    logo: str | None = None  # addresses of the author's own
    icon: str | None = None


@dataclass(frozen=True)
class Contents:
    """The values of all stages, which a page is made of."""

    demo: Demo
    plan: Plan
    model: WebModel
    examples: list[Example]
    answers: Answers
    engine: EngineBundle
    script: PageBundle
    parity: Parity
    own: Own = NONE

    @property
    def texts(self) -> Texts:
        """The page's own words."""
        return own_texts.of(self.own, self.demo.language)

    @property
    def notices(self) -> list[str]:
        """What the demo's author should know."""
        quantization = self.model.quantization
        found = quantization.notices if quantization else []
        own = [*self.own.notices, *self.script.warnings]
        planned = [*own_texts.notices(self.own, self.demo.language), *self.plan.notices]
        return [*planned, *self.model.notices, *self.answers.notices, *found, *own]


def render(contents: Contents, assets: Assets) -> str:
    """index.html."""
    template = environment(contents.texts).get_template("page.html.j2")
    page = _context(contents, assets)
    if not contents.own.has_templates:
        return template.render(page=page)
    shown = {key: value for key, value in page.items() if key not in FRAME}
    items = [field for group in page["groups"] for field in group["fields"]] + page["outputs"]
    ids = [item["id"] for item in items]
    made = rendering.rendered(contents.own, shown, ids, contents.texts)
    return blocks.filled(template, page, {name: Markup(text) for name, text in made.items()})


def policy(contents: Contents, assets: Assets) -> str:
    """The Content-Security-Policy of index.html."""
    return _policy(_first_scripts(contents, assets), contents.script)


def _first_scripts(contents: Contents, assets: Assets) -> tuple[str, str]:
    """What tells browsers that are too old, and what starts the engine in the others."""
    options = _json(_engine(contents, assets))
    script = contents.script
    return script.gate, script.early.replace(runtime.ENGINE_OPTIONS, options)


class _Bytecode(jinja2.FileSystemBytecodeCache):
    """Compiled templates; a disk that has no space for them is no reason to fail."""

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def environment(texts: Texts = ENGLISH) -> jinja2.Environment:
    """Reads the templates, with words in the language of `texts`; no text becomes markup."""
    loader = jinja2.FileSystemLoader(layout.templates())
    bytecode = _Bytecode(str(cache.shared("templates")))
    return prepared(jinja2.Environment, loader, bytecode, texts)


def _own_language(demo: Demo, texts: Texts) -> Markup:
    """What says that words are the author's, who need not speak the page's language."""
    is_same = texts.tag.lower() == demo.language.replace("_", "-").lower()
    lang = Markup() if is_same else Markup(' lang="{}"').format(demo.language)
    return lang if is_same and texts.direction == "ltr" else lang + Markup(' dir="auto"')


def _builds_language(texts: Texts) -> Markup:
    """What says that words are the build's, which speaks English."""
    return Markup("" if texts.tag.split("-")[0] == SOURCE else ' lang="en" dir="ltr"')


def _context(contents: Contents, assets: Assets) -> dict[str, Any]:
    demo, texts = contents.demo, contents.texts
    scripts, style = _first_scripts(contents, assets), contents.script.style
    start = contents.answers.start.inputs
    inputs = [
        _input(index, item, start[item.spec.name], texts)
        for index, item in enumerate(contents.plan.inputs)
    ]
    cases = contents.answers.examples
    first = _answers(assets, 0, cases[0]) if cases else {}
    outputs = [
        _output(index, item, first.get(item.spec.name), texts)
        for index, item in enumerate(contents.plan.outputs)
    ]
    return {
        "language": texts.tag,
        "direction": texts.direction,
        "own_language": _own_language(demo, texts),
        "builds_language": _builds_language(texts),
        "title": demo.shown_title,
        "description": demo.description,
        "author": demo.author,
        "license": demo.license,
        "homepage": demo.homepage,
        "url": f"{demo.url.rstrip('/')}/" if demo.url else None,
        "card": [{"term": term, "text": text} for term, text in demo.card.items()],
        "csp": _policy(scripts, contents.script),
        "gate": Markup(scripts[0]),
        "early": Markup(scripts[1]),
        "style": Markup(style),
        "script": assets.script,
        "social_image": _social_image(contents),
        "download": words.human_bytes(assets.download_bytes, texts),
        "backend": contents.engine.backends[0],
        "groups": _groups(demo, inputs, texts),
        "outputs": outputs,
        "examples": _examples(contents, assets, inputs, outputs),
        "report": _report(contents, assets),
        "data": Markup(_json(_data(contents, assets, inputs, outputs))),
        "version": __version__,
        "logo": assets.logo,
        "icon": assets.icon,
    }


def first_picture(contents: Contents) -> str | None:
    """The path of the first picture among the examples."""
    return next((path for example in contents.examples for path in example.pictures), None)


def _social_image(contents: Contents) -> str | None:
    """The first example's picture; absolute, as crawlers want it, where the address is known."""
    picture, url = first_picture(contents), contents.demo.url
    return f"{url.rstrip('/')}/{picture}" if picture and url else picture


def _policy(scripts: Sequence[str], script: PageBundle) -> str:
    """Everything from the site's own folder; what stands in the page itself by its hash."""
    has_fonts = any(name.endswith(".woff2") for name in script.files)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'wasm-unsafe-eval' {' '.join(map(source_hash, scripts))}",
            f"style-src 'self' {source_hash(script.style)}",
            *(["font-src 'self'"] if has_fonts else []),
            "img-src 'self' blob: data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def source_hash(text: str) -> str:
    """What a policy allows a script or style sheet in the page itself by."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _engine(contents: Contents, assets: Assets) -> dict[str, Any]:
    """What the page's first script starts: EngineOptions in templates/runtime/page/types.js."""
    entries = {
        name: {"url": path, "bytes": size} for name, (path, size) in assets.engine_files.items()
    }
    binaries = contents.engine.wasm
    return {
        "model": contents.model.content,
        "workers": assets.workers,
        "files": {name: entry for name, entry in entries.items() if name not in binaries},
        "wasm": {name.removeprefix("wasm-"): entries[name] for name in binaries},
        "golden": assets.golden,
        "backends": contents.engine.backends,
        "reason": words.reason(
            contents.model.multiply_adds, contents.engine.backends[0], contents.texts
        ),
        "threads": assets.threads,
        # Noise the page makes itself.
        "first": {
            item.spec.name: _repeated(contents.answers.start.inputs[item.spec.name])
            for item in contents.plan.inputs
        },
    }


def _repeated(tensor: Tensor) -> dict[str, Any]:
    """Shape and values of a tensor, without what only repeats the values before."""
    return {"shape": list(tensor.shape), "values": (tensor.pattern or tensor).values}


def _input(index: int, item: PlannedInput, start: Tensor, texts: Texts) -> dict[str, Any]:
    options = _first_values(item, start)
    fields = [
        {
            "id": field_id(index, number),
            "name": field.name,
            "label": words.label(field.label, texts),
            "widget": field.widget,
            "template": f"widgets/input/{field.widget}/widget.html.j2",
            "options": options[number],
        }
        for number, field in enumerate(item.fields)
    ]
    return {
        "name": item.spec.name,
        "label": words.label(item.label, texts),
        "hint": _hint(item, texts),
        "fields": fields,
        "is_element": len(fields) == 1 and FEEDS[item.feed].EACH,
        "is_labelled": len(fields) == 1 and item.fields[0].names_itself,
    }


def _first_values(item: PlannedInput, start: Tensor) -> list[dict[str, Any]]:
    """The options of an input's widgets; what nobody stated, stands where the model answers."""
    is_split = len(item.fields) > 1 or FEEDS[item.feed].EACH
    values: list[Any] = start.values if is_split else [start.nested]
    return [
        {**field.options, "default": value}
        if "default" in field.options and not field.states_default
        else field.options
        for field, value in zip(item.fields, values, strict=False)
    ]


def _groups(demo: Demo, inputs: list[dict[str, Any]], texts: Texts) -> list[dict[str, Any]]:
    """What stands under one heading, in the order of demo.toml.

    Inputs of one element each that follow each other are one group of fields.
    """
    names = [entry.name for entry in demo.inputs]
    order = {name: index for index, name in enumerate(names) if name}
    shown = sorted(inputs, key=lambda item: order.get(item["name"], len(names)))
    groups: list[dict[str, Any]] = []
    for is_element, items in groupby(shown, key=lambda item: bool(item["is_element"])):
        run = list(items)
        if is_element and len(run) > 1:
            fields = [field for item in run for field in item["fields"]]
            label, hint = texts.text("Values"), words.values(len(fields), texts)
            run = [{"label": label, "hint": hint, "fields": fields, "is_labelled": False}]
        groups += run
    return groups


def _hint(item: PlannedInput, texts: Texts) -> str:
    """What an input expects, in a few words."""
    becomes = FEEDS[item.feed].becomes(item.settings)
    if becomes:
        height, width, channels = becomes
        sides = {"width": texts.number(width), "height": texts.number(height)}
        if channels == 1:
            return texts.text("becomes {width} × {height} pixels, grey", **sides)
        return texts.text("becomes {width} × {height} pixels, colour", **sides)
    return words.values(len(item.fields), texts) if len(item.fields) > 1 else ""


def _output(
    index: int, item: PlannedOutput, answer: dict[str, Any] | None, texts: Texts
) -> dict[str, Any]:
    folder = f"widgets/output/{item.widget}"
    return {
        "id": f"output-{index}",
        "name": item.spec.name,
        "label": words.label(item.label, texts),
        "widget": item.widget,
        "template": f"{folder}/widget.html.j2",
        "caption": f"{folder}/caption.html.j2",
        "options": item.options,
        "answer": answer,
    }


def _answers(assets: Assets, index: int, case: Case) -> dict[str, dict[str, Any]]:
    """Python's answers to an example; of one that has a picture, the picture's path."""
    return {
        name: _answer(tensor, assets.answers.get((index, name)))
        for name, tensor in case.outputs.items()
    }


def _answer(tensor: Tensor, picture: str | None) -> dict[str, Any]:
    facts = {"dtype": tensor.dtype, "shape": list(tensor.shape)}
    if picture:
        return {**facts, "data": [], "picture": picture}
    return {**facts, "data": tensor.values[:MOST_ANSWER_ELEMENTS]}


def _examples(
    contents: Contents,
    assets: Assets,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    fields = [field for item in inputs for field in item["fields"]]
    return [
        {
            "index": index,
            "title": example.title,
            "label": example.label,
            "fields": [
                {"field": field, "state": example.states[field["id"]]}
                for field in fields
                if not example.pictures or isinstance(example.states[field["id"]], dict)
            ],
            "thumbnail": bool(example.pictures),
            "answers": [
                {"output": output, "answer": _answers(assets, index, case)[output["name"]]}
                for output in outputs
            ],
        }
        for index, (example, case) in enumerate(
            zip(contents.examples, contents.answers.examples, strict=True)
        )
    ]


def _report(contents: Contents, assets: Assets) -> dict[str, Any]:
    parity, texts = contents.parity, contents.texts
    return {
        "tool": f"tfjs-demo {__version__}",
        "rows": [
            {
                "output": row.output,
                "backend": row.backend,
                "error": "0" if row.error == 0 else f"{row.error:.0e}",
                "allowed": f"{row.allowed:.0e}",
                "own_error": f"{row.own_error:.0e}" if row.own_error > parity.tolerance else "",
                "samples": texts.number(row.samples),
            }
            for row in parity.rows
        ],
        "files": [
            {
                "name": name,
                "bytes_text": words.human_bytes(size, texts),
                "gzip_text": words.human_bytes(gzipped, texts),
            }
            for name, size, gzipped in assets.files
        ],
        "moved": [words.moved(one, texts) for one in contents.answers.moved],
        "quantization": _quantization(contents.model.quantization, texts),
        "notices": contents.notices,
    }


def _quantization(found: Quantization | None, texts: Texts) -> dict[str, Any] | None:
    """What smaller weights change, if any are."""
    if found is None or not found.saves:
        return None
    return {
        "before": words.human_bytes(found.float_bytes, texts),
        "after": words.human_bytes(found.bytes, texts),
        "rows": [
            {
                "output": change.output,
                "agreement": words.share(change.agreement, texts),
                "error": "0" if change.error == 0 else f"{change.error:.0e}",
                "samples": texts.number(change.samples),
            }
            for change in found.changes
        ],
    }


def _data(
    contents: Contents,
    assets: Assets,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> dict[str, Any]:
    """The page's JSON: what its script needs to know."""
    return {
        "title": contents.demo.shown_title,
        "inputs": [
            {**_spec(spec), "label": item["label"], "fields": [_picked(f) for f in item["fields"]]}
            for spec, item in zip(contents.model.inputs, inputs, strict=True)
        ],
        "outputs": [
            {**_spec(spec), **_picked(item)}
            for spec, item in zip(contents.model.outputs, outputs, strict=True)
        ],
        "examples": [
            {
                "title": example.title,
                "states": example.states,
                "answers": _answers(assets, index, case),
            }
            for index, (example, case) in enumerate(
                zip(contents.examples, contents.answers.examples, strict=True)
            )
        ],
    }


def _spec(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "dtype": spec.dtype, "shape": list(spec.shape)}


def _picked(item: dict[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ("id", "name", "label", "widget", "options")}


def _json(data: dict[str, Any]) -> str:
    """JSON that cannot end its script element, whatever a label contains."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
