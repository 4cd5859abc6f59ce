"""Manifests and samples of sites, damaged at random: understood or refused, never a traceback."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from bundler.ground.errors import DemoError, SiteError
from bundler.pipeline import verify_site
from bundler.proof import golden, verify
from bundler.site import MANIFEST, read_manifest
from tests import mutations


def test_damaged_samples_are_understood_or_refused(wine: Path) -> None:
    """Never a traceback: what is understood can be compared with."""
    path = wine / read_manifest(wine)["golden"]
    good, understood = path.read_bytes(), 0
    whole = json.loads(good)
    cut = {**whole, "cases": whole["cases"][:2]}
    damaged = [json.dumps(one).encode() for one in mutations.of_json(cut, 300, seed=2)]
    for content in [*damaged, *mutations.of_bytes(good, 300, seed=3)]:
        path.write_bytes(content)
        try:
            cases, strides, tolerance = golden.load(path, wine)
        except SiteError:
            continue
        answers = [case.outputs for case in cases]
        assert verify.compare(cases, answers, "cpu", strides, tolerance)
        understood += 1
    assert 10 < understood < 550


def test_damaged_manifests_are_understood_or_refused(wine: Path) -> None:
    """Never a traceback, whatever still runs."""
    good = read_manifest(wine)
    kept = dict(list(good["files"].items())[:4])
    small = {**good, "files": {**kept, "index.html": good["files"]["index.html"]}}
    damaged = [json.dumps(one).encode() for one in mutations.of_json(small, 150, seed=4)]
    whole = json.dumps(good).encode()
    for content in [*damaged, *mutations.of_bytes(whole, 25, seed=5)]:
        (wine / MANIFEST).write_bytes(content)
        with suppress(DemoError):
            verify_site(wine)
