"""The words of the page, in its language.

English stands in the sources: templates/, its scripts, and what this package says in a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import c2py
from typing import Any

SOURCE = "en"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Texts:
    """One language: `tag` as HTML has it, `messages` by their English, several by their number.

    `plural` is the catalogue's expression for which of several, in C; `numerals` what is written
    for a digit, point or sign where it is not itself.
    """

    tag: str = SOURCE
    direction: str = "ltr"
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plural: str = "n != 1"
    numerals: Mapping[str, str] = field(default_factory=dict)

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
        """A number, or what was made of it, as the language writes it."""
        return "".join(self.numerals.get(letter, letter) for letter in str(number))


ENGLISH = Texts()


def later(message: str) -> str:
    """Marks a message that is looked up where the page is made."""
    return message


def _filled(message: str, values: Mapping[str, Any]) -> str:
    """Nothing but names between the braces: messages may be an author's."""
    return PLACEHOLDER.sub(lambda found: str(values[found[1]]), message)
