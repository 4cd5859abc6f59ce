"""What holds for any demo or host is tried on some, and on all by `pytest -m every`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.conftest import DEMO_NAMES

# A form and a drawing.
DEMOS = ("digits", "wine")
# One in a folder that sends no headers of ours, and one that sends what `_headers` says.
HOSTS = ("GitHub Pages, project", "Cloudflare Pages")


def every(cases: Iterable[str], quick: Iterable[str]) -> list[Any]:
    """All `cases` as parameters; those that are not `quick` wait behind the marker `every`."""
    mark = pytest.mark.every
    return [case if case in quick else pytest.param(case, marks=mark) for case in cases]


# What is asked of one demo alone: what its own model is good for.
OF_ONE_DEMO = pytest.mark.every
EVERY_DEMO = every(DEMO_NAMES, DEMOS)
