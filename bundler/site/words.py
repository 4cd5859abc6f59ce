"""Facts in the words of the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from bundler.graph.changes import Moved, Quantization
from bundler.ground.numbers import to_fixed
from bundler.ground.tensors import TensorSpec, is_whole
from bundler.ground.texts import ENGLISH, Texts, later
from bundler.proof.verify import Parity

# From which count on, in whose units.
UNITS = (
    (0.9995e12, 1e12, later("{number} trillion multiply-adds")),
    (0.9995e9, 1e9, later("{number} billion multiply-adds")),
    (1e5, 1e6, later("{number} million multiply-adds")),
)

# What planning calls tensors whose names were made up.
LABELS = (later("Answer"), later("Drawing"), later("Input"), later("Picture"), later("Values"))

# In what a page's answers are not those of any call of the model (graph/meant.py).
TRAITS = {
    "new draws": later(
        "The model draws random numbers, new ones for every answer: one input may be answered in "
        "several ways."
    ),
    "same draws": later(
        "The model draws random numbers. Here they are the same ones for every answer."
    ),
    "first calls": later(
        "The model can keep in mind what it was given before. Here every answer begins anew."
    ),
    "full floats": later(
        "The model was made to compute with fewer digits. Here it has more, as it had in Python "
        "for the comparison."
    ),
}
BACKENDS = {"cpu": "JavaScript", "wasm": "WebAssembly", "webgl": "WebGL", "webgpu": "WebGPU"}
# Smaller differences are told as this one.
LEAST_DIFFERENCE = 1e-7


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
        return texts.text("{number} kB", number=texts.number(to_fixed(count / 1e3, 0)))
    return texts.text("{number} MB", number=texts.number(to_fixed(count / 1e6, 1)))


def values(count: int, texts: Texts) -> str:
    """How many values there are."""
    return texts.count("{count} value", "{count} values", count)


def amount(shape: Sequence[int | None], dtype: str, texts: Texts) -> str:
    """How many values a tensor holds, in rows; None are as many as somebody likes."""
    sizes = list(shape)
    # A batch of one goes without saying, and a free one as soon as what it holds has rows.
    if len(sizes) > 1 and (sizes[0] == 1 or (sizes[0] is None and len(sizes) > 2)):
        sizes = sizes[1:]
    *rows, length = sizes or [1]
    if len(rows) > 1:
        numbers = " × ".join(texts.text("any") if n is None else texts.number(n) for n in sizes)
        if dtype == "string":
            return texts.text("{sizes} texts", sizes=numbers)
        return texts.text("{sizes} numbers", sizes=numbers)
    inner = _elements(length, dtype, texts)
    if not rows:
        return inner
    if rows[0] is None:
        return texts.text("{values} in each row, any number of rows", values=inner)
    return texts.count(
        "{count} row: {values}", "{count} rows: {values} each", rows[0], values=inner
    )


def _elements(count: int | None, dtype: str, texts: Texts) -> str:
    if dtype == "string":
        if count is None:
            return texts.text("as many texts as you like")
        return texts.count("{count} text", "{count} texts", count)
    if dtype == "bool":
        return texts.text("as many values as you like") if count is None else values(count, texts)
    if is_whole(dtype):
        if count is None:
            return texts.text("as many whole numbers as you like")
        return texts.count("{count} whole number", "{count} whole numbers", count)
    if count is None:
        return texts.text("as many numbers as you like")
    return texts.count("{count} number", "{count} numbers", count)


def taken(spec: TensorSpec, options: Mapping[str, Any], texts: Texts) -> str:
    """What an input takes: how many values, and from where to where."""
    said = amount(spec.shape, spec.dtype, texts)
    low, high = options.get("min"), options.get("max")
    ends = {"min": texts.number(low), "max": texts.number(high), "values": said}
    if low is None and high is None:
        return said
    if low is None:
        return texts.text("{values}; each at most {max}", **ends)
    if high is None:
        return texts.text("{values}; each at least {min}", **ends)
    return texts.text("{values}; each from {min} to {max}", **ends)


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
            return texts.text(message, number=texts.number(float(f"{count / unit:.3g}")))
    return texts.text("a tiny model")


def moved(one: Moved, texts: Texts) -> str:
    """How far the samples moved an output, as its own str() has it."""
    said = texts.count(
        "{output} by {percent} ({count} sample)",
        "{output} by {percent} ({count} samples)",
        one.samples,
        output=one.output,
        percent=texts.text("{number} %", number=texts.number(f"{one.by:.0%}"[:-1])),
    )
    if not one.saturated:
        return said
    return texts.text("{moved}, but no wrong kernel would show", moved=said)


def share(part: float | None, texts: Texts) -> str:
    """`0.984` as "98.4%"; nothing for none."""
    if part is None:
        return ""
    return texts.text("{number} %", number=texts.number(f"{part:.1%}"[:-1]))


def backend(name: str) -> str:
    """What a backend is called in pages."""
    return BACKENDS.get(name, name)


def trait(name: str, texts: Texts) -> str:
    """What visitors should know of how the page's answers are not the model's."""
    return texts.text(TRAITS[name])


def difference(error: float, texts: Texts) -> str:
    """`3.3e-6` as "0.0004%": a share with one digit, never less than it is."""
    percent = 100 * max(error, LEAST_DIFFERENCE) if error else 0.0
    if percent:
        places = -floor(log10(percent))
        percent = ceil(percent * 10.0**places - 1e-6) / 10.0**places
        return texts.text("{number} %", number=texts.number(f"{percent:.{max(0, places)}f}"))
    return texts.text("{number} %", number=texts.number("0"))


def proof(parity: Parity, quantization: Quantization | None, texts: Texts) -> str:
    """The comparison in a sentence, with its largest difference."""
    error, samples = parity.largest_error, max(row.samples for row in parity.rows)
    known = {"difference": difference(error, texts)}
    if quantization is not None and quantization.saves:
        return texts.count(
            "On {count} sample, this page’s answers differ by at most {difference} from those of "
            "the model in Python with the same weights.",
            "On {count} samples, this page’s answers differ by at most {difference} from those of "
            "the model in Python with the same weights.",
            samples,
            **known,
        )
    if error == 0:
        return texts.count(
            "On {count} sample, this page answers exactly like the model in Python.",
            "On {count} samples, this page answers exactly like the model in Python.",
            samples,
        )
    return texts.count(
        "On {count} sample, this page’s answers differ by at most {difference} from those of the "
        "model in Python.",
        "On {count} samples, this page’s answers differ by at most {difference} from those of the "
        "model in Python.",
        samples,
        **known,
    )


def smaller_weights(found: Quantization, texts: Texts) -> str:
    """What weights of fewer digits save, and what they change."""
    return texts.text(
        "The weights are stored in fewer digits, {after} instead of {before}, which changes "
        "answers by at most {difference}.",
        after=human_bytes(found.bytes, texts),
        before=human_bytes(found.float_bytes, texts),
        difference=difference(max((one.error for one in found.changes), default=0.0), texts),
    )
