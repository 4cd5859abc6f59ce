"""Small files that swell: what runs TensorFlow keeps below its bound, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import PRINT_MEMORY, run_python
from tests.hostile.bait import Bait
from tests.hostile.swelling import MODELS

pytestmark = pytest.mark.filterwarnings("ignore")

MOST_MEMORY = 1 << 30
MEASURE = f"""
import sys
from pathlib import Path
from bundler.ground.errors import DemoError
from bundler.pipeline import check

try:
    check(Path(sys.argv[1]))
    print("opened")
except DemoError as error:
    print(repr(error.message))
{PRINT_MEMORY}"""


# What takes long to be copied, of which only the TensorFlow process reads more.
LONG = {name for name in MODELS if name.startswith("holes-in")} - {
    "holes-in-layers", "holes-in-a-demo", "holes-in-labels",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.hostile] if name in LONG else []) for name in MODELS],
)
def test_the_parent_stays_small(name: str, tmp_path: Path) -> None:
    path = MODELS[name](Bait(tmp_path).prepare())
    told, memory = run_python(MEASURE, path, seconds=300).stdout.splitlines()
    assert int(memory) < MOST_MEMORY, told
    assert "Traceback" not in told
