"""What many requests leave behind: no older answer on show, no tensors, no memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.benchmarks.page_parts.memory import Heaps
from tests.conftest import BuildDemo, NewPage
from tests.faulty_host import FaultyHost, faulty_host
from tests.visitor import expect_live, open_ready

# The first ones compile functions, which then compiled again, faster and larger, and fill pools.
WARM_UP = 1000
COUNT = 1000
MOST_GROWTH = 1.05

# Far enough apart that their answers differ.
VALUES = list(range(18, 43, 2))

# A worker whose answers take longer or shorter to arrive, so that later ones may overtake.
LATE = """{
  const send = self.postMessage.bind(self);
  let count = 0;
  self.postMessage = (message) => {
    if (message.id === undefined) send(message);
    else setTimeout(send, [90, 10, 50][count++ % 3], message);
  };
}
"""
# Moves a slider as a hand does, and notes what is on show.
TOOLS = """
  const figure = document.querySelector('.number-figure');
  const slider = document.querySelectorAll('[type=range]')[1]; // body mass index
  const answer = document.querySelector('#answer');
  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const move = (value, settled = true) => {
    slider.value = value;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    if (settled) slider.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const answered = async () => {
    while (answer.dataset.origin !== 'device' || tfjsDemo.timings.predictions.length <= asked) {
      await wait(5);
    }
  };
  let asked = 0;
  const shown = [];
  new MutationObserver(() => shown.push(figure.textContent)).observe(figure, { childList: true });
"""
ONE_BY_ONE = f"""async (values) => {{
  {TOOLS}
  const figures = [];
  for (const value of values) {{
    asked = tfjsDemo.timings.predictions.length;
    move(value);
    await answered();
    figures.push(figure.textContent);
  }}
  return figures;
}}"""
QUICKLY = f"""async (values) => {{
  {TOOLS}
  for (const [index, value] of values.entries()) {{
    move(value, index % 4 > 0 || index === values.length - 1);
    await wait(index % 3 * 8);
  }}
  await wait(600);
  while (answer.dataset.origin !== 'device') await wait(5);
  return shown;
}}"""
INTERRUPTED = f"""async (values) => {{
  {TOOLS}
  for (const value of values) {{
    move(value);
    await wait(10);
  }}
  shown.length = 0;
  document.querySelectorAll('[data-example]')[1].click();
  const stored = figure.textContent;
  await wait(500);
  return {{ shown, stored, origin: answer.dataset.origin }};
}}"""


@pytest.fixture
def late(build_demo: BuildDemo) -> Iterator[FaultyHost]:
    """The diabetes demo, with answers that arrive late."""
    with faulty_host(build_demo("diabetes").folder) as host:
        [program] = [path.name for path in host.folders[""].glob("assets/cpu-*.js")]
        host.programs[program] = LATE
        yield host


def test_an_older_answer_is_never_shown_after_a_newer_one(
    late: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, late.url)
    figures = page.evaluate(ONE_BY_ONE, VALUES)
    assert len(set(figures)) == len(VALUES)
    shown = page.evaluate(QUICKLY, VALUES)
    places = [figures.index(figure) for figure in shown]
    assert places == sorted(places)
    assert (shown[-1], len(places) > 3) == (figures[-1], True)


def test_an_answer_on_its_way_does_not_replace_an_examples(
    late: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, late.url)
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    found = page.evaluate(INTERRUPTED, VALUES)
    assert (set(found["shown"]), found["origin"]) == ({found["stored"]}, "device")


PREDICT = """async (count) => {
  const [[name, { shape }]] = Object.entries(tfjsDemo.signature.inputs);
  const length = shape.reduce((product, size) => product * (size ?? 1), 1);
  for (let turn = 0; turn < count; turn++) {
    await tfjsDemo.predict({ [name]: Float32Array.from({ length }, () => Math.random()) });
  }
  return count;
}"""
MOVE = """async (count) => {
  const [number] = document.querySelectorAll('[type=number]');
  const seen = new Set();
  for (let turn = 0; turn < count; turn++) {
    number.value = 12 + (turn % 200) / 100;
    number.dispatchEvent(new Event('input', { bubbles: true }));
    number.dispatchEvent(new Event('change', { bubbles: true }));
    // The worker answers in order; then the page shows what it has asked for.
    await tfjsDemo.predict({}).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve));
    seen.add(document.querySelector('.label-score').textContent);
  }
  return seen.size;
}"""


# Everything that the page does by itself is done, or asked of the worker, which answers in order.
BY_ITSELF = """async () => {
  const isKept = () => document.querySelector('#offline').textContent.startsWith('yes');
  const isCompared = () =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('/golden-'));
  for (const end = performance.now() + 60_000; !isKept() || !isCompared(); ) {
    if (performance.now() > end) throw new Error('the page does not come to rest');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""


@pytest.mark.parametrize(
    ("backend", "way"),
    [("cpu", PREDICT), ("wasm", PREDICT), ("cpu", MOVE)],
    ids=["cpu", "wasm", "cpu-by-widgets"],
)
def test_a_thousand_predictions_leave_nothing_behind(
    backend: str, way: str, build_demo: BuildDemo, new_page: NewPage
) -> None:
    page = new_page()
    with faulty_host(build_demo("wine").folder) as host:
        open_ready(page, f"{host.url}?backend={backend}")
        page.evaluate(BY_ITSELF)
        heaps = Heaps(page)
        page.evaluate(way, WARM_UP)
        before = page.evaluate("tfjsDemo.memory()"), heaps.bytes()
        shown = page.evaluate(way, COUNT)
        after = page.evaluate("tfjsDemo.memory()"), heaps.bytes()
    assert shown > 10
    assert after[0] == before[0]
    assert after[0]["tensors"] > 0
    for used, earlier in zip(after[1], before[1], strict=True):
        assert used and earlier
        assert used <= MOST_GROWTH * earlier
