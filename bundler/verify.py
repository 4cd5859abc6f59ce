"""Python's answers against those of the shipped files in real TF.js."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any

from bundler import cache, golden, packages
from bundler.errors import ParityError
from bundler.graph import Case
from bundler.tensors import Tensor, Tensors, tensors_from_json, tensors_to_json


@dataclass(frozen=True)
class Row:
    """One output on one backend.

    `error` is the largest difference over the output's largest magnitude in Python's
    answers; for integers, booleans and texts the share of elements that differ.
    """

    output: str
    backend: str
    error: float
    samples: int


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

    `backends` says for each backend on how many cases it is compared: the first ones.
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
        rows = _compare_all(shipped, cases, strides or {})
    else:

        def make(out: Path) -> None:
            rows = _compare_all(shipped, cases, strides or {})
            (out / "rows.json").write_text(json.dumps([asdict(row) for row in rows]))

        folder = cache.entry(
            "parity", cache.digest(key, shipped.backends, [case.digest for case in cases]), make
        )
        rows = [Row(**row) for row in json.loads((folder / "rows.json").read_text())]
    return judge(
        rows,
        tolerance,
        hint="The site was not written. If the difference is small and harmless, set "
        "[build] tolerance in demo.toml.",
    )


def judge(rows: list[Row], tolerance: float, *, hint: str) -> Parity:
    """The comparison, if no error is larger than allowed. Raises ParityError with the numbers."""
    wrong = [row for row in rows if not row.error <= tolerance]
    if wrong:
        lines = [
            f"  {row.output} on {row.backend}: error {row.error:.2g}, allowed {tolerance:.0e}"
            for row in wrong
        ]
        raise ParityError(
            "TensorFlow.js does not answer what Python answers:\n" + "\n".join(lines), hint=hint
        )
    return Parity(tuple(rows), tolerance)


def _compare_all(shipped: Shipped, cases: list[Case], strides: dict[str, int]) -> list[Row]:
    def compare(backend: str) -> list[Row]:
        return _compare(shipped, cases[: shipped.backends[backend]], backend, strides)

    with ThreadPoolExecutor(len(shipped.backends)) as pool:
        rows = list(pool.map(compare, shipped.backends))
    return [row for rows_of_backend in rows for row in rows_of_backend]


def _compare(
    shipped: Shipped, cases: list[Case], backend: str, strides: dict[str, int]
) -> list[Row]:
    return compare(cases, answers(shipped, cases, backend), backend, strides)


def answers(shipped: Shipped, cases: list[Case], backend: str) -> list[Tensors]:
    """What the shipped files answer to the cases' inputs in Node on one backend.

    Raises ParityError when TF.js fails.
    """
    # Node's permissions are for real paths.
    engine = shipped.engines[backend].resolve()
    files = {name: path.resolve() for name, path in shipped.files.items()}
    request = {
        "engine": str(engine),
        "files": {name: str(path) for name, path in files.items()},
        "backend": backend,
        "cases": [tensors_to_json(case.inputs) for case in cases],
    }
    readable = [engine.parent, *files.values()]
    results: list[Any] = json.loads(packages.run_script("verify.mjs", request, reads=readable))
    for result in results:
        if "error" in result and isinstance(result["error"], str):
            raise ParityError(f"TensorFlow.js fails on the backend {backend}: {result['error']}")
    return [tensors_from_json(result) for result in results]


def compare(
    cases: list[Case],
    found: list[Tensors],
    backend: str,
    strides: dict[str, int],
) -> list[Row]:
    """The error of every output over all cases; `found` are the answers of a backend."""
    rows = []
    for name in cases[0].outputs:
        expected = [case.outputs[name] for case in cases]
        got = [answer.get(name) for answer in found]
        thinned = [golden.thin(one, strides.get(name, 1)) for one in got if one is not None]
        missing = len(thinned) < len(got)
        error = inf if missing else _error(list(zip(expected, thinned, strict=True)))
        rows.append(Row(name, backend, error, len(cases)))
    return rows


def _error(pairs: list[tuple[Tensor, Tensor]]) -> float:
    """The error of one output over all cases; infinite for a wrong shape, dtype or NaN."""
    import numpy as np

    if any(expected.shape != got.shape or expected.dtype != got.dtype for expected, got in pairs):
        return inf
    expected = np.concatenate([pair[0].flat() for pair in pairs])
    got = np.concatenate([pair[1].flat() for pair in pairs])
    if pairs[0][0].dtype != "float32":
        return float((expected != got).mean()) if expected.size else 0.0
    if expected.size == 0:
        return 0.0
    magnitude = float(np.abs(expected).max()) or 1.0
    error = float(np.abs(expected.astype(np.float64) - got).max()) / magnitude
    return error if isfinite(error) else inf
