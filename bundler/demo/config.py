"""demo.toml: read, understood, and checked against the disk; all problems at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bundler.demo import label_files, own, parts, reach, toml, wording
from bundler.demo.demo import FILE_NAME, Demo
from bundler.ground import folders, names, shell
from bundler.ground.errors import ConfigError
from bundler.ground.table import Table

T = TypeVar("T", bound=Table)

# What a folder that is a model has in it: a SavedModel, TensorFlow.js's, Teachable Machine's.
MODEL_FILES = ("saved_model.pb", "model.json", "keras_model.h5")
# What files with a model in them are called, or begin with, whatever they are called.
MODEL_ENDINGS = (".keras", ".h5", ".hdf5", ".pb", ".tflite", ".zip")
MODEL_BEGINNINGS = (b"\x89HDF\r\n\x1a\n", b"PK\x03\x04")


def read(
    target: Path,
    *,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
) -> Demo:
    """The demo in a folder, in a demo.toml, or around a bare model file.

    `trusted`, `signature` and the folders that are `allowed` besides the demo's own are the
    command line's.

    Raises ConfigError with every problem of the file.
    """
    target = locate(target)
    if target.suffix == ".toml":
        demo = _understand(target, {}, allowed)
    else:
        demo = Demo(model=target.name, folder=target.parent, file=target.name)
    return _settled(demo, trusted, signature)


def _settled(demo: Demo, trusted: bool, signature: str | None) -> Demo:
    """With what the command line or a program says, and files that are there."""
    said = {"trusted": trusted} | ({"signature": signature} if signature else {})
    demo = demo.model_copy(update=said)
    _check_files(demo)
    return demo


def locate(target: Path) -> Path:
    """The demo.toml or the bare model that `target` means. Raises ConfigError for neither."""
    if target.is_dir() and not (target / FILE_NAME).exists() and not _looks_like_model(target):
        raise ConfigError(
            f"{target} has no {FILE_NAME}",
            hint="Name a model file, or make one with: "
            + shell.command("tfjs-demo", "new", "MODEL", target),
        )
    if target.is_dir() and (target / FILE_NAME).exists():
        target = target / FILE_NAME
    if not target.exists():
        raise ConfigError(
            f"there is no file or folder {target}",
            hint=names.near_file(target) or "Check the path.",
        )
    return target


def around(
    target: Path,
    settings: dict[str, Any],
    *,
    trusted: bool = False,
    signature: str | None = None,
    allowed: Sequence[Path] = (),
) -> Demo:
    """The demo in `target`, or around a bare model, with the settings of a Python program.

    They have the keys of demo.toml, whose own they replace. Paths are relative to demo.toml, or
    else to the working directory. Raises ConfigError with every problem.
    """
    target = locate(target)
    if target.suffix == ".toml":
        demo = _understand(target, settings, allowed)
    else:
        data = {"model": str(target.resolve()), **settings}
        demo = _validated(Path(target.name), data)
    return _settled(demo, trusted, signature)


def is_demo(target: Path) -> bool:
    """Whether `target` is a demo.toml or a folder with one."""
    return target.suffix == ".toml" or (target / FILE_NAME).exists()


def _looks_like_model(folder: Path) -> bool:
    """A folder that a library wrote, or one with something in it that may be a model."""
    apart = any(folder.glob("*.json")) and any(folder.glob("*.h5"))
    return apart or any(_may_be_model(file) for level in folders.levels(folder) for file in level)


def _may_be_model(path: Path) -> bool:
    if path.name in MODEL_FILES or path.suffix.lower() in MODEL_ENDINGS:
        return True
    if not path.is_file():
        return False  # opening a pipe would wait for whoever writes to it
    try:
        with path.open("rb") as stream:
            return stream.read(8).startswith(MODEL_BEGINNINGS)
    except OSError:
        return False


def _understand(path: Path, settings: dict[str, Any], allowed: Sequence[Path]) -> Demo:
    """What a demo.toml says, where the settings do not say otherwise."""
    within = (path.parent, *allowed)
    data = toml.read(reach.check(path, within))
    return _validated(path, {**data, **settings}).model_copy(update={"reach": within})


def _validated(path: Path, data: dict[str, Any]) -> Demo:
    reserved = {"folder", "file", "trusted", "reach"} & data.keys()
    kept = own.read(path)
    with kept.told():
        model = Demo.understanding(parts.read(kept.folders))
    try:
        demo = model.model_validate({k: v for k, v in data.items() if k not in reserved})
        problems = []
    except ValidationError as error:
        problems = wording.problems(model, error)
    problems += [f"{key}: there is no such key" for key in sorted(reserved)]
    if problems:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise ConfigError(f"{path} has {count}:\n" + "\n".join(f"  {line}" for line in problems))
    return demo.model_copy(update={"folder": path.parent, "file": path.name})


def files(demo: Demo) -> list[Path]:
    """What demo.toml names, but for what examples name; `read` has found all of it."""
    return [demo.path(name) for _, name in _named(demo)]


def _named(demo: Demo) -> Iterator[tuple[str, str]]:
    """The paths that demo.toml names, but for those within examples, by their keys."""
    yield "model", demo.model
    if demo.custom_objects is not None:
        yield "custom_objects", demo.custom_objects
    if isinstance(demo.examples, str):
        yield "examples", demo.examples
    for key, table in _tables(demo):
        for name, path in table.line_files():
            yield f"{key}.{name}", path


def _tables(demo: Demo) -> Iterator[tuple[str, Table]]:
    """The tables of inputs and outputs, by their keys."""
    for role, tables in (("inputs", demo.inputs), ("outputs", demo.outputs)):
        for index, table in enumerate(tables):
            yield f"{role}[{index}]", table


def _check_files(demo: Demo) -> None:
    """Raises ConfigError for paths that lead elsewhere, or to nothing."""
    problems, hints = [], []
    for key, name in _named(demo):
        try:
            path = demo.path(name)
        except ConfigError as error:
            problems.append(f"{key}: {error.message}")
            hints.append(error.hint)
            continue
        # A file of Python code is refused for what it is first.
        is_there = path.exists() if key == "model" else path.is_file()
        if not is_there and key != "custom_objects":
            problems.append(f"{key}: there is no file {_path(demo, name)}")
            hints.append(_file_hint(demo, key, name))
    if problems:
        raise ConfigError(
            f"{demo.written_in}: " + "; ".join(problems),
            hint=" ".join(dict.fromkeys(filter(None, hints)))
            or "Paths are relative to the folder of demo.toml.",
        )


def _path(demo: Demo, name: str) -> str:
    """A path on one line, whatever characters are in it."""
    path = str(demo.folder / name)
    return path if path.isprintable() else repr(path)


def _file_hint(demo: Demo, key: str, name: str) -> str:
    if not name.isprintable():
        written = repr(name)[1:-1]  # what stood between the quotes
        return f"In \"…\", a \\ begins an escape: {key.split('.')[-1]} = '{written}' has none."
    return names.near_file(demo.folder / name)


def with_lines(demo: Demo) -> Demo:
    """The demo with the texts of files (of labels …) in the place of their paths."""
    changed = {
        role: [_with_lines(demo, table) for table in getattr(demo, role)]
        for role in ("inputs", "outputs")
    }
    return demo.model_copy(update=changed)


def _with_lines(demo: Demo, table: T) -> T:
    read = {}
    for name, path in table.line_files():
        read[name] = label_files.read(demo.path(path), name)
    return table.model_copy(update=read) if read else table
