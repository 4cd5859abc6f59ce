"""`verify` of a site that somebody else has built: what runs, with what, and what is read."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bundler import engine_process, packages
from bundler.errors import ParityError, SetupError, SiteError
from bundler.pipeline import verify_site
from bundler.site import MANIFEST, read_manifest
from tests.command import PRINT_MEMORY, run, run_python, wait_until
from tests.conftest import ROOT
from tests.texts import assert_error

MAKER = ROOT.parent / "shared" / "security" / "08_verify_site.py"
# An engine that tells what it could do, in the only way that it has: as an error.
PROBE = """
import { readFileSync } from 'node:fs';
const told = { env: process.env, cwd: process.cwd(), here: import.meta.url };
const attempt = (act) => { try { return act() } catch (error) { return error.code ?? 'refused' } };
const paths = Object.entries(%s);
for (const [name, path] of paths) told[name] = attempt(() => readFileSync(path, 'utf8'));
const { spawnSync } = await import('node:child_process');
told.program = attempt(() => spawnSync('/bin/true').status);
export const Engine = { start() { throw new Error(JSON.stringify(told)) } };
"""


def state(site: Path, data: dict[str, Any]) -> None:
    (site / MANIFEST).write_text(json.dumps(data))


def rewrite(site: Path, path: str, content: bytes) -> None:
    """Changes a file and its hash, as somebody would who wants nobody to notice."""
    (site / path).write_bytes(content)
    data = read_manifest(site)
    data["files"][path] = hashlib.sha256(content).hexdigest()
    state(site, data)


def replace_engines(site: Path, code: str) -> None:
    for path in read_manifest(site)["engines"].values():
        rewrite(site, path, code.encode())


@pytest.fixture
def no_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that has none."""
    monkeypatch.setattr(engine_process, "is_fenced", lambda: False)


class Listener:
    """A port of this machine that counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                with closing(self._socket.accept()[0]):
                    self.visits += 1
            except OSError:
                return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    with closing(Listener()) as made:
        yield made


def call(port: int) -> str:
    """Code that tells somebody that it runs."""
    return f"await fetch('http://127.0.0.1:{port}/').catch(() => {{}});\n"


# What is done to a site's program -> whoever does it.
Change = Callable[[Path, Listener], None]


def put_before(site: Path, listener: Listener) -> None:
    path = read_manifest(site)["engines"]["cpu"]
    rewrite(site, path, call(listener.port).encode() + (site / path).read_bytes())


def put_behind(site: Path, listener: Listener) -> None:
    path = read_manifest(site)["engines"]["wasm"]
    rewrite(site, path, (site / path).read_bytes() + call(listener.port).encode())


def add_a_space(site: Path, listener: Listener) -> None:
    path = read_manifest(site)["engines"]["cpu"]
    rewrite(site, path, (site / path).read_bytes() + b" ")


def name_another_file(site: Path, listener: Listener) -> None:
    data = read_manifest(site)
    data["engines"]["cpu"] = "assets/other.js"
    data["files"]["assets/other.js"] = ""
    state(site, data)
    rewrite(site, "assets/other.js", call(listener.port).encode())


def exchange_the_engines(site: Path, listener: Listener) -> None:
    data = read_manifest(site)
    data["engines"] = {"cpu": data["engines"]["wasm"], "wasm": data["engines"]["cpu"]}
    state(site, data)


def exchange_the_binary(site: Path, listener: Listener) -> None:
    path = read_manifest(site)["engine_files"]["wasm-simd"]
    rewrite(site, path, (site / path).read_bytes() + b"\0\x02\x01\x61")


def add_a_binary(site: Path, listener: Listener) -> None:
    data = read_manifest(site)
    data["engine_files"]["wasm-threads"] = data["engine_files"]["model.json"]
    state(site, data)


def state_other_ops(site: Path, listener: Listener) -> None:
    data = read_manifest(site)
    data["ops"] = ["Add", "../../evil", "__proto__", "'); process.exit(); ('"]
    state(site, data)


def state_no_ops(site: Path, listener: Listener) -> None:
    """As versions before this one did."""
    data = read_manifest(site)
    del data["ops"]
    state(site, data)


CHANGES = (
    put_before, put_behind, add_a_space, name_another_file, exchange_the_engines,
    exchange_the_binary, add_a_binary, state_other_ops, state_no_ops,
)  # fmt: skip


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


def link_beside(site: Path, secret: Path) -> Path:
    (site / "assets" / "notes.bin").symlink_to(secret)
    return site / "assets" / "notes.bin"


def link_in_place(site: Path, secret: Path) -> Path:
    """The right content, in another place."""
    path = site / str(read_manifest(site)["golden"])
    path.rename(secret.with_name("golden"))
    path.symlink_to(secret.with_name("golden"))
    return path


def link_of_a_folder(site: Path, secret: Path) -> Path:
    (site / "assets").rename(secret.with_name("assets"))
    (site / "assets").symlink_to(secret.with_name("assets"))
    return site / "assets"


def link_within(site: Path, secret: Path) -> Path:
    (site / "again").symlink_to("assets")
    return site / "again"


def link_to_nowhere(site: Path, secret: Path) -> Path:
    (site / "model").symlink_to("nowhere")
    return site / "model"


def link_of_the_manifest(site: Path, secret: Path) -> Path:
    (site / MANIFEST).rename(secret.with_name("manifest"))
    (site / MANIFEST).symlink_to(secret.with_name("manifest"))
    return site / MANIFEST


LINKS = (
    link_beside, link_in_place, link_of_a_folder, link_within, link_to_nowhere,
    link_of_the_manifest,
)  # fmt: skip


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


# Keys of a manifest that say nothing, or something else.
MANIFESTS: dict[str, dict[str, Any]] = {
    "no backends": {"engines": {}, "cases": {}},
    "a list of engines": {"engines": ["assets/x.js"]},
    "an unknown backend": {"engines": {"shell": "index.html"}, "cases": {"shell": 1}},
    "no cases": {"cases": {}},
    "fewer than no cases": {"cases": {"cpu": -1, "wasm": 1}},
    "cases that are texts": {"cases": {"cpu": "1", "wasm": "1"}},
    "golden that is a list": {"golden": ["index.html"]},
    "files of numbers": {"engine_files": {"model.json": 5}},
    "an empty gallery": {"demos": []},
    "a gallery of numbers": {"demos": [1]},
    "ops that are a text": {"ops": "Add"},
    "truth that is a number": {"isolate": 1},
}


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


def tensor(**said: Any) -> dict[str, Any]:
    data = base64.b64encode(bytes(4)).decode()
    return {"dtype": "float32", "shape": [1], "data": data, **said}


# What stands in the samples in place of the first input.
INPUTS: dict[str, Any] = {
    "too large": tensor(shape=[1, 30_000, 30_000, 3], repeat="AAAAAA=="),
    "far too large": tensor(shape=[2**40, 2**40], repeat="AAAAAA=="),
    "less than nothing": tensor(shape=[-1, 13], repeat="AAAAAA=="),
    "no whole numbers": tensor(shape=[1.5]),
    "of an unknown dtype": tensor(dtype="object"),
    "texts as numbers": tensor(dtype="float32", data=["a"]),
    "numbers as texts": tensor(dtype="string"),
    "no base64": tensor(data="%"),
    "without data": {"dtype": "float32", "shape": [1]},
    "a picture outside": tensor(picture="../../secret.png"),
    "an absolute picture": tensor(picture="/etc/passwd"),
    "a picture that is none": tensor(picture="index.html"),
    "no picture": tensor(picture="assets/nothing.png"),
    "null": None,
    "a list": [1],
}


def change_samples(site: Path, change: Callable[[Any], object]) -> None:
    path = read_manifest(site)["golden"]
    data = json.loads((site / path).read_text())
    change(data)
    rewrite(site, path, json.dumps(data).encode())


@pytest.mark.parametrize("kind", INPUTS)
def test_samples_are_understood_or_refused(kind: str, wine: Path) -> None:
    def change(data: Any) -> None:
        for case in data["cases"]:
            case["inputs"][next(iter(case["inputs"]))] = INPUTS[kind]

    change_samples(wine, change)
    with pytest.raises(SiteError):
        verify_site(wine)


SAMPLES: dict[str, Callable[[Any], object]] = {
    "none": lambda data: data.update(cases=[]),
    "no outputs": lambda data: [case.update(outputs={}) for case in data["cases"]],
    "other outputs each": lambda data: data["cases"][0].update(outputs={"y": tensor(stride=1)}),
    "no tolerance": lambda data: data.update(tolerance=0),
    "a tolerance that is no number": lambda data: data.update(tolerance=float("nan")),
    "all is allowed by nothing": lambda data: data["cases"][0].update(allowed={"cultivar": 0.0}),
    "a stride of nothing": lambda data: data["cases"][0]["outputs"]["cultivar"].update(stride=0),
    "a stride backwards": lambda data: data["cases"][0]["outputs"]["cultivar"].update(stride=-1),
    "a list": lambda data: data.update(cases={"0": data["cases"][0]}),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_comparison_of_nothing_is_refused(kind: str, wine: Path) -> None:
    change_samples(wine, SAMPLES[kind])
    with pytest.raises(SiteError):
        verify_site(wine)


MEASURE = f"""
import sys
from pathlib import Path
from bundler.errors import DemoError
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


def saying(text: str) -> str:
    """An engine that answers by itself."""
    return (
        f"process.stdout.write({json.dumps(text)}, () => process.exit(0)); "
        "await new Promise(() => setInterval(() => {}, 1000))"
    )


ANSWERS: dict[str, str] = {
    "no JSON": saying("hello"),
    "another type": saying("{}"),
    "brackets": saying("[" * 100_000),
    "numbers": saying("[1, 2]"),
    "too few": saying("[]"),
    "tensors of nothing": saying('[{"cultivar": {}}]'),
    "half a tensor": "export const Engine = { start: async () => ({ predict: async () => "
    "({ cultivar: { dtype: 'float32', shape: [1, 3], data: new Float32Array(1) } }) }) }",
    "no answer": "process.exit(0)",
    "an end": "process.exit(7)",
    "a signal": "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
    "much to say": "const a = 'x'.repeat(1 << 20); for (;;) process.stderr.write(a) || "
    "await new Promise((go) => process.stderr.once('drain', go)); ",
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_whatever_a_trusted_engine_answers_is_told(
    kind: str, wine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "much to say":
        monkeypatch.setenv("TFJS_DEMO_TIME_LIMIT", "3")
    replace_engines(wine, ANSWERS[kind])
    with pytest.raises((ParityError, SetupError)):
        verify_site(wine, trusted=True)


TOO_MUCH: dict[str, tuple[str, str, dict[str, str]]] = {
    "time": ("await new Promise(() => setInterval(() => {}, 1000))", "longer than 3 seconds",
             {"TFJS_DEMO_TIME_LIMIT": "3"}),
    "computing": ("for (;;) ;", "longer than 3 seconds", {"TFJS_DEMO_TIME_LIMIT": "3"}),
    "memory": ("const all = []; for (;;) all.push(new Uint8Array(1 << 24).fill(1))",
               "more than 300 MiB of memory", {"TFJS_DEMO_MEMORY_LIMIT": "300"}),
    "words": ("const a = 'x'.repeat(1 << 22); for (;;) process.stdout.write(a) || "
              "await new Promise((go) => process.stdout.once('drain', go));",
              "which no right answer has", {}),
}  # fmt: skip


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
