"""A card as Hugging Face has it: the README.md beside a model, by its front matter.

https://huggingface.co/docs/hub/model-cards tells the keys. What is not as told there is passed
over, and its author told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from bundler.demo import card, front_matter, markdown
from bundler.demo.card import Known
from bundler.demo.demo import Demo
from bundler.ground import text_files
from bundler.ground.errors import ConfigError

FILE = "README.md"
# With none of them, a front matter belongs to something else, such as a page of Jekyll.
TELLING = {
    "base_model", "datasets", "library_name", "license", "license_name", "metrics", "model-index",
    "model_name", "pipeline_tag",
}  # fmt: skip
# What stands in the place of a licence where there is none, or one of another name.
NO_LICENSE = {"other", "unknown", "none"}
MOST_ITEMS, LONGEST = 40, 300


def known(demo: Demo) -> Known:
    """The demo's card, with what the file beside its model says where demo.toml does not."""
    try:
        path = demo.path(str(_place(demo)))
        found = front_matter.parsed(text_files.read(path)) if path.is_file() else None
    except ConfigError as error:
        return card.known(demo.card, {}, [f"{error.message}: the page's card goes without it."])
    except ValueError as error:
        told = f"{path}: its front matter goes unused, because {error}."
        return card.known(demo.card, {}, [told])
    if found is None or not TELLING & found[0].keys():
        return card.known(demo.card, {}, [])
    reading = _Reading(path, found[0])
    # What demo.toml says outside of its card goes before what others say.
    own = {"authors": demo.author, "license": demo.license}
    values = {key: value for key, value in reading.values(found[1]) if value and not own.get(key)}
    return card.known(demo.card, values, reading.notices)


def _place(demo: Demo) -> PurePath:
    """In a folder that is a model, or beside the model; relative to the demo's folder."""
    model = PurePath(demo.model)
    inside = model / FILE
    return inside if demo.path(str(inside)).exists() else model.parent / FILE


class _Reading:
    """One front matter; `notices` are what it has in another form than it should."""

    def __init__(self, path: Path, said: dict[str, Any]) -> None:
        self.notices: list[str] = []
        self._path = path
        self._said = said

    def values(self, body: str) -> Iterator[tuple[str, Any]]:
        """The keys of a card, and what the file has for them."""
        text = self._text("description") or markdown.first_paragraph(body)
        yield "description", text and markdown.plain(text)
        yield "authors", [*self._texts("authors"), *self._texts("author")]
        yield "license", self._license()
        yield "data", ", ".join(self._texts("datasets"))
        yield "measures", self._measures()
        yield "citation", markdown.citation(body)
        if based := self._texts("base_model"):
            yield "Based on", ", ".join(based)

    def _license(self) -> str:
        names = [one for one in self._texts("license") if one.lower() not in NO_LICENSE]
        name = self._text("license_name") or ", ".join(names)
        link = self._text("license_link")
        # A link may be the name of a file beside this one, which is not on the page.
        if link.startswith(markdown.SAFE) and "[" not in name:
            return f"[{name or link}]({link})"
        return name

    def _measures(self) -> dict[str, str]:
        """The figures of "model-index", by what was measured on what."""
        found: dict[str, str] = {}
        for model in self._tables(self._said.get("model-index"), "model-index"):
            for result in self._tables(model.get("results"), "model-index: results"):
                dataset = result.get("dataset")
                on = _line(dataset.get("name")) if isinstance(dataset, dict) else ""
                for metric in self._tables(result.get("metrics"), "model-index: metrics"):
                    name = _line(metric.get("name")) or _line(metric.get("type"))
                    value = _line(metric.get("value"))
                    if name and value and len(found) < MOST_ITEMS:
                        found.setdefault(f"{name}, {on}" if on else name, value)
        return found

    def _tables(self, value: Any, key: str) -> Iterator[dict[str, Any]]:
        items = value if isinstance(value, list) else [] if value is None else [value]
        if any(not isinstance(one, dict) for one in items):
            self._pass_over(key, "a list of tables")
        yield from (one for one in items if isinstance(one, dict))

    def _text(self, key: str) -> str:
        found = self._texts(key)
        return found[0] if found else ""

    def _texts(self, key: str) -> list[str]:
        """A text, or several in a list."""
        value = self._said.get(key)
        items = value if isinstance(value, list) else [] if value is None else [value]
        texts = [_line(one) for one in items[:MOST_ITEMS]]
        if not all(texts) and any(not isinstance(one, str) for one in items):
            self._pass_over(key, "a text, or a list of texts")
        return list(filter(None, texts))

    def _pass_over(self, key: str, wanted: str) -> None:
        told = f"{self._path}: {key} should be {wanted}; what is none was passed over."
        if told not in self.notices:
            self.notices.append(told)


def _line(value: Any) -> str:
    """A text or a number on one line; nothing for what is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = " ".join(str(value).split())
    return "" if text in ("nan", "inf", "-inf") else text[:LONGEST]
