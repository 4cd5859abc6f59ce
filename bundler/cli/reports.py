"""What is printed of a build and of the comparison with Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundler.cli.terminal import complain, say, say_json
from bundler.ground import visible

if TYPE_CHECKING:
    from bundler.graph import Moved
    from bundler.graph.changes import Quantization
    from bundler.pipeline import Report
    from bundler.proof.verify import Parity


# Of a model with many outputs, the report says what moves the least.
MOST_OUTPUTS = 3


def print_report(
    report: Report,
    headline: str,
    *,
    quiet: bool,
    as_json: bool,
    debug: bool = False,
    told_plan: bool = False,
) -> None:
    """The files of a site with their sizes, the evidence, the times; if asked, the widgets."""
    if as_json:
        say_json(report.to_json())
        return
    if quiet:
        return
    for line in report.plan if told_plan else ():
        say(line)
    if report.files:
        _print_files(report.files)
    if report.parity:
        print_parity(report.parity, report.quantization)
    if report.moved:
        _print_moved(report.moved)
    for backend, kernels in report.borrowed.items():
        names = ", ".join(kernels)
        say(f"On {backend}, plain JavaScript computes {names}.")
    steps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in report.seconds.items())
    say(f"Starts on {report.backends[0]}. {steps}.")
    for notice in report.notices:
        complain("note", notice, colour="yellow", err=False)
    if debug and report.unfenced:
        left = " and ".join(report.unfenced)
        complain(
            "note",
            f"This system closes no {left} to the process that opens the model. "
            "It was looked at before, and nothing more than that holds it.",
            colour="yellow",
            err=False,
        )
    say(headline, bold=True)


def _print_files(files: list[tuple[str, int, int]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bundler.site.words import human_bytes

    table = Table(box=None, pad_edge=False)
    table.add_column("file")
    table.add_column("size", justify="right")
    table.add_column("gzipped", justify="right")
    for path, size, gzipped in files:
        table.add_row(Text(visible.line(path)), human_bytes(size), human_bytes(gzipped))
    Console(highlight=False).print(table)


def print_parity(parity: Parity, quantization: Quantization | None = None) -> None:
    """The largest error of all outputs and backends, and what smaller weights change."""
    worst = max(parity.rows, key=lambda row: row.error / row.allowed)
    samples = worst.samples
    quantised = quantization is not None and quantization.saves
    own = f", Python's own {worst.own_error:.1e}" if worst.own_error > parity.tolerance else ""
    say(
        f"Same answers as Python{' with the same weights' * quantised}: "
        f"largest error {worst.error:.1e}, {worst.allowed:.0e} allowed{own} "
        f"({worst.output} on {worst.backend}, {samples} samples)."
    )
    if quantization and quantised:
        _print_quantization(quantization)


def _print_moved(moved: list[Moved]) -> None:
    """What the samples prove, the outputs that move least first."""
    ordered = sorted(moved, key=lambda one: (not one.saturated, one.by))
    shown = "; ".join(map(str, ordered[:MOST_OUTPUTS]))
    more = len(ordered) - MOST_OUTPUTS
    say(f"What the samples move: {shown}" + (f"; and {more} more." if more > 0 else "."))


def _print_quantization(quantization: Quantization) -> None:
    from bundler.site.words import human_bytes

    counts = ", ".join(f"{count} {dtype}" for dtype, count in quantization.weights.items())
    say(
        f"Weights ({counts}): {human_bytes(quantization.bytes)} instead of "
        f"{human_bytes(quantization.float_bytes)}. Beside the original weights:"
    )
    for change in quantization.changes:
        say(f"  {change}")
