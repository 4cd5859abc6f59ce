"""Runs the makers of ../shared/cases, some in environments with packages of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import platformdirs

from bundler.ground import cache
from tests.conftest import ROOT

HERE = Path(__file__).parent
MAKERS = ROOT.parent / "shared" / "cases"
# What these makers import that not every machine has a wheel of.
NEEDS = {
    "decision_forest": "tensorflow_decision_forests",
    "keras3_tfjs_layers": "tensorflowjs",
    "teachable": "tensorflowjs",
    "tfjs_without_inputs": "tensorflowjs",
    "uint8_pictures": "tensorflowjs",
}
SECONDS = 1200


def names() -> list[str]:
    """The makers that are there."""
    return sorted(path.stem for path in MAKERS.glob("[!_]*.py"))


def missing_package(maker: str) -> str | None:
    """The package that a maker wants and this Python has not."""
    name = NEEDS.get(maker)
    return name if name and find_spec(name) is None else None


def environment_of(maker: str) -> dict[str, str]:
    """The process environment in which a maker, and whoever opens its models, finds its packages.

    A maker's own packages lie in a folder before those of the tests; they are installed once
    for each list, into the user's cache.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    listed = HERE / "requirements" / f"{maker}.txt"
    if not listed.exists():
        return environment
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    key = cache.digest(listed.read_bytes(), version)
    folder = platformdirs.user_cache_path("tfjs-demo-tests", appauthor=False) / f"{maker}-{key}"
    if not folder.exists():
        _install(listed, folder)
    return {**environment, "PYTHONPATH": str(folder)}


def _install(listed: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--target", str(partial), "--requirement", str(listed)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr[-2000:]
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@dataclass(frozen=True)
class Made:
    """A folder with what makers have made: models/ and, beside it, Python's answers in out/."""

    root: Path

    @property
    def models(self) -> Path:
        return self.root / "models"

    def answers(self, name: str) -> Path:
        return self.root / "out" / f"{name}.json"

    def make(self, maker: str) -> str:
        """Runs a maker, and answers.py for what it does not ask; once. What the maker printed."""
        printed = self._run(maker, MAKERS / f"{maker}.py", MAKERS)
        self._run(f"{maker}-answers", HERE / "answers.py", ROOT, maker)
        return printed

    def _run(self, name: str, script: Path, where: Path, *arguments: str) -> str:
        done = self.root / "made" / f"{name}-{cache.digest_files([script])}"
        if done.exists():
            return done.read_text(encoding="utf-8")
        for folder in ("models", "out", "made"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        maker = arguments[0] if arguments else name
        environment = {
            **environment_of(maker),
            "CASES_ROOT": str(self.root),
            "PYTHONDONTWRITEBYTECODE": "1",
            # two_builds_at_once calls the command.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        result = subprocess.run(
            [sys.executable, str(script), *arguments],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert result.returncode == 0, f"{name}:\n{result.stderr[-4000:]}"
        done.write_text(result.stdout, encoding="utf-8")
        return result.stdout
