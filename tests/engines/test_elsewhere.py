"""The page in other surroundings: on another page, isolated, in the dark, on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webelement import WebElement

from tests.engines.browsers import Engine
from tests.engines.conftest import Serve, Visit
from tests.engines.test_answers import verify
from tests.engines.test_widgets import ONE, PAPER, bars
from tests.engines.visitor import Visitor
from tests.faulty_host import FaultyHost
from tests.http_answers import running
from tests.static_hosts import Netlify

FRAME = "document.querySelector('tfjs-demo')?.shadowRoot?.querySelector('iframe')"
HEIGHT = "Math.ceil(document.documentElement.getBoundingClientRect().height)"
NARROW = 360
# Some engines' scroll bars take room.
SIDEWAYS = """(({ scrollWidth, clientWidth }) => [scrollX, scrollWidth - clientWidth])(
  document.documentElement)"""


@pytest.fixture
def article(tmp_path: Path) -> Iterator[FaultyHost]:
    """A host of another site, with an article to be written."""
    with running(FaultyHost({"": tmp_path})) as host:
        yield host


def write(article: FaultyHost, body: str) -> str:
    """Puts an article there; its address is another site than the demos'."""
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>An article</title>'
    (article.folders[""] / "index.html").write_text(f"{head}<h1>An article</h1>{body}")
    return article.url.replace("127.0.0.1", "localhost")


def test_element_on_another_page(visitor: Visitor, serve: Serve, article: FaultyHost) -> None:
    demo = f"{serve('wine').url}wine/"
    link = f'<a href="{demo}">Which grape is it?</a>'
    element = f'<tfjs-demo src="{demo}">{link}</tfjs-demo>'
    visitor.open(write(article, f'<script src="{demo}embed.js" defer></script>{element}'))
    visitor.wait(f"{FRAME} && customElements.get('tfjs-demo')")
    assert visitor.ask("document.querySelector('tfjs-demo').ready.then(() => true)")
    row = [13.41, 3.84, 2.12, 18.8, 90, 2.45, 2.68, 0.27, 1.48, 4.28, 0.91, 3, 1035]
    asked = """document.querySelector('tfjs-demo').predict({ analysis: [args[0]] })
      .then(({ cultivar }) => [...cultivar.data])"""
    scores = visitor.ask(asked, row)
    assert (len(scores), scores.index(max(scores))) == (3, 0)

    def frame() -> WebElement:
        found: WebElement = visitor.see(FRAME)
        return found

    with visitor.within(frame):
        # WebKit's drivers click beside what lies in another site's frame, and type beside it.
        visitor.see("document.querySelector('[data-example=\"1\"]').click()")
        visitor.settle()
        visitor.wait_live()
        shown = bars(visitor)
        height = visitor.see(HEIGHT)
        assert visitor.see("document.documentElement.className").split() == ["embedded"]
    assert shown[0][0] == "Grignolino"
    visitor.wait(f"Math.abs({FRAME}.clientHeight - args[0]) <= 1", height)


def test_element_without_a_demo_shows_its_link(
    visitor: Visitor, serve: Serve, article: FaultyHost
) -> None:
    demo = f"{serve('wine').url}wine/"
    link = '<a href="./elsewhere/">Which grape is it?</a>'
    element = f'<tfjs-demo src="./none/">{link}</tfjs-demo>'
    visitor.open(write(article, f'<script src="{demo}embed.js" defer></script>{element}'))
    shown = "document.querySelector('tfjs-demo').shadowRoot.textContent.includes(args[0])"
    visitor.wait(shown, "could not be loaded", limit=30)


def test_isolated_by_its_service_worker(visitor: Visitor, serve: Serve) -> None:
    """Threads where the engine has them, else one thread of WebAssembly; never less."""
    host = serve("isolated")
    visitor.open(f"{host.url}isolated/")
    visitor.wait("globalThis.crossOriginIsolated && window.tfjsDemo", limit=30)
    visitor.wait_ready()
    assert visitor.see("tfjsDemo.backend") == "wasm"
    assert visitor.see("tfjsDemo.threads") >= 1
    visitor.click("[data-example='1']")
    visitor.settle()
    visitor.wait_live()
    assert bars(visitor)[0][0] == "2"
    assert verify(visitor).startswith("All ")
    pages = [one for one in host.asked if one.path == "/isolated/"]
    assert len(pages) <= 4, "it is loaded again once"


@pytest.mark.parametrize("way", ["", "with shared memory"])
def test_isolated_by_the_hosts_headers(way: str, visit: Visit, sites: Path) -> None:
    visitor = visit(way)
    with running(Netlify(sites / "isolated")) as host:
        visitor.open_ready(host.url)
        assert visitor.see("crossOriginIsolated") is True
        assert visitor.see("tfjsDemo.backend") == "wasm"
        if way:
            assert visitor.see("typeof SharedArrayBuffer") == "function"
        assert verify(visitor).startswith("All ")


def test_dark(visit: Visit, engine: Engine, serve: Serve) -> None:
    visitor = visit("dark")
    visitor.open_ready(f"{serve('digits').url}digits/")
    assert visitor.see("matchMedia('(prefers-color-scheme: dark)').matches")
    assert luminance(visitor, "body", "backgroundColor") < 0.1
    assert luminance(visitor, "body", "color") > 0.6
    # The paper stays paper, and the model sees what it always sees.
    visitor.draw(PAPER, ONE)
    visitor.settle()
    assert bars(visitor)[0][0] == "1"


LUMINANCE = """(() => {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
    .getContext('2d');
  context.fillStyle = getComputedStyle(document.querySelector(args[0]))[args[1]];
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((v) => v / 255);
  return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2;
})()"""


def luminance(visitor: Visitor, selector: str, name: str) -> float:
    """How bright a colour is: 0 is black, 1 is white."""
    return float(visitor.see(LUMINANCE, selector, name))


@pytest.mark.parametrize("page", ["digits", "wine", "diabetes", "painter", "mood", "sequence"])
def test_on_a_narrow_screen(page: str, visitor: Visitor, serve: Serve, article: FaultyHost) -> None:
    """In a frame: no window of MiniBrowser is as narrow as a phone."""
    style = f"width: {NARROW}px; height: 740px; border: 0"
    url = f"{serve(page).url}{page}/"
    visitor.open(write(article, f'<iframe src="{url}" style="{style}"></iframe>'))
    with visitor.within(lambda: visitor.find("iframe")):
        visitor.wait_ready()
        assert visitor.see("innerWidth") == NARROW
        visitor.click(".developers > summary")
        assert visitor.see(SIDEWAYS) == [0, 0]
        if visitor.see("document.querySelector('[data-example]')"):
            visitor.click("[data-example]")
            visitor.settle()
        assert visitor.see(SIDEWAYS) == [0, 0]
