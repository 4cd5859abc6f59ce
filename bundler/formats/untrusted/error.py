"""The refusal that all checks of this folder raise."""

from __future__ import annotations

from bundler.errors import ModelError

TRUST = "If you trust who made it, pass --trust-model; then its code runs on this machine."


class UntrustedError(ModelError):
    """The model holds something that could run code, or read or write what is not its own.

    `file` is the model's, `found` says what was found, `where` in which of its parts.
    """

    def __init__(self, file: object, found: str, where: str, *, hint: str = TRUST) -> None:
        place = f" ({where})" if where else ""
        super().__init__(f"{file} {found}{place}", hint=hint)
        self.where = where


class OwnCodeError(UntrustedError):
    """The model uses a class or function that its author wrote, and that is not in the file."""
