"""Verifies a site that somebody else may have built: what was looked at is what runs.

The files that its manifest lists are copied to a folder of our own while their hashes are taken;
nothing else of the site's folder is read, and no link in it followed. Its engine is somebody's
program: it runs behind a fence where the system has one; elsewhere if it is, byte for byte, the one
that this tool makes of the same ops, or if the user trusts the site.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bundler import site
from bundler.bundle import runtime
from bundler.ground import disk, own_files, shell
from bundler.ground.errors import DemoError, ParityError, SiteError
from bundler.proof import engine_process, golden, verify
from bundler.proof.verify import Parity, Shipped

BUILD_AGAIN = "Build the site again."
BLOCK = 1 << 20
# A pipe in place of a file is not waited for.
READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)

Backend = Literal["cpu", "wasm"]


class Facts(BaseModel):
    """What a manifest says of how to verify its site."""

    model_config = ConfigDict(strict=True, frozen=True)

    engines: dict[Backend, str] = Field(min_length=1)
    engine_files: dict[str, str]
    golden: str
    cases: dict[Backend, Annotated[int, Field(gt=0)]]
    ops: list[str] = []
    isolate: bool = False


def verify_site(folder: Path, *, trusted: bool = False) -> Parity:
    """Compares once more what a site, or each of a gallery's, answers with what Python answered.

    Raises SiteError, or ParityError.
    """
    facts = site.read_manifest(folder)
    with _copied(folder, facts) as copy:
        if "demos" not in facts:
            return _verify_demo(copy, facts, trusted)
        return _verify_gallery(copy, facts["demos"], trusted)


def _verify_gallery(copy: Path, names: list[str], trusted: bool) -> Parity:
    rows, tolerances = [], []
    for name in names:
        try:
            facts = site.read_manifest(copy / name)
            site.check_files(copy / name, facts)
            parity = _verify_demo(copy / name, facts, trusted)
        except ParityError as error:
            raise ParityError(f"{name}: {error.message}", hint=error.hint) from error
        rows += [replace(row, output=f"{name}: {row.output}") for row in parity.rows]
        tolerances.append(parity.tolerance)
    if not rows:
        raise SiteError(f"{copy} has no demo to be verified", hint=BUILD_AGAIN)
    return Parity(tuple(rows), max(tolerances))


def _verify_demo(folder: Path, manifest: dict[str, Any], trusted: bool) -> Parity:
    facts = _facts(folder, manifest)
    shipped = Shipped(
        engines={str(name): folder / path for name, path in facts.engines.items()},
        files={name: folder / path for name, path in facts.engine_files.items()},
        backends={str(name): count for name, count in facts.cases.items()},
    )
    if not trusted and not engine_process.is_fenced() and not _is_own(facts, shipped):
        again = shell.command("tfjs-demo", "verify", folder, "--trust-site")
        raise SiteError(
            f"{folder} has all files that its manifest lists, but its program is not the one that "
            "this version of tfjs-demo makes, so it was not run: this system has no fence for it",
            hint=f"Build the site again. Or, if you trust whoever built it: {again}",
        )
    cases, strides, tolerance = golden.load(
        folder / facts.golden, folder, most=None if trusted else golden.MOST_ELEMENTS
    )
    return verify.verify(shipped, cases, tolerance=tolerance, strides=strides)


def _is_own(facts: Facts, shipped: Shipped) -> bool:
    return runtime.is_own(facts.ops, shipped.engines, shipped.files, threads=facts.isolate)


def _facts(folder: Path, manifest: dict[str, Any]) -> Facts:
    error = SiteError(f"{folder} does not say how to verify it", hint=BUILD_AGAIN)
    try:
        facts = Facts.model_validate(manifest)
    except ValidationError:
        raise error from None
    if facts.cases.keys() != facts.engines.keys():
        raise error
    return facts


@contextmanager
def _copied(folder: Path, facts: dict[str, Any]) -> Iterator[Path]:
    """A copy of the files that a manifest lists; errors speak of the site itself.

    Raises SiteError for a link anywhere in the folder, and for files that are not as listed.
    """
    for path in sorted(own_files.listed(folder)):
        own_files.refuse_link(folder / path)
    try:
        place = tempfile.TemporaryDirectory(prefix="tfjs-demo-", ignore_cleanup_errors=True)
    except OSError as error:
        raise disk.temporary_error(tempfile.gettempdir(), error) from error
    with place as name:
        # Node's permissions are for real paths.
        copy = Path(name).resolve() / "site"
        for path, digest in facts["files"].items():
            _copy(folder, path, digest, copy / path)
        try:
            yield copy
        except DemoError as error:
            error.message = error.message.replace(str(copy), str(folder))
            error.hint = error.hint.replace(str(copy), str(folder))
            error.args = (error.message,)
            raise


def _copy(folder: Path, path: str, digest: str, target: Path) -> None:
    """Copies one file, if what is copied has this hash."""
    source, hasher = own_files.at(folder, path), hashlib.sha256()
    try:
        handle = os.open(source, READ)
    except (OSError, ValueError) as error:
        raise SiteError(f"{source} is missing", hint=BUILD_AGAIN) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise SiteError(f"{source} is missing: there is something else", hint=BUILD_AGAIN)
    with os.fdopen(handle, "rb") as stream:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as made:
                while block := stream.read(BLOCK):
                    hasher.update(block)
                    made.write(block)
        except OSError as error:
            raise disk.temporary_error(tempfile.gettempdir(), error) from error
    if hasher.hexdigest() != digest:
        raise SiteError(f"{source} is not what was built", hint=BUILD_AGAIN)
