"""What goes wrong is said in plain words in every engine, and what was entered stays."""

from __future__ import annotations

import re

import pytest

from tests.engines.conftest import Serve, Visit
from tests.engines.test_answers import verify
from tests.engines.test_widgets import bars, field
from tests.engines.visitor import PageError, Visitor
from tests.faulty_host import Fault


def expect_kept(visitor: Visitor) -> None:
    alcohol = field(visitor, "Alcohol")
    assert visitor.value(f"{alcohol} [type=number]") == "12.34"
    assert visitor.value(f"{alcohol} [type=range]") == "12.34"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(".bin", times=99, status=404), "a file of it is not on the server"),
        (Fault("model.json", times=99, status=404), "a file of it is not on the server"),
        (Fault(".bin", times=99, after=0), "Check your connection and try again."),
    ],
    ids=["shard 404", "model 404", "broken off"],
)
def test_a_file_that_does_not_come(
    fault: Fault, words: str, visitor: Visitor, serve: Serve
) -> None:
    host = serve("wine")
    host.faults = [Fault(fault.file, fault.times, fault.status, fault.after)]
    visitor.open(f"{host.url}wine/")
    visitor.type(f"{field(visitor, 'Alcohol')} [type=number]", "12.34")
    visitor.wait_text("#failure", words, limit=40)
    expect_kept(visitor)
    with pytest.raises(PageError):
        visitor.ask("tfjsDemo.ready")
    # Examples have their stored answers still.
    visitor.click("[data-example='1']")
    assert bars(visitor)[0][0] == "Grignolino"
    assert visitor.text("#origin") == "Computed in Python beforehand"
    visitor.errors.clear()


def test_a_network_that_goes_comes_back(visitor: Visitor, serve: Serve) -> None:
    host = serve("wine")
    host.faults = [Fault(".bin", after=100, stalls=True)]
    visitor.open(f"{host.url}wine/")
    visitor.type(f"{field(visitor, 'Alcohol')} [type=number]", "12.34")
    visitor.wait_text("#engine", "Downloading the model")
    host.stop()
    visitor.wait_text("#failure", "The model could not be downloaded.", limit=40)
    expect_kept(visitor)
    host.start()
    visitor.click("#retry")
    visitor.wait_live()
    assert visitor.text("#failure") == ""
    expect_kept(visitor)


@pytest.mark.parametrize("backend_name", ["nonsense", "constructor"])
def test_a_backend_that_is_none(backend_name: str, visitor: Visitor, serve: Serve) -> None:
    visitor.open(f"{serve('wine').url}wine/?backend={backend_name}")
    failure = visitor.wait_text("#failure", backend_name)
    assert all(re.search(rf"\b{name}\b", failure) for name in ("cpu", "wasm"))
    with pytest.raises(PageError):
        visitor.ask("tfjsDemo.ready")


@pytest.mark.parametrize("page", ["digits", "wine"])
def test_without_webassembly(page: str, visit: Visit, serve: Serve) -> None:
    """As in Apple's Lockdown Mode, or by a policy: JavaScript computes."""
    visitor = visit("without wasm")
    visitor.open_ready(f"{serve(page).url}{page}/")
    assert visitor.see("typeof WebAssembly") == "undefined"
    assert visitor.see("tfjsDemo.backend") == "cpu"
    visitor.click("[data-example='1']")
    visitor.settle()
    visitor.wait_live()
    assert verify(visitor).startswith("All ")


def test_without_locks(visit: Visit, serve: Serve) -> None:
    visitor = visit("without locks")
    visitor.open_ready(f"{serve('wine').url}wine/")
    assert visitor.see("navigator.locks === undefined")
    assert verify(visitor).startswith("All ")


def test_where_pixels_are_noise_no_wrong_answer_is_shown(visit: Visit, serve: Serve) -> None:
    """`privacy.resistFingerprinting`: either the pixels come another way, or it is said."""
    visitor = visit("noisy")
    visitor.open_ready(f"{serve('digits').url}digits/")
    answers = []
    for index, truth in enumerate("72593"):
        visitor.click(f"[data-example='{index}']")
        visitor.settle()
        if visitor.see("document.querySelector('#answer').dataset.origin") == "device":
            answers.append((truth, bars(visitor)[0][0]))
    wrong = [(truth, answer) for truth, answer in answers if truth != answer]
    assert not wrong, f"shown as computed on this device: {wrong}"
