"""A demo on somebody else's page: the compact layout, the element, and what the two pages say.

The pages around are of another site (localhost, where the demos are of 127.0.0.1), so that
browsers keep frame and page apart as they do on the web.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from bundler.site.headers import HEADERS
from tests.conftest import BuildDemo, Headers, NewPage, ServeFolder
from tests.header_rules import parse, sent
from tests.visitor import expect_live, open_ready

Article = Callable[..., str]
DemoUrl = Callable[[str], str]

# Milliseconds until a page is known to be no demo, and some.
PATIENCE = 15_000
HEIGHT_OF_FRAME = "element => element.shadowRoot.querySelector('iframe').clientHeight"
HEIGHT_OF_CONTENT = "() => Math.ceil(document.documentElement.getBoundingClientRect().height)"


@pytest.fixture
def article(tmp_path: Path, host: ServeFolder) -> Article:
    """Serves a page with this body on a site of its own; returns its address."""

    def make(body: str, headers: Headers = lambda _: {}, site: str = "localhost") -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>An article</title>'
        (folder / "index.html").write_text(f"{head}<h1>An article</h1>{body}", encoding="utf-8")
        return host(folder, headers=headers).url.replace("127.0.0.1", site)

    return make


@pytest.fixture
def demo_url(build_demo: BuildDemo, host: ServeFolder) -> DemoUrl:
    """Serves a demo of demos/; returns its address."""
    return lambda name: host(build_demo(name).folder, "/demo/").url


def element(url: str, attributes: str = "") -> str:
    script = f'<script src="{url}embed.js"></script>'
    return f'{script}<tfjs-demo id="demo" src="{url}" {attributes}></tfjs-demo>'


def within(page: Page, index: int = 0) -> FrameLocator:
    """The demo in the element's frame."""
    return page.locator("tfjs-demo").nth(index).locator("iframe").content_frame


def expect_fitting(page: Page, index: int = 0) -> int:
    """Waits until the frame is as high as its content; returns how high."""
    wanted = within(page, index).locator("html")
    expect(wanted).to_have_class("embedded")
    for _ in range(200):
        height = int(page.locator("tfjs-demo").nth(index).evaluate(HEIGHT_OF_FRAME))
        if height == wanted.evaluate(HEIGHT_OF_CONTENT):
            return height
        page.wait_for_timeout(50)
    pytest.fail(f"the frame has {height}, its content {wanted.evaluate(HEIGHT_OF_CONTENT)} pixels")


def test_compact_page_is_compact_before_its_first_paint(
    demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page()
    page.add_init_script(
        """
        new MutationObserver((_, observer) => {
          if (!document.body) return;
          window.firstClass = document.documentElement.className;
          observer.disconnect();
        }).observe(document, { childList: true, subtree: true });
        window.shifts = [];
        const note = (list) => shifts.push(...list.getEntries().map(({ value }) => value));
        new PerformanceObserver(note).observe({ type: 'layout-shift', buffered: true });
        """
    )
    open_ready(page, demo_url("wine") + "?embed")
    assert page.evaluate("window.firstClass") == "embedded"
    page.locator("[data-example]").last.click()
    expect_live(page)
    assert page.evaluate("shifts") == []


def test_compact_page_has_what_it_takes_and_no_more(demo_url: DemoUrl, new_page: NewPage) -> None:
    page, url = new_page(), demo_url("digits")
    open_ready(page, url)
    expect(page.get_by_role("link", name="Open the whole page")).to_be_hidden()
    whole = page.evaluate(HEIGHT_OF_CONTENT)
    open_ready(page, url + "?embed")
    expect(page.get_by_role("heading", name="Handwritten digits")).to_be_visible()
    for part in (".chips", ".lead", ".evidence", ".page-foot", ".example-truth"):
        assert page.locator(part).count()
        expect(page.locator(part).first).to_be_hidden()
    assert page.evaluate(HEIGHT_OF_CONTENT) < 0.75 * whole
    page.get_by_role("button", name="Two").click()
    expect_live(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the whole page").click()
    expect(opened.value.locator(".evidence")).to_be_visible()
    assert opened.value.url == url
    assert opened.value.evaluate("window.opener") is None


@pytest.mark.parametrize("name", ["digits", "wine"])
def test_frame_is_as_high_as_its_content(
    name: str, article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": 1000, "height": 800})
    page.goto(article(element(demo_url(name))))
    wide = expect_fitting(page)
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(f"before => ({HEIGHT_OF_FRAME})(demo) !== before", arg=wide)
    narrow = expect_fitting(page)
    scrolls = "() => document.documentElement.scrollHeight > innerHeight"
    assert not within(page).locator("html").evaluate(scrolls)
    # What comes later counts as well.
    within(page).locator("#failure").evaluate(
        "failure => { failure.textContent = 'Oh. '.repeat(99) }"
    )
    assert expect_fitting(page) > narrow


def test_frame_is_dark_where_the_visitor_wants_that(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page(color_scheme="dark")
    dark = "<meta name='color-scheme' content='light dark'>"
    page.goto(article(dark + element(demo_url("wine"))))
    expect_fitting(page)
    lightness = "body => Number(getComputedStyle(body).backgroundColor.match(/[\\d.]+/)[0])"
    assert within(page).locator("body").evaluate(lightness) < 0.5
    page.emulate_media(color_scheme="light")
    assert within(page).locator("body").evaluate(lightness) > 0.5


def test_keyboard_goes_into_the_frame_and_out_of_it(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page()
    buttons = "<button>Before</button>{}<button>After</button>"
    page.goto(article(buttons.format(element(demo_url("wine")))))
    expect_fitting(page)
    page.get_by_role("button", name="Before").focus()
    page.keyboard.press("Tab")
    demo = within(page)
    expect(demo.get_by_role("link", name="Open the whole page")).to_be_focused()
    for alcohol in (demo.get_by_role("slider"), demo.get_by_role("spinbutton")):
        page.keyboard.press("Tab")
        expect(alcohol.first).to_be_focused()
    page.keyboard.type("11.5")
    page.keyboard.press("Enter")
    expect(demo.locator("#answer")).to_have_attribute("data-origin", "device")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "After":
            break
    expect(page.get_by_role("button", name="After")).to_be_focused()


def test_frame_is_named_by_the_demo_or_by_its_title(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page, url = new_page(), demo_url("digits")
    page.goto(article(element(url)))
    frame = page.locator("tfjs-demo iframe")
    expect(frame).to_have_attribute("title", "Handwritten digits")
    page.locator("tfjs-demo").evaluate("element => { element.title = 'Draw <b>here</b>' }")
    expect(frame).to_have_attribute("title", "Draw <b>here</b>")


def test_two_demos_on_one_page_do_not_meet(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(article(element(demo_url("digits")) + element(demo_url("wine"), 'backend="wasm"')))
    assert expect_fitting(page, 0) != expect_fitting(page, 1)
    answers = page.evaluate(
        """async () => {
          const [digits, wine] = document.querySelectorAll('tfjs-demo');
          const drawing = { data: new Int32Array(64).fill(255), shape: [1, 8, 8, 1] };
          const [{ digit }, { cultivar }, problem] = await Promise.all([
            digits.ready.then(() => digits.predict({ drawing })),
            wine.predict({ analysis: [Array(13).fill(1), Array(13).fill(2)] }),
            wine.predict({ nothing: 1 }).catch(({ message }) => message),
          ]);
          return [digit.shape, cultivar.shape, cultivar.data.length, problem];
        }"""
    )
    assert answers[:3] == [[1, 10], [2, 3], 6]
    own = within(page, 1).locator("html")
    # The page itself gives the same answers, and the same reason.
    assert answers[3] == own.evaluate(
        "() => tfjsDemo.predict({ nothing: 1 }).catch((e) => e.message)"
    )
    assert own.evaluate("() => tfjsDemo.backend") == "wasm"


def test_another_address_shows_another_demo(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page, wine = new_page(), demo_url("wine")
    page.goto(article(element(demo_url("digits"))))
    before = expect_fitting(page)
    refused = page.evaluate(
        """async (url) => {
          const waiting = demo.predict({ drawing: { data: [0, 0], shape: [1, 1, 2, 1] } });
          demo.src = url;
          demo.setAttribute('src', url);
          return waiting.catch(({ message }) => message);
        }""",
        wine,
    )
    assert refused == "another demo took its place"
    expect(page.locator("tfjs-demo iframe")).to_have_attribute("title", "Which grape is it?")
    assert expect_fitting(page) != before
    page.evaluate("demo.setAttribute('backend', 'wasm')")
    expect(within(page).locator("#engine")).to_have_text("Ready · runs on this device")
    # Taken off the page and put back, it starts anew.
    page.locator("tfjs-demo").evaluate(
        "element => { element.remove(); document.body.prepend(element); return element.ready; }"
    )
    expect_fitting(page)


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.mark.parametrize("src", ["", "javascript:alert(1)", "https://", "data:text/html,Hi"])
def test_what_is_no_address_is_said(
    src: str, article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page()
    script = f'<script src="{demo_url("wine")}embed.js"></script>'
    page.goto(article(f'{script}<tfjs-demo id="demo" src="{src}"></tfjs-demo>'))
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("There is no demo here: src has to be the address of one.")
    assert page.locator("tfjs-demo iframe").count() == 0
    reason = page.evaluate("demo.ready.catch(({ message }) => message)")
    assert reason == "There is no demo here: src has to be the address of one."


def test_what_cannot_be_loaded_is_said(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    """Neither a host that does not answer nor a page that is no demo looks like one."""
    page, url = new_page(), demo_url("wine")
    script = f'<script src="{url}embed.js"></script>'
    for src in (f"http://127.0.0.1:{free_port()}/demo/index.html", article("Just a page")):
        page.goto(article(f'{script}<tfjs-demo id="demo" src="{src}"></tfjs-demo>'))
        alert = page.get_by_role("alert")
        expect(alert).to_have_text(
            "The demo could not be loaded. Open it by itself", timeout=PATIENCE
        )
        link = page.get_by_role("link", name="Open it by itself")
        expect(link).to_have_attribute("href", src.removesuffix("index.html"))
        expect(page.locator("tfjs-demo iframe")).to_be_hidden()
        assert (
            page.evaluate("demo.ready.catch(({ message }) => message)")
            == "The demo could not be loaded."
        )
    page.evaluate("url => demo.setAttribute('src', url)", url)
    expect_fitting(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def post_forever(message: Any, target: str = "parent") -> str:
    """A page that keeps sending a message to another window."""
    return (
        f"<script>setInterval(() => {target}.postMessage({json.dumps(message)}, '*'), 20)</script>"
    )


def test_messages_of_other_windows_are_ignored(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page, url = new_page(), demo_url("wine")
    lie = {"type": "tfjs-demo:height", "height": 5555, "title": "A lie"}
    # One of another site, one of the demo's own host, and the page itself.
    liar = article(post_forever(lie), site="127.0.0.1")
    body = (
        f'{element(url)}<iframe src="{liar}"></iframe><iframe id="neighbour" src="{url}"></iframe>'
    )
    listen = "<script>heard = 0; onmessage = () => { heard += 1 }</script>"
    page.goto(article(body + post_forever(lie, "window") + listen))
    height = expect_fitting(page)
    neighbour = page.locator("#neighbour").content_frame.locator("html")
    neighbour.evaluate("(_, lie) => parent.postMessage(lie, '*')", lie)
    page.wait_for_function("heard > 100")
    assert expect_fitting(page) == height
    frame = page.locator("tfjs-demo iframe")
    expect(frame).to_have_attribute("title", "Which grape is it?")
    # The right window, but somebody else is in it by now.
    elsewhere = liar.replace("127.0.0.1", "localhost")
    frame.evaluate("(frame, url) => { frame.src = url; heard = 0 }", elsewhere)
    page.wait_for_function("heard > 100")
    assert page.locator("tfjs-demo").evaluate(HEIGHT_OF_FRAME) == height
    expect(frame).to_have_attribute("title", "Which grape is it?")


@pytest.mark.parametrize(
    ("height", "shown"), [(1e9, 10_000), (-5, 333), ("2000", 333), (None, 333), (700, 700)]
)
def test_a_hostile_demo_cannot_take_more_than_its_place(
    height: object, shown: int, article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page()
    title = "<img src=x onerror=alert(1)>"
    said = {"type": "tfjs-demo:height", "height": height, "title": title}
    script = f'<script src="{demo_url("wine")}embed.js"></script>'
    src = article(post_forever(said), site="127.0.0.1")
    page.goto(article(f'{script}<tfjs-demo src="{src}" height="333"></tfjs-demo>'))
    frame = page.locator("tfjs-demo iframe")
    expect(frame).to_have_attribute("title", title)
    assert page.locator("tfjs-demo").evaluate(HEIGHT_OF_FRAME) == shown


def test_only_the_page_around_may_ask(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    """A frame beside the demo can find its window, but gets no answer."""
    page = new_page()
    ask = """<script>
      heard = 0;
      setInterval(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { heard += 1 };
        window.parent.frames[0].postMessage({ type: 'tfjs-demo:ask' }, '*', [port2]);
      }, 20);
    </script>"""
    frames = (
        f'<iframe src="{demo_url("wine")}?embed"></iframe><iframe src="{article(ask)}"></iframe>'
    )
    page.goto(article(frames + ask.replace("window.parent", "window")))
    page.wait_for_function("heard > 20")
    other = page.locator("iframe").last.content_frame.locator("html")
    assert other.evaluate("() => [parent.frames.length, heard]") == [2, 0]


def test_strict_pages_can_have_demos(
    article: Article, build_demo: BuildDemo, host: ServeFolder, new_page: NewPage
) -> None:
    """A page whose policy forbids styles of others, and loads the script as a module."""
    folder = build_demo("wine").folder
    rules = parse((folder / HEADERS).read_text(encoding="utf-8"))
    url = host(folder, headers=lambda path: sent(rules, path)).url
    policy = f"default-src 'none'; script-src {url}; frame-src {url}"
    body = f'<script type="module" src="{url}embed.js"></script>' * 2
    body += f'<tfjs-demo id="demo" src="{url}"></tfjs-demo>'
    page = new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(article(body, headers=lambda _: {"Content-Security-Policy": policy}))
    expect_fitting(page)
    expect(within(page).locator("#engine")).to_have_text(re.compile("Ready"))
    width = (
        "element => element.shadowRoot.querySelector('iframe').clientWidth / element.clientWidth"
    )
    assert page.locator("tfjs-demo").evaluate(width) == 1
    assert [text for text in errors if "favicon" not in text] == []


def test_plain_frame_works_without_the_element(
    article: Article, demo_url: DemoUrl, new_page: NewPage
) -> None:
    page = new_page()
    frame = f'<iframe src="{demo_url("digits")}?embed" title="Digits" height="500"></iframe>'
    listen = "heights = []; onmessage = ({ data }) => heights.push([data.type, data.height])"
    page.goto(article(f"{frame}<script>{listen}</script>"))
    demo = page.frame_locator("iframe")
    demo.get_by_role("button", name="Five").click()
    expect(demo.locator("#answer")).to_have_attribute("data-origin", "device")
    heard = page.evaluate("heights")
    content = demo.locator("html").evaluate(HEIGHT_OF_CONTENT)
    assert heard[0][0] == "tfjs-demo:here"
    assert heard[-1] == ["tfjs-demo:height", content]
