"""What all tests share: a cache of their own, built sites, a static host, a real browser."""

from __future__ import annotations

import faulthandler
import fcntl
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from bundler import site
from bundler.bundle import packages
from bundler.deploy.browser import PROGRAMS
from bundler.graph import launch
from bundler.ground.cache import digest
from bundler.pipeline import Report, build
from bundler.site import Site
from bundler.site.gallery import combine
from tests import warm
from tests.shared import Shared
from tests.visitor import open_ready
from tests.warm import Nursery

# Else TensorFlow convolves channels first on some processors and refuses to on others.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

ROOT = Path(__file__).parent.parent
DEMOS = ROOT / "demos"
DEMO_NAMES = sorted(path.parent.name for path in DEMOS.glob("*/demo.toml"))
SHARED_MODELS = ROOT.parent / "shared" / "models"

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds for a page on a busy machine: what is waited for need not come soon, but come.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def pytest_configure(config: pytest.Config) -> None:
    """Files come as they are collected: those of few tests, otherwise last, take the longest."""
    if getattr(config.option, "dist", "no") == "loadfile":
        config.option.loadscopereorder = False


def pytest_collection_finish() -> None:
    """What was imported stays: it is not looked through again and again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def cache(shared: Shared) -> Iterator[Path]:
    """An empty cache for the run and all its workers, so that no earlier run hides a failure."""
    folder = shared.folder("cache")
    earlier = os.environ.get("TFJS_DEMO_CACHE")
    os.environ["TFJS_DEMO_CACHE"] = str(folder)
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared.once("packages", install_javascript)  # else every worker does
    yield folder
    if earlier is None:
        del os.environ["TFJS_DEMO_CACHE"]
    else:
        os.environ["TFJS_DEMO_CACHE"] = earlier


def install_javascript(_: Path) -> None:
    packages.folder()


@pytest.fixture(scope="session", autouse=True)
def nursery() -> Iterator[None]:
    """The process that all TensorFlow processes of the session are forked from; Linux only."""
    if sys.platform != "linux":
        yield
        return
    # Its socket's path may have some hundred bytes.
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-warm-") as folder:
        nursery = Nursery(Path(folder))
        os.environ[warm.PLACE] = str(nursery.path)
        warm.install(nursery.path)
        yield
        launch.start = warm.real_start
        del os.environ[warm.PLACE]
        nursery.close()


@pytest.fixture(autouse=True)
def _cold(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests marked `cold` start TensorFlow processes as users do."""
    if request.node.get_closest_marker("cold"):
        monkeypatch.setattr(launch, "start", warm.real_start)
        monkeypatch.delenv(warm.PLACE, raising=False)


@pytest.fixture
def patience() -> None:
    """For tests that take longer than the time after which one is taken for hanging."""
    faulthandler.cancel_dump_traceback_later()


MountDisk = Callable[[str], Path]


@pytest.fixture
def mount_disk(tmp_path: Path) -> Iterator[MountDisk]:
    """Mounts an empty file system with options ("size=100k", "ro"), where this user may."""
    folders: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"disk-{len(folders)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("only root can mount a file system")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", str(folder)], check=True)


@dataclass(frozen=True)
class Built:
    """A demo's site and the build's report."""

    folder: Path
    report: Report


BuildDemo = Callable[[str | Path], Built]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return Shared((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared")


@pytest.fixture(scope="session")
def build_demo(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> BuildDemo:
    """Builds a demo of demos/ by name, or a bare model by its path, once for all workers."""
    built: dict[str | Path, Built] = {}

    def make(name: str | Path) -> Built:
        if name not in built:
            folder = tmp_path_factory.mktemp(f"site-{Path(name).stem}") / "site"
            key = f"{Path(name).stem}-{digest(str(name))}"
            report = shared.site(key, lambda out: build(DEMOS / name, out=out), folder)
            built[name] = Built(folder, report)
        return built[name]

    return make


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    """A copy of the wine demo's site, to be changed."""
    folder = tmp_path / "wine" / "site"
    shutil.copytree(build_demo("wine").folder, folder)
    return folder


@pytest.fixture(scope="session")
def isolated(build_demo: BuildDemo, shared: Shared) -> Path:
    """The site of the digits demo with threads."""

    def make(folder: Path) -> None:
        build_demo("digits")  # its conversion is used again
        copy, ignored = folder / "digits", shutil.ignore_patterns("site")
        shutil.copytree(DEMOS / "digits", copy, ignore=ignored)
        with (copy / "demo.toml").open("a", encoding="utf-8") as file:
            file.write("\n[build]\nisolate = true\n")
        build(copy)

    return shared.once("isolated", make) / "digits" / "site"


@pytest.fixture(scope="session")
def sites(build_demo: BuildDemo) -> dict[str, Site]:
    """The built sites of all demos by their names."""
    return {name: site.load(build_demo(name).folder) for name in DEMO_NAMES}


@pytest.fixture(scope="session")
def gallery(sites: dict[str, Site], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a gallery of all demos."""
    folder = tmp_path_factory.mktemp("gallery") / "site"
    site.write(combine(sites, title="Small models"), folder)
    return folder


@dataclass
class Host:
    """A static host on 127.0.0.1: its address, and the paths that were asked for."""

    url: str
    requests: list[str] = field(default_factory=list)


ServeFolder = Callable[..., Host]
# What a host sends with the file at an address, besides what all hosts do.
Headers = Callable[[str], dict[str, str]]


@pytest.fixture
def host() -> Iterator[Callable[..., Host]]:
    """Serves a folder as a plain static host would, under a sub-path and with headers if asked."""
    servers: list[ThreadingHTTPServer] = []

    def serve(folder: Path, prefix: str = "/", headers: Headers = lambda _: {}) -> Host:
        handler = partial(_Files, folder=folder, prefix=prefix, headers=headers)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        servers.append(server)
        running = Host(f"http://127.0.0.1:{server.server_port}{prefix}")
        server.host_requests = running.requests  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return running

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class _Files(SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *args: object, folder: Path, prefix: str, headers: Headers) -> None:
        self.prefix, self.more_headers = prefix, headers
        super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.server.host_requests.append(self.path)  # type: ignore[attr-defined]
        if not self.path.startswith(self.prefix):
            self.send_error(404)
            return
        self.path = "/" + self.path[len(self.prefix) :]
        super().do_GET()

    def end_headers(self) -> None:
        for name, value in self.more_headers(self.path.partition("?")[0]).items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real headless Chromium, without WebGL: Playwright would have it computed in software."""
    with sync_playwright() as playwright:
        yield from launched(playwright.chromium, CHROMIUM_FLAGS)


def launched(chromium: BrowserType, flags: list[str]) -> Iterator[Browser]:
    """A headless Chromium with just these flags of what it may compute in software."""
    browser = chromium.launch(
        executable_path=find_headless_chromium(),
        args=flags,
        ignore_default_args=["--enable-unsafe-swiftshader"],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def webgl_browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium of its own, whose WebGL is computed in software."""
    yield from launched(browser.browser_type, [*CHROMIUM_FLAGS, *SOFTWARE_WEBGL])


StartChromium = Callable[..., Browser]


@pytest.fixture(scope="module")
def start_chromium(browser: Browser) -> Iterator[StartChromium]:
    """Starts Chromium as people have it, of other cameras and microphones, once for its flags."""
    running: dict[tuple[str, ...], Browser] = {}

    def make(*flags: str) -> Browser:
        if flags not in running:
            running[flags] = browser.browser_type.launch(
                executable_path=find_chromium(), args=[*CHROMIUM_FLAGS, *flags]
            )
        return running[flags]

    yield make
    for one in running.values():
        one.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens pages, each in a context of its own; no script of theirs may end in an error."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(*, within: Browser = browser, **options: Any) -> Page:
        context = within.new_context(**options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@dataclass(frozen=True)
class KerasModels:
    """Small models without any configuration, and what Keras answers for them and the demos.

    `cases` holds arrays by name: `mlp/inputs` and `mlp/answers`, ten cases each.
    """

    folder: Path
    cases: dict[str, npt.NDArray[Any]]


@pytest.fixture(scope="session")
def keras_models(shared: Shared) -> KerasModels:
    """What keras_cases.py makes in a process of its own, once for all workers."""
    folder = shared.once("keras", lambda folder: warm.run_maker("keras_cases", folder))
    with np.load(folder / "cases.npz") as cases:
        return KerasModels(folder, dict(cases))


OpenPage = Callable[..., Page]


@pytest.fixture
def open_folder(host: ServeFolder, new_page: NewPage) -> OpenPage:
    """Opens the page of a site by its folder, in a context with these options."""

    def make(folder: Path, **options: Any) -> Page:
        page = new_page(**options)
        open_ready(page, host(folder).url)
        return page

    return make


@pytest.fixture
def open_page(build_demo: BuildDemo, keras_models: KerasModels, open_folder: OpenPage) -> OpenPage:
    """Opens the page of a demo or of a bare model by its name, in a context with these options."""

    def make(name: str, **options: Any) -> Page:
        bare = keras_models.folder / f"{name}.keras"
        return open_folder(build_demo(bare if bare.exists() else name).folder, **options)

    return make


def find_headless_chromium() -> str | None:
    """Debian's Chromium without windows, where a page costs a third; else `find_chromium`'s."""
    return system_program("chromium-headless-shell") or find_chromium()


def find_chromium() -> str | None:
    """The system's Chrome or Chromium, else playwright's (None), else Debian's package."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found:
        return found
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(install, capture_output=True).returncode == 0:
        return None
    found = system_program("chromium")
    if found:
        return found
    raise RuntimeError("no browser: install Chromium or Chrome, then run the tests again")


def system_program(name: str) -> str | None:
    """A program of the system, else Debian's package of its name."""
    if shutil.which(name) is None:
        install_packages(name)
    return shutil.which(name)


def install_packages(*names: str) -> list[str]:
    """Installs those of Debian's packages that are not there; returns those that still are not."""
    if shutil.which("apt-get") is None:
        return list(names)
    with (Path(tempfile.gettempdir()) / "tfjs-demo-tests.lock").open("w") as lock:
        # Several processes run tests, and only one at a time may install.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if missing := missing_packages(names):
            install = ["install", "--yes", "--no-install-recommends", *missing]
            for command in (["update"], install):
                subprocess.run(["apt-get", *command], check=False, capture_output=True)
        return missing_packages(names)


def missing_packages(names: tuple[str, ...]) -> list[str]:
    """Those of Debian's packages that are not installed."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}"]
    states = {n: subprocess.run([*query, n], capture_output=True, text=True) for n in names}
    return [name for name, found in states.items() if found.stdout != "installed"]
