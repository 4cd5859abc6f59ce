"""demo.toml as a table; what is not TOML is told with its line, and how that should read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bundler.ground import text_files, visible
from bundler.ground.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOUBLE, SINGLE = "“”„‟″«»", "‘’‚‛′"
STRAIGHT = str.maketrans(dict.fromkeys(DOUBLE, '"') | dict.fromkeys(SINGLE, "'"))
# A key, "=" and what follows it.
PAIR = re.compile(r"^(\s*(?:[\w.-]+|\"[^\"]*\")\s*=\s*)(.*?)\s*$")
WORDS = {
    "twice": re.compile("overwrite a value|Duplicate inline table key"),
    "table twice": re.compile("Cannot (declare|mutate|redefine)"),
}


def read(path: Path) -> dict[str, Any]:
    """Raises ConfigError for what is no text or not TOML."""
    text = text_files.read(path)
    try:
        return parse(text)
    except tomllib.TOMLDecodeError as error:
        raise _explained(path, text, error) from error
    except RecursionError:
        raise ConfigError(
            f"{path} has brackets within brackets, deeper than anything is nested",
            hint="Close them, or take them out.",
        ) from None


def parse(text: str) -> dict[str, Any]:
    """Raises TOMLDecodeError."""
    data: dict[str, Any] = tomllib.loads(text)
    return data


def _explained(path: Path, text: str, error: tomllib.TOMLDecodeError) -> ConfigError:
    lines = text.splitlines() or [""]
    number = min(_line_number(str(error)) or _last_written(lines), len(lines))
    line = lines[number - 1].strip()
    said = next((name for name, form in WORDS.items() if form.search(str(error))), "")
    found = None if said else next(_repaired(lines, number), None)
    why, hint = _reasons(line, said)
    if found is not None:
        hint = f"Write: {found.strip()}" if found else f"Leave line {number} out."
    return ConfigError(f"{path} is not valid TOML in line {number}{why}: {line}", hint=hint)


def _reasons(line: str, said: str) -> tuple[str, str]:
    """What is wrong with a line, and what to do where no repair was found."""
    odd = "".join(dict.fromkeys(mark for mark in line if mark in DOUBLE + SINGLE))
    if said == "twice":
        return ", where a key stands for the second time", "Leave one of them out."
    if said == "table twice" and _two_brackets(line) != line:
        return ", where a table is opened again", f"Write {_two_brackets(line)}, each time."
    if said == "table twice":
        return ", where a table is opened for the second time", "Put its keys under the first."
    if odd:
        return f", which has typographic quotes ({' '.join(odd)})", 'Type " in their place.'
    return "", 'A text stands in quotes, a list in [ ], and each key on a line: title = "Digits"'


def _line_number(said: str) -> int | None:
    found = re.search(r"\(at line (\d+)", said)
    return int(found[1]) if found else None


def _last_written(lines: list[str]) -> int:
    """TOML's parser says "at end of document" where something before was not closed."""
    return max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)


def _repaired(lines: list[str], number: int) -> Iterator[str]:
    """What a line may have been meant to be: with it, the file can be read at least so far."""
    line = lines[number - 1]
    for repair in REPAIRS:
        changed = repair(line)
        if changed is not None and changed != line:
            text = "\n".join([*lines[: number - 1], changed, *lines[number:]])
            bad = _first_bad(text)
            if bad is None or bad > number:
                yield changed


def _first_bad(text: str) -> int | None:
    """The line at which the text cannot be read any more; None if it can."""
    try:
        parse(text)
    except tomllib.TOMLDecodeError as error:
        return _line_number(str(error)) or 0
    return None


def _straight_quotes(line: str) -> str | None:
    changed = line.translate(STRAIGHT)
    return changed if changed == line else _close_text(changed) or changed


def _two_brackets(line: str) -> str | None:
    """`[inputs]` for one of several tables, `[[inputs]` and `[build` half-closed."""
    name = re.fullmatch(r"\s*\[+\s*([\w.-]+)\s*\]*\s*(#.*)?", line)
    if not name:
        return None
    many = name[1].split(".")[-1] in ("inputs", "outputs", "examples", "fields", "choices")
    return f"[[{name[1]}]]" if many else f"[{name[1]}]"


def _literal_text(line: str) -> str | None:
    """Windows paths: a backslash begins an escape in "…", but none in '…'."""

    def change(found: re.Match[str]) -> str:
        inner = found[1]
        return f"'{inner}'" if "'" not in inner else '"' + inner.replace("\\", "/") + '"'

    return re.sub(r'"([^"]*\\[^"]*)"', change, line) if "\\" in line else None


def _close_text(line: str) -> str | None:
    found = PAIR.match(line)
    if found and found[2][:1] in ("'", '"') and found[2].count(found[2][0]) == 1:
        return f"{found[1]}{found[2]}{found[2][0]}"
    return None


def _plain_value(line: str) -> str | None:
    """True, None and numbers as other languages write them."""
    found = PAIR.match(line)
    if not found:
        return None
    value = found[2].rstrip(";, ")
    if value in ("None", "null", "nil", ""):
        return ""
    if value in ("True", "TRUE", "yes", "on", "False", "FALSE", "no", "off"):
        return found[1] + ("true" if value in ("True", "TRUE", "yes", "on") else "false")
    value = re.sub(r"(?<![\w.])\.(?=\d)", "0.", value)
    value = re.sub(r"(?<=\d)\.(?![\w.])", ".0", value)
    value = value if "[" in value else re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", value)
    return found[1] + value


def _quoted_value(line: str) -> str | None:
    found = PAIR.match(line)
    if not found or not re.match(r"[^\W\d]|[~./\\]", found[2]):
        return None
    value, comment = re.fullmatch(r"(.*?)(\s+#.*)?", found[2]).groups()  # type: ignore[union-attr]
    return f"{found[1]}{_quoted(value)}{comment or ''}"


def _inner_quotes(line: str) -> str | None:
    """`'it's'` and `"say "yes""`: quotes of the other kind around them."""
    found = PAIR.match(line)
    if not found or len(found[2]) < 2 or found[2][0] != found[2][-1] or found[2][0] not in "\"'":
        return None
    inner = found[2][1:-1]
    return f"{found[1]}'{inner}'" if "'" not in inner else found[1] + _quoted(inner)


def _list(line: str) -> str | None:
    """Lists in round brackets, without their end, without commas, of texts without quotes."""
    found = PAIR.match(line)
    if not found or found[2][:1] not in ("[", "("):
        return None
    inner = found[2].strip("[]() ,;")
    items = re.findall(r"\"[^\"]*\"|'[^']*'|[^,\s\"'][^,\"']*", inner)
    return f"{found[1]}[{', '.join(map(_item, items))}]"


def _item(text: str) -> str:
    return text.strip() if _first_bad(f"x = {text}") is None else _quoted(text.strip())


def _quoted(text: str) -> str:
    if "\\" in text and "'" not in text:
        return f"'{text}'"
    return visible.quoted(text)


def _equals_sign(line: str) -> str | None:
    """`key: value`, as YAML and JSON have it, and keys with spaces."""
    found = re.match(r"\s*[\"']?([^\"'=:\[\]#]+?)[\"']?\s*[:=]\s*([^=]+?)\s*[,;]?$", line)
    if not found:
        return None
    key = found[1] if re.fullmatch(r"[\w.-]+", found[1]) else _quoted(found[1])
    return f"{key} = {_item(found[2])}"


def _comment(line: str) -> str | None:
    found = re.match(r"\s*(//|;|--|/\*)\s*(.*?)(\*/)?\s*$", line)
    return f"# {found[2]}" if found else None


def _no_end_mark(line: str) -> str | None:
    return re.sub(r"[;,]\s*$", "", line)


REPAIRS: tuple[Callable[[str], str | None], ...] = (
    _two_brackets,
    _straight_quotes,
    _literal_text,
    _no_end_mark,
    _close_text,
    _inner_quotes,
    _plain_value,
    _list,
    _quoted_value,
    _equals_sign,
    _comment,
)
