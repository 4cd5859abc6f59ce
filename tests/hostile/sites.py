"""Sites that somebody else has built: their programs, links, manifests and samples."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bundler.site import MANIFEST, read_manifest

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
