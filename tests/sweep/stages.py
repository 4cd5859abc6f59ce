"""One case from its making to its answers at every place, through the build's own code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler import graph, plan
from bundler.bundle import packages, runtime
from bundler.bundle.runtime import EngineBundle
from bundler.demo import config, parts
from bundler.demo.demo import Demo
from bundler.graph import Case, TensorFlowProcess, WebModel
from bundler.ground import cache, layout
from bundler.ground.errors import DemoError
from bundler.ground.tensors import Tensors
from bundler.proof import verify
from bundler.proof.verify import Shipped
from tests.sweep import auditing, making, peer, proofs
from tests.sweep.chromium import Chromium
from tests.sweep.results import Outcome, Result, Store, status_of
from tests.sweep.service import Service, ServiceError

# Conversions in one TensorFlow process: it keeps every model.
CONVERSIONS = 25
# SwiftShader computes some ten million multiply-adds a second.
GRAPHICS_MULTIPLY_ADDS = 100_000_000
# What a build's stages are made of: with other code, a case that they refused is tried again.
CODE = ("graph", "formats", "plan", "bundle", "ground/tensors.py")

OnStage = Callable[[str, str], None]


class Conversions(TensorFlowProcess):
    """A TensorFlow process for one demo after the other."""

    def __init__(self, demo: Demo) -> None:
        super().__init__(demo, lambda _: None)
        self.readable = [demo.folder.resolve().parent]

    def turn_to(self, demo: Demo) -> None:
        self._demo = demo

    def is_for(self, demo: Demo) -> bool:
        """Whether it may read the demo, and is as trusting."""
        known = self.readable == [demo.folder.resolve().parent]
        return known and self._demo.trusted == demo.trusted and not self.is_dead

    @property
    def is_dead(self) -> bool:
        return self._process is not None and self._process.poll() is not None


@dataclass(frozen=True)
class Converted:
    """All that a site would ship of a case, and Python's answers."""

    demo: Demo
    shipped: Shipped | None
    cases: list[Case]
    key: str
    multiply_adds: int
    remarks: list[str]


class StageError(Exception):
    """A case ended before it could run anywhere."""

    def __init__(self, stage: str, status: str, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.status = status
        self.reason = reason


class Stages:
    """Processes that stay from case to case, and the work on one case."""

    def __init__(self, work: Path, on_stage: OnStage) -> None:
        self._work = work
        self._on_stage = on_stage
        self._store = Store(work / "results")
        self._maker = Service("tests.sweep.making")
        self._chromium = Chromium()
        self._peer = peer.Peer(work)
        self._process: Conversions | None = None
        self._conversions = 0
        self._parts = parts.read()

    def run(self, case: dict[str, Any], places: list[str], *, again: bool) -> Result:
        """The case's result with these places brought up to date."""
        group, name = case["group"], case["name"]
        result = self._store.read(group, name)
        if again:
            result.places = {p: o for p, o in result.places.items() if o.status == "right"}
        try:
            target = self._make(case)
            early = self._early_key(target, case)
            ended = [p for p in places if result.is_done(p, early)]
            if len(ended) == len(places):
                return result
            converted = self._convert(case, target, bundled=not set(places) <= set(peer.PLACES))
        except StageError as error:
            early = self._early_key(self._target(case), case)
            ended_here = Outcome(error.status, early, None, error.reason, error.stage)
            result.places |= dict.fromkeys(places, ended_here)
            result.remarks = []
        else:
            result.remarks = converted.remarks
            for place in places:
                key = self._key(converted, target, place)
                if result.is_done(place, key):
                    continue
                self._on_stage(place, key)
                if place not in peer.PLACES:
                    result.places[place] = self._compare(converted, place, key)
                elif outcome := self._run_peer(case, target, converted, place):
                    result.places[place] = outcome
                self._store.write(result)
        self._store.write(result)
        return result

    def close(self) -> None:
        self._maker.close()
        self._chromium.close()
        self._peer.close()
        if self._process:
            self._process.close()

    def _target(self, case: dict[str, Any]) -> Path:
        name = f"{case['name']}{case['suffix']}"
        return self._work.joinpath("models", case["group"], name)

    def _make(self, case: dict[str, Any]) -> Path:
        """The model's file, made again only if the cases' code changed."""
        target = self._target(case)
        stamp = target.with_name(target.name + ".made")
        key = making.key()
        if target.exists() and stamp.exists() and stamp.read_text() == key:
            return target
        self._on_stage("make", "")
        target.parent.mkdir(parents=True, exist_ok=True)
        made = target.with_name(f"new-{target.name}")
        try:
            self._maker.ask(group=case["group"], name=case["name"], out=str(made))
        except ServiceError as error:
            making.remove(target)
            raise StageError("make", "failed", str(error)) from error
        making.put(made, target)
        stamp.write_text(key)
        return target

    def _early_key(self, target: Path, case: dict[str, Any]) -> str:
        """For cases that end before they run."""
        package = packages.SCRIPTS.parent
        code = cache.digest_files([*(package / name for name in CODE), layout.templates() / "ops"])
        model = cache.digest_files([target]) if target.exists() else making.key()
        return cache.digest(model, code, case["trusted"], case["demo"], packages.lock_hash())

    def _convert(self, case: dict[str, Any], target: Path, *, bundled: bool) -> Converted:
        """The stages of build.prepare that concern the graph, with what ships if `bundled`."""
        demo = config.read(target, trusted=case["trusted"])
        if case["demo"]:
            fields = {**demo.model_dump(), **case["demo"]}
            if fields["custom_objects"]:
                fields["custom_objects"] = str(making.CASES / fields["custom_objects"])
            demo = Demo.model_validate(fields).model_copy(
                update={"folder": demo.folder, "file": demo.file, "trusted": demo.trusted}
            )
        process = self._turn_to(demo)
        signature = self._stage("inspect", lambda: graph.inspect(demo, process))
        planned = self._stage("plan", lambda: plan.make(demo, signature, self._parts))
        model = self._stage("convert", lambda: graph.convert(demo, planned, process))
        engine = self._stage("bundle", lambda: runtime.bundle_engine(model)) if bundled else None
        answers = self._stage(
            "answer", lambda: graph.answers(model, [], process, tolerance=demo.build.tolerance)
        )
        self._stage(
            "answer", lambda: proofs.check(f"{case['group']}/{case['name']}", planned, answers)
        )
        remarks = list(answers.notices)
        if _has_nan(answers.cases):
            remarks.append("Python's own answers are not all numbers.")
        return Converted(
            demo,
            _shipped(model, engine, len(answers.cases)) if engine else None,
            answers.cases,
            cache.digest(model.content, [item.digest for item in answers.cases]),
            model.multiply_adds,
            remarks,
        )

    def _turn_to(self, demo: Demo) -> Conversions:
        self._conversions += 1
        is_tired = self._conversions >= CONVERSIONS
        if self._process and (is_tired or not self._process.is_for(demo)):
            self._process.close()
            self._process = None
        if self._process is None:
            self._process = Conversions(demo)
            self._conversions = 0
        self._process.turn_to(demo)
        return self._process

    def _stage(self, stage: str, do: Callable[[], Any]) -> Any:
        self._on_stage(stage, "")
        try:
            return do()
        except DemoError as error:
            raise StageError(stage, status_of(error.message), error.message) from error
        except Exception as error:
            raise StageError(stage, "failed", f"{type(error).__name__}: {error}") from error

    def _run_peer(
        self, case: dict[str, Any], target: Path, converted: Converted, place: str
    ) -> Outcome | None:
        tolerance = converted.demo.build.tolerance
        return self._peer.run(case, target, converted.cases[0], place, tolerance)

    def _key(self, converted: Converted, target: Path, place: str) -> str:
        """The hash of what would run at a place."""
        if place in peer.PLACES:
            return self._peer.key(target)
        if place in auditing.PLACES:
            return cache.digest(converted.key, place, auditing.bundle().key)
        assert converted.shipped
        engine = converted.shipped.engines[_backend(place)]
        return cache.digest(converted.key, place, cache.digest_files([engine]))

    def _compare(self, converted: Converted, place: str, key: str) -> Outcome:
        backend = _backend(place)
        shipped = converted.shipped
        assert shipped
        count = shipped.backends.get(backend, len(converted.cases))
        if backend in ("webgl", "webgpu"):
            limit = GRAPHICS_MULTIPLY_ADDS // max(converted.multiply_adds, 1)
            count = min(count, max(1, limit))
        cases = verify.some(converted.cases, count)
        if place in auditing.PLACES:
            return self._audit(shipped, cases, backend, key)
        run = verify.answers if place.startswith("node-") else self._chromium.answers
        try:
            found = run(shipped, cases, backend)
        except DemoError as error:
            return Outcome("failed", key, None, error.message)
        except Exception as error:
            return Outcome("failed", key, None, f"{type(error).__name__}: {error}")
        rows = verify.compare(cases, found, backend, {}, converted.demo.build.tolerance)
        worst = max(rows, key=lambda row: row.error / row.allowed)
        if worst.holds:
            return Outcome("right", key, worst.error)
        reason = _difference(worst.output, worst.error, cases, found)
        return Outcome("wrong", key, worst.error, reason)

    def _audit(self, shipped: Shipped, cases: list[Case], backend: str, key: str) -> Outcome:
        """Keeps what is found as the outcome's reason, for the table of all cases."""
        try:
            kernels = self._chromium.kernels(shipped, cases, backend)
        except DemoError as error:
            return Outcome("failed", key, None, error.message)
        worst = max((row["error"] for row in kernels.values()), default=0.0)
        return Outcome("right", key, worst, json.dumps(kernels))


def _backend(place: str) -> str:
    return place.removeprefix("node-").removeprefix(auditing.PREFIX)


def _shipped(model: WebModel, engine: EngineBundle, count: int) -> Shipped:
    return Shipped(
        engines={backend: engine.folder / name for backend, name in engine.workers.items()},
        files={**{name: model.folder / name for name in model.files}, **engine.wasm},
        backends=runtime.verified_cases(model, count),
    )


def _has_nan(cases: list[Case]) -> bool:
    import numpy as np

    tensors = [tensor for case in cases for tensor in case.outputs.values()]
    floats = [tensor.flat() for tensor in tensors if tensor.dtype == "float32"]
    return any(not np.isfinite(values).all() for values in floats)


def _difference(name: str, error: float, cases: list[Case], found: list[Tensors]) -> str:
    """How an output differs, in one line."""
    expected, got = cases[0].outputs[name], found[0].get(name)
    if got is None:
        return f"{name} is missing"
    if (expected.dtype, expected.shape) != (got.dtype, got.shape):
        wanted = f"{expected.dtype} {list(expected.shape)}"
        return f"{name} is {got.dtype} {list(got.shape)} instead of {wanted}"
    first = [str(value)[:12] for value in got.values[:4]]
    wanted = ", ".join(str(value)[:12] for value in expected.values[:4])
    return f"{name}: error {error:.2g}; {', '.join(first)} instead of {wanted}"
