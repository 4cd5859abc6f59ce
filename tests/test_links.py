"""Links in folders that are written, emptied, served or published lead nowhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bundler import deploy, site
from bundler.cli import scaffold
from bundler.deploy import workflow
from bundler.ground import cache, locks
from bundler.ground.errors import ConfigError, DemoError, DeployError, SetupError, SiteError
from bundler.serve.files import BuiltSite
from bundler.site import INDEX, MANIFEST, NEXT_MANIFEST, UNFINISHED
from tests.command import content, run
from tests.deploy.git_hosts import git
from tests.deploy.project import small_site
from tests.sites import NEW, OLD

LINK = "is a link"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder of somebody else, whose files have the names that a site's have."""
    folder = tmp_path / "elsewhere"
    for path in (*OLD.files, *NEW.files):
        place = folder / path.rpartition("/")[2]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(OLD.files.get(path, b"mine"))  # type: ignore[arg-type]
    return folder


def lead_away(folder: Path, path: str, target: Path) -> None:
    """Puts a link into a site, in the place of what is there."""
    place = folder / path
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def link_to_folder(name: str) -> Callable[[Path, Path], None]:
    return lambda folder, elsewhere: lead_away(folder, name, elsewhere)


def link_to_file(name: str) -> Callable[[Path, Path], None]:
    return lambda folder, elsewhere: lead_away(folder, name, elsewhere / "page-1.js")


def link_to_nowhere(name: str) -> Callable[[Path, Path], None]:
    return lambda folder, elsewhere: lead_away(folder, name, elsewhere / "new")


def relative_link(name: str) -> Callable[[Path, Path], None]:
    return lambda folder, elsewhere: lead_away(folder, name, Path("../elsewhere"))


def whole_site(folder: Path, elsewhere: Path) -> None:
    """The site itself is a link to another site, of somebody else."""
    site.write(OLD, elsewhere / "site")
    lead_away(folder.parent, folder.name, elsewhere / "site")


KINDS = {
    "a folder": link_to_folder("assets"),
    "a folder, relative": relative_link("assets"),
    "a folder that only one site has": link_to_folder("model-1"),
    "the page": link_to_file(INDEX),
    "a script": link_to_file("assets/page-1.js"),
    "the manifest": link_to_nowhere(MANIFEST),
    "the next manifest": link_to_nowhere(NEXT_MANIFEST),
    "the site": whole_site,
}


@pytest.fixture(params=KINDS)
def linked(request: pytest.FixtureRequest, tmp_path: Path, elsewhere: Path) -> Path:
    """A site with a link in it."""
    folder = tmp_path / "demo" / "site"
    site.write(OLD, folder)
    KINDS[request.param](folder, elsewhere)
    return folder


def test_nothing_is_written_or_deleted_behind_a_link(linked: Path, elsewhere: Path) -> None:
    before = content(elsewhere)
    for act in (site.check_target, site.clean, lambda folder: site.write(NEW, folder)):
        with pytest.raises(SiteError, match=LINK):
            act(linked)
        assert content(elsewhere) == before


def test_what_lies_behind_a_link_is_not_the_site(linked: Path, elsewhere: Path) -> None:
    """It is not verified, published or served."""
    if linked.is_symlink():
        return  # the user may name a link, to read what it leads to
    with pytest.raises(SiteError, match=LINK):
        site.check_files(linked, site.read_manifest(linked))
    with pytest.raises(DemoError, match=LINK):
        deploy.prepare([linked], Path, deploy.TARGETS["folder"])
    try:
        files = BuiltSite(linked)
    except SiteError:
        return
    found = [path for path in OLD.files if (linked / path).resolve() != linked.resolve() / path]
    assert found and not any(map(files.find, found))


@pytest.mark.parametrize("name", [INDEX + UNFINISHED, NEXT_MANIFEST + UNFINISHED])
def test_what_a_killed_writer_left_is_no_way_out(
    name: str, tmp_path: Path, elsewhere: Path
) -> None:
    """A name under which a file is written first may be there, as a link or as a second name."""
    before = content(elsewhere)
    for make in (os.symlink, os.link):
        site.write(OLD, tmp_path / "site")
        make(elsewhere / "page-1.js", tmp_path / "site" / name)
        try:
            site.write(NEW, tmp_path / "site")
        except SiteError as error:
            assert LINK in error.message
        (tmp_path / "site" / name).unlink(missing_ok=True)
        assert content(elsewhere) == before


def test_a_file_with_two_names_keeps_the_other(tmp_path: Path) -> None:
    site.write(OLD, tmp_path / "site")
    os.link(tmp_path / "site" / INDEX, tmp_path / "mine")
    site.write(NEW, tmp_path / "site")
    assert (tmp_path / "mine").read_bytes() == OLD.files[INDEX]


def test_a_folder_behind_links_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    site.write(OLD, tmp_path / "link" / "site")
    site.check_files(tmp_path / "link" / "site", site.read_manifest(tmp_path / "real" / "site"))
    assert site.clean(tmp_path / "link" / "site") and not content(tmp_path / "real")


def test_a_link_of_others_in_a_site_is_theirs(tmp_path: Path, elsewhere: Path) -> None:
    site.write(OLD, tmp_path / "site")
    (tmp_path / "site" / "mine").symlink_to(elsewhere)
    with pytest.raises(SiteError, match="did not make: mine"):
        site.write(NEW, tmp_path / "site")
    site.clean(tmp_path / "site")
    left = [path.name for path in (tmp_path / "site").iterdir()]
    assert left == ["mine"] and content(elsewhere)


@pytest.mark.parametrize("path", ["a\0b", "../x", "/x", "assets/../../x"])
def test_a_manifest_names_nothing_outside(path: str, tmp_path: Path) -> None:
    site.write(OLD, tmp_path / "site")
    (tmp_path / "x").write_text("mine")
    text = (tmp_path / "site" / MANIFEST).read_text()
    text = text.replace('"files": {', f'"files": {{"{path.encode("unicode_escape").decode()}": "",')
    (tmp_path / "site" / MANIFEST).write_text(text.replace("\\x00", "\\u0000"))
    with pytest.raises(SiteError):
        site.load(tmp_path / "site")
    assert site.clean(tmp_path / "site")
    assert content(tmp_path) == {"x": b"mine"}


def test_clean_and_build_say_so(tmp_path: Path, elsewhere: Path) -> None:
    """The commands, on a demo whose site leads elsewhere."""
    demo = tmp_path / "demo"
    demo.mkdir()
    site.write(OLD, elsewhere / "site")
    (demo / "site").symlink_to(elsewhere / "site")
    (demo / "demo.toml").write_text('model = "m.keras"\n')
    (demo / "m.keras").write_bytes(b"PK")
    before = content(elsewhere)
    for command in ("clean", "build"):
        result = run(command, demo)
        assert result.returncode == 6 and f"{demo / 'site'} {LINK}" in result.stderr
    assert content(elsewhere) == before


@pytest.mark.parametrize("name", ["deploy", "deploy/netlify"])
def test_a_folder_for_a_host_leads_nowhere(name: str, tmp_path: Path, elsewhere: Path) -> None:
    site.write(small_site(), tmp_path / "demo" / "site")
    place = tmp_path / "demo" / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(elsewhere)
    target = deploy.TARGETS["netlify"]
    prepared = deploy.prepare([tmp_path / "demo" / "site"], Path, target)
    with pytest.raises(DeployError, match=LINK):
        deploy.default_folder(prepared, target)


@pytest.mark.parametrize("name", [".github", ".github/workflows", workflow.PATH])
def test_a_workflow_is_written_into_the_repository(
    name: str, tmp_path: Path, elsewhere: Path
) -> None:
    top = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", str(top))
    (top / "demo.toml").write_text('model = "m.keras"\n')
    (top / "m.keras").write_bytes(b"PK")
    (top / name).parent.mkdir(parents=True, exist_ok=True)
    (top / name).symlink_to(elsewhere / "new.yml" if name.endswith(".yml") else elsewhere)
    before = content(elsewhere)
    for replaces in (False, True):
        with pytest.raises(DeployError, match=LINK):
            workflow.init([top], replaces=replaces)
    assert content(elsewhere) == before


@pytest.mark.parametrize("name", ["demo.toml", "wine.keras"])
def test_new_writes_into_its_own_folder(name: str, tmp_path: Path, elsewhere: Path) -> None:
    from tests.conftest import DEMOS

    (tmp_path / "new").mkdir()
    (tmp_path / "new" / name).symlink_to(elsewhere / "file")
    before = content(elsewhere)
    with pytest.raises(ConfigError, match=LINK):
        scaffold.scaffold(DEMOS / "wine" / "wine.keras", tmp_path / "new", on_step=lambda _: None)
    assert content(elsewhere) == before


def test_new_copies_no_file_of_this_machine(tmp_path: Path, elsewhere: Path) -> None:
    """A folder of a model whose vocabulary is a link."""
    model = tmp_path / "model"
    (model / "assets").mkdir(parents=True)
    (model / "saved_model.pb").write_bytes(b"x")
    (model / "assets" / "words.txt").symlink_to(elsewhere / "page-1.js")
    with pytest.raises(ConfigError, match=rf"words\.txt {LINK}"):
        scaffold._copy(model, tmp_path / "new")


def test_the_cache_is_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that nobody used for a month are deleted, and only in the cache."""
    old = tmp_path / "home" / "old"
    old.mkdir(parents=True)
    os.utime(old, (1, 1))
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "models").symlink_to(tmp_path / "home")
    with pytest.raises(SetupError, match=LINK):
        cache.entry("models", "x", lambda _: None)
    with pytest.raises(SetupError, match=LINK):
        cache.shared("models")
    cache.clear()
    assert old.is_dir()


def test_a_lock_makes_no_file_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary folders belong to all."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    os.close(locks._file_for(tmp_path))
    [lock] = tmp_path.glob("tfjs-demo-*.lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "victim")
    with pytest.raises(OSError):
        locks._file_for(tmp_path)
    assert not (tmp_path / "victim").exists()
