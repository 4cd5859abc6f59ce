"""Good files, damaged at random: the same damage every time for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

# What stands in the place of a value of JSON.
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 2**70, "", "..", "/etc/passwd", "\0", "💥" * 9, [], {}, [[]],
    [0] * 40, {"": 0}, float("nan"), float("inf"),
)  # fmt: skip
ENDS = (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0")


def of_bytes(good: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Bytes that were changed, taken out, doubled, or cut off."""
    random = Random(seed)
    for _ in range(count):
        data = bytearray(good)
        for _ in range(random.choice((1, 1, 2, 4, 8))):
            _damage(random, data)
        yield bytes(data)


def _damage(random: Random, data: bytearray) -> None:
    at = random.randrange(len(data)) if data else 0
    kind = random.choice(("byte", "byte", "bit", "out", "twice", "ends", "cut"))
    if not data or kind == "cut":
        del data[at:]
    elif kind == "byte":
        data[at] = random.randrange(256)
    elif kind == "bit":
        data[at] ^= 1 << random.randrange(8)
    elif kind == "out":
        del data[at : at + random.randrange(1, 20)]
    elif kind == "twice":
        data[at:at] = data[at : at + random.randrange(1, 40)]
    else:
        data[at : at + 4] = random.choice(ENDS)


def of_json(good: Any, count: int, seed: int) -> Iterator[Any]:
    """Values that are odd, missing, or stand where others belong."""
    random = Random(seed)
    places = list(_places(good, ()))
    for _ in range(count):
        data = good
        for _ in range(random.choice((1, 1, 2))):
            odd = random.choice((*ODD, _at(good, random.choice(places)), _MISSING))
            data = _replaced(data, random.choice(places), odd)
        yield data


_MISSING = object()


def _places(data: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield from _places(data[key], (*path, key))


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def _replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value at a place, if that is still there."""
    first, *rest = path
    if isinstance(data, list) and isinstance(first, int) and first < len(data):
        pairs: list[tuple[Any, Any]] = list(enumerate(data))
    elif isinstance(data, dict) and first in data:
        pairs = list(data.items())
    else:
        return data
    made = [
        (key, own if key != first else _replaced(own, tuple(rest), value) if rest else value)
        for key, own in pairs
    ]
    kept = [(key, own) for key, own in made if own is not _MISSING]
    return dict(kept) if isinstance(data, dict) else [own for _, own in kept]
