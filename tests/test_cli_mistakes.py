"""Mistakes in a demo and on the command line: a plain word, an exit code, and nothing done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from tests.command import (
    assert_plain,
    content,
    copy_demo,
    edit,
    run,
)
from tests.conftest import BuildDemo


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


def break_config(wine: Path) -> None:
    edit(wine, "title =", "titel =")


def break_plan(wine: Path) -> None:
    edit(wine, "top = 3\n", 'top = 3\nunit = "g"\n')


def break_example(wine: Path) -> None:
    edit(wine, "[[examples]]\n", "[[examples]]\nwater = 1\n")


def break_model(wine: Path) -> None:
    (wine / "wine.keras").write_bytes(b"no model")


def break_parity(wine: Path) -> None:
    """A mean of 20,000 numbers: TensorFlow adds in pairs, TensorFlow.js one after the other."""
    numbers = keras.Input((20_000, 1))
    mean = keras.layers.GlobalAveragePooling1D(name="mean")(numbers)
    keras.Model(numbers, mean).save(wine / "wine.keras")
    (wine / "demo.toml").write_text('model = "wine.keras"\n[build]\ntolerance = 1e-30\n')


def break_site(wine: Path) -> None:
    (wine / "site" / "mine.txt").write_text("mine")


# What is wrong with a demo -> exit code, and a part of the message.
BROKEN: list[tuple[Callable[[Path], None], int, str]] = [
    (break_config, 2, "titel"),
    (break_plan, 2, "unit"),
    (break_example, 2, "water"),
    (break_model, 3, "wine.keras"),
    (break_parity, 4, "mean on wasm"),
    (break_site, 6, "mine.txt"),
]


@pytest.mark.parametrize(("break_it", "code", "text"), BROKEN)
@pytest.mark.parametrize("command", ["build", "check"])
def test_a_broken_demo_is_refused(
    command: str, break_it: Callable[[Path], None], code: int, text: str, wine: Path
) -> None:
    break_it(wine)
    before = content(wine)
    options = ["--compare"] * (command == "check" and break_it is break_parity)
    assert_plain(run(command, wine, *options), code, text)
    assert content(wine) == before


def test_the_tolerance_that_an_error_names_is_enough(wine: Path) -> None:
    break_parity(wine)
    hint = run("build", wine).stderr.splitlines()[-1]
    named = re.search(r"\[build\] (tolerance = \S+)$", hint)
    assert named, hint
    edit(wine, "tolerance = 1e-30", named[1])
    assert run("build", wine).returncode == 0


def test_errors_are_json_too_and_have_a_traceback_on_demand(wine: Path) -> None:
    break_site(wine)
    result = run("build", wine, "--json", "--debug")
    error = json.loads(result.stdout)
    assert error["exit_code"] == result.returncode == 6
    assert "mine.txt" in error["error"] and error["hint"]
    assert "Traceback (most recent call last)" in result.stderr
    assert "SiteError" in result.stderr


WRONG_USES: list[tuple[tuple[str, ...], int, str]] = [
    (("build", "nowhere"), 2, "nowhere"),
    (("build", "."), 2, "demo.toml"),
    (("verify", "."), 6, "not a site"),
    (("serve", "."), 2, "demo.toml"),
    (("new", "nowhere.keras"), 2, "nowhere.keras"),
]


@pytest.mark.parametrize(("arguments", "code", "text"), WRONG_USES)
def test_a_wrong_target_is_told(
    arguments: tuple[str, ...], code: int, text: str, tmp_path: Path
) -> None:
    assert_plain(run(*arguments, cwd=tmp_path), code, text)
    assert content(tmp_path) == {}


@pytest.mark.parametrize(
    "arguments",
    [("biuld",), ("build", "--quite"), ("serve", "--port", "99999"), ("build", "a", "b")],
)
def test_a_wrong_option_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert "Usage: " in result.stderr and "Traceback" not in result.stderr
