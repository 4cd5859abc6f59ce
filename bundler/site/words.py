"""Facts in the words of the page's language."""

from __future__ import annotations

from math import ceil, floor, log10

from bundler.graph.changes import Moved, Quantization
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
        "The model was made to compute in half floats. Here it has longer ones, as it had in "
        "Python for the comparison."
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
        return texts.text("{number}%", number=texts.number(f"{percent:.{max(0, places)}f}"))
    return texts.text("{number}%", number=texts.number("0"))


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
