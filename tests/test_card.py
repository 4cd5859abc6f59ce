"""[card], and what fills it: the demo's own keys, and a README.md as Hugging Face has it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

from bundler.cli import scaffold
from bundler.demo import config, licenses, model_card
from bundler.demo.card import Known
from bundler.ground import catalogues
from bundler.ground.errors import ConfigError
from bundler.ground.texts import ENGLISH, Texts
from bundler.site import card

MODEL = "model.keras"
# As people have them on the Hub: the front matter, and what a card becomes of it.
FRONT: dict[str, tuple[str, dict[str, Any]]] = {
    "keras": (
        "library_name: keras\nlicense: apache-2.0\ntags:\n- image-classification\n",
        {"license": "apache-2.0"},
    ),
    "lists": (
        "license:\n- mit\n- cc-by-4.0\ndatasets: [mnist, emnist]\nlanguage: [en, de]\n",
        {"license": "mit, cc-by-4.0", "data": "mnist, emnist"},
    ),
    "one-dataset": ("datasets: imdb\nlicense: unknown\n", {"data": "imdb"}),
    "own-license": (
        "license: other\nlicense_name: gemma\nlicense_link: https://ai.example/terms\n",
        {"license": "[gemma](https://ai.example/terms)"},
    ),
    "license-beside": (
        "license: other\nlicense_name: llama3\nlicense_link: LICENSE\n",
        {"license": "llama3"},
    ),
    "link-that-runs": (
        "license: other\nlicense_name: mine\nlicense_link: javascript:alert(1)\n",
        {"license": "mine"},
    ),
    "base": ("base_model: google/mobilenet_v2\n", {"Based on": "google/mobilenet_v2"}),
    "bases": ("base_model: [one/a, two/b]\nmetrics:\n- accuracy\n", {"Based on": "one/a, two/b"}),
    "authors": ("metrics: []\nauthors:\n- Ada\n- Alan\n", {"authors": ["Ada", "Alan"]}),
    "windows": ("license: mit\r\ndatasets:\r\n- x\r\n", {"license": "mit", "data": "x"}),
    "results": (
        """model-index:
- name: mine
  results:
  - task: {type: image-classification}
    dataset: {name: CIFAR-10, type: cifar10, split: test}
    metrics:
    - {type: accuracy, value: 0.913, name: Accuracy}
    - {type: f1, value: "91.0"}
  - task: {type: image-classification}
    metrics:
    - {type: loss, value: .nan}
    - {type: accuracy, value: 1, verified: false}
""",
        {"measures": {"Accuracy, CIFAR-10": "0.913", "f1, CIFAR-10": "91.0", "accuracy": "1"}},
    ),
}  # fmt: skip
# Front matters that are none, or another's.
OTHERS = {
    "none": "# Digits\n\nA network.\n",
    "a-rule": "---\n\nA text under a line, which never ends.\n",
    "jekyll": "---\nlayout: default\ntitle: Home\n---\nWelcome to these pages of mine.\n",
    "a-list": "---\n- license\n- mit\n---\nSome words about the model here.\n",
    "a-text": "---\njust words\n---\nSome words about the model here.\n",
    "empty": "---\n---\nSome words about the model here.\n",
}
DEEP = "license: mit\nx: " + "[" * 5000 + "]" * 5000 + "\n"
LAUGHS = "a: &a [lol, lol]\n" + "".join(
    f"{one}: &{one} [*{before}, *{before}, *{before}]\n"
    for before, one in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=True)
)
# What cannot be read -> a part of what the author is told.
BROKEN = {
    "no-yaml": ("license: [mit\nx: }\n", "not valid YAML in line"),
    "tabs": ("license:\tmit\n\tdatasets: x\n", "not valid YAML"),
    "laughs": (LAUGHS + "license: mit\n", "repeats parts of itself"),
    "an-anchor": ("license: &x mit\nlicense_name: *x\n", "repeats parts of itself"),
    "deep": (DEEP, "deeper than"),
    "a-date": ("license: mit\nsince: 2024-13-45\n", "not valid YAML"),
    "a-number": ("license: mit\nx: " + "9" * 9000 + "\n", "not valid YAML"),
    "python": ("license: !!python/object/apply:os.system ['true']\n", "not valid YAML in line 2"),
    "control": ("license: mit\x07\n", "not valid YAML"),
    "long": ("license: mit\nx: " + "y " * 99_999 + "\n", "longer than 128 thousand"),
    "a-table-key": ("? {a: b}\n: 1\nlicense: mit\n", "not valid YAML"),
}
# What is of another type than it should be: told, and the rest is taken.
ODD = {
    "a-table": ("license: {name: mit}\ndatasets: x\n", {"data": "x"}, "license should be"),
    "a-flag": ("license: no\nlibrary_name: keras\n", {}, "license should be"),
    "mixed": ("datasets: [a, {b: c}, 3]\n", {"data": "a, 3"}, "datasets should be"),
    "a-day": ("license: 2024-01-01\ndatasets: x\n", {"data": "x"}, "license should be"),
    "index": ("model-index: accuracy\ndatasets: x\n", {"data": "x"}, "model-index should be"),
    "results": ("model-index: [{results: 5}]\ndatasets: x\n", {"data": "x"}, "results should be"),
    "null": ("license: null\ndatasets: [x]\n", {"data": "x"}, ""),
}
# The text below the front matter -> its description.
BODIES = {
    "plain": ("# Title\n\nA network that reads digits.\n\nMore.\n", "A network that reads digits."),
    "badges": (
        "<p align='center'>\n<img src='x'></p>\n\n[![ci](https://a.b/c.svg)](https://a.b)\n\n"
        "It **reads** `digits` by _looking_ at them.\n",
        "It reads digits by looking at them.",
    ),
    "comment": (
        "<!-- Write a summary here,\n\nplease do. -->\n\nIt knows a hundred birds & trees.\n",
        "It knows a hundred birds & trees.",
    ),
    "template": (
        "## Model description\n\nMore information needed\n\n## Uses\n\nIt tells cats from dogs.\n",
        "It tells cats from dogs.",
    ),
    "links": (
        "Made for the [paper](https://x.org/a_(b)) and [code](src/a.py), see <https://y.org>.\n",
        "Made for the [paper](https://x.org/a_(b)) and code, see https://y.org.",
    ),
    "list-first": ("- one two three four\n\nIt is below a list.\n", "It is below a list."),
    "heading-close": ("### About it\nIt is a small network.\n", "It is a small network."),
    "code-first": ("```\nimport keras as no prose\n```\nIt is below code.\n", "It is below code."),
    "nothing": ("# Title\n\n| a | b |\n|---|---|\n", ""),
}  # fmt: skip
BIBTEX = "@misc{me2024,\n  title = {Mine},\n}"
CITED = {
    "bibtex": f"```bibtex\n{BIBTEX}\n```\n",
    "no-language": f"Cite:\n\n```\n{BIBTEX}\n```\n",
    "second": f"```python\nx = 1\n```\n\n~~~latex\n{BIBTEX}\n~~~\n",
    "long-fence": f"````\n{BIBTEX}\n````\n",
    "never-closed": f"```bibtex\n{BIBTEX}\n",
}


def demo_folder(folder: Path, toml: str = "", readme: str | None = None) -> Path:
    (folder / MODEL).write_bytes(b"")
    (folder / "demo.toml").write_text(f'model = "{MODEL}"\n{toml}', encoding="utf-8")
    if readme is not None:
        (folder / "README.md").write_bytes(readme.encode())
    return folder


def known(folder: Path, toml: str = "", readme: str | None = None) -> Known:
    return model_card.known(config.read(demo_folder(folder, toml, readme)))


def said(found: Known) -> dict[str, Any]:
    return found.card.model_dump(exclude_none=True)


def shown(folder: Path, toml: str, readme: str | None = None, texts: Texts = ENGLISH) -> Any:
    demo = config.read(demo_folder(folder, toml, readme))
    return card.shown(model_card.known(demo), demo, texts, Markup(""))


def read_out(row: dict[str, Any]) -> list[str]:
    return ["".join(run["text"] for run in paragraph) for paragraph in row["paragraphs"]]


@pytest.mark.parametrize("name", FRONT)
def test_front_matters_of_the_hub(name: str, tmp_path: Path) -> None:
    front, expected = FRONT[name]
    found = known(tmp_path, readme=f"---\n{front}---\n")
    assert (said(found), found.notices) == (expected, ())
    assert found.borrowed == expected.keys()


@pytest.mark.parametrize("name", FRONT)
def test_new_writes_down_what_it_found(name: str, tmp_path: Path) -> None:
    """The file is not copied; what it said is in demo.toml."""
    body = f'It says "so", and \\ more of it.\n\n```\n{BIBTEX}\n```\n'
    found = known(tmp_path, readme=f"---\n{FRONT[name][0]}---\n{body}")
    (tmp_path / "README.md").unlink()
    again = known(tmp_path, "\n".join(scaffold.card_lines(found)))
    assert said(again) == said(found) and {"citation", "description"} <= said(again).keys()


def test_new_proposes_a_card_where_nothing_was_found(tmp_path: Path) -> None:
    lines = scaffold.card_lines(known(tmp_path))
    again = known(tmp_path, "\n".join(line.removeprefix("# ") for line in lines[1:]))
    assert said(again).keys() == {"use", "limits", "data", "measures", "citation"}


@pytest.mark.parametrize("name", OTHERS)
def test_other_readmes_are_no_cards(name: str, tmp_path: Path) -> None:
    found = known(tmp_path, readme=OTHERS[name])
    assert (said(found), found.notices) == ({}, ())


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_told_soon_and_stops_nothing(name: str, tmp_path: Path) -> None:
    front, told = BROKEN[name]
    begin = time.process_time()
    found = known(
        tmp_path, 'license = "MIT"\n[card]\nuse = "Trying"\n', f"---\n{front}---\nWords.\n"
    )
    assert time.process_time() - begin < 5
    assert said(found) == {"use": "Trying"}
    (notice,) = found.notices
    assert told in notice and "README.md" in notice


@pytest.mark.parametrize("name", ODD)
def test_what_is_of_another_type_is_passed_over(name: str, tmp_path: Path) -> None:
    front, expected, told = ODD[name]
    found = known(tmp_path, readme=f"---\n{front}---\n")
    assert said(found) == expected
    assert (told in " ".join(found.notices)) and len(found.notices) == bool(told)


@pytest.mark.parametrize("name", BODIES)
def test_the_first_paragraph_describes(name: str, tmp_path: Path) -> None:
    body, expected = BODIES[name]
    found = known(tmp_path, readme=f"---\nlicense: mit\n---\n{body}")
    assert said(found).get("description", "") == expected


@pytest.mark.parametrize("name", CITED)
def test_bibtex_is_the_citation(name: str, tmp_path: Path) -> None:
    found = known(tmp_path, readme=f"---\nlicense: mit\n---\n\n{CITED[name]}")
    assert said(found)["citation"] == BIBTEX


def test_demo_toml_wins(tmp_path: Path) -> None:
    readme = (
        "---\nlicense: gpl-3.0\nauthors: Them\ndatasets: theirs\n---\nTheirs is a large network.\n"
    )
    toml = 'author = "Me"\nlicense = "MIT"\n[card]\ndata = "mine"\n"Trained on" = "a laptop"\n'
    found = known(tmp_path, toml, readme)
    assert said(found) == {
        "description": "Theirs is a large network.", "data": "mine", "Trained on": "a laptop",
    }  # fmt: skip
    facts = shown(tmp_path, toml, readme)["facts"]
    assert [(row["term"], read_out(row)) for row in facts] == [
        ("Author", ["Me"]), ("Licence", ["MIT License"]), ("Trained on", ["a laptop"]),
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["model", "beside"])
def test_in_a_model_that_is_a_folder_or_beside_it(place: str, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"")
    (tmp_path / "demo.toml").write_text('model = "saved"\n')
    folder = tmp_path / "saved" if place == "model" else tmp_path
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    assert said(model_card.known(config.read(tmp_path))) == {"license": "mit"}


def test_beside_a_bare_model(tmp_path: Path) -> None:
    demo_folder(tmp_path, readme="---\nlicense: mit\n---\n")
    assert said(model_card.known(config.read(tmp_path / MODEL))) == {"license": "mit"}


@pytest.mark.parametrize("target", ["secret.md", "folder", "nowhere"])
def test_no_link_leads_out_of_the_folder(target: str, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("---\nlicense: secret\n---\n")
    (tmp_path / "folder").mkdir()
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "README.md").symlink_to(tmp_path / target)
    found = known(folder)
    assert said(found) == {}
    assert "leads out of the demo's folder" in found.notices[0]


def test_a_readme_that_is_no_text_is_told(tmp_path: Path) -> None:
    demo_folder(tmp_path)
    (tmp_path / "README.md").write_bytes(b"---\nlicense: \xff\xfe\x00\n---\n")
    found = model_card.known(config.read(tmp_path))
    assert said(found) == {} and "README.md" in found.notices[0]


# A card -> what is wrong with it.
WRONG = {
    'card = 1': "card: should be a table, opened by [card]",
    '[card]\nyear = 2020': "card.year: should be a text (it is 2020)",
    '[card]\nauthors = [{ name = "A", url = "javascript:alert(1)" }]': "card.authors[0].url: ",
    '[card]\nauthors = [{ url = "https://example.org" }]': "card.authors[0].name: this key is",
    '[card]\nmeasures = { a = [1] }': "card.measures.a: should be a text or a number",
    '[card]\ndata = 5': "card.data: should be a text or a list of texts (it is 5)",
    '[card]\ncitation = ["a"]': "card.citation: should be a text",
}  # fmt: skip


@pytest.mark.parametrize("toml", WRONG)
def test_mistakes_are_told_by_their_key(toml: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        config.read(demo_folder(tmp_path, toml))
    assert WRONG[toml] in raised.value.message


@pytest.mark.parametrize(
    ("key", "meant"),
    [("licence", "license"), ("Limitations", "limits"), ("author", "authors"), ("Data", "data"),
     ("datasets", "data"), ("descripton", "description"), ("Trained on", ""), ("Date", ""),
     ("Year", ""), ("Size", "")],
)  # fmt: skip
def test_rows_that_were_meant_for_a_place_are_told(key: str, meant: str, tmp_path: Path) -> None:
    notices = known(tmp_path, f'[card]\n"{key}" = "x"\n').notices
    assert len(notices) == bool(meant)
    assert not meant or f"write: {meant} = " in notices[0]


AUTHORS = {
    '"Ada"': [("Author", [("Ada", "")])],
    '["Ada", "Alan"]': [("Authors", [("Ada", ""), ("Alan", "")])],
    '[{ name = "Ada", url = "https://a.org" }]': [("Author", [("Ada", "https://a.org")])],
    '["[Ada](mailto:ada@a.org)"]': [("Author", [("Ada", "mailto:ada@a.org")])],
    '["https://a.org/ada"]': [("Author", [("https://a.org/ada", "https://a.org/ada")])],
}


@pytest.mark.parametrize("written", AUTHORS)
def test_authors_with_their_links(written: str, tmp_path: Path) -> None:
    facts = shown(tmp_path, f"[card]\nauthors = {written}\n")["facts"]
    found = [
        (row["term"], [(run["text"], run["href"]) for one in row["paragraphs"] for run in one])
        for row in facts
    ]
    assert found == AUTHORS[written]


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("MIT", "MIT License", "MIT"),
        ("apache-2.0", "Apache License 2.0", "Apache-2.0"),
        ("GPL-3.0-or-later", "GNU General Public License 3.0 or later", "GPL-3.0-or-later"),
        ("cc-by-nc-sa-4.0", licenses.NAMES["CC-BY-NC-SA-4.0"], "CC-BY-NC-SA-4.0"),
        ("CC0-1.0", "Creative Commons Zero 1.0", "CC0-1.0"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0", ""),
        ("openrail", "openrail", ""),
        ("MIT-only", "MIT-only", ""),
    ],
)
def test_licences_by_their_identifiers(
    written: str, name: str, address: str, tmp_path: Path
) -> None:
    ((row,),) = [shown(tmp_path, f'[card]\nlicense = "{written}"\n')["facts"]]
    ((run,),) = row["paragraphs"]
    link = f"https://spdx.org/licenses/{address}.html" if address else ""
    assert (run["text"], run["href"]) == (name, link)


def test_texts_of_several_paragraphs_in_the_pages_language(tmp_path: Path) -> None:
    toml = '[card]\ndescription = """\nOne\ntwo.\n\n\nThree."""\nlimits = ["a", "b"]\n'
    toml += 'homepage = "x"\n[card.measures]\nError = 0.25\n"R²" = "0,4"\n'
    german = catalogues.of("de")
    found = shown(tmp_path, toml, texts=german)
    assert read_out(found["description"]) == ["One two.", "Three."]
    assert [(row["term"], read_out(row)) for row in found["read"]] == [
        ("Was es nicht kann", ["a", "b"])
    ]
    assert [list(one.values()) for one in found["measures"]["rows"]] == [
        ["Error", "0,25"], ["R²", "0,4"],
    ]  # fmt: skip


def test_what_a_stranger_wrote_has_no_language(tmp_path: Path) -> None:
    found = shown(tmp_path, '[card]\nuse = "x"\n', "---\ndatasets: y\n---\n")
    based = shown(tmp_path, "", "---\nbase_model: a/b\n---\n", catalogues.of("de"))["facts"]
    assert [(row["term"], read_out(row)) for row in based] == [("Beruht auf", ["a/b"])]
    use, data = found["read"]
    assert (use["language"], data["language"]) == ("", ' lang="" dir="auto"')


def test_without_a_card_there_is_none(tmp_path: Path) -> None:
    assert shown(tmp_path, 'author = "Me"\nlicense = "MIT"\n') is None
