"""Coming back: offline, to a site that was changed, with the back button, after a reload."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.conftest import KerasModels
from tests.engines.built import NEWER_TITLE
from tests.engines.conftest import Serve
from tests.engines.test_answers import verify
from tests.engines.test_widgets import FILE, ONE, PAPER, PIXELS, bars, field, picture
from tests.engines.visitor import Visitor
from tests.returning import KEPT


def visit_until_kept(visitor: Visitor, url: str) -> None:
    """A first visit, until the page says that it works offline."""
    visitor.open_ready(url)
    visitor.wait_text("#offline", KEPT, limit=40)


@pytest.mark.parametrize("page", ["digits", "wine"])
def test_offline(page: str, backend: str, visitor: Visitor, serve: Serve) -> None:
    """The second visit without a server: the model, all examples, all samples."""
    if page == "digits" and backend in ("webgl", "webgpu"):
        pytest.skip("half a minute of graphics in software; the wine's page has the same files")
    host = serve(page)
    url = f"{host.url}{page}/?backend={backend}"
    visit_until_kept(visitor, url)
    host.stop()
    visitor.open_ready(url)
    assert visitor.see("tfjsDemo.backend") == backend
    for index in range(visitor.see("document.querySelectorAll('[data-example]').length")):
        visitor.click(f"[data-example='{index}']")
        visitor.settle()
        visitor.wait_live()
    assert verify(visitor).startswith("All ")
    visitor.reload()
    visitor.wait_ready()
    visitor.click("[data-example='1']")
    visitor.settle()
    visitor.wait_live()


def test_offline_with_a_picture_of_ones_own(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    host = serve("grey")
    visit_until_kept(visitor, f"{host.url}grey/")
    host.stop()
    visitor.open_ready(f"{host.url}grey/")
    with visitor.one_more_prediction():
        visitor.upload(FILE, picture(tmp_path, python.cases["grey/inputs"][0, 0]))
    visitor.wait_live()


@pytest.mark.parametrize("address", ["wine/", "digits/?backend=wasm"])
def test_the_second_visit_downloads_nothing(address: str, visitor: Visitor, serve: Serve) -> None:
    """Where nothing is left to be compared: the answer is there at once, or the address decides."""
    page = address.partition("/")[0]
    host = serve(page)
    host.cache_control = "no-store"
    url = f"{host.url}{address}"
    visit_until_kept(visitor, url)
    host.asked.clear()
    visitor.open("about:blank")
    visitor.open_ready(url)
    visitor.click("[data-example='1']")
    visitor.settle()
    asked = {one.path.partition("?")[0] for one in host.asked}
    assert asked <= {f"/{page}/", f"/{page}/sw.js"}


def test_a_newer_site_is_offered(visitor: Visitor, serve: Serve, sites: Path) -> None:
    host = serve("wine")
    host.cache_control = "no-store"
    url = f"{host.url}wine/"
    visit_until_kept(visitor, url)
    host.folders["wine/"] = sites / "newer"
    visitor.open_ready(url)
    assert visitor.driver.title == "Which grape is it?"
    visitor.wait("!document.querySelector('#update').hidden")
    visitor.click("[data-example='1']")
    visitor.settle()
    visitor.click("#update button")
    visitor.wait("document.title === args[0]", NEWER_TITLE)
    visitor.wait_ready()
    assert not visitor.is_shown("#update")
    visitor.click("[data-example='1']")
    visitor.settle()
    visitor.wait_live()
    assert bars(visitor)[0][0] == "Grignolino"


def leave_and_come_back(visitor: Visitor, url: str, how: str) -> None:
    """Away from the page, and there again."""
    if how == "reload":
        visitor.reload()
    else:
        visitor.open(f"{url}embed.js")
        visitor.back(url)
    visitor.wait_ready()
    visitor.wait_live()
    visitor.settle()


@pytest.mark.parametrize("how", ["reload", "back"])
def test_a_drawing_is_there_again(how: str, visitor: Visitor, serve: Serve) -> None:
    url = f"{serve('digits').url}digits/"
    visitor.open_ready(url)
    visitor.draw(PAPER, ONE)
    visitor.settle()
    drawn = visitor.see(PIXELS, PAPER)
    leave_and_come_back(visitor, url, how)
    assert (visitor.see(PIXELS, PAPER), bars(visitor)[0][0]) == (drawn, "1")


@pytest.mark.parametrize("how", ["reload", "back"])
def test_numbers_are_there_again(how: str, visitor: Visitor, serve: Serve) -> None:
    url = f"{serve('wine').url}wine/"
    visitor.open_ready(url)
    place = f"{field(visitor, 'Flavonoids')} [type=number]"
    visitor.type(place, "0.4")
    visitor.settle()
    shown = bars(visitor)
    leave_and_come_back(visitor, url, how)
    assert (visitor.value(place), bars(visitor)) == ("0.4", shown)
    # And it is a page that works, not the picture of one.
    visitor.find(place).send_keys(Keys.ARROW_UP)
    visitor.settle()
    visitor.wait_live()
    assert visitor.value(place) == "0.41"
