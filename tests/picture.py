"""Takes the READMEs' pictures of pages, in Chromium: `python -m tests.picture [NAME…]`.

Each shows a page on a desktop, light, and on a phone, dark. The models of some are those of others
that lie beside the repository (../shared/models).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bundler.pipeline import build
from tests import picture_pages
from tests.conftest import CHROMIUM_FLAGS, DEMOS, ROOT, find_chromium
from tests.faulty_host import Fault, faulty_host

PICTURES = ROOT / ".github" / "pictures"
DESKTOP, PHONE = (1120, 844), (390, 844)
BESIDE = 24
GROUND = "#8b90a0"
QUALITY = 82


@dataclass(frozen=True)
class Shown:
    """A page that is shown: what makes its demo in a folder, whether its model fails to come."""

    make: Callable[[Path], Path]
    fails: bool = False


SHOWN = {
    "photo": Shown(picture_pages.photo),
    "form": Shown(lambda _: DEMOS / "diabetes"),
    "colours": Shown(lambda _: DEMOS / "colours"),
    "dice": Shown(lambda _: DEMOS / "dice"),
    "spoken-digits": Shown(lambda _: DEMOS / "spoken-digits"),
    "coins": Shown(lambda _: DEMOS / "coins"),
    "sharper": Shown(lambda _: DEMOS / "sharper"),
    "same-digit": Shown(lambda _: DEMOS / "same-digit"),
    "dreamt-digits": Shown(lambda _: DEMOS / "dreamt-digits"),
    "text": Shown(picture_pages.text),
    "picture": Shown(picture_pages.picture),
    "empty": Shown(picture_pages.empty),
    "failed": Shown(picture_pages.photo, fails=True),
}


def take(browser: Browser, site: Path, *, fails: bool = False) -> Image.Image:
    """The page with its first example, on both screens, one beside the other."""
    desktop = see(browser, site, DESKTOP, "light", fails)
    phone = see(browser, site, PHONE, "dark", fails)
    width = desktop.width + BESIDE + phone.width
    both = Image.new("RGB", (width, desktop.height), GROUND)
    both.paste(desktop, (0, 0))
    both.paste(phone, (desktop.width + BESIDE, 0))
    return both


def see(
    browser: Browser,
    site: Path,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
    fails: bool = False,
) -> Image.Image:
    """One screen, once the model has answered the first example, or has failed to come."""
    with faulty_host(site) as host:
        host.faults = [Fault(".bin", times=999, status=404)] if fails else []
        page = browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            has_touch=size == PHONE,
        )
        page.goto(host.url)
        if fails:
            page.wait_for_selector("#retry:not([hidden])")
        else:
            page.evaluate("window.tfjsDemo.ready")
            if page.locator("[data-example]").count():
                page.click("[data-example='0']")
                page.wait_for_selector("#answer[data-stage='device']")
        page.mouse.move(0, 0)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        page.wait_for_timeout(300)  # bars grow
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
        page.close()
    return picture


def main(names: list[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        for name in names or [*SHOWN, "digits"]:
            out = Path(folder) / name / "site"
            if name == "digits":
                build(DEMOS / name, out=out)
                see(browser, out, (1120, 760), "light").save(DEMOS / name / "page.png")
                continue
            shown = SHOWN[name]
            build(shown.make(Path(folder) / name), out=out)
            picture = take(browser, out, fails=shown.fails)
            picture.save(PICTURES / f"{name}.webp", quality=QUALITY, method=6)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
