"""What a visitor who comes back finds in the browser: shared by the tests of the next visit."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from tests.visitor import View, expect_bars, expect_live, open_ready, page_data

WINE, DIGITS = "Which grape is it?", "Handwritten digits"

# What a network answers for every address that wants its visitors to log in first.
LOGIN = b"<p>Log in to this network</p>"

# What the page says once all of it is kept, that which nobody has asked for yet too.
KEPT = "yes, all of it is kept in this browser"

# All that is kept, by the name of the cache: addresses.
CACHES = """async () => {
  const rows = (await caches.keys()).map(async (name) => {
    const requests = await (await caches.open(name)).keys();
    return [name, requests.map(({ url }) => new URL(url).pathname)];
  });
  return Object.fromEntries(await Promise.all(rows));
}"""
# What the browser's owner or a full disk can do.
FORGET_MODEL = """async () => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (request.url.endsWith('.bin')) await cache.delete(request);
    }
  }
}"""


def visit(page: Page, url: str) -> None:
    """A visit after which everything is kept."""
    open_ready(page, url)
    expect_kept(page)


def expect_kept(page: View) -> None:
    """Waits until a visit without a connection has everything."""
    expect(page.locator("#offline")).to_have_text(KEPT, timeout=20_000)


def expect_working(page: View, title: str) -> None:
    """It is this demo, and its model answers like Python."""
    assert page.title() == title
    expect(page.locator("#engine")).to_contain_text("Ready")
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    data = page_data(page)
    [output] = data["outputs"]
    stored = np.array(data["examples"][1]["answers"][output["name"]]["data"])
    expect_bars(page, output["options"]["labels"], stored)
