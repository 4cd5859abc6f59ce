"""The models of ../shared/cases: made, built as users do, opened in Chromium, compared with Python.

A quarter of a minute a model: `python -m pytest -m cases`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.cases import asking, making
from tests.cases.conftest import BACKENDS, FOUND, Found
from tests.cases.making import Made
from tests.cases.table import REFUSED, ROWS, Refused, Row
from tests.conftest import Host, NewPage
from tests.plain_words import FOREIGN
from tests.visitor import TOLERANCE, open_ready

pytestmark = [
    pytest.mark.cases,
    pytest.mark.usefixtures("patience"),
    pytest.mark.skipif(not making.MAKERS.exists(), reason="the shared cases are not here"),
]

# How far answers in half floats are from those in float32.
NEAR = 1e-2
SECONDS = 1200

Result = subprocess.CompletedProcess[str]


def run(maker: str, *arguments: str | Path) -> Result:
    """`tfjs-demo ARGUMENTS` where the maker's packages are; what it says is in our own words."""
    done = subprocess.run(
        [sys.executable, "-m", "bundler.cli", *map(str, arguments)],
        env=making.environment_of(maker),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert not FOREIGN.search(done.stderr), done.stderr
    return done


def prepare(made: Made, maker: str, target: str) -> Path:
    """The path of a model, which is made if it is not there yet."""
    missing = making.missing_package(maker)
    if missing:
        pytest.skip(f"{missing} is not installed")
    made.make(maker)
    return made.models / target


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_the_page_answers_as_python(
    row: Row,
    made: Made,
    tmp_path: Path,
    host: Callable[..., Host],
    new_page: NewPage,
    webgl_browser: Browser,
) -> None:
    found = FOUND[row.title] = Found()
    model = prepare(made, row.maker, row.target)
    options = ["--signature", row.signature] if row.signature else []
    bare = run(row.maker, "build", model, "--out", tmp_path / "bare", "--quiet", *options)
    site = tmp_path / "bare"
    if row.own_classes:
        found.state = "refused"
        assert bare.returncode == 3, "classes of somebody else were run"
        assert "of your own" in bare.stderr and "custom_objects" in bare.stderr
        assert "--trust-model" in bare.stderr
    else:
        assert bare.returncode == 0, bare.stderr
    if row.own_classes or row.settings:
        site = build_with_settings(row, model, tmp_path / "demo")
    found.state = "trusted" if row.own_classes else "built"
    for backend in BACKENDS:
        page = new_page(within=webgl_browser)
        page.set_default_timeout(120_000)
        if site != tmp_path / "bare" and not row.own_classes:
            # The bare page answers too, to what its own widgets say at first.
            open_ready(page, f"{host(tmp_path / 'bare').url}?backend={backend}")
        open_ready(page, f"{host(site).url}?backend={backend}")
        assert page.evaluate("tfjsDemo.backend") == backend
        for name in row.asked:
            for error in asking.errors(page, made.answers(name)).values():
                found.add(backend, error)
        if row.near:
            near = asking.errors(page, made.answers(row.near))
            assert max(near.values()) <= NEAR, near
        page.context.close()
    assert max(found.errors.values()) <= TOLERANCE, found.errors


def build_with_settings(row: Row, model: Path, folder: Path) -> Path:
    """The site of a demo.toml around the model, with what the row says."""
    folder.mkdir()
    head = f"model = {json.dumps(str(model), ensure_ascii=False)}\n"
    options = ["--allow-path", str(model.parent)]
    if row.own_classes:
        shutil.copy(making.HERE / "objects" / f"{row.maker}.py", folder / "layers.py")
        head += 'custom_objects = "layers.py"\n'
        options.append("--trust-model")
    (folder / "demo.toml").write_text(head + row.settings, encoding="utf-8")
    built = run(row.maker, "build", folder, "--quiet", *options)
    assert built.returncode == 0, built.stderr
    return folder / "site"


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.target)
def test_what_no_page_can_do_is_refused_in_words(row: Refused, made: Made, tmp_path: Path) -> None:
    found = FOUND[row.target] = Found()
    model = prepare(made, row.maker, row.target)
    result = run(row.maker, "build", model, "--out", tmp_path / "site", "--quiet")
    assert result.returncode == 3, result.stderr
    found.state = "refused"
    assert row.reason in result.stderr and row.hint in result.stderr, result.stderr
    assert not (tmp_path / "site").exists()


def test_every_maker_is_in_the_table() -> None:
    known = {row.maker for row in ROWS} | {row.maker for row in REFUSED}
    assert set(making.names()) <= known | {"two_builds_at_once"}
    assert {row.remedy for row in REFUSED} <= {row.target for row in ROWS}


def test_two_builds_into_one_folder(made: Made) -> None:
    """One after the other, or one is refused; never a success beside a broken site."""
    lines = made.make("two_builds_at_once").splitlines()
    assert len(lines) == 12
    for line in lines:
        codes, _, rest = line[1:].partition("] ")
        assert "0" in codes.split(", "), f"neither was built: {line}"
        assert rest.startswith("0 "), f"a broken site: {line}"
