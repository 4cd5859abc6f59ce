"""The front matter of a Markdown file: YAML between two lines of dashes, from whoever wrote it."""

from __future__ import annotations

import re
from typing import Any

BEGIN = re.compile(r"---[ \t]*\r?\n")
END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
# A model's card with the results of hundreds of tests has some 60 kB of it.
MOST_LETTERS, MOST_DEPTH = 1 << 17, 24


def parsed(text: str) -> tuple[dict[str, Any], str] | None:
    """What the front matter says, and the text below; None where there is none.

    Raises ValueError, saying why it cannot be read.
    """
    begin = BEGIN.match(text)
    if begin is None:
        return None
    end = END.search(text, begin.end(), begin.end() + MOST_LETTERS)
    if end is None:
        if len(text) - begin.end() > MOST_LETTERS:
            raise ValueError(f"it is longer than {MOST_LETTERS >> 10} thousand letters")
        return None  # a line above a text
    said = _values(text[begin.end() : end.start()])
    return None if said is None else (said, text[end.end() :])


def _values(text: str) -> dict[str, Any] | None:
    import yaml

    try:
        _check(text)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # The first line of the file is the one of dashes.
        line = f" in line {mark.line + 2}" if mark else ""
        raise ValueError(f"it is not valid YAML{line}") from error
    except (ValueError, OverflowError, RecursionError, TypeError, AttributeError) as error:
        # Dates and numbers that are none.
        raise ValueError(f"it is not valid YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(values, dict):
        return None
    return {key: value for key, value in values.items() if isinstance(key, str)}


def _check(text: str) -> None:
    """Raises ValueError for what would be larger than it is written."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("it repeats parts of itself (&, *), which is not followed")
        begins = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        ends = isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
        depth += begins - ends
        if depth > MOST_DEPTH:
            raise ValueError("it is nested deeper than anything in a card is")
