"""What quantising changed and samples moved, in numbers: for the build's report and the page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# The smallest and the largest number, None where any is known.
Range = tuple[float | None, float | None]


@dataclass(frozen=True)
class Moved:
    """How many samples moved an output, and by how much at most, of its largest magnitude.

    `saturated` says that a wrong kernel would show in none of the answers, as when they are all
    at an end of the output's range.
    """

    output: str
    samples: int
    by: float
    saturated: bool

    def __str__(self) -> str:
        said = f"{self.output} by {self.by:.0%} ({self.samples} samples)"
        return f"{said}, but no wrong kernel would show" if self.saturated else said


@dataclass(frozen=True)
class Change:
    """What quantising changes of an output.

    `error` is the largest difference over the output's largest magnitude, or the share of
    elements that differ where they are no floats; `agreement` the share of samples with the
    same class on top, where the output is scores of classes.
    """

    output: str
    error: float
    allowed: float
    agreement: float | None
    samples: int

    @property
    def holds(self) -> bool:
        return self.error <= self.allowed and self.agreement in (None, 1.0)

    def __str__(self) -> str:
        same = "" if self.agreement is None else f"the same class in {self.agreement:.1%}, "
        return f"{self.output}: {same}largest change {self.error:.1e} ({self.samples} samples)"


@dataclass(frozen=True)
class Quantization:
    """What `quantize` of demo.toml came to: how many weights have which dtype, and the changes."""

    mode: str
    weights: dict[str, int]
    float_bytes: int
    bytes: int
    changes: tuple[Change, ...]
    reason: str = ""

    @staticmethod
    def from_json(data: Any) -> Quantization:
        changes = tuple(Change(**row) for row in data["changes"])
        return Quantization(**{**data, "changes": changes})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def saves(self) -> bool:
        """Whether any weight is quantised."""
        return self.bytes < self.float_bytes

    @property
    def notices(self) -> list[str]:
        """What the user should know: nothing was saved, or answers changed much."""
        if self.reason:
            return [self.reason]
        far = [str(change) for change in self.changes if not change.holds]
        if not far:
            return []
        return [
            f"Weights as {self.mode} change the answers more than quantize = "
            f'"auto" would allow: {"; ".join(far)}.'
        ]
