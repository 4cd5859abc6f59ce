"""The name that somebody may have meant by one that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

# What people call what demo.toml calls otherwise; a key is only proposed where it exists.
KEYS = {
    "class_names": ("labels",),
    "classes": ("labels",),
    "component": ("widget",),
    "dimensions": ("size", "shape"),
    "height": ("size",),
    "input_shape": ("size", "shape"),
    "maximum": ("max",),
    "minimum": ("min",),
    "normalize": ("range",),
    "options": ("choices",),
    "quantization": ("quantize",),
    "resolution": ("size",),
    "rows": ("lines",),
    "top_k": ("top",),
    "type": ("widget",),
    "values": ("choices",),
    "width": ("size",),
}


def near(
    name: str, known: Iterable[str], synonyms: Mapping[str, Iterable[str]] | None = None
) -> str | None:
    """The known name that `name` is nearly written like, or begins, or is a synonym of.

    None where nothing is near enough to be meant.
    """
    wanted, found = plain(name), {plain(one): one for one in reversed(list(known))}
    for other in (synonyms or {}).get(wanted, ()):
        if plain(other) in found:
            return found[plain(other)]
    longer = [one for one in found if len(wanted) > 2 and one.startswith(wanted)]
    if wanted in found or longer:
        return found[wanted if wanted in found else min(longer, key=len)]
    # A third of the letters may be wrong ("camera" is not "number"), but no digit ("x_3", "x_2").
    alike = [one for one in found if not (digits := _digits(one)) or digits == _digits(wanted)]
    distances = sorted((_distance(wanted, one), one) for one in alike)
    fits = [one for distance, one in distances if distance <= max(len(wanted), len(one)) // 3]
    return found[fits[0]] if fits else None


def ending(
    name: str, known: Iterable[str], synonyms: Mapping[str, Iterable[str]] | None = None
) -> str:
    """The end of a message about a name that does not exist."""
    known = list(known)
    found = near(name, known, synonyms)
    return f'did you mean "{found}"?' if found else f"there are {', '.join(known) or 'none'}"


def near_file(path: Path) -> str:
    """A hint with the nearest path that exists, or nothing."""
    if not path.parent.is_dir():
        return ""
    found = near(path.name, sorted(file.name for file in path.parent.iterdir()))
    return f"Did you mean {path.parent / found}?" if found else ""


def plain(name: str) -> str:
    """A name as it is compared."""
    return name.casefold().replace("-", "_").replace(" ", "_")


def _digits(name: str) -> list[str]:
    return re.findall(r"\d+", name)


def _distance(one: str, other: str) -> int:
    """Letters to add, leave out, replace or swap with their neighbour (Damerau, Levenshtein)."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        above, row = rows[-1], [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], wanted):
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]
