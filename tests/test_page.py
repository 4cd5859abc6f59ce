"""index.html: what it says without any script, and that no text of a demo becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.bundle import colours
from bundler.demo import config
from bundler.ground import numbers
from bundler.pipeline import build
from bundler.proof import golden
from bundler.site import INDEX, filters, read_manifest
from bundler.site.page import environment
from bundler.site.words import human_bytes
from tests.conftest import DEMOS, BuildDemo, KerasModels

DEMO_NAMES = ["wine", "digits"]
VOID = {"meta", "link", "input", "img", "br"}
HOSTILE = "</script></title><script>alert(1)</script><!--\"'>&amp;\u2028<img src=x>{{ 7 * 7 }}"
TEXTS = ("title", "description", "author", "license", "label", "unit")


@dataclass
class Element:
    """A tag with its attributes and the text within."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Document(HTMLParser):
    """All elements of a page in their order."""

    source: str
    elements: list[Element] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def find(self, tag: str, **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        found = (element for element in self.elements if element.tag == tag)
        return [element for element in found if wanted.items() <= element.attributes.items()]

    @property
    def data(self) -> Any:
        (script,) = self.find("script", id="tfjs-demo-data")
        return json.loads(script.text)


def read(folder: Path) -> Document:
    return Document((folder / INDEX).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def hostile(build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wine demo with the same hostile text wherever a text can stand."""
    build_demo("wine")  # its conversion is used again
    folder = tmp_path_factory.mktemp("hostile") / "demo"
    shutil.copytree(DEMOS / "wine", folder, ignore=shutil.ignore_patterns("site"))
    text = (folder / "demo.toml").read_text(encoding="utf-8")
    quoted = json.dumps(HOSTILE, ensure_ascii=False)
    text = re.sub(rf"(?m)^({'|'.join(TEXTS)}) = .*$", lambda m: f"{m[1]} = {quoted}", text)
    text = re.sub(r"(?m)^labels = .*$", lambda _: f"labels = [{quoted}, {quoted}, {quoted}]", text)
    text = text.replace("[card]\n", f"[card]\n{quoted} = {quoted}\n")
    text = re.sub(r"(?m)^(use|limits|data) = .*$", lambda m: f"{m[1]} = {quoted}", text)
    text = re.sub(r"(?m)^measures = .*$", lambda _: f"measures = {{ {quoted} = {quoted} }}", text)
    text = re.sub(r'(?s)citation = """.*?"""', lambda _: f"citation = {quoted}", text)
    language = 'language = "\\"><script>"\n'
    (folder / "demo.toml").write_text(language + text, encoding="utf-8")
    report = build(folder)
    assert not report.tensorflow
    return report.folder


def test_hostile_texts_stay_texts(hostile: Path, build_demo: BuildDemo) -> None:
    page, plain = read(hostile), read(build_demo("wine").folder)
    assert page.comments == []
    assert [e.tag for e in page.find("script")] == [e.tag for e in plain.find("script")]
    assert page.find("img") == []
    assert "49" not in page.find("h1")[0].text
    # A row more in the card, and no link to what is no licence: nothing else differs.
    changed = {"div", "dt", "dd", "a"}
    tags, expected = ([e.tag for e in p.elements if e.tag not in changed] for p in (page, plain))
    assert tags == expected
    assert all(e.attributes["href"][:1] in ("#", ".") for e in page.find("a"))


def test_hostile_texts_are_shown_as_they_are(hostile: Path) -> None:
    page = read(hostile)
    (title,), (heading,), (lead,) = (
        page.find("title"),
        page.find("h1"),
        page.find("p", class_="lead"),
    )
    assert (title.text, heading.text, lead.text) == (HOSTILE, HOSTILE, HOSTILE)
    assert page.find("meta", name="description")[0].attributes["content"] == HOSTILE
    words = " ".join(HOSTILE.split())
    own = [e for e in page.find("dd") if e.text == words]
    # What it is for, its limits, its data, its author, its licence, and a row of its own.
    assert len(own) == 6
    (citation,) = (e for e in page.find("code") if e.attributes.get("id") == "citation-code")
    assert citation.text == HOSTILE
    names = page.find("span", class_="label-name")
    assert names and {name.text for name in names} == {HOSTILE}
    rooms = page.find("span", class_="label-room")
    assert {room.attributes["data-longest"] for room in rooms} == {HOSTILE}
    labels = page.find("label", class_="field-label")
    assert len(labels) == 13 and {label.text for label in labels} == {HOSTILE}


def test_hostile_texts_do_not_end_the_script(hostile: Path) -> None:
    page = read(hostile)
    (script,) = page.find("script", id="tfjs-demo-data")
    assert not set("<>&\u2028\u2029") & set(script.text)
    data = page.data
    assert data["title"] == HOSTILE
    assert data["outputs"][0]["options"]["labels"] == [HOSTILE] * 3
    assert data["inputs"][0]["fields"][0]["options"]["unit"] == HOSTILE
    assert data["examples"][0]["title"] == HOSTILE


@pytest.fixture(params=[*DEMO_NAMES, "hostile"])
def page(request: pytest.FixtureRequest, build_demo: BuildDemo) -> tuple[Path, Document]:
    name = request.param
    folder = request.getfixturevalue("hostile") if name == "hostile" else build_demo(name).folder
    return folder, read(folder)


def test_the_policy_allows_the_two_inline_scripts_the_style_and_no_other(
    page: tuple[Path, Document],
) -> None:
    _, document = page
    (policy,) = document.find("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = dict(
        rule.strip().split(" ", 1) for rule in policy.attributes["content"].split(";") if rule
    )
    gate, script = (e for e in document.find("script") if not e.attributes)
    (style,) = document.find("style")
    hashes = []
    for element in (gate, script, style):
        digest = hashlib.sha256(element.text.encode()).digest()
        hashes.append(f"'sha256-{base64.b64encode(digest).decode()}'")
    assert rules["script-src"].split() == ["'self'", "'wasm-unsafe-eval'", *hashes[:2]]
    assert rules["style-src"].split() == ["'self'", hashes[2]]
    assert rules["default-src"] == "'none'"
    for name, value in rules.items():
        assert "unsafe-inline" not in value and "http" not in value and "*" not in value, name


def test_the_policy_comes_before_all_that_it_governs(page: tuple[Path, Document]) -> None:
    _, document = page
    tags = [element.tag for element in document.elements]
    policy = next(
        i for i, e in enumerate(document.elements) if "content-security" in str(e).lower()
    )
    assert policy < min(tags.index(tag) for tag in ("script", "link", "title"))


def test_nothing_else_is_inline_and_nobody_else_is_asked(page: tuple[Path, Document]) -> None:
    folder, document = page
    files = read_manifest(folder)["files"]
    for element in document.elements:
        assert not [n for n in element.attributes if n.startswith("on") or n == "style"], element
        for name in ("src", "href", "srcset", "action", "poster"):
            target = element.attributes.get(name, "#")
            if element.tag != "a" and not target.startswith(("#", "data:")):
                assert target in files, element
    assert not document.find("base") and not document.find("iframe")


def test_the_data_names_files_of_the_site(page: tuple[Path, Document]) -> None:
    folder, document = page
    _, script = (e for e in document.find("script") if not e.attributes)
    engine, _ = json.JSONDecoder().raw_decode(script.text, script.text.index('{"model":'))
    for entry in [*engine["files"].values(), *engine["wasm"].values()]:
        path = folder / entry["url"]
        assert path.stat().st_size == entry["bytes"]
        # Hosts send weights as they are.
        assert (entry["sent"] == entry["bytes"]) == (path.suffix == ".bin")
        assert 0 < entry["sent"] <= entry["bytes"]
    assert (folder / engine["golden"]).is_file()
    first = [engine["wasm"]["simd"]] if engine["backends"][0] == "wasm" else []
    sent = sum(entry["sent"] for entry in [*engine["files"].values(), *first])
    # The progress counts to the size in the page's head.
    size = human_bytes(engine["besides"] + sent)
    assert [element.text for element in document.find("li") if element.text == size] == [size]
    assert set(engine["workers"]) == set(engine["backends"])
    assert all((folder / path).is_file() for path in engine["workers"].values())


def test_ids_are_unique_and_references_lead_somewhere(page: tuple[Path, Document]) -> None:
    _, document = page
    ids = [e.attributes["id"] for e in document.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in document.elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set(element.attributes.get(name, "").split()) <= set(ids), element
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_every_example_has_its_answer_without_a_script(name: str, build_demo: BuildDemo) -> None:
    """Python's answers, taken from the samples that ship: the examples come first."""
    folder, demo = build_demo(name).folder, config.read(DEMOS / name)
    cases, _, _ = golden.load(folder / read_manifest(folder)["golden"], folder)
    buttons = read(folder).find("button", class_="example")
    labels = config.with_lines(demo).outputs[0].labels or []
    assert isinstance(demo.examples, list)
    assert len(buttons) == len(demo.examples) > 0
    for button, entry, case in zip(buttons, demo.examples, cases, strict=False):
        (answer,) = case.outputs.values()
        scores = answer.to_numpy()[0]
        best = int(np.argmax(scores))
        percent = numbers.to_fixed(100 * float(scores[best]), 1)
        text = " ".join(button.text.split())
        assert f"{labels[best]} · {percent} %" in text
        assert entry["title"] in text and f"Truth: {entry['label']}" in text


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_the_first_answer_is_there_before_the_model(name: str, build_demo: BuildDemo) -> None:
    folder = build_demo(name).folder
    document = read(folder)
    (output,) = document.data["outputs"]
    first = document.data["examples"][0]["answers"][output["name"]]
    ranks = filters.rank(first, output["options"]["labels"], output["options"]["top"])
    shown = [element.text for element in document.find("span", class_="label-name")]
    assert shown == [row["label"] for row in ranks]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("accent", ["#2563eb", "#ffe600", "#00ff88", "#ffffff", "#000000"])
def test_the_icon_has_the_accent_and_white_is_seen_on_it(accent: str) -> None:
    strong = colours.strong(f":root{{--accent:#3f5bd9}}:root{{--accent: {accent}}}")
    icon = environment().get_template("page/icon.html.j2").render(page={"strong": strong})
    assert f"fill='%23{strong[1:]}'" in icon
    assert 1.05 / (luminance(strong) + 0.05) >= 4.5


def test_the_icon_of_a_site_is_in_its_colour(build_demo: BuildDemo) -> None:
    page = read(build_demo("wine").folder)
    (icon,) = page.find("link", rel="icon")
    (style,) = page.find("style")
    assert f"%23{colours.strong(style.text)[1:]}" in icon.attributes["href"]


@pytest.mark.parametrize("name", DEMO_NAMES)
def test_the_evidence_is_on_the_page(name: str, build_demo: BuildDemo) -> None:
    built = build_demo(name)
    cells = [" ".join(e.text.split()) for e in read(built.folder).find("tr")]
    assert built.report.parity
    for row in built.report.parity.rows:
        name = {"cpu": "JavaScript", "wasm": "WebAssembly"}[row.backend]
        assert any(c.startswith(f"{row.output}{name}") for c in cells), row
    for path, size, gzipped in built.report.files:
        assert f"{path}{human_bytes(size)}{human_bytes(gzipped)}" in cells


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (61_440, "61 kB"), (999_400, "999 kB"),
     (999_600, "1.0 MB"), (1_234_567, "1.2 MB")],
)  # fmt: skip
def test_bytes_are_written_for_people(count: int, text: str) -> None:
    assert human_bytes(count) == text


def test_a_page_without_a_description_has_one_for_search_engines(
    build_demo: BuildDemo, keras_models: KerasModels
) -> None:
    page = read(build_demo(keras_models.folder / "mlp.keras").folder)
    assert not page.find("p", class_="lead")
    (title,), (description,) = page.find("title"), page.find("meta", name="description")
    assert title.text in description.attributes["content"]
