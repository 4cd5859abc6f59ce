"""Names that do not exist: the one that was meant, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bundler.ground import names

KNOWN = ["image", "sketchpad", "number", "slider", "dropdown", "textbox", "json"]
NEAR = {
    "Image": "image",
    "imgae": "image",
    "sketch": "sketchpad",
    "text-box": "textbox",
    "Drop Down": "dropdown",
    "jsno": "json",
    "camera": None,
    "picture": None,
    "x": None,
    "": None,
}


@pytest.mark.parametrize("name", NEAR)
def test_only_what_is_near_is_proposed(name: str) -> None:
    assert names.near(name, KNOWN) == NEAR[name]


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("x_3", ["x_1", "x_2"], None),
        ("imge_1", ["image_1", "image_2"], "image_1"),
        ("dense", ["dense_1", "dense_12"], "dense_1"),
        ("serving", ["serving_default"], "serving_default"),
    ],
)
def test_a_number_is_no_slip_of_the_pen(name: str, known: list[str], meant: str | None) -> None:
    assert names.near(name, known) == meant


def test_a_synonym_counts_where_it_exists() -> None:
    assert names.near("top-k", ["top", "labels"], names.KEYS) == "top"
    assert names.near("top-k", ["labels"], names.KEYS) is None


def test_a_file_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "model.keras").touch()
    for wrong in ("modle.keras", "Model.keras", "model.kers", "model"):
        assert names.near_file(tmp_path / wrong) == f"Did you mean {tmp_path / 'model.keras'}?"
    assert names.near_file(tmp_path / "thesis.tex") == ""
    assert names.near_file(tmp_path / "nowhere" / "model.keras") == ""
