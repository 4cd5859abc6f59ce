"""The page: what the templates are given, and index.html. Pure: no file is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import jinja2
from markupsafe import Markup

from bundler import __version__
from bundler.bundle import colours, runtime
from bundler.demo.demo import Demo
from bundler.ground import cache, layout
from bundler.ground.pictures import Picture
from bundler.ground.texts import ENGLISH, Texts
from bundler.site import card, data, evidence, words
from bundler.site.contents import Assets, Contents
from bundler.site.environment import prepared
from bundler.site.fields import grouped, planned_inputs, planned_outputs
from bundler.site.own import blocks, rendering
from bundler.site.policy import rules
from bundler.site.used import used

# What no template of an author's is given.
FRAME = {"csp", "gate", "early", "style", "script", "data"}
# Files in which authors write classes.
NAMING = (".j2", ".css", ".js")


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


def fitted(contents: Contents, assets: Assets) -> Contents:
    """With no rules of style for what this page does not have; an author's files may name any."""
    if any(name.endswith(NAMING) for name in contents.own.names):
        return contents
    script = contents.script
    scripts = [script.folder / name for name in (script.script, *script.files)]
    texts = [path.read_text("utf-8") for path in scripts if path.suffix == ".js"]
    style = used(script.style, render(contents, assets), texts)
    return replace(contents, script=replace(script, style=style))


def policy(contents: Contents, assets: Assets) -> str:
    """The Content-Security-Policy of index.html."""
    return rules(_first_scripts(contents, assets), contents.script)


def _first_scripts(contents: Contents, assets: Assets) -> tuple[str, str]:
    """What tells browsers that are too old, and what starts the engine in the others."""
    options = data.as_json(data.engine(contents, assets))
    script = contents.script
    return script.gate, script.early.replace(runtime.ENGINE_OPTIONS, options)


class _Bytecode(jinja2.FileSystemBytecodeCache):
    """Compiled templates; a disk that has no space for them is no reason to fail."""

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


class _Flat(jinja2.FileSystemLoader):
    """Templates without their indentation, which no visitor sees and every one transfers."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, file, is_current = super().get_source(environment, template)
        return re.sub(r"(?m)^[ \t]+", "", source), file, is_current


def environment(texts: Texts = ENGLISH) -> jinja2.Environment:
    """Reads the templates, with words in the language of `texts`; no text becomes markup."""
    loader = _Flat(layout.templates())
    bytecode = _Bytecode(str(cache.shared("templates")))
    return prepared(jinja2.Environment, loader, bytecode, texts)


def _own_language(demo: Demo, texts: Texts) -> Markup:
    """What says that words are the author's, who need not speak the page's language."""
    is_same = texts.tag.lower() == demo.language.replace("_", "-").lower()
    lang = Markup() if is_same else Markup(' lang="{}"').format(demo.language)
    return lang if is_same and texts.direction == "ltr" else lang + Markup(' dir="auto"')


def _summary(demo: Demo, texts: Texts) -> str:
    """What search engines and link previews show of a page whose author has not described it."""
    return texts.text(
        "{title}: a model to try, which runs in the browser, on your own device.",
        title=demo.shown_title,
    )


def _context(contents: Contents, assets: Assets) -> dict[str, Any]:
    demo, texts = contents.demo, contents.texts
    scripts, style = _first_scripts(contents, assets), contents.script.style
    given = contents.answers
    inputs = planned_inputs(contents.plan, given.start.inputs, given.ranges, texts)
    cases = contents.answers.examples
    first = data.answers(assets, 0, cases[0]) if cases else {}
    outputs = planned_outputs(contents.plan, first, texts, _pictures(contents))
    return {
        "language": texts.tag,
        "direction": texts.direction,
        "own_language": _own_language(demo, texts),
        "title": demo.shown_title,
        "description": demo.description,
        "summary": demo.description or _summary(demo, texts),
        "author": demo.author,
        "license": demo.license,
        "homepage": demo.homepage,
        "url": f"{demo.url.rstrip('/')}/" if demo.url else None,
        "card": card.shown(contents.card, demo, texts, _own_language(demo, texts)),
        "csp": rules(scripts, contents.script),
        "gate": Markup(scripts[0]),
        "early": Markup(scripts[1]),
        "style": Markup(style),
        "script": assets.script,
        "allow": "; ".join(contents.script.browser),
        "social_image": _social_image(contents),
        "download": words.human_bytes(assets.download_bytes, texts),
        "groups": grouped(inputs, texts),
        "outputs": outputs,
        "examples": data.examples(contents, assets, inputs, outputs),
        "report": evidence.report(contents, assets),
        "data": Markup(data.as_json(data.data(contents, assets, inputs, outputs))),
        "version": __version__,
        "strong": colours.strong(style),
        "logo": assets.logo,
        "icon": assets.icon,
    }


def _pictures(contents: Contents) -> dict[str, dict[str, Any]]:
    """The first example's pictures, by the ids of their widgets."""
    found = {}
    for example in contents.examples[:1]:
        for name, state in example.states.items():
            picture = example.media.get(state.get("src", "")) if isinstance(state, dict) else None
            if isinstance(picture, Picture):
                _, height, width, _ = picture.pixels.shape
                found[name] = {"src": state["src"], "height": height, "width": width}
    return found


def first_picture(contents: Contents) -> str | None:
    """The path of the first picture among the examples."""
    paths = (path for example in contents.examples for path in example.media)
    return next((path for path in paths if path.endswith(".png")), None)


def _social_image(contents: Contents) -> str | None:
    """The first example's picture; absolute, as crawlers want it, where the address is known."""
    picture, url = first_picture(contents), contents.demo.url
    return f"{url.rstrip('/')}/{picture}" if picture and url else picture
