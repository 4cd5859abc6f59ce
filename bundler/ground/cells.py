"""Cells of a table that people write with a spreadsheet: one text each, and what it means."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

from bundler.ground.errors import ConfigError

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
WITH_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?\d{1,3}([.,'’   ]\d{3})+([.,]\d+)?")
# What spreadsheets write where a formula has no value, and others where there is none.
ERRORS = re.compile(r"#[A-ZÄÖÜ0-9/!?]+!?|n/?an?|null|none|-", re.IGNORECASE)
SWITCHES = {"true": True, "false": False}
# A cell is quoted in messages up to here.
LONGEST = 40


@dataclass(frozen=True)
class Cell:
    """The text of a cell; `has_comma` says that its file writes decimals with a comma."""

    text: str
    has_comma: bool = False
    column: str = ""

    def problem(self, text: str, *, hint: str = "") -> ConfigError:
        """What is wrong with it, by its column."""
        return ConfigError(f"{self.column}: {text}", hint=hint)

    @property
    def shown(self) -> str:
        """The text as messages quote it."""
        text = self.text if len(self.text) <= LONGEST else f"{self.text[: LONGEST - 1]}…"
        return json.dumps(text, ensure_ascii=False)

    @property
    def filled(self) -> str:
        """Its text. Raises ConfigError for a cell with nothing in it."""
        if not self.text.strip():
            raise self.problem("the cell is empty")
        return self.text

    def number(self) -> int | float:
        """Raises ConfigError, saying what else it is."""
        text = self.filled.strip()
        written = text.replace(",", ".") if self.has_comma else text
        if not NUMBER.fullmatch(written) or (self.has_comma and "." in text):
            raise self.problem(f"{self.shown} is not a number{self._reason(text)}")
        if written.lstrip("+-").isdecimal():
            return int(written)
        value = float(written)
        if not isfinite(value):
            raise self.problem(f"{self.shown} is larger than any number that the model can take")
        return value

    def _reason(self, text: str) -> str:
        """What it looks like, and what helps."""
        grouped = GROUPED.fullmatch(text)
        whole = re.sub(r"[^\d+-]", "", text)
        if self.has_comma and NUMBER.fullmatch(text):
            meant = f"{text.replace('.', ',')}{f' or {whole}' if grouped else ''}"
            return f" here: other cells of this file have a decimal comma, so write {meant}"
        if WITH_COMMA.fullmatch(text):
            meant = f"{text.replace(',', '.')}{f' or {whole}' if grouped else ''}"
            return f": decimals have a point, and thousands nothing between them, so write {meant}"
        if grouped:
            return ": write it without anything between its thousands"
        if ERRORS.fullmatch(text):
            return ", and an example needs one"
        if re.match(r"[+-]?[\d.,]*\d", text):
            return ": a cell has the number alone, without a unit or sign behind it"
        return ""

    def switch(self) -> Any:
        """True or false, by these words or as 1 and 0."""
        text = self.filled.strip()
        return SWITCHES[text.lower()] if text.lower() in SWITCHES else self.number()

    def json(self) -> Any:
        """The value that it is the JSON of. Raises ConfigError."""
        try:
            return json.loads(self.filled)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "it is nested too deeply")
            raise self.problem(f"{self.shown} is not a nested list as JSON: {reason}") from None
