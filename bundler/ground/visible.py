"""Texts of others, printed or written: what a terminal, an eye or a log would obey is seen."""

from __future__ import annotations

import re
import unicodedata

# Controls, formats (also those that turn the direction of a text), lone surrogates, line ends.
COMMANDS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Signs of writing that join letters, or keep them apart.
JOINERS = "\u200c\u200d"
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# How lines begin, or what they hold, that logs of GitHub, Azure and TeamCity take for commands.
OF_A_LOG = re.compile(r"(?m)^(\s*):(?=:)|#(?=#\w*\[)")


def line(text: str) -> str:
    """A text on one line, which commands nothing."""
    return "".join(map(_escaped, OF_A_LOG.sub(_told, text)))


def of_json(text: str) -> str:
    """JSON that means the same, and holds no command of a log."""
    return OF_A_LOG.sub("\\\\u0023", text)


def lines(text: str) -> list[str]:
    """A text of several lines, each of which commands nothing."""
    return [line(one) for one in text.split("\n")]


def _told(match: re.Match[str]) -> str:
    return "\\x23" if match[1] is None else f"{match[1]}\\x3a"


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in COMMANDS or character in JOINERS:
        return character
    code = ord(character)
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(text: str) -> str:
    """A text in the quotes of TOML and YAML, which read it back; lone surrogates are no text."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(one) or _unicode(one) for one in text) + '"'


def key(name: str) -> str:
    """A name as a key of TOML."""
    return name if BARE_KEY.fullmatch(name) else quoted(name)


def _unicode(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cs":
        return "\ufffd"
    if kind not in COMMANDS or character in JOINERS:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
