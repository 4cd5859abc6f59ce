"""Python's answers against those of the shipped files in real TF.js."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from math import ceil, floor, inf, isfinite, log10, prod
from pathlib import Path
from typing import Any

from bundler.graph import Case
from bundler.ground import cache
from bundler.ground.errors import ParityError
from bundler.ground.tensors import Tensor, Tensors, tensors_from_json, tensors_to_json
from bundler.proof import engine_process, golden

# Errors above it are no rounding; a share of an output's largest magnitude.
LARGEST_ROUNDING = 1e-2
# What Node is asked at once: tensors travel as texts.
ELEMENTS_AT_ONCE = 1 << 24
# Of a number, in base64; and of an answer beside its numbers: names, shapes, texts.
BYTES_AS_TEXT, LONGEST_ANSWER = 6, 64 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One output on one backend.

    `error` is the largest difference over the output's largest magnitude in Python's
    answers; for integers, booleans and texts the share of elements that differ. `allowed` and
    `own_error`, Python's own, are those of the sample that is nearest to what is allowed.
    """

    output: str
    backend: str
    error: float
    samples: int
    allowed: float
    own_error: float

    @property
    def holds(self) -> bool:
        return self.error <= self.allowed


@dataclass(frozen=True)
class Parity:
    """The comparison of a whole site."""

    rows: tuple[Row, ...]
    tolerance: float

    @property
    def largest_error(self) -> float:
        return max(row.error for row in self.rows)


@dataclass(frozen=True)
class Shipped:
    """What is verified: the worker of each backend and the files that it reads by name.

    `backends` says for each backend on how many cases it is compared (`some`).
    """

    engines: dict[str, Path]
    files: dict[str, Path]
    backends: dict[str, int]


def verify(
    shipped: Shipped,
    cases: list[Case],
    *,
    tolerance: float,
    key: str = "",
    strides: dict[str, int] | None = None,
) -> Parity:
    """Runs the cases on every backend; with a `key`, remembers the errors.

    Of an output with a stride the cases hold every stride-th element.

    Raises ParityError when TF.js fails or answers differently.
    """
    if not key:
        rows = _compare_all(shipped, cases, strides or {}, tolerance)
    else:

        def make(out: Path) -> None:
            rows = _compare_all(shipped, cases, strides or {}, tolerance)
            (out / "rows.json").write_text(json.dumps([asdict(row) for row in rows]))

        known = cache.digest(key, shipped.backends, tolerance, [case.digest for case in cases])
        folder = cache.entry("parity", known, make)
        rows = [Row(**row) for row in json.loads((folder / "rows.json").read_text())]
    return judge(rows, tolerance, hint=advice(max(row.error for row in rows)))


def advice(error: float) -> str:
    """What to do about the largest error of all: only rounding is a matter of tolerance."""
    if not 0 < error < LARGEST_ROUNDING:
        return (
            "This is more than rounding, so the page would answer otherwise: no tolerance would "
            "be right. It is a fault of tfjs-demo; report it with the model."
        )
    digit = ceil(error * 10 ** -floor(log10(error)) - 1e-9)
    enough = float(f"{digit}e{floor(log10(error))}")
    return (
        "Where so small a difference does no harm, allow it in demo.toml: "
        f"[build] tolerance = {enough:.0e}"
    )


def judge(rows: list[Row], tolerance: float, *, hint: str) -> Parity:
    """The comparison, if no error is larger than allowed. Raises ParityError with the numbers."""
    wrong = [row for row in rows if not row.holds]
    if wrong:
        lines = [
            f"  {row.output} on {row.backend}: error {row.error:.2g}, allowed {row.allowed:.0e}"
            + (f", Python's own {row.own_error:.0e}" if row.own_error > tolerance else "")
            for row in wrong
        ]
        raise ParityError(
            "TensorFlow.js does not answer what Python answers:\n" + "\n".join(lines), hint=hint
        )
    return Parity(tuple(rows), tolerance)


def some(cases: list[Case], count: int) -> list[Case]:
    """The first cases, and the last: what the page starts with."""
    return [*cases[: count - 1], cases[-1]] if count > 1 else cases[:1]


def _compare_all(
    shipped: Shipped, cases: list[Case], strides: dict[str, int], tolerance: float
) -> list[Row]:
    def compare_on(backend: str) -> list[Row]:
        own = some(cases, shipped.backends[backend])
        return compare(own, answers(shipped, own, backend), backend, strides, tolerance)

    with ThreadPoolExecutor(len(shipped.backends)) as pool:
        rows = list(pool.map(compare_on, shipped.backends))
    return [row for rows_of_backend in rows for row in rows_of_backend]


def answers(shipped: Shipped, cases: list[Case], backend: str) -> list[Tensors]:
    """What the shipped files answer to the cases' inputs in Node on one backend.

    Raises ParityError when TF.js fails.
    """
    found: list[Tensors] = []
    for batch in _batches(cases):
        found += _answers(shipped, batch, backend)
    return found


def _batches(cases: list[Case]) -> Iterator[list[Case]]:
    """The cases, few enough at a time to be sent as one text."""
    batch: list[Case] = []
    elements = 0
    for case in cases:
        own = sum(prod(tensor.shape) for tensor in (*case.inputs.values(), *case.outputs.values()))
        if batch and elements + own > ELEMENTS_AT_ONCE:
            yield batch
            batch, elements = [], 0
        batch.append(case)
        elements += own
    yield batch


def _answers(shipped: Shipped, cases: list[Case], backend: str) -> list[Tensors]:
    # Node's permissions are for real paths.
    engine = shipped.engines[backend].resolve()
    files = {name: path.resolve() for name, path in shipped.files.items()}
    request = {
        "engine": str(engine),
        "files": {name: str(path) for name, path in files.items()},
        "backend": backend,
        "cases": [tensors_to_json(case.inputs) for case in cases],
    }
    outputs = sum(prod(tensor.shape) for case in cases for tensor in case.outputs.values())
    said = engine_process.run(
        request,
        reads=[engine.parent, *files.values()],
        most=LONGEST_ANSWER + 2 * BYTES_AS_TEXT * outputs,
    )
    try:
        results: list[Any] = json.loads(said)
        for result in results:
            if isinstance(result.get("error"), str):
                raise ParityError(
                    f"TensorFlow.js fails on the backend {backend}: {result['error']}",
                    hint="It is a fault of tfjs-demo; report it with the model.",
                )
        found = [tensors_from_json(result) for result in results]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ParityError(
            f"what the engine answers on the backend {backend} is no list of tensors",
            hint="Build the site again.",
        ) from error
    if len(found) != len(cases):
        raise ParityError(
            f"the engine answers {len(found)} of {len(cases)} samples on the backend {backend}",
            hint="Build the site again.",
        )
    return found


def compare(
    cases: list[Case],
    found: list[Tensors],
    backend: str,
    strides: dict[str, int],
    tolerance: float,
) -> list[Row]:
    """The error of every output over all cases; `found` are the answers of a backend."""
    return [
        _row(name, backend, cases, found, strides.get(name, 1), tolerance)
        for name in cases[0].outputs
    ]


def _row(
    name: str,
    backend: str,
    cases: list[Case],
    found: list[Tensors],
    stride: int,
    tolerance: float,
) -> Row:
    """One output, by the case whose error is the largest share of what is allowed there."""
    magnitude = max(map(_magnitude, (case.outputs[name] for case in cases)))
    rows = []
    for case, answer in zip(cases, found, strict=True):
        got = answer.get(name)
        error = error_of(case.outputs[name], got and golden.thin(got, stride), magnitude)
        allowed, own = case.allowed.get(name, tolerance), case.own_errors.get(name, 0.0)
        rows.append(Row(name, backend, error, len(cases), allowed, own))
    return max(rows, key=lambda row: row.error / row.allowed)


def _magnitude(tensor: Tensor) -> float:
    """The largest of a float tensor's finite elements, 1 of others."""
    import numpy as np

    if tensor.dtype != "float32":
        return 1.0
    values = np.abs(tensor.flat())
    return float(values[np.isfinite(values)].max(initial=0.0)) or 1.0


def error_of(expected: Tensor, got: Tensor | None, magnitude: float | None = None) -> float:
    """The error of one answer, over its own largest magnitude if no other is given.

    Infinite for a wrong shape, dtype or NaN. Where Python's answer is infinite, the same
    infinity is right.
    """
    import numpy as np

    if got is None or expected.shape != got.shape or expected.dtype != got.dtype:
        return inf
    wanted, found = expected.flat(), got.flat()
    if wanted.size != found.size:
        return inf  # of the same shape, it says
    if not wanted.size:
        return 0.0
    if expected.dtype != "float32":
        return float((wanted != found).mean())
    with np.errstate(invalid="ignore"):
        differences = np.abs(wanted.astype(np.float64) - found)
    differences[np.isinf(wanted) & (wanted == found)] = 0.0
    error = float(differences.max()) / (magnitude or _magnitude(expected))
    return error if isfinite(error) else inf
