"""Facts in the words of the page's language."""

from __future__ import annotations

from bundler.graph.changes import Moved
from bundler.ground.texts import ENGLISH, Texts, later

# From which count on, in whose units.
UNITS = (
    (0.9995e12, 1e12, later("{number} trillion multiply-adds")),
    (0.9995e9, 1e9, later("{number} billion multiply-adds")),
    (1e5, 1e6, later("{number} million multiply-adds")),
)

# What planning calls tensors whose names were made up.
LABELS = (later("Answer"), later("Drawing"), later("Input"), later("Picture"), later("Values"))


def label(given: str, texts: Texts) -> str:
    """What an input or answer is called; the author's words stay."""
    stem, _, number = given.rpartition(" ")
    if stem == "Value" and number.isdecimal():
        return texts.text("Value {number}", number=texts.number(number))
    return texts.text(given) if given in LABELS else given


def human_bytes(count: int, texts: Texts = ENGLISH) -> str:
    """`61_440` as "61 kB"."""
    if count < 1000:
        return texts.text("{number} B", number=texts.number(count))
    if count < 999_500:
        return texts.text("{number} kB", number=texts.number(f"{count / 1e3:.0f}"))
    return texts.text("{number} MB", number=texts.number(f"{count / 1e6:.1f}"))


def values(count: int, texts: Texts) -> str:
    """How many values there are."""
    return texts.count("{count} value", "{count} values", count)


def reason(multiply_adds: int, backend: str, texts: Texts) -> str:
    """Why the page begins with the backend that the build chose."""
    size = _multiply_adds(multiply_adds, texts)
    if backend == "cpu":
        return texts.text("{size}: starts at once and answers in milliseconds", size=size)
    return texts.text("{size}: the fastest that runs everywhere", size=size)


def _multiply_adds(count: int, texts: Texts) -> str:
    """`2_580_000_000` as "2.58 billion multiply-adds"."""
    for least, unit, message in UNITS:
        if count >= least:
            return texts.text(message, number=texts.number(f"{count / unit:.3g}"))
    return texts.text("a tiny model")


def moved(one: Moved, texts: Texts) -> str:
    """How far the samples moved an output, as its own str() has it in English."""
    said = texts.count(
        "{output} by {percent} ({count} sample)",
        "{output} by {percent} ({count} samples)",
        one.samples,
        output=one.output,
        percent=texts.text("{number}%", number=texts.number(f"{one.by:.0%}"[:-1])),
    )
    if not one.saturated:
        return said
    return texts.text("{moved}, but no wrong kernel would show", moved=said)


def share(part: float | None, texts: Texts) -> str:
    """`0.984` as "98.4%"; nothing for none."""
    if part is None:
        return ""
    return texts.text("{number}%", number=texts.number(f"{part:.1%}"[:-1]))
