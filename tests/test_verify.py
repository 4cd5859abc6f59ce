"""Python's answers against TF.js's: what is caught, and what a site ships for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bundler.graph import Case
from bundler.ground import pictures
from bundler.ground.errors import ParityError, SiteError
from bundler.ground.tensors import PATTERN, Tensor
from bundler.pipeline import verify_site
from bundler.proof import golden, verify
from bundler.site import MANIFEST, read_manifest
from tests.command import run_python
from tests.conftest import BuildDemo

LARGEST_GOLDEN = 40_000


def rewrite(site: Path, path: str, change: Callable[[bytes], bytes]) -> None:
    """Changes a file and its hash, as somebody would who wants nobody to notice."""
    content = change((site / path).read_bytes())
    (site / path).write_bytes(content)
    data = read_manifest(site)
    data["files"][path] = hashlib.sha256(content).hexdigest()
    (site / MANIFEST).write_text(json.dumps(data))


def change_golden(site: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the outputs of every golden case."""

    def edit(content: bytes) -> bytes:
        data = json.loads(content)
        for case in data["cases"]:
            change(case["outputs"])
        return json.dumps(data).encode()

    rewrite(site, read_manifest(site)["golden"], edit)


def weights(site: Path) -> str:
    return next(str(path) for path in read_manifest(site)["files"] if path.endswith(".bin"))


@pytest.mark.parametrize("name", ["wine", "digits"])
def test_a_built_site_is_verified_again(name: str, build_demo: BuildDemo) -> None:
    parity = verify_site(build_demo(name).folder)
    assert {row.backend for row in parity.rows} == {"cpu", "wasm"}
    assert all(0 <= row.error <= parity.tolerance for row in parity.rows)
    assert all(row.samples >= 3 for row in parity.rows)


def test_a_site_is_verified_without_tensorflow_and_cache(wine: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; os.environ['TFJS_DEMO_CACHE'] = sys.argv[2];"
        "from bundler.pipeline import verify_site;"
        "print(verify_site(Path(sys.argv[1]), trusted=True).rows);"
        "print(sorted({'tensorflow', 'keras', 'tf_keras'} & set(sys.modules)))"
    )
    result = run_python(program, wine, tmp_path / "cache")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"
    assert not (tmp_path / "cache" / "packages").exists()


def test_a_changed_weight_is_told_with_numbers(wine: Path) -> None:
    def change(content: bytes) -> bytes:
        values = np.frombuffer(content, np.float32).copy()
        values[:40] += 0.5
        return values.tobytes()

    rewrite(wine, weights(wine), change)
    with pytest.raises(ParityError) as caught:
        verify_site(wine)
    first, *rows = caught.value.message.splitlines()
    assert first == "TensorFlow.js does not answer what Python answers:"
    pattern = r"  cultivar on (\w+): error [\d.]+, allowed 1e-04"
    matches = [re.fullmatch(pattern, row) for row in rows]
    assert {match and match[1] for match in matches} == {"cpu", "wasm"}


def test_not_a_number_is_no_answer(wine: Path) -> None:
    """Comparisons with NaN are all false: the check must not take that for "not too large"."""

    def spoil(content: bytes) -> bytes:
        return np.full(len(content) // 4, np.nan, np.float32).tobytes()

    rewrite(wine, weights(wine), spoil)
    with pytest.raises(ParityError, match="error inf"):
        verify_site(wine)


def test_not_a_number_is_no_reference_either(wine: Path) -> None:
    def spoil(outputs: dict[str, Any]) -> None:
        nan = Tensor("float32", (1, 3), np.full(3, np.nan, np.float32).tobytes())
        outputs["cultivar"] = {**nan.to_json(), "stride": 1}

    change_golden(wine, spoil)
    with pytest.raises(ParityError, match="error inf"):
        verify_site(wine)


@pytest.mark.parametrize(
    ("key", "value"), [("dtype", "int32"), ("shape", [3, 1]), ("shape", [1, 2])]
)
def test_another_dtype_or_shape_is_no_answer(key: str, value: Any, wine: Path) -> None:
    change_golden(wine, lambda outputs: outputs["cultivar"].update({key: value}))
    with pytest.raises(ParityError, match="error inf"):
        verify_site(wine)


def test_a_missing_output_is_named(wine: Path) -> None:
    def rename(outputs: dict[str, Any]) -> None:
        outputs["vintage"] = outputs["cultivar"]

    change_golden(wine, rename)
    with pytest.raises(ParityError, match="vintage"):
        verify_site(wine)


def test_a_graph_that_does_not_run_is_told(wine: Path) -> None:
    path = read_manifest(wine)["engine_files"]["model.json"]
    rewrite(wine, path, lambda content: content.replace(b'"op":"Softmax"', b'"op":"Softmaxx"'))
    with pytest.raises(ParityError, match="Softmaxx"):
        verify_site(wine)


def test_a_cut_weight_file_is_told(wine: Path) -> None:
    rewrite(wine, weights(wine), lambda content: content[:-4])
    with pytest.raises(ParityError, match="the weights end"):
        verify_site(wine)


@pytest.mark.parametrize("path", ["index.html", "{weights}", "{engine}", "{golden}"])
def test_a_changed_file_is_named(path: str, wine: Path) -> None:
    data = read_manifest(wine)
    path = path.format(weights=weights(wine), engine=data["engines"]["cpu"], golden=data["golden"])
    (wine / path).write_bytes((wine / path).read_bytes() + b" ")
    with pytest.raises(SiteError, match=path):
        verify_site(wine)
    (wine / path).unlink()
    with pytest.raises(SiteError, match=path):
        verify_site(wine)


@pytest.mark.parametrize("key", ["engines", "golden", "engine_files"])
@pytest.mark.parametrize("place", ["../outside", "{}/outside"])
def test_nothing_outside_of_the_site_is_run_or_read(key: str, place: str, wine: Path) -> None:
    """A manifest by somebody else names a script beside the site."""
    marker = wine.parent / "it-ran"
    script = f"import fs from 'node:fs'; fs.writeFileSync({json.dumps(str(marker))}, '')"
    (wine.parent / "outside").write_text(script)
    data = read_manifest(wine)
    path = place.format(wine.parent)
    tables = {"engines": "cpu", "engine_files": "model.json"}
    data[key] = {**data[key], tables[key]: path} if key in tables else path
    (wine / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(SiteError):
        verify_site(wine)
    assert not marker.exists()


@pytest.mark.parametrize("key", ["engines", "golden", "engine_files", "files"])
def test_an_incomplete_manifest_is_no_site(key: str, wine: Path) -> None:
    data = read_manifest(wine)
    del data[key]
    (wine / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(SiteError):
        verify_site(wine)


@pytest.mark.parametrize("name", ["wine", "digits"])
def test_the_samples_that_ship_are_small(name: str, build_demo: BuildDemo) -> None:
    folder = build_demo(name).folder
    path = folder / read_manifest(folder)["golden"]
    assert path.stat().st_size <= LARGEST_GOLDEN
    cases, _, _ = golden.load(path, folder)
    assert len({frozenset(case.outputs.items()) for case in cases}) == len(cases)


def random_tensor(shape: tuple[int, ...], dtype: str, *, repeated: bool) -> Tensor:
    generator = np.random.default_rng(3)
    size = int(np.prod(shape))
    pattern = (
        generator.integers(0, 2, PATTERN) if dtype == "bool" else generator.normal(size=PATTERN)
    )
    values = np.resize(pattern, size) if repeated else generator.integers(0, 2, size)
    return Tensor(dtype, shape, values.astype(dtype).tobytes())


def dump_and_load(case: Case, site: Path, names: dict[str, str]) -> tuple[Case, int, int]:
    """What comes back, the stride of "y", and the bytes of the file."""
    content = golden.dump([case], names, tolerance=1e-4)
    (site / "golden.json").write_bytes(content)
    (loaded,), strides, tolerance = golden.load(site / "golden.json", site)
    assert tolerance == 1e-4
    return loaded, strides["y"], len(content)


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_large_tensors_ship_as_a_few_kilobytes(dtype: str, tmp_path: Path) -> None:
    value = random_tensor((1, 224, 224, 3), dtype, repeated=True)
    answer = random_tensor((1, 500, 500), dtype, repeated=False)
    loaded, stride, size = dump_and_load(Case({"x": value}, {"y": answer}), tmp_path, {})
    assert size <= 32_000
    assert loaded.inputs == {"x": value}
    assert loaded.outputs["y"].shape == answer.shape
    kept = loaded.outputs["y"].flat()
    assert stride > 1 and (kept == answer.flat()[::stride]).all()
    assert golden.thin(answer, stride) == loaded.outputs["y"]


@pytest.mark.parametrize(
    "tensor",
    [
        random_tensor((1, 5), "float32", repeated=True),
        random_tensor((1, PATTERN), "float32", repeated=True),
        random_tensor((1, PATTERN + 1), "int32", repeated=False),
        random_tensor((1, 0), "float32", repeated=True),
        random_tensor((), "float32", repeated=True),
        Tensor("string", (1, 2), ("", "Grüße")),
    ],
    ids=lambda tensor: f"{tensor.dtype}{tensor.shape}",
)
def test_small_tensors_ship_as_they_are(tensor: Tensor, tmp_path: Path) -> None:
    loaded, stride, _ = dump_and_load(Case({"x": tensor}, {"y": tensor}), tmp_path, {})
    assert (loaded, stride) == (Case({"x": tensor}, {"y": tensor}), 1)


def test_pictures_of_the_same_pixels_and_other_sides_are_told_apart(tmp_path: Path) -> None:
    names, inputs = {}, {}
    for name, size in (("wide", (8, 4)), ("high", (4, 8))):
        Image.new("RGB", size, "white").save(tmp_path / f"{name}.source.png")
        picture = pictures.read(tmp_path / f"{name}.source.png")
        (tmp_path / f"{name}.png").write_bytes(picture.png)
        names[picture.pixels.digest] = f"{name}.png"
        inputs[name] = picture.pixels
    answer = {"y": random_tensor((1, 2), "float32", repeated=True)}
    loaded, _, _ = dump_and_load(Case(inputs, answer), tmp_path, names)
    assert loaded.inputs == inputs


@pytest.mark.parametrize(
    ("error", "enough"),
    [(3.1e-4, "4e-04"), (1e-4, "1e-04"), (9.4e-4, "1e-03"), (9.99e-3, "1e-02"), (2e-30, "2e-30")],
)
def test_a_small_error_names_a_tolerance_that_is_enough(error: float, enough: str) -> None:
    assert verify.advice(error).endswith(f"[build] tolerance = {enough}")
    assert float(enough) >= error


@pytest.mark.parametrize("error", [0.02, 1.0, inf, nan])
def test_no_tolerance_is_proposed_for_what_is_no_rounding(error: float) -> None:
    assert "tolerance =" not in verify.advice(error)
