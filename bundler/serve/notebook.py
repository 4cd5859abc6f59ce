"""From Python: `bundler.build(model, "site")`, and `bundler.preview(model)` in a notebook."""

from __future__ import annotations

import asyncio
import html
import os
import re
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bundler import pipeline, site
from bundler.demo import config
from bundler.ground import visible
from bundler.ground.errors import ConfigError, ModelError
from bundler.pipeline import Report
from bundler.serve import Options, Server
from bundler.serve.files import LiveSite
from bundler.site import Site

# Of the name of a file; some systems take no more than 255 bytes.
MOST_CHARACTERS = 40


def build(
    model: Any,
    out: str | os.PathLike[str],
    *,
    trust_model: bool = False,
    signature: str | None = None,
    allow_paths: Iterable[str | os.PathLike[str]] = (),
    **settings: Any,
) -> Report:
    """Builds the site of a model into the folder `out`.

    `model` is a Keras model, or the path of anything that `tfjs-demo build` takes; `settings` are
    the keys of demo.toml (title, inputs, outputs, examples, build …), over those of a file. Paths
    are relative to the working directory. Those of a demo.toml stay in its folder, and
    `allow_paths`. Raises DemoError; then an earlier site is as it was.
    """
    folder = Path(out)
    site.check_target(folder)
    report, made = _prepare(model, trust_model, signature, allow_paths, settings)
    site.write(made, folder)
    report.folder = folder
    return report


def preview(
    model: Any,
    *,
    height: int = 640,
    trust_model: bool = False,
    signature: str | None = None,
    allow_paths: Iterable[str | os.PathLike[str]] = (),
    **settings: Any,
) -> Preview:
    """The page of a model, which a notebook shows in the cell; nothing is written.

    Takes what `build` takes; `height` is in pixels. Raises DemoError.
    """
    report, made = _prepare(model, trust_model, signature, allow_paths, settings)
    return Preview(report, made, height)


class Preview:
    """A page that is served on 127.0.0.1, until it is stopped or Python ends."""

    def __init__(self, report: Report, made: Site, height: int) -> None:
        self.report = report
        self._title = report.demo.shown_title
        self._allow = "; ".join(made.facts.get("browser", []))
        self._height = height
        self._server = Server(LiveSite(made), Options.of_a_notebook())
        self.url = self._server.url
        self._thread = threading.Thread(target=self._serve, name="preview", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        # A notebook has a loop of its own in its main thread.
        asyncio.run(self._server.run())

    def stop(self) -> None:
        """Ends the server."""
        self._server.stop()
        self._thread.join()

    def _repr_html_(self) -> str:
        title = html.escape(self._title)
        allow = f'allow="{self._allow}" ' if self._allow else ""
        return (
            f'<iframe src="{self.url}?embed" title="{title}" {allow}'
            f'style="width: 100%; height: {self._height}px; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"{visible.line(self._title)}: {self.url}"


def _prepare(
    model: Any,
    trusted: bool,
    signature: str | None,
    allow_paths: Iterable[str | os.PathLike[str]],
    settings: dict[str, Any],
) -> tuple[Report, Site]:
    if isinstance(model, str | os.PathLike):
        allowed = [Path(path) for path in allow_paths]
        demo = config.around(
            Path(model), settings, trusted=trusted, signature=signature, allowed=allowed
        )
        return pipeline.prepare(demo)
    if not hasattr(model, "save") or not hasattr(model, "export"):
        raise ConfigError(
            f"a model or the path of one is needed, not {type(model).__name__}",
            hint="Give a Keras model, or the path of a file, a folder or a demo.toml.",
        )
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        # Whatever a model is called, its file lies in this folder, and is the model's first title.
        name = _file_name(str(model.name))
        file = Path(folder) / f"{name}.keras"
        try:
            model.save(file)
            return pipeline.prepare(config.around(file, settings, trusted=trusted))
        except (ModelError, TypeError, ValueError, NotImplementedError):
            # Classes and functions of one's own are no longer Python in a SavedModel.
            file = Path(folder) / name
            model.export(file)
            return pipeline.prepare(config.around(file, settings, trusted=trusted))


def _file_name(name: str) -> str:
    """A name of a model as the name of a file, on every system."""
    return re.sub(r"[^\w-]+", "-", name).strip("-_")[:MOST_CHARACTERS] or "model"
