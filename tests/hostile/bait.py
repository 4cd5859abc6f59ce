"""What attacks are after, and what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANARY, SECRET = "canary", "secret.txt"


SECRET_TEXT = "the-secret-of-this-machine"


@dataclass(frozen=True)
class Bait:
    """What an attack is after, and where its files go."""

    folder: Path

    @property
    def canary(self) -> str:
        return str(self.folder / "bait" / CANARY)

    @property
    def secret(self) -> str:
        return str(self.folder / "bait" / SECRET)

    def prepare(self) -> Bait:
        (self.folder / "bait").mkdir(parents=True, exist_ok=True)
        Path(self.secret).write_text(f"{SECRET_TEXT}\nb\n")
        return self


@dataclass(frozen=True)
class Hostile:
    """`make` writes the model and gives its path; the refusal has all of `says`.

    `real` attacks are seen to work when the model is trusted.
    """

    make: Callable[[Bait], Path]
    says: tuple[str, ...]
    real: bool = False


Config = dict[str, Any]


Edit = Callable[[Config, Bait], None]
