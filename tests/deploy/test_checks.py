"""What must not be published is refused before anything is sent, all of it at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bundler import deploy, site
from bundler.deploy import checks
from bundler.deploy.addresses import wrong_addresses
from bundler.deploy.targets import TARGETS
from bundler.graph.write import SHARD_BYTES
from bundler.ground.errors import DemoError, DeployError
from bundler.site import INDEX, MANIFEST, Site
from tests.command import run
from tests.conftest import DEMO_NAMES, BuildDemo
from tests.deploy.project import PAGE, Project, small_site
from tests.texts import assert_error, assert_text

MIB = 1024 * 1024
PAGES = TARGETS["folder"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site.write(small_site(), tmp_path / "digits" / "site")
    return tmp_path / "digits" / "site"


def check(folder: Path, name: str = "folder") -> list[str]:
    return deploy.prepare([folder], Path, TARGETS[name]).notes


def refuse(folder: Path, name: str = "folder") -> DemoError:
    with pytest.raises(DemoError) as caught:
        check(folder, name)
    return caught.value


def grow(path: Path, size: int) -> None:
    """Makes a file larger, without filling the disk."""
    os.truncate(path, size)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", DEMO_NAMES)
def test_every_demo_can_be_published_everywhere(
    name: str, target: str, build_demo: BuildDemo
) -> None:
    assert check(build_demo(name).folder, target) == []


@pytest.mark.parametrize("name", TARGETS)
def test_shards_fit_everywhere(name: str) -> None:
    limits = TARGETS[name].LIMITS
    assert limits.file_bytes is None or limits.file_bytes > SHARD_BYTES


def test_a_file_that_is_too_large(folder: Path, tmp_path: Path) -> None:
    (weights,) = folder.glob("model-*/*")
    grow(weights, 100 * MIB + 1)
    assert_error(refuse(folder), "deploy-large-file", tmp_path)
    assert refuse(folder, "cloudflare").message.startswith("this cannot be published on Cloudflare")
    grow(weights, 100 * MIB)
    # The limit itself is allowed, but the file is no longer the one that was built.
    assert "is not what was built" in refuse(folder).message


def test_a_site_that_is_too_large(tmp_path: Path) -> None:
    files = {f"model-1/weights-{number}-of-12.bin": b"w" for number in range(12)}
    site.write(Site({INDEX: b"page", **files}, {"page": PAGE, "isolate": False}), tmp_path / "site")
    for path in (tmp_path / "site").glob("model-1/*"):
        grow(path, 90 * MIB)
    assert_error(refuse(tmp_path / "site"), "deploy-large-site", tmp_path)


def test_too_many_files(tmp_path: Path) -> None:
    files = {f"assets/{number}.png": b"" for number in range(20_001)}
    made = Site({INDEX: b"page", **files}, {"page": PAGE, "isolate": False})
    with pytest.raises(DeployError, match="has 20,002 files, and 20,000 are the most"):
        checks.check_sizes([made], TARGETS["cloudflare"])


def test_a_large_file_is_noted(tmp_path: Path) -> None:
    made = small_site("large", bytes(51 * MIB))
    site.write(made, tmp_path / "site")
    (note,) = check(tmp_path / "site")
    assert "53.5 MB; GitHub Pages complains of files above 52.4 MB" in note


@pytest.mark.parametrize("kind", ["file", "site"])
def test_sizes_are_refused_before_any_git_command(
    kind: str, local: Project, tmp_path: Path
) -> None:
    if kind == "file":
        grow(next(local.folder.glob("model-*/*")), 101 * MIB)
    else:
        files = {f"model-1/{number}.bin": b"w" for number in range(20)}
        local.build(Site({INDEX: b"page", **files}, {"page": PAGE, "isolate": False}))
        for path in local.folder.glob("model-1/*"):
            grow(path, 99 * MIB)
    trace = tmp_path / "trace"
    arguments = ("deploy", local.folder, "--branch", "gh-pages")
    result = run(*arguments, settings={"GIT_TRACE": str(trace)})
    assert result.returncode == 7
    assert "is the most" in result.stderr and "quantize" in result.stderr
    assert not trace.exists()


def test_without_the_excess_git_is_traced(local: Project, tmp_path: Path) -> None:
    """So that the test above can fail."""
    trace = tmp_path / "trace"
    arguments = ("deploy", local.folder, "--branch", "gh-pages")
    assert run(*arguments, settings={"GIT_TRACE": str(trace)}).returncode == 0
    assert "push" in trace.read_text()


def test_what_lies_in_the_folder_besides_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / ".env").write_text("TOKEN=1")
    (folder / "assets" / "id_rsa").write_text("key")
    (folder / "notes.txt").write_text("mine")
    assert_error(refuse(folder), "deploy-foreign-files", tmp_path)


NAMES: dict[str, dict[str, bytes]] = {
    "dotfile": {".env": b"TOKEN=1"},
    "dot folder": {"assets/.git/config": b""},
    "key": {"assets/server.pem": b""},
    "case": {"assets/Logo.png": b"1", "assets/logo.png": b"2"},
    "newline": {"assets/a\nb.png": b""},
    "question mark": {"assets/a?b.png": b""},
    "backslash": {"assets/a\\b.png": b""},
}


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_refused(name: str, folder: Path, tmp_path: Path) -> None:
    made = site.load(folder)
    more = Site({**made.files, **NAMES[name]}, made.facts)
    with pytest.raises(DeployError) as caught:
        checks.check_contents(more, PAGES)
    assert_error(caught.value, f"deploy-name-{name.replace(' ', '-')}", tmp_path)


SECRETS = [
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2_" * 12,
    "hf_" + "aB" * 17,
    "AKIA" + "A1B2" * 4,
    "AIza" + "a1B2C" * 7,
    "sk-" + "a1B2" * 10,
    "xoxb-" + "1234-" * 6,
    "glpat-" + "a1B2C" * 4,
    "-----BEGIN RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("path", [INDEX, "assets/golden-1.json", "assets/page-1.js", "_headers"])
def test_secrets_are_refused(secret: str, path: str, folder: Path) -> None:
    made = site.load(folder)

    def found(text: str) -> list[str]:
        more = Site({**made.files, path: text.encode()}, made.facts)
        try:
            checks.check_contents(more, PAGES)
        except DeployError as error:
            assert secret not in error.message
            return error.message.split("\n")[1:]
        return []

    (problem,) = found(f'{{"key": "{secret}"}}')
    assert problem.startswith(f"  {path}: it contains what looks like a ")
    # Within the letters of weights it is none.
    assert found(f"xAbC{secret.strip('-')}xAbC") == []


def page(body: str) -> str:
    return f"<!doctype html><html><head><title>A</title>{body}</head></html>"


WRONG = {
    '<script src="/assets/page.js"></script>': "it loads /assets/page.js",
    '<script src="//cdn.example.org/page.js"></script>': "it loads //cdn.example.org/page.js",
    '<link rel="stylesheet" href="https://fonts.example.org/a.css">': "it loads https://fonts",
    '<img srcset="a.png 1x, /b.png 2x">': "it loads /b.png 2x",
    '<base href="/repository/">': "it loads /repository/",
    '<a href="/other/">Other</a>': "it links to /other/",
    '<a href="http://localhost:8000/">Preview</a>': "it names http://localhost:8000/",
    '<meta property="og:image" content="http://127.0.0.1:8000/a.png">': "it names http://127",
    '<a href="file:///home/ann/a.png">Mine</a>': "it names file:///home/ann/a.png",
    "<style>body { background: url('/paper.png') }</style>": "it loads /paper.png",
    "<style>@import 'https://fonts.example.org/a.css';</style>": "it loads https://fonts",
    '<p style="background: url(//example.org/a.png)">': "it loads //example.org/a.png",
}
RIGHT = [
    '<script src="assets/page.js"></script><img src="data:image/png;base64,iVBO">',
    '<a href="https://example.org/">Elsewhere</a><a href="#demo">Skip</a><a href="./">Here</a>',
    '<meta property="og:image" content="https://example.org/demo/a.png">',
    '<link rel="canonical" href="https://example.org/demo/">',
    "<p>Open http://localhost:8000/ to see it</p>",
    "<style>i { color: red }</style> A text about url(/paper.png)",
    "<style>i { background: url(paper.png), url(data:image/png;base64,iVBO), url(#a) }</style>",
    '<img srcset="data:image/png;base64,iVBO 1x, a.png 2x">',
]


@pytest.mark.parametrize("body", WRONG)
def test_addresses_that_lead_elsewhere(body: str) -> None:
    (problem,) = wrong_addresses(INDEX, page(body))
    assert problem.startswith(WRONG[body])


@pytest.mark.parametrize("body", RIGHT)
def test_addresses_that_are_right(body: str) -> None:
    assert list(wrong_addresses(INDEX, page(body))) == []


def test_a_page_with_wrong_addresses_is_refused(folder: Path, tmp_path: Path) -> None:
    made = site.load(folder)
    body = "".join(list(WRONG)[:3])
    more = Site({**made.files, INDEX: page(body).encode()}, made.facts)
    with pytest.raises(DeployError) as caught:
        checks.check_contents(more, PAGES)
    assert_error(caught.value, "deploy-addresses", tmp_path)


def remove_file(folder: Path) -> None:
    (folder / "sw.js").unlink()


def change_file(folder: Path) -> None:
    (folder / "sw.js").write_bytes(b"self;")


def remove_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


@pytest.mark.parametrize("damage", [remove_file, change_file])
def test_a_damaged_site_is_refused(damage: Callable[[Path], None], folder: Path) -> None:
    damage(folder)
    assert refuse(folder).hint == "Build the site again."


@pytest.mark.parametrize("target", TARGETS)
def test_a_folder_for_a_host_is_a_site(target: str, folder: Path, tmp_path: Path) -> None:
    result = run("deploy", folder, "--to", target, "--out", tmp_path / "out")
    assert (result.returncode, result.stderr) == (0, "")
    site.check_files(tmp_path / "out", site.read_manifest(tmp_path / "out"))
    own = {path.relative_to(folder) for path in folder.rglob("*")}
    assert own <= {path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*")}
    text = result.stdout.replace(str(tmp_path), "FOLDER")
    assert_text(text, f"deploy-to-{target}", tmp_path)


def test_the_space_of_an_isolated_demo_sends_its_headers(folder: Path) -> None:
    made = site.load(folder)
    plain = TARGETS["huggingface"].extend(made).files["README.md"]
    isolated = Site(made.files, {**made.facts, "isolate": True})
    readme = TARGETS["huggingface"].extend(isolated).files["README.md"]
    assert isinstance(plain, bytes) and isinstance(readme, bytes)
    headers = b'custom_headers:\n  cross-origin-resource-policy: "cross-origin"\n'
    assert headers + b"---\n" in plain
    assert headers + b'  cross-origin-opener-policy: "same-origin"\n' in readme


def test_a_folder_that_is_somebody_elses_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    result = run("deploy", folder, "--to", "netlify", "--out", tmp_path / "out")
    assert result.returncode == 6 and "mine.txt" in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_two_demos_of_one_name_are_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "a" / "demo" / "site")
    shutil.copytree(folder, tmp_path / "b" / "demo" / "site")
    targets = [tmp_path / name / "demo" / "site" for name in "ab"]
    with pytest.raises(DeployError, match="two of these demos would be published as demo"):
        deploy.prepare(targets, Path, PAGES)


NAMED = {
    "v1.2": "v1-2",
    "v1.2/demo.toml": "v1-2",
    "v1.2/site": "v1-2",
    "public/Wine": "wine",
    "models/my.model.keras": "my-model",
    "_": "demo",
}


@pytest.mark.parametrize("target", NAMED)
def test_a_demo_s_name_is_that_of_its_folder_or_model(
    target: str, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / target
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in (".toml", ".keras"):
        path.touch()
    else:
        path.mkdir()
    assert deploy.prepare([path], lambda _: folder, PAGES).name == NAMED[target]


def test_the_command_line_knows_every_target() -> None:
    from bundler.cli.deploying import HOSTS

    assert tuple(TARGETS) == HOSTS
