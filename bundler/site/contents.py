"""What a page is made of: the values of all stages, and the paths of the site's files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bundler.bundle.runtime import EngineBundle, PageBundle
from bundler.demo import own_texts
from bundler.demo.card import Known
from bundler.demo.demo import Demo
from bundler.demo.own import NONE, Own
from bundler.graph import Answers, WebModel
from bundler.ground.texts import Texts
from bundler.plan import Plan
from bundler.proof.verify import Parity
from bundler.site import ranges
from bundler.site.examples import Example


@dataclass(frozen=True)
class Assets:
    """Paths of the site's files, relative to index.html."""

    script: str
    workers: dict[str, str]  # by backend
    engine_files: dict[str, tuple[str, int, int]]  # the engine's name: path, bytes, those sent
    golden: str
    threads: str | None  # the script of wasm's threads
    download_bytes: int  # what a first visit transfers, compressed where hosts compress
    besides: int  # those of it that are none of the engine's files
    files: list[tuple[str, int, int]]  # for the report: path, bytes, gzipped bytes
    # what the page is told of answers that are files, by example and output
    answers: dict[tuple[int, str], dict[str, Any]]
    logo: str | None = None  # addresses of the author's own
    icon: str | None = None


@dataclass(frozen=True)
class Contents:
    """The values of all stages, which a page is made of."""

    demo: Demo
    plan: Plan
    model: WebModel
    examples: list[Example]
    answers: Answers
    engine: EngineBundle
    script: PageBundle
    parity: Parity
    card: Known
    own: Own = NONE

    @property
    def texts(self) -> Texts:
        """The page's own words."""
        return own_texts.of(self.own, self.demo.language)

    @property
    def notices(self) -> list[str]:
        """What the demo's author should know."""
        quantization = self.model.quantization
        found = quantization.notices if quantization else []
        own = [*self.card.notices, *self.own.notices, *self.script.warnings]
        planned = [*own_texts.notices(self.own, self.demo.language), *self.plan.notices]
        planned += ranges.notices(self.plan, self.answers.ranges)
        return [*planned, *self.model.notices, *self.answers.notices, *found, *own]
