"""What an author keeps in templates/ beside demo.toml: a page, a style, a script, widgets.

The folder may be a stranger's. All of it is read once, no link in it is followed, and what is used
afterwards is a copy: nobody can change it after it was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from bundler.ground import cache, names, own_files, text_files
from bundler.ground.errors import ConfigError, DemoError

FOLDER = "templates"
PAGE, STYLE, SCRIPT = "page.html.j2", "style.css", "page.js"
WIDGETS = "widgets"
LOGOS = tuple(f"logo.{ending}" for ending in ("svg", "png", "webp", "jpg"))
ICONS = tuple(f"icon.{ending}" for ending in ("svg", "png", "ico"))
KNOWN = (PAGE, STYLE, SCRIPT, *LOGOS, *ICONS)
# What a text editor writes; kept in UTF-8, whatever it was in.
TEXTS = {".j2", ".css", ".js", ".toml", ".svg", ".json"}
IGNORED = {"__pycache__", "node_modules"}
MOST_FILES, MOST_BYTES = 500, 16 * 1024 * 1024


@dataclass(frozen=True)
class Own:
    """The copy of the files, their paths in it, and where their author has them."""

    folder: Path | None = None
    shown: Path = Path()
    names: frozenset[str] = frozenset()

    @property
    def folders(self) -> list[Path]:
        """Where parts of the page are looked for before the tool's own."""
        return [self.folder] if self.folder else []

    def holds(self, folder: Path) -> bool:
        """Whether a folder is one of the author's."""
        return self.folder is not None and self.folder in folder.parents

    def find(self, *names: str) -> Path | None:
        """The first file that is there."""
        present = (self.folder / name for name in names if self.folder and name in self.names)
        return next(present, None)

    @property
    def has_templates(self) -> bool:
        """Whether the author has written any part of the page's markup."""
        return any(name.endswith(".j2") for name in self.names)

    @property
    def notices(self) -> list[str]:
        """Files that nothing uses, but something with nearly their name would be used."""
        found = []
        for name in sorted(self.names - set(KNOWN)):
            near = names.near(name, [known for known in KNOWN if known not in self.names], {})
            if "/" not in name and near:
                found.append(f"{self.shown / name} is not used: did you mean {near}?")
        return found

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors within speak of the files where their author has them."""
        try:
            yield
        except DemoError as error:
            if not self.folder or str(self.folder) not in error.message:
                raise
            message = error.message.replace(str(self.folder), str(self.shown))
            raise type(error)(message, hint=error.hint, details=error.details) from error


NONE = Own()


def read(target: Path) -> Own:
    """The files beside a demo.toml; none around a bare model.

    Raises ConfigError for links, for what is no file, and for more than a page can be made of.
    """
    shown = target.parent / FOLDER
    if target.suffix != ".toml" or not (own_files.is_link(shown) or shown.is_dir()):
        return NONE
    own_files.refuse_link(shown, ConfigError)
    contents = _contents(shown)
    if not contents:
        return NONE
    key = cache.digest(*(part for name in sorted(contents) for part in (name, contents[name])))
    folder = cache.entry("own", key, partial(_write, contents)).resolve()
    return Own(folder, shown, frozenset(contents))


def _contents(folder: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for name in sorted(filter(_is_meant, own_files.listed(folder))):
        file = own_files.at(folder, name, ConfigError)
        if not file.is_file():
            raise ConfigError(f"{file} is neither a file nor a folder")
        size = file.stat().st_size + sum(map(len, contents.values()))
        if len(contents) == MOST_FILES or size > MOST_BYTES:
            raise ConfigError(
                f"{folder} has more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB",
                hint="Only what the page needs belongs there.",
            )
        contents[name] = _content(file)
    return contents


def _content(file: Path) -> bytes:
    if file.suffix in TEXTS:
        return text_files.read(file).encode()
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}") from error


def _is_meant(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part in IGNORED for part in parts)
    return not hidden and not name.endswith("~")


def _write(contents: dict[str, bytes], out: Path) -> None:
    for name, content in contents.items():
        own_files.write(out, name, content)
