"""True answers of examples, the order of their values, and the strip that shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import plan
from bundler.demo import config, parts
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.ground.texts import ENGLISH
from bundler.plan import Plan, truth
from bundler.site import examples, fields, page
from bundler.site.examples import Example
from tests.test_page import Document
from tests.texts import assert_error

WIDGETS = parts.read()
NUMBERS = tuple(TensorSpec(name, "float32", (None, 1)) for name in "abc")
CLASSES = TensorSpec("animal", "float32", (None, 3))
AGE = TensorSpec("age", "float32", (None, 1))
MANY = TensorSpec("word", "float32", (None, 40))
NAMED = '[[outputs]]\nname = "animal"\nlabels = ["cat", "Dog", "7"]\n'
VALUES = "a = 1\nb = 2\nc = 3\n"


def planned(folder: Path, text: str, *outputs: TensorSpec) -> tuple[Plan, list[Example]]:
    (folder / "model.keras").touch()
    (folder / "demo.toml").write_text(f'model = "model.keras"\n{text}', encoding="utf-8")
    demo = config.read(folder)
    softmax = {one.name: "softmax" for one in outputs if one.shape[-1] != 1}
    made = plan.make(demo, Signature(NUMBERS, outputs, softmax, False), WIDGETS)
    return made, examples.read(demo, made)


def example(label: str) -> str:
    return f"[[examples]]\nlabel = {label}\n{VALUES}"


# What is wrong -> what is said about it, in errors/truth-*.txt.
PROBLEMS: dict[str, tuple[str, TensorSpec]] = {
    "misspelt": (NAMED + example('"Dgo"'), CLASSES),
    "other-case": (NAMED + example('"CAT"'), CLASSES),
    "place-in-the-list": (NAMED + example("1"), CLASSES),
    "no-such": (NAMED + example('"elephant"'), CLASSES),
    "empty": (NAMED + example('""'), CLASSES),
    "names-not-stated": (example('"cat"'), MANY),
    "beside-a-missing-key": (NAMED + '[[examples]]\nlabel = "bird"\na = 1\nb = 2', CLASSES),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_truth_that_no_label_is_is_a_mistake(name: str, tmp_path: Path) -> None:
    text, output = PROBLEMS[name]
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, text, output)
    assert_error(caught.value, f"truth-{name}", tmp_path)


def test_the_same_in_a_csv_file_names_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b,c,label\n1,2,3,Dog\n1,2,3,Dgo\n")
    with pytest.raises(ConfigError) as caught:
        planned(tmp_path, f'examples = "rows.csv"\n{NAMED}', CLASSES)
    assert_error(caught.value, "truth-csv", tmp_path)


@pytest.mark.parametrize(
    ("label", "outputs"),
    [
        ('"7"', [CLASSES]),
        ("7", [CLASSES]),
        ('"34.5"', [CLASSES, AGE]),
        ('"cat"', [CLASSES, AGE]),
    ],
)
def test_what_can_be_true_is_none(label: str, outputs: list[TensorSpec], tmp_path: Path) -> None:
    planned(tmp_path, NAMED + example(label), *outputs)


def test_where_no_answer_is_a_name_anything_may_be_true(tmp_path: Path) -> None:
    _, [shown] = planned(tmp_path, example('"about 72"'), AGE)
    assert shown.label == "about 72"


@pytest.mark.parametrize(
    ("label", "scores", "said"),
    [
        ("cat", [0.2, 0.7, 0.1], "Dog"),
        ("Dog", [0.2, 0.7, 0.1], None),
        ("7", [0.4, 0.4, 0.2], "cat"),
        ("cat", [0.4, 0.4, 0.2], None),
        (None, [0.2, 0.7, 0.1], None),
        ("34.5", [0.2, 0.7, 0.1], None),
    ],
)
def test_the_model_misses_what_it_ranks_second(
    label: str | None, scores: list[float], said: str | None, tmp_path: Path
) -> None:
    made, _ = planned(tmp_path, NAMED, CLASSES, AGE)
    answers = {
        "animal": Tensor.from_numpy(np.array([scores], np.float32)),
        "age": Tensor.from_numpy(np.array([[34.5]], np.float32)),
    }
    assert truth.missed(label, made, answers) == said


@pytest.mark.parametrize(
    ("scores", "said"),
    [([0.9, 0.6, 0.1], None), ([0.9, 0.4, 0.1], "cat"), ([0.3, 0.4, 0.1], "")],
)
def test_of_several_at_once_each_is_said_that_reaches_the_threshold(
    scores: list[float], said: str | None, tmp_path: Path
) -> None:
    made, _ = planned(tmp_path, f"{NAMED}\nthreshold = 0.5\n", CLASSES, AGE)
    answers = {
        "animal": Tensor.from_numpy(np.array([scores], np.float32)),
        "age": Tensor.from_numpy(np.array([[34.5]], np.float32)),
    }
    assert truth.missed("Dog", made, answers) == said


@pytest.mark.parametrize(
    ("tables", "written", "names"),
    [
        (["c", "a", "b"], "abc", "cab"),
        (["b"], "cab", "bac"),
        (["c", "b", "a"], "bca", "cba"),
        ([], "cab", "cab"),
        ([], "bac", "bac"),
    ],
)
def test_values_stand_in_demo_toml_s_order(
    tables: list[str], written: str, names: str, tmp_path: Path
) -> None:
    text = "".join(f'[[inputs]]\nname = "{name}"\n' for name in tables)
    text += "[[examples]]\n" + "".join(f"{name} = 1\n" for name in written)
    made, [shown] = planned(tmp_path, text, AGE)
    start = {one.name: Tensor.zeros("float32", (1, 1)) for one in NUMBERS}
    inputs = fields.planned_inputs(made, start, {}, ENGLISH)
    items = [field for item in inputs for field in item["fields"]]
    ordered = items if tables else examples.as_written(items, [shown])
    assert "".join(field["name"] for field in ordered) == names


@pytest.mark.parametrize("order", [("age", "animal"), ("animal", "age")])
def test_answers_stand_in_demo_toml_s_order(order: tuple[str, str], tmp_path: Path) -> None:
    text = "".join(f'[[outputs]]\nname = "{name}"\n' for name in order)
    made, _ = planned(tmp_path, text, CLASSES, AGE)
    found = fields.planned_outputs(made, {}, ENGLISH, {})
    assert tuple(item["name"] for item in found) == order
    assert {item["id"] for item in found} == {"output-0", "output-1"}


def strip(count: int, **facts: Any) -> Document:
    """The strip of so many examples."""
    one: dict[str, Any] = {
        "label": "Dog",
        "missed": None,
        "fields": [],
        "thumbnail": False,
        "answers": [],
    }
    shown = [{**one, **facts, "index": n, "title": f"Number {n}"} for n in range(count)]
    template = page.environment().get_template("page/examples.html.j2")
    return Document(template.render(page={"examples": shown, "own_language": ""}))


@pytest.mark.parametrize("count", [0, 1, 12, 13, 24, 25, 100])
def test_long_lists_are_paged(count: int) -> None:
    document = strip(count)
    told = [one.text for one in document.find("span", class_="more-closed")]
    left = range(count - 12, 0, -12)
    assert told == [f"{n} more example{'s' * (n > 1)}" for n in left]
    assert len(document.find("button", class_="example")) == count
    assert len(document.find("ul")) == -(-count // 12)


def test_a_miss_is_said_in_words_and_marked() -> None:
    [said] = strip(1, missed="cat").find("strong", class_="example-truth is-missed")
    assert said.text.strip() == "The model says cat; it is Dog."
    assert "svg" in [one.tag for one in strip(1, missed="cat").elements]
    [right] = strip(1).find("span", class_="example-truth")
    assert right.text == "Truth: Dog"
    assert not strip(1, label=None).find("span", class_="example-truth")
