"""What would be published, as tools of package indexes see it; they are fetched, so run last."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.environments import clone, run

pytestmark = pytest.mark.environment

TOOLS = ("build", "twine", "check-wheel-contents", "pyroma")
# The project has no address yet, and no page.
MISSING = [
    "Your package does not have author-email data.",
    "Your package should have a 'url' field with a link to the project home page, or a "
    "'project_urls' field, with a dictionary of links, or both.",
]


@dataclass(frozen=True)
class Distribution:
    """The files that are published, and the folder of the tools that look at them."""

    files: list[Path]
    tools: Path

    @property
    def wheel(self) -> Path:
        return next(file for file in self.files if file.suffix == ".whl")


@pytest.fixture(scope="module")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    """As release.yml makes it."""
    folder = tmp_path_factory.mktemp("distribution")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    tools = folder / "venv" / "bin"
    run(tools / "pip", "install", "--quiet", *TOOLS, cwd=folder)
    (folder / "clone").mkdir()
    run(tools / "python", "-m", "build", "--outdir", folder / "dist", cwd=clone(folder / "clone"))
    return Distribution(sorted((folder / "dist").iterdir()), tools)


def test_its_description_is_shown_as_it_is_written(distribution: Distribution) -> None:
    run(distribution.tools / "twine", "check", "--strict", *distribution.files, cwd=ROOT)


def test_the_wheel_holds_what_it_should(distribution: Distribution) -> None:
    tool = distribution.tools / "check-wheel-contents"
    assert run(tool, distribution.wheel, cwd=distribution.wheel.parent).strip().endswith(": OK")
    with zipfile.ZipFile(distribution.wheel) as wheel:
        names = set(wheel.namelist())
    assert {"bundler/py.typed", "bundler/templates/page.html.j2"} <= names


def test_nothing_is_left_unsaid_but_the_address(distribution: Distribution) -> None:
    (source,) = (file for file in distribution.files if file.name.endswith(".tar.gz"))
    # It ends with 0 for ten of ten points alone.
    command = [distribution.tools / "pyroma", source]
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    _, _, found, rating, *_ = re.split(r"^-{30}\n?", told.stdout, flags=re.MULTILINE)
    assert found.splitlines() == MISSING, told.stdout
    assert rating.startswith("Final rating: "), told.stdout
