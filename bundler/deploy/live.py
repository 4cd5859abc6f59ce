"""The site as visitors get it: every file by its hash, until the host has it everywhere."""

from __future__ import annotations

import hashlib
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.parse import quote, urlsplit

from bundler import __version__, site
from bundler.deploy.targets.target import KEPT_BACK
from bundler.ground.errors import DeployError
from bundler.ground.redact import redact
from bundler.pipeline import OnStep
from bundler.site import INDEX, MANIFEST, Site

AT_ONCE = 6
# Seconds without a byte after which a request is lost.
PATIENCE = 30
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
BLOCK = 1 << 16
SHOWN = 5


def check_url(url: str) -> str:
    """The address of a site as a folder's. Raises DeployError for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DeployError(f"{redact(url)} is not an address of a page", hint="Say --url https://…/")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise DeployError(
            "the address of the page has more in it than a host and a path",
            hint="Say --url https://HOST/PATH/",
        )
    return f"{url.removesuffix(INDEX).rstrip('/')}/"


def wait(made: Site, url: str, *, limit: float, on_step: OnStep = lambda _: None) -> float:
    """Waits until the address answers with exactly this site; returns the seconds it took.

    What a content delivery network has of an earlier site is waited out. Raises DeployError with
    what is not there after `limit` seconds.
    """
    begin = time.monotonic()
    expected = site.hashes(made)
    expected[MANIFEST] = hashlib.sha256(site.manifest(made, expected)).hexdigest()
    pause = SHORTEST_PAUSE
    wanted = set(expected)
    while True:
        wrong = _differences(url, {path: expected[path] for path in sorted(wanted)})
        if not wrong and wanted == expected.keys():
            return time.monotonic() - begin
        if not wrong:
            # All were there, at different moments. In one go now, from whichever of its servers.
            wanted = set(expected)
            continue
        on_step(f"{len(expected) - len(wrong)} of {len(expected)} files are there")
        if time.monotonic() + pause > begin + limit:
            raise _not_there(url, wrong, expected.keys(), limit)
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        wanted = set(wrong)


def _differences(url: str, expected: dict[str, str]) -> dict[str, str]:
    """What is wrong with files, by their paths."""

    def look(path: str) -> str:
        try:
            found = _digest(url + quote(path))
        except urllib.error.HTTPError as error:
            if error.code == 404 and path in KEPT_BACK:
                return ""
            return f"the host answers {error.code}"
        except (OSError, HTTPException) as error:
            return str(getattr(error, "reason", "") or error or type(error).__name__)
        return "" if found == expected[path] else "is not the one that was published"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(expected, pool.map(look, expected), strict=True))
    return {path: problem for path, problem in answers.items() if problem}


def _digest(url: str) -> str:
    """The SHA-256 of what an address answers, past what is kept on the way."""
    headers = {"User-Agent": f"tfjs-demo/{__version__}", "Cache-Control": "no-cache"}
    request = urllib.request.Request(url, headers=headers)
    hasher = hashlib.sha256()
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        length = response.length
        count = 0
        while block := response.read(BLOCK):
            count += len(block)
            hasher.update(block)
    if length is not None and count != length:
        raise HTTPException("the connection broke")
    return hasher.hexdigest()


def _not_there(url: str, wrong: dict[str, str], paths: Iterable[str], limit: float) -> DeployError:
    shown = [f"  {path}: {problem}" for path, problem in list(wrong.items())[:SHOWN]]
    if len(wrong) > SHOWN:
        shown.append(f"  and {len(wrong) - SHOWN} more")
    total = len(list(paths))
    return DeployError(
        f"after {limit:.0f} s, {len(wrong)} of {total} files at {url} are not those of this site:\n"
        + "\n".join(shown),
        hint="Is this the address, and is publishing switched on there (on GitHub: Settings, "
        "Pages)? --time-limit waits longer.",
    )
