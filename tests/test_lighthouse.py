"""Every kind of page under Lighthouse: `python -m pytest -m engines tests/test_lighthouse.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bundler.pipeline import build
from tests import empty
from tests.conftest import DEMO_NAMES, BuildDemo, KerasModels
from tests.faulty_host import Fault, faulty_host
from tests.lighthouse.scores import CATEGORIES, best

pytestmark = [pytest.mark.engines, pytest.mark.xdist_group("lighthouse")]

PERFECT = dict.fromkeys(CATEGORIES, 100)
GOOD = PERFECT | {"performance": 98}
# What has all points, and keeps them.
KEPT = ("digits", "wine")
BARE = ("mlp", "sequence", "grey", "painter", "mood")


def expect(site: Path, wanted: dict[str, int], *, dark: bool = False) -> None:
    with faulty_host(site) as host:
        host.compresses = True
        found = best(host.url, wanted, dark=dark)
    print(site, found)
    assert found.reach(wanted), found
    assert found.shift == 0, found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", DEMO_NAMES)
def test_demos_have_all_points(name: str, dark: bool, build_demo: BuildDemo) -> None:
    expect(build_demo(name).folder, PERFECT if name in KEPT else GOOD, dark=dark)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", KEPT)
def test_empty_pages_have_all_points(
    name: str, dark: bool, build_demo: BuildDemo, tmp_path: Path
) -> None:
    build_demo(name)  # its conversion is used again
    demo = empty.copy(name, tmp_path / name)
    build(demo)
    expect(demo / "site", PERFECT, dark=dark)


@pytest.mark.parametrize("name", BARE)
def test_bare_models_pages_are_good(
    name: str, build_demo: BuildDemo, keras_models: KerasModels
) -> None:
    expect(build_demo(keras_models.folder / f"{name}.keras").folder, GOOD)


def test_a_failed_download_costs_no_points_but_its_own(build_demo: BuildDemo) -> None:
    wanted = PERFECT | {"performance": 0}
    with faulty_host(build_demo("digits").folder) as host:
        host.faults = [Fault(".bin", times=999, status=404)]
        found = best(host.url, wanted, without=["errors-in-console"])
    assert found.reach(wanted), found
    assert found.shift == 0, found
