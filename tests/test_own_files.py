"""What an author keeps in templates/: no link is followed, and nothing reaches out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bundler.bundle import runtime
from bundler.demo import own
from bundler.demo.demo import Demo
from bundler.demo.own import Own
from bundler.demo.parts import Part
from bundler.ground.errors import ConfigError
from bundler.pipeline import own_and_widgets
from tests import own_demo


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    folder = own_demo.write(tmp_path / "demo")
    return Demo(model="wine.keras", folder=folder)


def templates(demo: Demo) -> Path:
    return demo.folder / "templates"


def knob(demo: Demo) -> tuple[Own, list[Part]]:
    kept, widgets = own_and_widgets(demo)
    return kept, [widgets["input"]["knob"]]


def bundle(demo: Demo) -> runtime.PageBundle:
    kept, widgets = knob(demo)
    return runtime.bundle_page(widgets, None, kept)


def test_a_demo_without_them_has_none(tmp_path: Path) -> None:
    assert own.read(tmp_path / "demo.toml") == own.NONE
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / ".DS_Store").touch()
    (tmp_path / "templates" / "page.js~").touch()
    assert own.read(tmp_path / "demo.toml") == own.NONE


def test_around_a_bare_model_nothing_is_looked_at(demo: Demo) -> None:
    assert own.read(demo.folder / "wine.keras") == own.NONE


def test_what_is_used_is_a_copy_that_later_changes_do_not_reach(demo: Demo) -> None:
    kept = own.read(demo.written_in)
    (templates(demo) / "style.css").write_text("h1 { color: red }")
    style = kept.find("style.css")
    assert style and style.read_text() == own_demo.STYLE
    assert own.read(demo.written_in).folder != kept.folder
    (templates(demo) / "style.css").write_text(own_demo.STYLE)
    assert own.read(demo.written_in) == kept


@pytest.mark.parametrize("place", ["style.css", "pictures/more.png", "widgets", ""])
def test_a_link_is_refused_wherever_it_is(demo: Demo, tmp_path: Path, place: str) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "part.toml").write_text("token")
    link = templates(demo) / place
    if link.exists():
        link.rename(tmp_path / "away")
    link = Path(str(link).rstrip("/"))
    link.symlink_to(secret)
    with pytest.raises(ConfigError, match="is a link"):
        own.read(demo.written_in)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_not_waited_for(demo: Demo) -> None:
    os.mkfifo(templates(demo) / "page.css")
    with pytest.raises(ConfigError, match=r"page\.css is neither a file nor a folder"):
        own.read(demo.written_in)


def test_more_than_a_page_can_be_made_of_is_refused(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (templates(demo) / "large.png").open("wb") as file:
        file.truncate(own.MOST_BYTES + 1)
    with pytest.raises(ConfigError, match="more than 500 files or 16 MiB"):
        own.read(demo.written_in)
    (templates(demo) / "large.png").unlink()
    monkeypatch.setattr(own, "MOST_FILES", 5)
    with pytest.raises(ConfigError, match="more than 5 files"):
        own.read(demo.written_in)


def test_a_file_in_windows_encoding_is_told_with_its_line(demo: Demo) -> None:
    (templates(demo) / "style.css").write_bytes(b"h1 {}\n/* \xfcber */\n")
    with pytest.raises(ConfigError, match=r"style\.css is not UTF-8 text: line 2"):
        own.read(demo.written_in)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("styles.css", "style.css"), ("page.html", "page.html.j2"), ("pages.js", "page.js"),
     ("logo.jpeg", "logo.jpg")],
)  # fmt: skip
def test_a_name_that_means_nothing_is_told(demo: Demo, name: str, meant: str) -> None:
    for other in (meant, "logo.svg"):
        (templates(demo) / other).unlink(missing_ok=True)
    (templates(demo) / name).touch()
    (notice,) = own.read(demo.written_in).notices
    assert notice.endswith(f"templates/{name} is not used: did you mean {meant}?")


def test_a_widget_of_ones_own_stands_for_ours_of_its_name(demo: Demo) -> None:
    (templates(demo) / "widgets/input/knob").rename(templates(demo) / "widgets/input/slider")
    kept, widgets = own_and_widgets(demo)
    assert kept.holds(widgets["input"]["slider"].folder)
    assert not kept.holds(widgets["input"]["number"].folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('feed = "elment"', 'feed: there is no "elment"; did you mean "element"?'),
        ("feed = ", "part.toml is not valid TOML in line 2"),
        ("feed = 3", "feed: "),
        ('feedd = "element"', "feedd: "),
    ],
)
def test_a_mistake_in_a_part_is_told_with_its_file(demo: Demo, change: str, said: str) -> None:
    part = templates(demo) / "widgets/input/knob/part.toml"
    part.write_text(part.read_text().replace('feed = "element"', change))
    with pytest.raises(ConfigError) as caught:
        own_and_widgets(demo)
    assert said in caught.value.message
    assert str(part) in caught.value.message


@pytest.mark.parametrize("name", ["widget.js", "widget.html.j2", "example.html.j2", "part.toml"])
def test_a_file_that_a_widget_lacks_is_named(demo: Demo, name: str) -> None:
    (templates(demo) / "widgets/input/knob" / name).unlink()
    with pytest.raises(ConfigError, match=f"templates/widgets/input/knob/{name} is missing"):
        own_and_widgets(demo)


@pytest.mark.parametrize("name", ["my-knob", "Knob", "3d", "a b", "x);alert(1"])
def test_a_widgets_name_is_a_name_wherever_it_stands(demo: Demo, name: str) -> None:
    (templates(demo) / "widgets/input/knob").rename(templates(demo) / "widgets/input" / name)
    with pytest.raises(ConfigError, match="cannot be the name of a widget"):
        own_and_widgets(demo)


def test_a_widget_needs_no_style_sheet(demo: Demo) -> None:
    (templates(demo) / "widgets/input/knob/widget.css").unlink()
    assert ".field-knob" not in bundle(demo).style


def test_pictures_and_fonts_of_a_style_sheet_are_files_of_the_site(demo: Demo) -> None:
    (templates(demo) / "own.woff2").write_bytes(b"font")
    style = templates(demo) / "style.css"
    style.write_text(
        "@import 'more.css';\n@font-face { font-family: own; src: url(own.woff2); }\n"
        "h1 { background: url('./pictures/dot.png'), url(logo.svg), url(data:image/png;,) }"
    )
    (templates(demo) / "more.css").write_text("h2 { color: var(--quiet) }")
    made = bundle(demo)
    files = [name for name in made.files if not name.endswith(".js")]
    assert sorted(name.rpartition(".")[2] for name in files) == ["png", "woff2"]
    style_text = made.style.replace('"', "")
    assert all(f"url(assets/{name})" in style_text for name in files)
    assert "url(data:image/svg+xml" in style_text
    order = ["--on-strong", ".field-knob", "h2{color:var(--quiet)}", "@font-face"]
    places = [made.style.index(text) for text in order]
    assert places == sorted(places)


MISTAKES = {
    "style.css": [
        ("h1 { color: red }\nh2 { color: blue", ":2: Expected"),
        ("@import 'https://example.org/a.css';", ":1: https://example.org/a.css is not in"),
        ("@import url(//example.org/a.css);", ":1: //example.org/a.css is not in"),
        ("\nh1 { background: url(https://example.org/a.png) }", ":2: https://example.org/a.png"),
        ("h1 {}\n@import 'https://example.org/a.css';", ":2: All"),
        ("h1 { background: url(../../demo.toml) }", ":1: ../../demo.toml leads out"),
        ("h1 { background: url(/etc/passwd) }", ":1: /etc/passwd leads out"),
        ("h1 { background: url(page.html.j2) }", ":1: page.html.j2 cannot be part of a page"),
        ("h1 { background: url(file:///etc/passwd) }", ":1: file:///etc/passwd is not in"),
    ],
    "page.js": [
        ("export const ready = (\n", ":2: "),
        ("import a from '/etc/passwd';", ":1: /etc/passwd is no path"),
        ("import a from '../demo.toml' with { type: 'text' };\na();", ":1: ../demo.toml leads out"),
        ("import '@tensorflow/tfjs-core';", ":1: @tensorflow/tfjs-core is no path"),
        ("import 'node:fs';", ":1: node:fs is not in"),
        ("import 'data:text/javascript,alert(1)';", ":1: data:text/javascript,alert(1) is not in"),
        ("import 'https://example.org/a.js';", ":1: https://example.org/a.js is not in"),
        ("await import('./none.js');", ":1: there is no none.js"),
        ("import './runtime/engine/engine.js';", ":1: there is no runtime/engine/engine.js"),
        ("import './package.json';", ":1: there is no package.json"),
    ],
    "widgets/input/knob/widget.js": [
        ("import '../../../../../demo.toml';", ":1: ../../../../../demo.toml leads out"),
        ("export const = 3;", ":1: "),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [(name, *mistake) for name, mistakes in MISTAKES.items() for mistake in mistakes],
)
def test_a_mistake_or_a_way_out_is_told_with_file_and_line(
    demo: Demo, name: str, text: str, said: str
) -> None:
    (templates(demo) / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        bundle(demo)
    assert caught.value.message.startswith(f"{templates(demo) / name}{said}")


def test_what_esbuild_doubts_is_a_notice(demo: Demo) -> None:
    (templates(demo) / "style.css").write_text("h1 {\n  colr: red;\n}\n")
    (warning,) = bundle(demo).warnings
    assert warning.startswith(f"{templates(demo)}/style.css:2: ") and "colr" in warning


def test_a_page_without_files_of_its_own_has_no_script_for_them(demo: Demo) -> None:
    (templates(demo) / "page.js").unlink()
    without = bundle(demo)
    assert b"templates/page.js" not in (without.folder / without.script).read_bytes()
