"""The engines that tests are run in, the sites that they show, and the visitor before them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from tests.conftest import KerasModels
from tests.engines.browsers import BY_NAME, ENGINES, Engine, Start
from tests.engines.built import build_all
from tests.engines.running import started
from tests.engines.visitor import Visitor
from tests.faulty_host import FaultyHost, faulty_host

WINDOW = 1100, 900


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs what asks for an `engine` in each, and for a `backend` on each that the engine has."""
    if "engine" not in metafunc.fixturenames:
        return
    names: str | tuple[str, ...] = "engine"
    rows: list[tuple[str, ...]] = [(engine.name,) for engine in ENGINES]
    if "backend" in metafunc.fixturenames:
        names = ("engine", "backend")
        rows = [(engine.name, backend) for engine in ENGINES for backend in engine.backends]
    values = [
        pytest.param(
            *row,
            id="-".join(row),
            marks=[pytest.mark.engines, pytest.mark.xdist_group(row[0])],
        )
        for row in rows
    ]
    metafunc.parametrize(names, values, indirect=["engine"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One engine after the other, each as it comes and then in its other ways: few are started."""
    order = {engine.name: index for index, engine in enumerate(ENGINES)}

    def turn(item: pytest.Item) -> tuple[int, bool]:
        groups = [mark.args[0] for mark in item.iter_markers("xdist_group")]
        engine = max((order.get(group, -1) for group in groups), default=-1)
        names: list[str] = getattr(item, "fixturenames", [])
        return engine, "visit" in names and "visitor" not in names

    items.sort(key=turn)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine that is there; a missing one is skipped, but not in CI."""
    found = BY_NAME[request.param]
    missing = found.missing() if sys.platform == "linux" else list(found.packages)
    if missing:
        reason = f"{found.label} is not installed: {', '.join(missing)} of Debian's packages"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return found


class Browsers:
    """The browser that runs, of one engine in one of its ways: a second one would disturb it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[tuple[str, str], tuple[WebDriver, ExitStack]] = {}

    def get(self, engine: Engine, way: str) -> WebDriver:
        """A browser, which is started if it does not run."""
        key = engine.name, way
        self.close(*(other for other in self.running if other != key))
        if key not in self.running:
            folder = self.folder / f"{len(list(self.folder.iterdir()))}"
            folder.mkdir()
            start = engine.ways[way] if way else Start()
            stack = ExitStack()
            driver = stack.enter_context(started(engine, engine.program(), start, folder))
            # Once: Firefox takes five seconds for it.
            driver.set_window_size(*WINDOW)
            self.running[key] = driver, stack
        return self.running[key][0]

    def close(self, *keys: tuple[str, str]) -> None:
        """Ends browsers, and all that belongs to them."""
        for key in keys:
            self.running.pop(key)[1].close()


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    running = Browsers(tmp_path_factory.mktemp("browsers"))
    yield running
    running.close(*list(running.running))


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(engine: Engine, browsers: Browsers, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Sits down before a browser of the engine, whose `way` it can be; no script may fail there.

    After a test that failed the browser is another one.
    """
    used: dict[str, Visitor] = {}
    failures = request.session.testsfailed

    def make(way: str = "") -> Visitor:
        if way and way not in engine.ways:
            pytest.skip(f"{engine.label} cannot be started {way}")
        return used.setdefault(way, Visitor(browsers.get(engine, way), engine))

    yield make
    with closing_after_failures(browsers, engine, used, failures, request):
        for visitor in used.values():
            visitor.note_errors()
            visitor.driver.get("about:blank")
    assert [error for visitor in used.values() for error in visitor.errors] == []


@contextmanager
def closing_after_failures(
    browsers: Browsers,
    engine: Engine,
    used: dict[str, Visitor],
    before: int,
    request: pytest.FixtureRequest,
) -> Iterator[None]:
    """Ends the browsers that a test has used if it failed, or if they answer no more."""
    try:
        yield
        broken = request.session.testsfailed > before
    except Exception:
        broken = True
        raise
    finally:
        if broken:
            browsers.close(*((engine.name, way) for way in used))


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """A visitor before the engine as it comes."""
    return visit()


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all sites, shared by all processes of a run.

    Where ENGINE_SITES names a folder, they stay there for the next run.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return build_all(Path(os.environ.get("ENGINE_SITES", shared / "engines")))


@pytest.fixture(scope="session")
def python(sites: Path) -> KerasModels:
    """What Keras answers for the models of the pages."""
    with np.load(sites / "keras" / "cases.npz") as cases:
        return KerasModels(sites / "keras", dict(cases))


Serve = Callable[..., FaultyHost]


@pytest.fixture
def serve(sites: Path) -> Iterator[Serve]:
    """Serves sites by their names, each at an address of its own: with storage of its own."""
    with ExitStack() as stack:

        def make(*names: str) -> FaultyHost:
            folders = {f"{name}/": sites / name for name in names}
            return stack.enter_context(faulty_host(folders))

        yield make
