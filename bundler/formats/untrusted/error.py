"""The refusal that all checks of this folder raise."""

from __future__ import annotations

import re

from bundler.ground.errors import ModelError

LONGEST_PLACE = 200
TRUST = "If you trust who made it, pass --trust-model; then its code runs on this machine."


class UntrustedError(ModelError):
    """The model holds something that could run code, or read or write what is not its own.

    `file` is the model's, `found` says what was found, `where` in which of its parts.
    """

    def __init__(self, file: object, found: str, where: str, *, hint: str = TRUST) -> None:
        place = f" ({_shown(where)})" if where else ""
        super().__init__(f"{file} {found}{place}", hint=hint)
        self.where = where


def _shown(where: str) -> str:
    """Without what TensorFlow puts around the names of functions, and of bearable length."""
    text = re.sub(r"__(?:inference|forward)_(.+?)_\d+\b", r"\1", where)
    half = LONGEST_PLACE // 2
    return text if len(text) <= LONGEST_PLACE else f"{text[:half]} … {text[-half:]}"


class OwnCodeError(UntrustedError):
    """The model uses a class or function that its author wrote, and that is not in the file."""
