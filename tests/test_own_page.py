"""An author's templates: what they may say, and what they cannot do, in a process of their own."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bundler.bundle import runtime
from bundler.demo import own
from bundler.demo.demo import Demo
from bundler.demo.own import Own
from bundler.ground import layout
from bundler.ground.errors import ConfigError
from bundler.ground.texts import ENGLISH, Texts
from bundler.pipeline import build, prepare
from bundler.site.own import blocks, child, markup, rendering
from tests import own_demo
from tests.conftest import BuildDemo
from tests.test_page import read

BEGIN = '{% extends "page.html.j2" %}\n'


@dataclass(frozen=True)
class Given:
    """What the templates of the wine demo are given."""

    page: dict[str, Any]
    fields: list[str]


@pytest.fixture(scope="module")
def site(build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    build_demo("wine")  # its conversion is used again
    return build(own_demo.write(tmp_path_factory.mktemp("own") / "demo")).folder


@pytest.fixture(scope="module")
def given(site: Path) -> Given:
    """Overheard where a page is rendered."""
    heard: list[Given] = []
    rendered = rendering.rendered

    def listen(kept: Own, page: dict[str, Any], fields: list[str], texts: Texts) -> dict[str, str]:
        heard.append(Given(page, fields))
        return rendered(kept, page, fields, texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "rendered", listen)
        from bundler.demo import config

        prepare(config.read(site.parent))
    return heard[0]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    (tmp_path / "templates").mkdir()
    return Demo(model="wine.keras", folder=tmp_path)


def render(demo: Demo, text: str, given: Given, name: str = "page.html.j2") -> dict[str, str]:
    (demo.folder / "templates" / name).write_text(text, encoding="utf-8")
    page = dict(given.page)
    # The knob is another demo's.
    for group in page["groups"]:
        for field in group["fields"]:
            if field["widget"] == "knob":
                field |= {"widget": "slider", "template": "widgets/input/slider/widget.html.j2"}
    return rendering.rendered(own.read(demo.written_in), page, given.fields, ENGLISH)


def block(name: str, text: str) -> str:
    return f"{BEGIN}{{% block {name} %}}{text}{{% endblock %}}"


def test_the_frame_is_ours_whatever_the_blocks_are(site: Path, build_demo: BuildDemo) -> None:
    page, plain = read(site), read(build_demo("wine").folder)
    assert page.elements[:6] != [] and page.source.startswith("<!doctype html>\n<html lang=")
    scripts = [element.attributes for element in page.find("script")]
    assert [s.keys() for s in scripts] == [e.attributes.keys() for e in plain.find("script")]
    policy = page.source.index("Content-Security-Policy")
    assert policy < page.source.index("<script>") < page.source.index("<title>")
    assert page.data["inputs"][0]["fields"][0]["widget"] == "knob"
    assert page.find("p", class_="greeting")


def test_every_block_can_be_filled(demo: Demo, given: Given) -> None:
    lines = [
        f"{{% block {name} %}}<p>{name} 1</p>{{{{ super() }}}}{{% endblock %}}"
        for name in blocks.NAMES
    ]
    made = render(demo, BEGIN + "\n".join(lines), given)
    assert list(made) == list(blocks.NAMES)
    assert all(made[name].startswith(f"<p>{name} 1</p>") for name in blocks.NAMES)
    assert "Which grape is it?" in made["header"] and 'id="input-0-12"' in made["input"]


def test_texts_stay_texts_and_markup_stays_markup(demo: Demo, given: Given) -> None:
    page = {**given.page, "title": "<b>", "description": f"{child.MARKUP}<script>"}
    made = render(demo, block("header", "{{ page.title }}{{ page.description }}"), Given(page, []))
    assert made["header"].startswith("&lt;b&gt;") and "<script>" not in made["header"]


def test_templates_are_given_nothing_of_the_frame(demo: Demo, given: Given) -> None:
    for name in ("csp", "gate", "early", "style", "script", "data"):
        assert name not in given.page
        with pytest.raises(ConfigError, match=name):
            render(demo, block("footer", f"{{{{ page.{name} }}}}"), given)


HOSTILE = {
    "attributes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "attributes by name": "{{ ''['__class__'] }}",
    "attributes by filter": "{{ ('' | attr('__class__')).__mro__ }}",
    "globals of a macro": "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "globals of a function": "{{ range.__init__.__globals__ }}",
    "code of a generator": "{{ (page.outputs | map('upper')).gi_frame.f_globals }}",
    "format": "{{ '{0.__class__.__init__.__globals__}'.format(page) }}",
    "format_map": "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "the context": "{{ self.__init__.__globals__ }}",
    "cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "lipsum": "{{ lipsum.__globals__ }}",
    "what it is given": "{{ page.update({'title': 'x'}) }}",
    "a list it is given": "{{ page.outputs.clear() }}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_template_sees_nothing_of_the_program(name: str, demo: Demo, given: Given) -> None:
    with pytest.raises(ConfigError) as caught:
        render(demo, block("footer", HOSTILE[name]), given)
    assert caught.value.message.startswith(f"{demo.folder}/templates/page.html.j2:2: ")
    assert re.search("unsafe|not safely callable|has no attribute", caught.value.message)


WAYS = ("{% include X %}", "{% import X as x %}", "{% from X import x %}")


@pytest.mark.parametrize(
    ("path", "how"),
    [("/etc/passwd", how) for how in WAYS]
    + [(path, WAYS[0]) for path in ("../demo.toml", "widgets/../../demo.toml", "//etc/passwd")],
)
def test_a_template_reads_no_other_file(path: str, how: str, demo: Demo, given: Given) -> None:
    (demo.folder / "demo.toml").write_text("secret")
    with pytest.raises(ConfigError, match=r"page\.html\.j2:2: there is no template"):
        render(demo, block("footer", how.replace("X", f"'{path}'")), given)


def test_a_template_that_has_no_end_is_ended(
    demo: Demo, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "SECONDS", 2)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    for text in (block("head", loop), BEGIN + "{% set a = 9 ** (9 ** 9) %}"):
        begin = time.monotonic()
        with pytest.raises(ConfigError, match="the templates took longer than 2 seconds"):
            render(demo, text, given)
        assert time.monotonic() - begin < 6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no limit of memory elsewhere")
@pytest.mark.parametrize(
    "text", ["{{ 'a' * 10 ** 10 }}", "{% set a = ['a' * 10 ** 7] %}{{ (a * 10 ** 9) | length }}"]
)
def test_a_template_cannot_take_all_memory(text: str, demo: Demo, given: Given) -> None:
    with pytest.raises(ConfigError, match="more than 512 MiB of memory"):
        render(demo, block("footer", text), given)


@pytest.mark.parametrize(
    "text",
    [
        block("head", "{{ 'a' * 2000000 }}"),
        block("head", "{% for a in range(99999) %}{{ 'a' * 21 }}{% endfor %}"),
        BEGIN
        + "".join(f"{{% block {n} %}}{{{{ 'a' * 300000 }}}}{{% endblock %}}" for n in blocks.NAMES),
    ],
)
def test_a_template_cannot_make_more_than_a_megabyte(text: str, demo: Demo, given: Given) -> None:
    with pytest.raises(ConfigError, match="the templates make more than 1,000,000 letters"):
        render(demo, text, given)


MISTAKES = [
    ("<p>all of a page</p>", ":1: it has to begin with"),
    (BEGIN + "\n{% block header %}{% if %}{% endblock %}", ":3: Expected an expression"),
    (block("header", "\n\n{{ page.titel }}"), ":4: 'dict object' has no attribute 'titel'"),
    (block("header", "\n{% include 'part.html.j2' %}"), ":3: there is no template part.html.j2"),
    (block("footer", "{{ 1 / 0 }}"), ":2: division by zero"),
    (block("footer", "{{ page.title | loud }}"), ":2: No filter named 'loud'."),
    (block("footer", "<!--"), ": the block footer has a comment that does not end"),
    (block("footer", "<!-- a --><!-->"), ": the block footer has a comment that does not end"),
    (block("footer", "<div"), ": the block footer ends within a tag"),
    (block("footer", "<div><span>"), ": the block footer leaves <span> open"),
    (block("footer", "<textarea>"), ": the block footer has a <title> or <textarea> that does not"),
    (
        block("head", "<title><a title='</title><textarea>'></a></title>"),
        ": the block head has a <title> or <textarea>",
    ),
    (
        block("footer", "<svg><textarea><a title='</textarea></svg><p title='></a><textarea>'>"),
        ": the block footer has a <title> or <textarea>",
    ),
    (
        block("footer", "<noscript><a title='</noscript><xmp>'></a></noscript>"),
        ": the block footer has <noscript>",
    ),
    (block("head", "<frameset></frameset>"), ": the block head has <frameset>"),
    (block("examples", "<div><p></div></main>"), ": the block examples ends <main>"),
    (block("head", "<script>alert(1)</script>"), ": the block head has <script>"),
    (block("head", "<style>h1 {}</style>"), ": the block head has <style>"),
    (block("head", "<base href='/'>"), ": the block head has <base>"),
    (block("head", "<meta http-equiv=refresh content=0>"), ": the block head has <meta http-eq"),
    (block("head", "<link rel=stylesheet href=//example.org/a>"), ": the block head asks //exam"),
    (block("header", "<img src=' https://example.org/a.png'>"), ": the block header asks https"),
    (block("header", "<h1 onclick=a()>"), ": the block header has <h1 onclick>"),
    (block("header", "<h1 style='color: red'></h1>"), ": the block header has <h1 style>"),
    (block("header", "<p id=tfjs-demo-data></p>"), ": the block header has the id"),
    (block("evidence", ""), ": the block evidence lacks backend-reason, checked, "),
    (block("answer", "<p>42</p>"), ": the block answer lacks output-0,"),
    (block("input", "{{ super()[:99999] | replace('input-0-4', 'x') }}"), ": the block input "),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_place(text: str, said: str, demo: Demo, given: Given) -> None:
    with pytest.raises(ConfigError) as caught:
        render(demo, text, given)
    assert caught.value.message.startswith(f"{demo.folder}/templates/page.html.j2{said}")


def test_a_mistake_in_a_part_is_told_where_it_is(demo: Demo, given: Given) -> None:
    part = demo.folder / "templates" / "parts" / "foot.html.j2"
    part.parent.mkdir()
    part.write_text("\n{{ nothing }}")
    with pytest.raises(ConfigError, match=r"templates/parts/foot\.html\.j2:2: 'nothing' is unde"):
        render(demo, block("footer", "{% include 'parts/foot.html.j2' %}"), given)


def test_what_html_may_leave_out_is_not_missed() -> None:
    fine = "<ul><li>a<li>b</ul><p>a<p>b<table><tr><td>a<td>b</table><!-- a --><br><img alt=''>"
    pictures = "<svg viewBox='0 0 1 1'><path d='M0 0'/></svg><math><mi>x</mi></math>"
    for end in ("<a href='https://example.org'>there</a>", "Q&A", "R&amp", "a < b", ""):
        assert markup.problem(fine + pictures + end) == ""


def test_what_the_script_looks_for_is_known() -> None:
    text = (Path(__file__).parent.parent / "templates/page/evidence.html.j2").read_text()
    ids = re.findall(r'id="([\w-]+)"', re.sub(r"{%.*?%}", "", text))
    looked = markup.needed("".join(f'<p id="{one}"></p>' for one in {*ids, "reset", "x"}), ["x"])
    assert looked >= {"verify", "compare", "checked", "compared", "latency", "offline", "x"}
    assert "reset" not in looked and "check-title" not in looked


def test_the_start_is_good_when_it_is_uncommented(demo: Demo, given: Given) -> None:
    start = layout.templates() / "start"
    page = (start / blocks.PAGE).read_text(encoding="utf-8")
    made = render(demo, page.replace("{# {%", "{%").replace("%} #}", "%}"), given)
    assert made["header"].startswith("<p>Above the title</p>") and "Thanks to" in made["footer"]
    assert "Thanks to" not in render(demo, page, given)["footer"]
    style, script = (start / name for name in (own.STYLE, own.SCRIPT))
    uncommented = (
        style.read_text(encoding="utf-8").replace("  /* --", "  --").replace(" */\n", "\n")
    )
    assert re.findall(r"(?m)^  (--[\w-]+):", uncommented) == [
        "--radius", "--radius-small", "--width", "--font",
    ]  # fmt: skip
    text = re.sub(r"(?m)^// ((?:export function|  |}).*)$", r"\1", script.read_text())
    text = re.sub(r"(?m)^// }$", "}", text)
    (demo.folder / "templates" / own.SCRIPT).write_text(text)
    made_script = runtime.bundle_page([], None, own.read(demo.written_in))
    assert (
        b"There is nothing to look at yet."
        in (made_script.folder / made_script.script).read_bytes()
    )
