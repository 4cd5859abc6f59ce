"""The site's folder: complete whatever happens, and nobody else's files touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from bundler import site
from bundler.ground import locks
from bundler.ground.errors import SiteError
from bundler.site import INDEX, MANIFEST, Site
from tests import command
from tests.command import content
from tests.conftest import DEMOS, ROOT, BuildDemo, MountDisk
from tests.sites import CROWDED, NEW, NEW_GALLERY, OLD, OLD_GALLERY, STOPPED, THIRD, WRITER
from tests.texts import assert_error
from tests.warm import run_forked

GALLERIES = (OLD_GALLERY, NEW_GALLERY)


def hashes(made: Site) -> dict[str, str]:
    data = ((path, data) for path, data in made.files.items() if isinstance(data, bytes))
    return {path: hashlib.sha256(content).hexdigest() for path, content in data}


def assert_is(folder: Path, made: Site) -> None:
    """The folder is this site and nothing else, and its manifest says so."""
    present = content(folder)
    facts = json.loads(present.pop(MANIFEST))
    assert present == made.files
    assert facts["files"] == hashes(made)
    assert {key: facts[key] for key in made.facts} == made.facts


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    started = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(started, cwd=ROOT, capture_output=True, text=True)


def write(folder: Path, dies_before: int, name: str) -> subprocess.CompletedProcess[str]:
    """A process that writes a site and dies before one of its effects on the disk, if it has it."""
    return run_forked(WRITER, folder, str(dies_before), name)


def test_a_site_is_its_files_and_their_list(tmp_path: Path) -> None:
    site.write(OLD, tmp_path / "site")
    assert_is(tmp_path / "site", OLD)
    facts = site.read_manifest(tmp_path / "site")
    assert facts["engine"] == "assets/page-1.js"
    site.check_files(tmp_path / "site", facts)


def test_a_new_site_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for made in (OLD, NEW, OLD):
        site.write(made, tmp_path)
        assert_is(tmp_path, made)
        folders = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_dir()}
        files = (Path(path) for path in made.files)
        assert folders == {parent for path in files for parent in path.parents} - {Path()}


def test_an_unchanged_site_is_not_written_again(tmp_path: Path) -> None:
    site.write(NEW, tmp_path)
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    site.write(NEW, tmp_path)
    changed = {path.name for path in tmp_path.rglob("*") if path.stat().st_ino != before[path]}
    assert changed <= {INDEX, MANIFEST}


def test_a_build_mends_a_damaged_file(tmp_path: Path) -> None:
    """`verify` tells the user to do so."""
    site.write(OLD, tmp_path)
    for path in ("assets/page-1.js", "model-1/model.json"):
        (tmp_path / path).write_bytes(b"x" * len((tmp_path / path).read_bytes()))
    with pytest.raises(SiteError, match="is not what was built"):
        site.check_files(tmp_path, site.read_manifest(tmp_path))
    site.write(OLD, tmp_path)
    assert_is(tmp_path, OLD)


@pytest.fixture(scope="module")
def effects(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many times writing the new site over the old one changes the disk."""
    folder = tmp_path_factory.mktemp("effects")
    site.write(OLD, folder)
    result = write(folder, -1, "NEW")
    assert_is(folder, NEW)
    return int(result.stdout)


def test_a_killed_writer_leaves_one_whole_site(effects: int, tmp_path: Path) -> None:
    """Killed before each of its effects on the disk: the page, and what it refers to, are there."""
    found = []
    for number in range(effects):
        folder = tmp_path / str(number)
        site.write(OLD, folder)
        assert write(folder, number, "NEW").returncode == -signal.SIGKILL
        present = content(folder)
        made = OLD if present[INDEX] == OLD.files[INDEX] else NEW
        assert made.files.items() <= present.items(), f"before effect {number}"
        found.append(made)
    assert found[0] is OLD and found[-1] is NEW


def test_the_manifest_of_a_killed_writer_is_that_of_the_page(effects: int, tmp_path: Path) -> None:
    """So that `verify` and `serve` show the site that is there."""
    for number in range(effects):
        site.write(OLD, tmp_path)
        write(tmp_path, number, "NEW")
        made = OLD if content(tmp_path)[INDEX] == OLD.files[INDEX] else NEW
        facts = site.read_manifest(tmp_path)
        assert facts["engine"] == made.facts["engine"], f"before effect {number}"
        assert facts["files"].keys() >= made.files.keys(), f"before effect {number}"
        site.check_files(tmp_path, facts)


def test_the_next_writer_tidies_up_after_a_killed_one(effects: int, tmp_path: Path) -> None:
    for number in range(effects):
        site.write(OLD, tmp_path)
        write(tmp_path, number, "NEW")
        site.write(OLD, tmp_path)
        assert_is(tmp_path, OLD)


def test_writers_killed_one_after_the_other_do_not_lock_the_folder(
    effects: int, tmp_path: Path
) -> None:
    """The files of both are still known as the tool's own."""
    for first, second in ((2, 3), (effects // 2, 5), (4, 2), (effects - 2, 4)):
        folder = tmp_path / f"{first}-{second}"
        site.write(OLD, folder)
        write(folder, first, "NEW")
        write(folder, second, "THIRD")
        site.write(OLD, folder)
        assert_is(folder, OLD)


def test_a_writer_killed_in_an_empty_folder_leaves_no_half_page(
    effects: int, tmp_path: Path
) -> None:
    for number in range(0, effects, 2):
        folder = tmp_path / str(number)
        write(folder, number, "NEW")
        present = content(folder) if folder.exists() else {}
        assert INDEX not in present or NEW.files.items() <= present.items()
        site.write(NEW, folder)
        assert_is(folder, NEW)


def test_a_killed_writer_leaves_the_demos_of_a_gallery_whole(tmp_path: Path) -> None:
    """Each demo's page is an old or a new one, and its script is there."""
    site.write(OLD_GALLERY, tmp_path)
    effects = int(write(tmp_path, -1, "NEW_GALLERY").stdout)
    assert_is(tmp_path, NEW_GALLERY)
    states = set()
    for number in range(effects):
        site.write(OLD_GALLERY, tmp_path)
        assert_is(tmp_path, OLD_GALLERY)
        assert write(tmp_path, number, "NEW_GALLERY").returncode == -signal.SIGKILL
        present = content(tmp_path)
        pages = {path: data for path, data in present.items() if path.endswith("/index.html")}
        assert pages.items() <= {*OLD_GALLERY.files.items(), *NEW_GALLERY.files.items()}
        for path, page in pages.items():
            script = path.replace(INDEX, page.decode().split("=")[1].split(">")[0])
            assert script in present, f"before effect {number}"
        states.add((present[INDEX], pages["one/index.html"]))
    old, new = ((made.files[INDEX], made.files["one/index.html"]) for made in GALLERIES)
    assert {old, new} <= states


@pytest.mark.parametrize("limit", [30, 300, 20_000])
def test_a_full_disk_leaves_the_earlier_gallery(limit: int, tmp_path: Path) -> None:
    site.write(OLD_GALLERY, tmp_path)
    result = run(CROWDED, tmp_path, limit, "NEW_GALLERY")
    assert "could not be written" in result.stdout, result.stderr
    assert_is(tmp_path, OLD_GALLERY)


@pytest.mark.parametrize("limit", [0, 9, 300, 50_000])
def test_a_full_disk_leaves_the_earlier_site(limit: int, tmp_path: Path) -> None:
    """No file can grow beyond the limit: the first, the script, the manifest, the model fails."""
    site.write(OLD, tmp_path)
    result = run(CROWDED, tmp_path, limit, "NEW")
    assert "could not be written" in result.stdout, result.stderr
    assert_is(tmp_path, OLD)


@pytest.mark.parametrize("limit", [0, 50_000])
def test_a_full_disk_leaves_nothing_where_nothing_was(limit: int, tmp_path: Path) -> None:
    result = run(CROWDED, tmp_path / "site", limit, "NEW")
    assert "could not be written" in result.stdout, result.stderr
    assert not content(tmp_path)


def test_a_disk_without_space_leaves_the_earlier_site(mount_disk: MountDisk) -> None:
    small_disk = mount_disk("size=100k")
    site.write(OLD, small_disk)
    with pytest.raises(SiteError, match="No space left on device"):
        site.write(NEW, small_disk)
    assert_is(small_disk, OLD)
    site.check_files(small_disk, site.read_manifest(small_disk))


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("mine")
    for check in (site.check_target, lambda folder: site.write(NEW, folder)):
        with pytest.raises(SiteError) as caught:
            check(tmp_path)
        assert_error(caught.value, "site-foreign", tmp_path)
    assert content(tmp_path) == {"thesis.tex": b"mine", "data/notes.txt": b"mine"}


def test_files_put_into_a_site_are_refused_and_kept(tmp_path: Path) -> None:
    site.write(OLD, tmp_path)
    (tmp_path / "assets" / "mine.txt").write_text("mine")
    with pytest.raises(SiteError, match=r"assets/mine\.txt"):
        site.write(NEW, tmp_path)
    present = content(tmp_path)
    assert present.keys() == {*OLD.files, MANIFEST, "assets/mine.txt"}
    assert OLD.files.items() <= present.items()
    site.clean(tmp_path)
    assert content(tmp_path) == {"assets/mine.txt": b"mine"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("mine")
    with pytest.raises(SiteError) as caught:
        site.check_target(tmp_path / "site")
    assert_error(caught.value, "site-file", tmp_path)


def test_clean_removes_what_the_tool_made(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    site.write(NEW, folder)
    assert sorted(site.clean(folder)) == sorted(NEW.files)
    assert not folder.exists()
    assert site.clean(folder) == []


def list_also(folder: Path, path: str) -> None:
    """A manifest by somebody else, which lists one path more."""
    facts = json.loads((folder / MANIFEST).read_text())
    facts["files"][path] = hashlib.sha256(b"secret").hexdigest()
    (folder / MANIFEST).write_text(json.dumps(facts))


OUTSIDE = ["../secret.txt", "assets/../../secret.txt", "{}/secret.txt"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_of_the_folder(path: str, tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret.txt", tmp_path / "site"
    secret.write_text("secret")
    site.write(OLD, folder)
    list_also(folder, path.format(tmp_path))
    with pytest.raises(SiteError):
        site.check_files(folder, site.read_manifest(folder))
    site.clean(folder)
    assert secret.read_text() == "secret"
    assert not folder.exists()


@pytest.mark.parametrize("path", ["", ".", "assets", "shared/"])
def test_no_path_is_a_folder(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    site.write(OLD, folder)
    list_also(folder, path)
    with pytest.raises(SiteError):
        site.check_files(folder, site.read_manifest(folder))
    site.clean(folder)
    assert not folder.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 5}', "\xff"])
def test_a_folder_with_another_manifest_is_no_site(text: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(SiteError) as caught:
        site.read_manifest(tmp_path)
    assert_error(caught.value, "site-none", tmp_path)


def test_two_builds_in_different_places_are_the_same(
    build_demo: BuildDemo, cache: Path, tmp_path: Path
) -> None:
    """With another cache behind a symbolic link, empty but for the JavaScript packages."""
    first = build_demo("wine").folder
    other = tmp_path / "link"
    other.symlink_to(tmp_path / "real", target_is_directory=True)
    shutil.copytree(cache / "packages", other.resolve() / "packages", copy_function=os.link)
    shutil.copytree(DEMOS / "wine", tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
    result = command.run("build", tmp_path / "copy", settings={"TFJS_DEMO_CACHE": str(other)})
    assert result.returncode == 0, result.stderr
    assert content(tmp_path / "copy" / "site") == content(first)


# Writes the site named sys.argv[2] into sys.argv[1] again and again, as two builds would.
REPEATER = """
import sys
from pathlib import Path
from bundler import site
from tests import sites

for _ in range(int(sys.argv[3])):
    site.write(getattr(sites, sys.argv[2]), Path(sys.argv[1]))
    site.check_target(Path(sys.argv[1]))
"""


def test_two_writers_of_one_folder_take_turns(tmp_path: Path) -> None:
    """Whoever is last, the site is one of them, whole, and nobody's files look foreign."""
    folder = tmp_path / "deep" / "site"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", REPEATER, str(folder), name, "60"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("OLD", "NEW", "THIRD")
    ]
    ends = [writer.communicate()[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 3, ends
    made = json.loads((folder / MANIFEST).read_text())["engine"]
    assert_is(folder, {one.facts["engine"]: one for one in (OLD, NEW, THIRD)}[made])
    site.check_files(folder, site.read_manifest(folder))


def test_a_writer_waits_and_says_so(tmp_path: Path) -> None:
    waits = []
    folder = tmp_path / "site"
    folder.mkdir()
    with ExitStack() as stack:
        stack.enter_context(locks.locked(folder, 0, lambda: None))
        with pytest.raises(locks.BusyError):
            stack.enter_context(locks.locked(folder, 0.1, lambda: waits.append("first")))
        threading.Timer(0.3, stack.pop_all().close).start()
        site.write(OLD, folder, on_wait=lambda: waits.append("second"))
    assert waits == ["first", "second"]
    assert_is(folder, OLD)


def test_a_killed_writer_holds_no_lock(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    program = f"""
import time
from pathlib import Path
from bundler.ground import locks
with locks.locked(Path({str(folder)!r}), 0, print):
    print("locked", flush=True)
    time.sleep(60)
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdout.readline() == "locked\n"
    with pytest.raises(locks.BusyError), locks.locked(folder, 0, lambda: None):
        pass
    holder.kill()
    holder.communicate()
    with locks.locked(folder, 0, lambda: None):
        pass


@pytest.mark.parametrize(
    ("before", "number"),
    [("OLD", signal.SIGTERM), ("OLD", signal.SIGINT), ("nothing", signal.SIGHUP)],
)
def test_a_stopped_writer_leaves_one_whole_site_and_nothing_else(
    before: str, number: int, tmp_path: Path
) -> None:
    """At whatever effect on the disk it comes; unlike a killed writer, it tidies up itself."""
    result = run(STOPPED, tmp_path, before, int(number))
    assert result.returncode == 0, result.stderr
    told = [line.split(maxsplit=2) for line in result.stdout.splitlines()]
    assert len(told) > 10 and {done for _, _, done in told} == {"done", "not done"}
    for effect, code, done in told:
        assert int(code) == 128 + number
        folder = tmp_path / effect
        if done == "done":
            assert_is(folder, NEW)
        elif before == "OLD":
            assert_is(folder, OLD)
        else:
            assert not folder.exists()
