"""Patterns are RE2's in TensorFlow, and JavaScript's in the browser."""

from __future__ import annotations

from bundler.graph.freeze import Frozen
from bundler.ground.errors import ModelError

OPS = ("StaticRegexReplace", "StaticRegexFullMatch")

# What RE2 writes otherwise than JavaScript does under the flag u.
ESCAPES = {
    "A": "^",
    "z": "$",
    "a": r"\x07",
    "s": r"[\t\n\f\r ]",
    "S": r"[^\t\n\f\r ]",
}
ESCAPES_IN_CLASS = {"a": r"\x07", "s": r"\t\n\f\r "}
SAME_ESCAPES = set("dDwWbBtnfrv")
SYNTAX = set(r"^$\.*+?()[]{}|/")
POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-\/:-@\[-`\{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}


def run(frozen: Frozen) -> Frozen:
    for node in frozen.graph.node:
        if node.op in OPS:
            pattern = node.attr["pattern"].s.decode()
            node.attr["pattern"].s = to_javascript(pattern).encode()
    return frozen


def to_javascript(pattern: str) -> str:
    """The pattern for JavaScript's flag u; raises ModelError for what it cannot say."""
    return _Translation(pattern).run()


class _Translation:
    """One pattern on its way from RE2 to JavaScript."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def run(self) -> str:
        parts = []
        while self.at < len(self.pattern):
            parts.append(self._next())
        return "".join(parts)

    def _refuse(self, what: str) -> ModelError:
        return ModelError(
            f"the regular expression {self.pattern!r} has no equal in JavaScript: {what}",
            hint="Write the pattern of the layer without it, and save the model again.",
        )

    def _take(self, count: int = 1) -> str:
        taken = self.pattern[self.at : self.at + count]
        self.at += count
        return taken

    def _next(self) -> str:
        character = self._take()
        if character == "\\":
            return self._escape(ESCAPES)
        if character == ".":
            return r"[^\n]"
        if character == "[":
            return self._class()
        if character == "(" and self.pattern.startswith("?P<", self.at):
            self.at += 3
            return "(?<"
        starts = self.pattern[self.at : self.at + 2]
        if character == "(" and starts.startswith("?") and starts not in ("?:", "?<"):
            raise self._refuse(f"flags at {self.pattern[self.at - 1 :]!r}")
        if character in "{}" and not self._is_repetition():
            return f"\\{character}"
        return "\\]" if character == "]" else character

    def _is_repetition(self) -> bool:
        """Whether the brace just taken belongs to a count such as {2,3}."""
        start = self.pattern.rfind("{", 0, self.at)
        end = self.pattern.find("}", start)
        count = self.pattern[start + 1 : end] if 0 <= start < end and self.at <= end + 1 else ""
        return count.replace(",", "", 1).isdigit() and not count.startswith(",")

    def _escape(self, known: dict[str, str]) -> str:
        """What follows a backslash."""
        letter = self._take()
        if letter in known:
            return known[letter]
        if letter in SAME_ESCAPES:
            return f"\\{letter}"
        if letter in "pP":
            name = self._braced() or self._take()
            return f"\\{'P' if (letter == 'P') != name.startswith('^') else 'p'}" + (
                f"{{{_property(name.removeprefix('^'))}}}"
            )
        if letter == "x":
            return f"\\u{{{self._braced() or self._take(2)}}}"
        if letter.isalnum() or not letter:
            raise self._refuse(f"\\{letter}")
        return (
            f"\\{letter}"
            if letter in SYNTAX or (letter == "-" and known is ESCAPES_IN_CLASS)
            else letter
        )

    def _braced(self) -> str:
        """The text in braces that follows, if one does."""
        if not self.pattern.startswith("{", self.at):
            return ""
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end]
        self.at = end + 1
        return name

    def _class(self) -> str:
        """A class of characters, its bracket taken."""
        parts = ["[", self._take() if self.pattern.startswith("^", self.at) else ""]
        first = True
        while self.at < len(self.pattern):
            character = self._take()
            if character == "]" and not first:
                return "".join([*parts, "]"])
            first = False
            if character == "\\":
                parts.append(self._escape(ESCAPES_IN_CLASS))
            elif character == "[" and self.pattern.startswith(":", self.at):
                parts.append(self._posix())
            else:
                parts.append(f"\\{character}" if character in SYNTAX - {"^"} else character)
        raise self._refuse("a class that does not end")

    def _posix(self) -> str:
        end = self.pattern.find(":]", self.at)
        name = self.pattern[self.at + 1 : end]
        if end < 0 or name not in POSIX_CLASSES:
            raise self._refuse(f"[:{name}:]")
        self.at = end + 2
        return POSIX_CLASSES[name]


def _property(name: str) -> str:
    """A Unicode category as it is, a script by its key."""
    return name if len(name) <= 2 else f"Script={name}"
