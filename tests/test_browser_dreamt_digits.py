"""The demo that draws: what is generated is what Keras draws, and the digits demo reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from bundler.demo import config
from tests import warm
from tests.conftest import DEMOS, BuildDemo, Host, NewPage
from tests.every import OF_ONE_DEMO
from tests.visitor import TOLERANCE, Array, enter, expect_live, open_ready, settle

pytestmark = OF_ONE_DEMO

DREAMT = DEMOS / "dreamt-digits"
STYLE = ("boldness", "slant", "width", "swing")
# Those of the page that the digits demo has to read.
ENOUGH = 9
NOTE = """() => {
  const { predict } = tfjsDemo;
  tfjsDemo.predict = (inputs) => {
    const values = ([name, { data }]) => [name, data[0]];
    if (inputs.digit) window.fed = Object.fromEntries(Object.entries(inputs).map(values));
    return predict(inputs);
  };
}"""
SHOWN = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return [...data].filter((_, index) => index % 4 === 0);
}"""
# What Keras draws, what the digits demo reads in the page's pictures, and in a thousand others.
ANSWER = """
import importlib.util
import json
import sys
from pathlib import Path
import keras
import numpy as np
demo, out = map(Path, sys.argv[1:])
fed, seen = json.loads((out / "fed.json").read_text()), np.load(out / "seen.npy")
model = keras.saving.load_model(demo / "dreamt-digits.keras")
types = {"digit": np.int32}
given = {
    name: np.array([[one[name]] for one in fed], types.get(name, np.float32)) for name in fed[0]
}
drawn = model.predict([given[one.name] for one in model.inputs], verbose=0)
spec = importlib.util.spec_from_file_location("dreamt", demo / "train.py")
dreamt = sys.modules["dreamt"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dreamt)
many, digits = dreamt.dream(model, np.random.default_rng(23))
many = np.rint(255 * many)
read = dreamt.read_by_digits(np.concatenate([seen, many]).astype(np.uint8))
np.savez(out / "answers.npz", drawn=drawn, read=read[: len(seen)], right=read[len(seen):] == digits)
"""


def shown(page: Page) -> tuple[dict[str, float], Array]:
    """What went into the model, and the picture that the page has drawn of its answer."""
    settle(page)
    expect_live(page)
    values = page.locator("#answer canvas").evaluate(SHOWN)
    return page.evaluate("fed"), np.reshape(values, (112, 112))


def test_what_is_asked_for_is_drawn_as_keras_draws_it_and_can_be_read(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    ends = {str(one.name): (one.min, one.max) for one in config.read(DREAMT).inputs[1:]}
    assert set(ends) == set(STYLE)
    page = new_page()
    open_ready(page, host(build_demo("dreamt-digits").folder).url)
    expect(page.locator("[data-example]").first).to_be_visible()
    page.evaluate(NOTE)
    found = []
    for digit in range(10):
        page.get_by_role("combobox").select_option(str(digit))
        page.get_by_role("button", name="Generate").click()
        found.append(shown(page))
    fed = [values for values, _ in found]
    assert [values["digit"] for values in fed] == list(range(10))
    for name, (low, high) in ends.items():
        drawn = [values[name] for values in fed]
        assert low <= min(drawn) < max(drawn) <= high
    # The digit stays, its hand is another one.
    page.get_by_role("slider", name="Slant").press("Home")
    enter(page, "Swing", 0)
    enter(page, "Boldness", 18)
    found.append(shown(page))
    assert (found[-1][0]["slant"], found[-1][0]["boldness"], found[-1][0]["digit"]) == (-25, 18, 9)
    pictures = np.stack([picture for _, picture in found])
    (tmp_path / "fed.json").write_text(json.dumps([values for values, _ in found]))
    np.save(tmp_path / "seen.npy", pictures)
    result = warm.run_forked(ANSWER, DREAMT, tmp_path)
    assert result.returncode == 0, result.stderr
    with np.load(tmp_path / "answers.npz") as answers:
        drawn = 255 * answers["drawn"][..., 0]
        assert np.abs(pictures - drawn).max() <= 0.5 + 255 * TOLERANCE
        assert np.sum(answers["read"][:10] == np.arange(10)) >= ENOUGH
        assert len(answers["right"]) == 1000 and answers["right"].mean() >= 0.95
