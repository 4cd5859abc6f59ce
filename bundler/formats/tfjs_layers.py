"""Layers models of TensorFlow.js: a folder with model.json in Keras's terms, and shards."""

from __future__ import annotations

from pathlib import Path

from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.web import files, layers

NAME = "TensorFlow.js layers model"


def matches(path: Path) -> bool:
    return layers.config_of(files.topology(path)) is not None


def check(source: Source) -> None:
    layers.check(source)


def load(source: Source) -> Loaded:
    return layers.load(source)
