"""`verify` of a site that somebody else has built: what runs, with what, and what is read."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bundler.bundle import packages
from bundler.ground.errors import ParityError, SetupError, SiteError
from bundler.pipeline import verify_site
from bundler.proof import engine_process
from bundler.site import MANIFEST, read_manifest
from tests.command import PRINT_MEMORY, run, run_python, wait_until
from tests.conftest import ROOT
from tests.hostile.sites import (
    ANSWERS,
    CHANGES,
    INPUTS,
    LINKS,
    MANIFESTS,
    PROBE,
    SAMPLES,
    TOO_MUCH,
    Change,
    Listener,
    add_a_space,
    call,
    change_samples,
    put_before,
    put_behind,
    replace_engines,
    state,
    tensor,
)
from tests.texts import assert_error

MAKER = ROOT.parent / "shared" / "security" / "08_verify_site.py"


@pytest.fixture
def no_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that has none."""
    monkeypatch.setattr(engine_process, "is_fenced", lambda: False)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as made:
        yield made


@pytest.mark.usefixtures("no_fence")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_program_that_is_not_ours_does_not_run(
    change: Change, wine: Path, listener: Listener
) -> None:
    assert verify_site(wine).rows
    change(wine, listener)
    with pytest.raises(SiteError) as caught:
        verify_site(wine)
    assert listener.visits == 0
    assert_error(caught.value, "site-program-of-others", wine.parent.parent)


@pytest.mark.usefixtures("no_fence")
def test_our_own_programs_are_known(isolated: Path, gallery: Path) -> None:
    for folder in (isolated, gallery):
        assert verify_site(folder).rows


@pytest.mark.usefixtures("no_fence")
def test_with_what_the_hint_says_it_runs(wine: Path, listener: Listener) -> None:
    add_a_space(wine, listener)
    with pytest.raises(SiteError) as caught:
        verify_site(wine)
    command = caught.value.hint[caught.value.hint.index("tfjs-demo verify") :]
    allowed = run(*shlex.split(command)[1:])
    assert allowed.returncode == 0, allowed.stderr


@pytest.mark.usefixtures("no_fence")
def test_one_program_of_others_in_a_gallery_is_enough(
    gallery: Path, tmp_path: Path, listener: Listener
) -> None:
    copy = tmp_path / "site"
    subprocess.run(["cp", "-r", gallery, copy], check=True)
    put_before(copy / "wine", listener)
    data = read_manifest(copy)
    for path in list(data["files"]):
        content = (copy / path).read_bytes()
        data["files"][path] = hashlib.sha256(content).hexdigest()
    state(copy, data)
    with pytest.raises(SiteError, match="was not run"):
        verify_site(copy)
    assert listener.visits == 0


WAYS = [pytest.param("no_fence", id="unfenced"), pytest.param("listener", id="as it is here")]


@pytest.mark.parametrize("way", WAYS)
def test_a_trusted_site_has_no_environment_and_no_files(
    way: str,
    wine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue(way)
    monkeypatch.setenv("GITHUB_TOKEN", "a secret")
    monkeypatch.setenv("NODE_OPTIONS", f"--require={tmp_path / 'nothing.js'}")
    (tmp_path / "secret").write_text("a secret")
    paths = {
        "secret": str(tmp_path / "secret"),
        "site": str(wine / MANIFEST),
        "passwords": "/etc/passwd",
        "environment": f"/proc/{os.getpid()}/environ",
    }
    replace_engines(wine, PROBE % json.dumps(paths))
    with pytest.raises(ParityError) as caught:
        verify_site(wine, trusted=True)
    told = json.loads(caught.value.message.partition(": ")[2])
    assert told["env"] == {}
    assert {told[name] for name in paths} == {"ERR_ACCESS_DENIED"}
    assert told["program"] == "ERR_ACCESS_DENIED"
    assert "a secret" not in caught.value.message
    assert told["cwd"] not in (str(Path.cwd()), str(wine))


def test_what_runs_is_a_copy_that_goes_again(wine: Path) -> None:
    replace_engines(wine, PROBE % "{}")
    with pytest.raises(ParityError) as caught:
        verify_site(wine, trusted=True)
    told = json.loads(caught.value.message.partition(": ")[2])
    # Errors speak of the site itself.
    assert told["here"] == (wine / read_manifest(wine)["engines"]["cpu"]).as_uri()
    assert not list(Path(os.environ.get("TMPDIR", "/tmp")).glob("tfjs-demo-*/site/assets"))


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("make", LINKS, ids=lambda make: make.__name__)
def test_no_link_is_followed(
    make: Callable[[Path, Path], Path], trusted: bool, wine: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("a secret")
    place = make(wine, tmp_path / "secret")
    with pytest.raises(SiteError) as caught:
        verify_site(wine, trusted=trusted)
    assert caught.value.message.startswith(f"{place} is a link")


def test_a_site_may_itself_lie_behind_a_link(wine: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(wine)
    assert verify_site(tmp_path / "link").rows


def test_a_pipe_is_not_waited_for(wine: Path) -> None:
    for name in (read_manifest(wine)["golden"], MANIFEST):
        (wine / name).unlink()
        os.mkfifo(wine / name)
        with pytest.raises(SiteError):
            verify_site(wine)


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_is_understood_or_refused(kind: str, wine: Path) -> None:
    state(wine, {**read_manifest(wine), **MANIFESTS[kind]})
    with pytest.raises(SiteError):
        verify_site(wine)


def test_a_manifest_of_many_brackets_is_none(wine: Path) -> None:
    for text in ("[" * 100_000, '{"files": ' + "[" * 1_000_000, "[" + "{}," * 10_000_000 + "0]"):
        (wine / MANIFEST).write_text(text)
        with pytest.raises(SiteError, match="is not a site"):
            verify_site(wine)


@pytest.mark.parametrize("kind", INPUTS)
def test_samples_are_understood_or_refused(kind: str, wine: Path) -> None:
    def change(data: Any) -> None:
        for case in data["cases"]:
            case["inputs"][next(iter(case["inputs"]))] = INPUTS[kind]

    change_samples(wine, change)
    with pytest.raises(SiteError):
        verify_site(wine)


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_comparison_of_nothing_is_refused(kind: str, wine: Path) -> None:
    change_samples(wine, SAMPLES[kind])
    with pytest.raises(SiteError):
        verify_site(wine)


MEASURE = f"""
import sys
from pathlib import Path
from bundler.ground.errors import DemoError
from bundler.pipeline import verify_site

try:
    verify_site(Path(sys.argv[1]))
except DemoError as error:
    print(type(error).__name__)
{PRINT_MEMORY}"""


def test_samples_that_say_they_are_large_take_no_memory(wine: Path) -> None:
    def change(data: Any) -> None:
        large = tensor(shape=[1, 8_000, 8_000], repeat="AAAAAA==")
        data["cases"] = [{**data["cases"][0], "inputs": {"x": large}}] * 20

    change_samples(wine, change)
    result = run_python(MEASURE, wine)
    name, memory = result.stdout.split()
    assert name == "SiteError" and int(memory) < 1 << 28, result.stdout


@pytest.mark.parametrize("kind", ANSWERS)
def test_whatever_a_trusted_engine_answers_is_told(
    kind: str, wine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "much to say":
        monkeypatch.setenv("TFJS_DEMO_TIME_LIMIT", "3")
    replace_engines(wine, ANSWERS[kind])
    with pytest.raises((ParityError, SetupError)):
        verify_site(wine, trusted=True)


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_an_engine_that_takes_too_much_is_stopped(
    kind: str, wine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, reason, settings = TOO_MUCH[kind]
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    replace_engines(wine, code)
    with pytest.raises(SetupError, match=reason):
        verify_site(wine, trusted=True)


@pytest.mark.usefixtures("no_fence")
@pytest.mark.skipif(not MAKER.is_file(), reason="no ../shared/security")
def test_the_case_that_was_found(wine: Path, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "secret").write_text("a secret")
    arguments = [wine, tmp_path / "made", tmp_path / "secret", listener.port]
    subprocess.run([sys.executable, MAKER, *map(str, arguments)], check=True)
    link = tmp_path / "made" / "assets" / "notes.bin"
    with pytest.raises(SiteError, match=r"notes\.bin is a link"):
        verify_site(tmp_path / "made")
    link.unlink()
    with pytest.raises(SiteError, match="was not run"):
        verify_site(tmp_path / "made")
    assert listener.visits == 0


WITH_FENCE = pytest.mark.skipif(not engine_process.is_fenced(), reason="no fence on this system")


@WITH_FENCE
@pytest.mark.parametrize("change", [put_before, put_behind], ids=lambda change: change.__name__)
def test_behind_the_fence_a_program_of_others_reaches_nobody(
    change: Change, wine: Path, listener: Listener
) -> None:
    change(wine, listener)
    assert verify_site(wine).rows
    assert listener.visits == 0
    # So that the test can fail: it would have.
    subprocess.run([packages.node(), "--input-type=module", "-e", call(listener.port)])
    wait_until(lambda: listener.visits == 1)


# What a program could try, whatever Node itself forbids.
ATTEMPTS = {
    "a file": "fs.readFileSync('/etc/passwd')",
    "a folder": "fs.readdirSync(process.argv[1])",
    "a folder above": "fs.readdirSync(process.argv[1] + '/..')",
    "a file of the user's": "fs.readFileSync(process.argv[1] + '/secret')",
    "the parent's environment": "fs.readFileSync(`/proc/${process.ppid}/environ`)",
    "writing": "fs.writeFileSync(process.argv[1] + '/made', '')",
    "writing to what it reads": "fs.writeFileSync(process.argv[2] + '/made', '')",
    "deleting": "fs.unlinkSync(process.argv[1] + '/secret')",
    "a link": "fs.symlinkSync('/etc', process.argv[2] + '/link')",
    "a program": "check(child.spawnSync('/bin/sh', ['-c', 'true']))",
    "another program": "check(child.spawnSync('/usr/bin/env'))",
    "a loaded program": "check(child.spawnSync('/lib64/ld-linux-x86-64.so.2', ['/bin/sh', '-c', "
    "'cat /etc/passwd']))",
    "a TCP connection": "await visit({ host: '127.0.0.1', port: +process.argv[3] })",
    "a UNIX socket": "await visit({ path: process.argv[1] + '/socket' })",
    "a server": "await new Promise((go, stop) => net.createServer().on('error', stop)"
    ".listen(0, go))",
    "a datagram": "await new Promise((go, stop) => dgram.createSocket('udp4').on('error', stop)"
    ".send('x', +process.argv[3], '127.0.0.1', (error) => error ? stop(error) : go()))",
    "a signal": "process.kill(process.ppid, 0)",
}
TRY = """
import fs from 'node:fs'; import net from 'node:net';
import dgram from 'node:dgram'; import child from 'node:child_process';
const check = ({ error, status }) => { if (error || status) throw error ?? new Error('status') };
const visit = (to) => new Promise((go, stop) => net.connect(to, go).on('error', stop));
const told = {};
const attempts = { %s };
for (const [name, act] of Object.entries(attempts)) {
  try { await act(); told[name] = 'done' } catch (error) { told[name] = error.code ?? `${error}` }
}
process.stdout.write(JSON.stringify(told), () => process.exit(0));
"""


@WITH_FENCE
def test_the_fence_alone_is_enough(tmp_path: Path, listener: Listener) -> None:
    """Node's own permissions are left out here: they do not claim to hold hostile code."""
    readable, private = tmp_path / "readable", tmp_path / "private"
    for folder in (readable, private):
        folder.mkdir()
        (folder / "secret").write_text("a secret")
    attempts = ", ".join(f"{json.dumps(k)}: async () => {{ {v} }}" for k, v in ATTEMPTS.items())
    (readable / "try.mjs").write_text(TRY % attempts)
    # argv[1] is the first argument, not the script.
    shift = ["--import", "data:text/javascript,process.argv.splice(1,1)"]
    arguments = [str(readable / "try.mjs"), str(private), str(readable), str(listener.port)]
    plain = [engine_process.node().program, *shift, *arguments]

    def done(command: list[str]) -> set[str]:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        return {name for name, answer in json.loads(ran.stdout).items() if answer == "done"}

    with socket.socket(socket.AF_UNIX) as named:
        named.bind(str(private / "socket"))
        named.listen()
        assert done(engine_process._behind_fence(plain, [readable])) == set()
        assert listener.visits == 0 and (private / "secret").exists()
        # So that the test can fail: without the fence, it can do all of that.
        assert done(plain) == ATTEMPTS.keys()
