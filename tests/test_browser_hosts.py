"""The same built sites, as `deploy` prepares them, on hosts like real ones, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests.command import copy_demo, run
from tests.conftest import BuildDemo, NewPage
from tests.every import HOSTS as QUICK
from tests.every import every
from tests.returning import CACHES, DIGITS, FORGET_MODEL, WINE, expect_kept, expect_working, visit
from tests.static_host import StaticHost
from tests.static_hosts import HOSTS, HuggingFace, space_page, static_host
from tests.test_browser_policy import use_everything, watch_policy
from tests.visitor import open_ready, site_files

TITLES = {"wine": WINE, "digits": DIGITS}
# Those of which it is known what they answer for a folder without a slash behind it.
REDIRECTING = [name for name in HOSTS if name != "Hugging Face"]
SENDING = ["Netlify", "Cloudflare Pages", "Hugging Face"]
RESTARTING = [name for name in HOSTS if name not in SENDING]
NEW_TITLE = "Which grape is it now?"

Deploy = Callable[[str, Path], Path]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    """What `deploy` makes of a site for a host of HOSTS, once for every kind of host."""
    made: dict[tuple[str, Path], Path] = {}

    def deploy(host: str, site: Path) -> Path:
        target = HOSTS[host].target
        if (target, site) not in made:
            out = tmp_path_factory.mktemp(target) / "out"
            result = run("deploy", site, "--to", target, "--out", out)
            assert result.returncode == 0, result.stderr
            made[target, site] = out
        return made[target, site]

    return deploy


@pytest.fixture(scope="module")
def renamed(build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another site of the wine demo: its title is another one."""
    copy = copy_demo("wine", build_demo, tmp_path_factory.mktemp("renamed"))
    settings = (copy / "demo.toml").read_text(encoding="utf-8")
    (copy / "demo.toml").write_text(settings.replace(WINE, NEW_TITLE), encoding="utf-8")
    return build(copy).folder


def watch_requests(page: Page, host: StaticHost) -> list[str]:
    """Collects the requests that go elsewhere, also those of the service worker."""
    elsewhere: list[str] = []

    def note(url: str) -> None:
        if not url.startswith((host.url, "blob:", "data:")):
            elsewhere.append(url)

    page.context.on("request", lambda request: note(request.url))
    return elsewhere


def missing(host: StaticHost) -> list[str]:
    """What was asked for and is not there."""
    return [one.path for one in host.asked if one.missing or one.status >= 400]


@pytest.mark.parametrize("demo", TITLES)
@pytest.mark.parametrize("name", every(HOSTS, QUICK))
def test_a_site_works_and_then_offline(
    name: str, demo: str, build_demo: BuildDemo, deployed: Deploy, new_page: NewPage
) -> None:
    page = new_page()
    errors = watch_policy(page)
    with static_host(name, deployed(name, build_demo(demo).folder)) as host:
        elsewhere = watch_requests(page, host)
        use_everything(page, host.url)
        visit(page, host.url)
        expect_working(page, TITLES[demo])
        assert page.evaluate("policyReports") == []
        assert (errors, elsewhere, missing(host)) == ([], [], [])
        host.stop()
        page.goto("about:blank")
        open_ready(page, host.url)
        expect_working(page, TITLES[demo])


@pytest.mark.parametrize("name", every(HOSTS, QUICK))
def test_the_page_s_other_address_works_too(
    name: str, build_demo: BuildDemo, deployed: Deploy, new_page: NewPage
) -> None:
    page = new_page()
    with static_host(name, deployed(name, build_demo("wine").folder)) as host:
        visit(page, f"{host.url}index.html?backend=cpu")
        expect_working(page, WINE)
        assert missing(host) == []
        host.stop()
        open_ready(page, f"{host.url}index.html?backend=cpu")
        expect_working(page, WINE)


@pytest.mark.parametrize("name", every(REDIRECTING, QUICK))
def test_a_site_in_a_folder_is_found_without_the_slash(
    name: str, build_demo: BuildDemo, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    shutil.copytree(build_demo("wine").folder, tmp_path / "demo")
    with static_host(name, tmp_path) as host:
        open_ready(page, f"{host.url}demo?backend=cpu")
        assert page.url == f"{host.url}demo/?backend=cpu"
        expect_working(page, WINE)
        assert missing(host) == []


def test_a_project_is_found_without_the_slash(
    build_demo: BuildDemo, deployed: Deploy, new_page: NewPage
) -> None:
    page, name = new_page(), "GitHub Pages, project"
    with static_host(name, deployed(name, build_demo("wine").folder)) as host:
        open_ready(page, host.url.removesuffix("/"))
        assert page.url == host.url
        expect_working(page, WINE)


@pytest.mark.parametrize("name", every(HOSTS, QUICK))
def test_a_newer_site_is_offered_to_who_comes_back_and_shown_to_others(
    name: str, build_demo: BuildDemo, renamed: Path, deployed: Deploy, new_page: NewPage
) -> None:
    page, other = new_page(), new_page()
    with static_host(name, deployed(name, build_demo("wine").folder)) as host:
        visit(page, host.url)
        host.folder = deployed(name, renamed)
        page.goto(host.url)
        expect_working(page, WINE)
        page.get_by_role("button", name="Show it").click()
        expect(page).to_have_title(NEW_TITLE)
        expect_working(page, NEW_TITLE)
        expect_kept(page)
        open_ready(other, host.url)
        expect_working(other, NEW_TITLE)
        assert missing(host) == []
        host.stop()
        open_ready(page, host.url)
        expect_working(page, NEW_TITLE)


@pytest.mark.parametrize("name", every(HOSTS, QUICK))
def test_a_page_whose_files_are_gone_says_so_and_offers_the_newer_one(
    name: str, build_demo: BuildDemo, deployed: Deploy, new_page: NewPage
) -> None:
    """Whatever the host answers for a file that it has no more."""
    page = new_page()
    with static_host(name, deployed(name, build_demo("wine").folder)) as host:
        visit(page, host.url)
        page.evaluate(FORGET_MODEL)
        page.context.new_cdp_session(page).send("Network.clearBrowserCache")
        host.folder = deployed(name, build_demo("digits").folder)
        page.goto(host.url)
        expect(page.locator("#failure")).to_contain_text("a file of it is not on the server")
        page.get_by_role("button", name="Show it").click()
        expect(page).to_have_title(DIGITS)
        expect_working(page, DIGITS)
        expect_kept(page)
        kept = {path for paths in page.evaluate(CACHES).values() for path in paths}
        own = {f"{host.base}{path}" for path in site_files(host.folder)}
        assert len(kept) > 2 and kept <= {host.base, *own}


@pytest.mark.parametrize("file", ["assets/page-*.js", "assets/cpu-*.js", "model-*/*.bin"])
@pytest.mark.parametrize("name", every(HOSTS, QUICK))
def test_what_was_missing_for_a_moment_does_not_stay_so(
    name: str, file: str, build_demo: BuildDemo, deployed: Deploy, new_page: NewPage, tmp_path: Path
) -> None:
    """As from a server that has not got the new site yet; browsers keep that it was missing."""
    page, site = new_page(), deployed(name, build_demo("wine").folder)
    with static_host(name, site) as host:
        [path] = site.glob(file)
        host.stale = {path.relative_to(site).as_posix(): (tmp_path, 1)}
        page.goto(f"{host.url}?backend=cpu")
        if file.startswith("assets/page"):
            expect(page.locator("#engine")).to_have_text("The page could not start")
            with page.expect_navigation():
                page.get_by_role("button", name="Try again").click()
        expect_working(page, WINE)
        assert len(missing(host)) == 1


@pytest.mark.parametrize("name", every(SENDING, QUICK))
def test_a_host_that_sends_the_headers_gives_threads_at_once(
    name: str, isolated: Path, deployed: Deploy, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    errors = watch_policy(page)
    with static_host(name, deployed(name, isolated)) as host:
        open_ready(page, host.url)
        assert page.evaluate("crossOriginIsolated")
        assert page.evaluate("tfjsDemoEarly.variant") == "threads"
        assert [one.path for one in host.asked].count(host.base) == 1
        expect_working(page, DIGITS)
        assert (errors, missing(host)) == ([], [])


@pytest.mark.parametrize("name", every(RESTARTING, QUICK))
def test_elsewhere_the_service_worker_gives_threads(
    name: str, isolated: Path, deployed: Deploy, new_page: NewPage
) -> None:
    page = new_page()
    with static_host(name, deployed(name, isolated)) as host:
        page.goto(host.url)
        for _ in range(400):  # until the page has loaded itself again
            if any("/assets/threads-" in one.path for one in host.asked):
                break
            page.wait_for_timeout(50)
        page.evaluate("tfjsDemo.ready")
        assert page.evaluate("crossOriginIsolated")
        assert page.evaluate("tfjsDemoEarly.variant") == "threads"
        expect_working(page, DIGITS)
        assert missing(host) == []


@pytest.mark.parametrize("is_isolated", [False, True])
def test_a_space_works_in_its_frame(
    is_isolated: bool,
    isolated: Path,
    build_demo: BuildDemo,
    deployed: Deploy,
    new_page: NewPage,
) -> None:
    """Where it is never isolated: that is for the page around to decide."""
    page = new_page()
    errors = watch_policy(page)
    site = isolated if is_isolated else build_demo("digits").folder
    name = "Hugging Face"
    with static_host(name, deployed(name, site)) as space, space_page(space) as around:
        assert isinstance(space, HuggingFace) and len(space.custom) == (3 if is_isolated else 1)
        for _ in range(2):
            page.goto(around)
            [frame] = page.main_frame.child_frames
            expect(frame.locator("#engine")).to_contain_text("Ready")
            frame.evaluate("tfjsDemo.ready")
            assert not frame.evaluate("crossOriginIsolated")
            expect_working(frame, DIGITS)
        assert (errors, missing(space)) == ([], [])
