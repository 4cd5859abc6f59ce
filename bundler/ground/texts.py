"""The words of the page, in its language.

English stands in the sources: templates/, its scripts, and what this package says in a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import c2py
from typing import Any

from bundler.ground.numbers import written

SOURCE = "en"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
LONG = re.compile(r"^-?\d{5,}")
# Numbers that would be too long if they were written out.
POWER = re.compile(r"-?[\d.]+e[-+]?\d+")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Texts:
    """One language: `tag` as HTML has it, `messages` by their English, several by their number.

    `plural` is the catalogue's expression for which of several, in C; `numerals` what is written
    for a digit, point, sign or comma between groups of digits where it is not itself; `group` says
    how many digits are in a group, but for the last three.
    """

    tag: str = SOURCE
    direction: str = "ltr"
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plural: str = "n != 1"
    numerals: Mapping[str, str] = field(default_factory=dict)
    group: int = 3

    def text(self, message: str, **values: Any) -> str:
        """A message with its {placeholders} filled."""
        (found,) = self.messages.get(message, (message,))
        return _filled(found, values)

    def count(self, one: str, several: str, count: int, **values: Any) -> str:
        """The form of a message that fits the count, which {count} stands for."""
        forms = self.messages.get(one, (one, several))
        found = forms[c2py(self.plural)(count)]
        return _filled(found, {**values, "count": self.number(count)})

    def number(self, number: object) -> str:
        """A number, or what was made of it, as the language writes it.

        Five digits and more are in groups, as no year is.
        """
        text = written(number) if isinstance(number, float) else str(number)
        text, _, power = text.partition("e") if POWER.fullmatch(text) else (text, "", "")
        between = rf"\B(?=(\d{{{self.group}}})*\d{{3}}$)"
        text = LONG.sub(lambda found: re.sub(between, ",", found[0]), text)
        text = "".join(self.numerals.get(letter, letter) for letter in text)
        return f"{text} × 10{power.lstrip('+').translate(RAISED)}" if power else text


ENGLISH = Texts()


def later(message: str) -> str:
    """Marks a message that is looked up where the page is made."""
    return message


def _filled(message: str, values: Mapping[str, Any]) -> str:
    """Nothing but names between the braces: messages may be an author's."""
    return PLACEHOLDER.sub(lambda found: str(values[found[1]]), message)
