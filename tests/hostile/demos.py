"""Ways in which a demo.toml can lead out of its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# What may lie outside, under the name that demo.toml wants.
NAMES = {"model": "m.keras", "labels": "l.txt", "custom_objects": "o.py", "examples": "p.png"}


def link(place: Path, target: str | Path) -> None:
    place.symlink_to(target)


def by_link(base: Path, name: str) -> str:
    link(base / "demo" / f"linked-{name}", base / "private" / name)
    return f"linked-{name}"


def by_relative_link(base: Path, name: str) -> str:
    link(base / "demo" / "inner" / name, f"../../private/{name}")
    return f"inner/{name}"


def by_linked_folder(base: Path, name: str) -> str:
    link(base / "demo" / "data", base / "private")
    return f"data/{name}"


def by_chain(base: Path, name: str) -> str:
    link(base / "demo" / "one", "two")
    link(base / "demo" / "two", "inner/three")
    link(base / "demo" / "inner" / "three", base / "private")
    return f"one/{name}"


def up_from_a_linked_folder(base: Path, name: str) -> str:
    """As it is written, it stays inside."""
    (base / "private" / "deep").mkdir()
    link(base / "demo" / "data", base / "private" / "deep")
    return f"data/../{name}"


WAYS: dict[str, Callable[[Path, str], str]] = {
    "..": lambda _, name: f"../private/{name}",
    ".. from within": lambda _, name: f"inner/../../private/{name}",
    "absolute": lambda base, name: str(base / "private" / name),
    "absolute with ..": lambda base, name: str(base / "demo" / ".." / "private" / name),
    "link": by_link,
    "relative link": by_relative_link,
    "linked folder": by_linked_folder,
    "chain of links": by_chain,
    "up from a linked folder": up_from_a_linked_folder,
}
