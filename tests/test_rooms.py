"""The room that an answer will take is kept from the first paint on, by the templates."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bundler.site import page

LABELS = ["cat", "African chameleon, Chamaeleo chamaeleon", "dog"]


def render(widget: str, **context: Any) -> str:
    template = page.environment().get_template(f"widgets/{widget}/widget.html.j2")
    return template.render(page={"examples": []}, **context)


def output(shape: list[int | None], answer: list[int] | None = None, **options: Any) -> Any:
    shown = answer and {"shape": answer, "data": [0.5] * 3, "picture": "a.png"}
    options = {"shape": shape, "dtype": "float32", "size": None, "threshold": None, **options}
    return {"id": "output-0", "label": "Answer", "answer": shown, "options": options}


def ratio(html: str) -> float:
    [(width, height)] = re.findall(r'class="frame-room" width="(\d+)" height="(\d+)"', html)
    return int(width) / int(height)


@pytest.mark.parametrize(
    ("shape", "answer", "expected"),
    [
        ([None, 384, 384, 3], None, 1),
        ([None, 90, 160, 1], None, 16 / 9),
        ([None, None, None, 3], None, 4 / 3),
        ([None, None, None, 3], [1, 20, 60, 3], 3),
    ],
)
def test_a_picture_has_its_room(
    shape: list[int | None], answer: list[int] | None, expected: float
) -> None:
    html = render("output/image", output=output(shape, answer))
    assert ratio(html) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"size": [32, 32], "shape": [None, 32, 32, 3]}, 1),
        ({"size": None, "shape": [None, 60, 240, 1]}, 4),
        ({"size": None, "shape": [None, None, None, 3]}, 4 / 3),
        ({"size": [28, 14], "shape": [None, 392]}, 0.5),
        ({"size": None, "shape": [None, 784]}, 4 / 3),
    ],
)
def test_an_empty_picture_is_as_the_model_wants_it(
    options: dict[str, Any], expected: float
) -> None:
    options = {**options, "sources": ["upload", "clipboard"]}
    field = {"id": "input-0-0", "label": "Picture", "options": options}
    assert ratio(render("input/image", field=field)) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "lines"),
    [
        ([], 1),
        ([None], 2),
        ([None, 1], 1),
        ([None, 4], 1),
        ([None, 50], 2),
        ([None, 6, 2], 6),
        ([None, 100, 2], 8),
        ([None, 5, 5, 5], 12),
    ],
)
def test_an_array_has_as_many_lines_as_its_shape_makes(shape: list[int | None], lines: int) -> None:
    html = render("output/json", output=output(shape))
    [room] = re.findall(r'class="json-room" aria-hidden="true">(\n*)<', html)
    assert len(room) == lines


@pytest.mark.parametrize(
    ("labels", "kept"),
    [(LABELS, LABELS[1]), (["a", "b", "c"], None), (["no", "perhaps so"], "perhaps so")],
)
def test_the_longest_label_has_its_room(labels: list[str], kept: str | None) -> None:
    html = render("output/label", output=output([None, 3], labels=labels, top=2))
    assert html.count("<li>") == 2
    assert re.findall(r'data-longest="([^"]*)"', html) == ([kept] * 2 if kept else [])
