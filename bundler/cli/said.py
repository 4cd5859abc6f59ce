"""What was said to deploy, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bundler.cli.terminal import complain, say


@dataclass(frozen=True)
class Said:
    """What the user wants, and how to tell what was done."""

    targets: tuple[Path, ...]
    init: bool
    branch: str | None
    remote: str | None
    host: str | None
    out: Path | None
    dry: bool
    adopt: bool
    replace: bool
    history: bool
    wait: bool
    url: str | None
    time_limit: float
    title: str
    trusted: bool
    signature: str | None
    allowed: tuple[Path, ...]
    quiet: bool
    as_json: bool
    facts: dict[str, Any] = field(default_factory=dict)

    def tell(self, text: str, *, whole: bool = False) -> None:
        """Prints a line; a `whole` text of ours has several."""
        if not self.quiet and not self.as_json:
            say(*text.split("\n") if whole else [text])

    def note(self, text: str) -> None:
        self.facts.setdefault("notes", []).append(text)
        if not self.quiet and not self.as_json:
            complain("note", text, colour="yellow", err=False)
