"""An author's own words over the page's, in templates/texts/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bundler.bundle import runtime
from bundler.demo import own, own_texts
from bundler.demo.own import Own
from bundler.ground import catalogues
from bundler.ground.errors import ConfigError
from bundler.ground.texts import ENGLISH, Texts

VALUES = '"{count} value"'


def kept(folder: Path, name: str, text: str) -> Own:
    file = folder / "templates" / "texts" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return own.read(folder / "demo.toml")


def speak(folder: Path, language: str, text: str, name: str = "") -> Texts:
    return own_texts.of(kept(folder, name or f"{language}.toml", text), language)


def test_words_of_ones_own_stand_over_those_of_the_language(tmp_path: Path) -> None:
    text = (
        f'"Reset" = "Von vorn"\n{VALUES} = ["{{count}} Zahl", "{{count}} Zahlen"]\nMine = "Meins"\n'
    )
    for language in ("de", "de-CH"):
        spoken = speak(tmp_path, language, text, "de.toml")
        assert spoken.text("Reset") == "Von vorn" and spoken.text("Mine") == "Meins"
        assert spoken.count("{count} value", "{count} values", 2) == "2 Zahlen"
        assert spoken.text("Answer") == catalogues.of("de").text("Answer") != "Answer"
        assert spoken.tag == language
    assert own_texts.of(own.NONE, "de") == catalogues.of("de")


def test_english_words_can_be_others(tmp_path: Path) -> None:
    assert speak(tmp_path, "en", 'Reset = "Start over"').text("Reset") == "Start over"
    assert own_texts.of(own.read(tmp_path / "demo.toml"), "de").text("Reset") != "Reset"


def test_a_language_is_there_when_all_its_words_are(tmp_path: Path) -> None:
    counted = catalogues.counted()
    words = {m: [f"x{m}"] * 3 if m in counted else f"x{m}" for m in catalogues.messages()}
    lines = [f"{json.dumps(one)} = {json.dumps(word)}" for one, word in words.items()]
    spoken = speak(tmp_path, "fr", "\n".join(lines))
    assert (spoken.tag, spoken.number(1.5), spoken.text("Answer")) == ("fr", "1,5", "xAnswer")
    assert spoken.count("{count} value", "{count} values", 2) == "x2 value"
    some = kept(tmp_path, "fr.toml", "\n".join(lines[5:]))
    assert own_texts.of(some, "fr").tag == ENGLISH.tag
    assert own_texts.of(some, "fr").text("Answer") == "xAnswer"
    (notice,) = own_texts.notices(some, "fr")
    assert notice.startswith(
        f"{tmp_path}/templates/texts/fr.toml: 5 of the page's {len(words)} texts"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"Reset" = 3', '"Reset" takes a text'),
        (f'{VALUES} = "viele"', "takes a list of 2 texts, one for each kind of number"),
        (f'{VALUES} = ["a", "b", "c"]', "takes a list of 2 texts"),
        ('Reset = "{all}"', '"{all}" has {all}, which "Reset" has not'),
        ("Reset = \n", "is not valid TOML in line 1"),
        ('[Reset]\na = "b"', '"Reset" takes a text'),
    ],
)
def test_words_that_cannot_stand_in_a_page_are_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        speak(tmp_path, "de", text)
    assert caught.value.message.startswith(f"{tmp_path}/templates/texts/de.toml")
    assert said in caught.value.message


def test_a_message_that_is_none_but_nearly_is_told(tmp_path: Path) -> None:
    given = kept(tmp_path, "de.toml", 'Resett = "x"\n"Nothing like any of them at all" = "y"\n')
    (notice,) = own_texts.notices(given, "de")
    assert notice.endswith('de.toml: the page has no "Resett"; did you mean "Reset"?')


def test_scripts_say_them_also_those_of_the_author(tmp_path: Path) -> None:
    script = tmp_path / "templates" / "page.js"
    script.parent.mkdir()
    script.write_text(
        "import { text } from './runtime/page/texts.js';\n"
        "export const ready = () => console.log(text('My {number}', { number: 7 }));\n"
    )
    given = kept(
        tmp_path, "de.toml", '"My {number}" = "Meine {number}"\n"Starting the model" = "Los"\n'
    )
    made = runtime.bundle_page([], None, given, texts=own_texts.of(given, "de"))
    whole = (made.folder / made.script).read_text(encoding="utf-8")
    assert "Meine ${7}" in whole or "Meine 7" in whole
    assert "Los" in whole and "My {number}" not in whole
