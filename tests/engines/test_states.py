"""The states of input and answer in every engine: no answer beside what it does not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.conftest import Serve
from tests.engines.test_widgets import ONE, PAPER, bars, field
from tests.engines.visitor import Visitor
from tests.faulty_host import Fault, FaultyHost
from tests.states import STAGES
from tests.test_browser_states import ALCOHOL, HOLD, NOTE_STAGES

VISIBLE = "getComputedStyle(document.querySelector(args[0])).visibility === 'visible'"
OUTPUTS, WORD, PASSING = ".outputs", "#word", ".passing"
STAGE = "document.querySelector('#answer').dataset.stage === args[0]"


def expect_stage(visitor: Visitor, stage: str, word: str = "") -> None:
    """Waits for a stage, and looks at what can be read in it."""
    assert stage in STAGES
    visitor.wait(STAGE, stage)
    answered = stage in ("python", "device")
    shown = {OUTPUTS: answered or stage == "previous", PASSING: stage == "previous"}
    for selector, visible in shown.items():
        # What flickers is waited out.
        visitor.wait(f"({VISIBLE}) === args[1]", selector, visible)
    if word:
        visitor.wait_text(WORD, word)
        visitor.wait(VISIBLE, WORD)


def held(serve: Serve, name: str, backend: str) -> FaultyHost:
    """A page whose worker keeps its answers back when it is told."""
    host = serve(name)
    [folder] = host.folders.values()
    for program in folder.glob(f"assets/{backend}-*.js"):
        host.programs[program.name] = HOLD
    return host


def hold(visitor: Visitor, holds: bool = True) -> None:
    visitor.see("(tfjsDemo.runner.worker.postMessage({ hold: args[0] }), true)", holds)


def type_on(visitor: Visitor, selector: str, text: str) -> None:
    """Replaces what stands in a field key by key, and stays in it."""
    element = visitor.find(selector)
    visitor.see("(args[0].focus(), args[0].select(), true)", element)
    element.send_keys(text)


def test_states_of_numbers(visitor: Visitor, serve: Serve) -> None:
    host = held(serve, "wine", "cpu")
    visitor.open_ready(f"{host.url}wine/?backend=cpu")
    expect_stage(visitor, "python")
    alcohol = f"{field(visitor, 'Alcohol')} [type=number]"
    problem = f"{field(visitor, 'Alcohol')} .field-problem"
    message = "Alcohol must be between 11 and 15 % vol."
    type_on(visitor, alcohol, "99")
    expect_stage(visitor, "invalid", message)
    assert visitor.text(problem) == message
    visitor.type(alcohol, "13")
    expect_stage(visitor, "device")
    assert visitor.text(problem) == ""
    visitor.see(f"(({NOTE_STAGES})(), true)")
    type_on(visitor, alcohol, "1")
    expect_stage(visitor, "invalid", message)
    assert visitor.see("said")[0] == "previous"
    visitor.type(alcohol, "12.5")
    expect_stage(visitor, "device")
    before = bars(visitor)
    hold(visitor)
    type_on(visitor, alcohol, "12.6")
    expect_stage(visitor, "computing", "Computing …")
    visitor.click("[data-example='1']", "")
    expect_stage(visitor, "python")
    stored = bars(visitor)
    hold(visitor, False)
    expect_stage(visitor, "device")
    assert bars(visitor) == stored != before


def test_states_of_answers_that_overtake(visitor: Visitor, serve: Serve) -> None:
    host = held(serve, "wine", "cpu")
    visitor.open_ready(f"{host.url}wine/?backend=cpu")
    alcohol = f"{field(visitor, 'Alcohol')} [type=number]"
    alone = []
    for value in ALCOHOL:
        visitor.type(alcohol, str(value))
        expect_stage(visitor, "device")
        visitor.settle()
        alone.append(bars(visitor))
    assert len({str(one) for one in alone}) == len(ALCOHOL)
    hold(visitor)
    for value in ALCOHOL[1:]:
        visitor.type(alcohol, str(value))
    hold(visitor, False)
    visitor.settle()
    expect_stage(visitor, "device")
    assert bars(visitor) == alone[-1]
    # A worker that ends itself, and the next one.
    visitor.see("(tfjsDemo.runner.worker.postMessage({ die: true }), true)")
    visitor.type(alcohol, str(ALCOHOL[0]))
    expect_stage(visitor, "device")
    assert bars(visitor) == alone[0]


def test_states_of_a_drawing_without_a_model(visitor: Visitor, serve: Serve) -> None:
    host = serve("digits")
    host.faults = [Fault(".bin", times=99, status=404)]
    visitor.open(f"{host.url}digits/")
    visitor.wait_text("#failure", "a file of it is not on the server", limit=40)
    expect_stage(visitor, "python")
    stored = bars(visitor)
    visitor.click("[data-act=clear]")
    expect_stage(visitor, "empty", "Draw something first.")
    visitor.draw(PAPER, ONE)
    expect_stage(visitor, "unanswered", "There is no answer to this input.")
    visitor.click("[data-example='0']")
    expect_stage(visitor, "python")
    assert bars(visitor) == stored
    visitor.draw(PAPER, ONE)
    host.faults = [Fault(".bin", after=100, stalls=True)]
    visitor.click("#retry")
    expect_stage(visitor, "waiting", "The answer appears here as soon as the model is loaded.")
    host.faults = []
    visitor.errors.clear()


def test_states_of_a_picture(visitor: Visitor, serve: Serve, tmp_path: Path) -> None:
    host = held(serve, "grey", "wasm")
    visitor.open_ready(f"{host.url}grey/?backend=wasm")
    expect_stage(visitor, "empty", "Choose a picture first.")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture at all")
    visitor.upload("[type=file]", broken)
    expect_stage(visitor, "invalid", "This file is not an image")
    own = tmp_path / "own.png"
    visitor.driver.save_screenshot(str(own))
    visitor.upload("[type=file]", own)
    expect_stage(visitor, "device")
    answer = bars(visitor)
    visitor.upload("[type=file]", broken)
    visitor.wait_text(".field-problem", "This file is not an image")
    expect_stage(visitor, "device")
    assert bars(visitor) == answer


OBSERVE = """(() => {
  window.durations = [];
  if (!PerformanceObserver.supportedEntryTypes.includes('event')) return false;
  new PerformanceObserver((list) => durations.push(
    ...list.getEntries().filter(({ name }) => name === 'keydown').map(({ duration }) => duration)
  )).observe({ type: 'event', durationThreshold: 16 });
  return true;
})()"""


TRIES = 10
# Milliseconds.
AT_ONCE = 100


def test_the_page_paints_while_the_model_computes(visitor: Visitor, serve: Serve) -> None:
    """The best of several: what a browser leaves out took less than 16 ms."""
    host = held(serve, "wine", "cpu")
    visitor.open_ready(f"{host.url}wine/?backend=cpu")
    if not visitor.see(OBSERVE):
        pytest.skip("this engine has no event timing")
    hold(visitor)
    element = visitor.find(f"{field(visitor, 'Alcohol')} [type=number]")
    # Other tests beside this one may keep a paint waiting, but not every one.
    for tenths in range(TRIES):
        visitor.see("(args[0].focus(), args[0].select(), true)", element)
        element.send_keys(f"12.{tenths}")
        visitor.wait(STAGE, "computing")
        durations = sorted(visitor.see("durations")) or [0]
        if durations[0] < AT_ONCE:
            break
    print(f"milliseconds until the next paint: {durations}")
    assert durations[0] < AT_ONCE
