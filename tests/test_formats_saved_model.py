"""SavedModels of TensorFlow 1 and 2: signatures, several tensors, texts, lookup tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from bundler.demo import config
from bundler.ground.errors import ModelError
from tests.command import Result, run
from tests.conftest import SHARED_MODELS
from tests.models import tf
from tests.opening import answers, opened, shapes
from tests.texts import assert_error

WITH_PUBLISHED = pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="no ../shared/models")
FLOATS = tf.TensorSpec((None, 3), tf.float32)


class Halves(tf.Module):  # type: ignore[misc]
    """Two inputs of one shape, outputs whose names are not in the order of their making."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable([[1.0], [2.0], [3.0]])
        self.count = tf.Variable(4, trainable=False)

    @tf.function(input_signature=[FLOATS, FLOATS])  # type: ignore[untyped-decorator]
    def difference(self, zebra: Any, apple: Any) -> Any:
        minus = zebra - 2.0 * apple
        return {"zero": minus, "class": tf.nn.softmax(minus @ self.weight, name="last"), "a": apple}

    @tf.function(input_signature=[FLOATS])  # type: ignore[untyped-decorator]
    def score(self, x: Any) -> Any:
        return {"score": tf.reshape(tf.sigmoid(x @ self.weight), (-1,)), "count": self.count}


def saved(folder: Path, *names: str) -> Path:
    module = Halves()
    chosen = {name: getattr(module, name.split(":")[0]) for name in names}
    signatures = {name.split(":")[-1]: function for name, function in chosen.items()}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    return folder


def test_names_are_the_keys_of_the_signature(tmp_path: Path) -> None:
    loaded = opened(saved(tmp_path / "model", "difference"))
    assert shapes(loaded) == [
        "apple: float32 [?, 3]", "zebra: float32 [?, 3]",
        "a: float32 [?, 3]", "class: float32 [?, 1]", "zero: float32 [?, 3]",
    ]  # fmt: skip
    assert loaded.signature.activations == {"a": "linear", "class": "softmax", "zero": "linear"}
    found = answers(loaded, np.full((1, 3), 2, "f4"), np.full((1, 3), 7, "f4"))
    assert found == {"a": [[2, 2, 2]], "class": [[1]], "zero": [[3, 3, 3]]}


def test_the_only_signature_needs_no_name(tmp_path: Path) -> None:
    loaded = opened(saved(tmp_path / "model", "score:my_own"))
    assert shapes(loaded) == ["x: float32 [?, 3]", "count: int32 []", "score: float32 [?]"]
    assert loaded.signature.activations["score"] == "sigmoid"


def test_the_default_is_chosen_among_several(tmp_path: Path) -> None:
    path = saved(tmp_path / "model", "score:serving_default", "difference:other")
    assert len(opened(path).signature.inputs) == 1
    assert len(opened(path, signature="other").signature.inputs) == 2


@pytest.mark.parametrize("name", [None, "scor", "nothing-like-it"])
def test_which_signatures_there_are_is_told(name: str | None, tmp_path: Path) -> None:
    path = saved(tmp_path / "model", "score:score", "difference:difference")
    with pytest.raises(ModelError) as caught:
        opened(path, signature=name)
    assert_error(caught.value, f"saved-model-signature-{name}", tmp_path)


def test_a_model_without_signatures_is_told(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path / "model"))
    with pytest.raises(ModelError) as caught:
        opened(tmp_path / "model")
    assert_error(caught.value, "saved-model-no-signature", tmp_path)


def damage(folder: Path) -> None:
    (folder / "saved_model.pb").write_bytes(b"<html>not found</html>")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "damaged": damage,
    "no-index": lambda folder: (folder / "variables" / "variables.index").unlink(),
    "no-variables": lambda folder: shutil.rmtree(folder / "variables"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_folder_that_is_not_whole_is_told(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "model", "score")
    DAMAGES[name](path)
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert str(path) in caught.value.message and "Traceback" not in caught.value.message


def test_the_file_alone_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path / "model", "score") / "saved_model.pb"
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert_error(caught.value, "saved-model-file", tmp_path)


def test_a_demo_is_made_of_a_folder_and_its_signature(tmp_path: Path) -> None:
    path = saved(tmp_path / "model", "score:score", "difference:difference")
    (path / "site").mkdir()
    result = run("new", path, tmp_path / "demo", "--signature", "score")
    assert result.returncode == 0, result.stderr
    copy = tmp_path / "demo" / "model"
    assert (copy / "variables" / "variables.index").is_file() and not (copy / "site").exists()
    demo = config.read(tmp_path / "demo")
    assert (demo.signature, [entry.name for entry in demo.inputs]) == ("score", ["x"])
    assert shapes(opened(demo.model_path, signature=demo.signature))[0] == "x: float32 [?, 3]"


class Lookups(tf.Module):  # type: ignore[misc]
    """Tables of every kind of key; the vocabulary is an asset; one that nobody looks into."""

    def __init__(self, vocabulary: Path) -> None:
        super().__init__()
        text = tf.lookup.TextFileInitializer(
            str(vocabulary), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER,
        )  # fmt: skip
        self.words = tf.lookup.StaticVocabularyTable(text, 2)
        self.unused = self.table(["x", "y"], [1, 2], -1)
        self.codes = self.table(np.array([100, -7, 30], np.int64), [0.5, 0.25, 4.0], -1.0)
        self.names = self.table(np.array([0, 1], np.int64), ["no", "yes"], "?")
        self.weights = self.table(["ä", "", "b"], [1.5, 2.5, 3.5], 0.0)

    def table(self, keys: Any, values: Any, otherwise: Any) -> Any:
        initializer = tf.lookup.KeyValueTensorInitializer(keys, values)
        return tf.lookup.StaticHashTable(initializer, otherwise)

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            tf.TensorSpec((None, 4), tf.string), tf.TensorSpec((None, 2, 2), tf.int64),
        ]
    )  # fmt: skip
    def look(self, text: Any, code: Any) -> Any:
        return {
            "weight": self.weights.lookup(text),
            "number": self.codes.lookup(code),
            "name": self.names.lookup(code),
            "size": tf.cast(self.codes.size(), tf.float32)
            + tf.reduce_sum(self.weights.lookup(text)),
        }


def save_lookups(folder: Path) -> Path:
    vocabulary = folder.parent / "words.txt"
    vocabulary.write_text("the\ncat\nsat\n")
    module = Lookups(vocabulary)
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.look})
    vocabulary.unlink()
    return folder


def save_version_1(folder: Path) -> Path:
    """What TensorFlow 1 wrote: a graph with variables, a table, and a training graph beside it."""
    v1 = tf.compat.v1
    builder = v1.saved_model.builder.SavedModelBuilder(str(folder))
    with v1.Session(graph=tf.Graph()) as session:
        text = v1.placeholder(tf.string, (None, 2), name="text")
        keys, values = tf.constant(["no", "yes"]), tf.constant([-1.0, 1.0])
        initializer = v1.lookup.KeyValueTensorInitializer(keys, values)
        table = v1.lookup.StaticHashTable(initializer, 0.0)
        weight = v1.get_variable("weight", initializer=[[2.0], [3.0]], use_resource=False)
        score = tf.sigmoid(tf.matmul(table.lookup(text), weight), name="score")
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        signature = v1.saved_model.signature_def_utils.predict_signature_def(
            {"text": text}, {"score": score}
        )
        signatures = {"predict": signature}
        builder.add_meta_graph_and_variables(session, ["train"], signatures)
        builder.add_meta_graph(["serve"], signatures, main_op=v1.tables_initializer())
    builder.save()
    return folder


def save_keras(folder: Path) -> Path:
    """Exported by Keras 3: preprocessing layers with vocabularies."""
    town = keras.Input((1,), dtype="string", name="town")
    year = keras.Input((1,), dtype="int64", name="year")
    words = layers.StringLookup(vocabulary=["Rome", "Lima", "Oslo"], output_mode="one_hot")(town)
    years = layers.IntegerLookup(vocabulary=[1990, 2000], output_mode="one_hot")(year)
    both = layers.Concatenate()([words, years])
    model = keras.Model({"town": town, "year": year}, layers.Dense(2, activation="softmax")(both))
    model.export(str(folder), verbose=False)
    return folder


# Small SavedModels -> examples whose answers matter.
BUILT: dict[str, tuple[Callable[[Path], Path], list[dict[str, Any]]]] = {
    "lookups": (
        save_lookups,
        [
            {"text": [["ä", "", "b", "c"]], "code": [[[100, -7], [30, 31]]]},
            {"text": [["b", "b", "ä", "x"]], "code": [[[0, 1], [2, 100]]]},
        ],
    ),
    "version-1": (save_version_1, [{"text": [["yes", "no"]]}, {"text": [["maybe", "yes"]]}]),
    "keras": (
        save_keras,
        [{"town": [["Lima"]], "year": [[2000]]}, {"town": [["Paris"]], "year": [[1990]]}],
    ),
}


def build(folder: Path, model: Path, examples: list[dict[str, Any]] = []) -> Result:  # noqa: B006
    folder.mkdir(exist_ok=True)
    tables = [
        "\n".join(["[[examples]]", *(f"{key} = {json.dumps(value)}" for key, value in row.items())])
        for row in examples
    ]
    lines = [f"model = {json.dumps(str(model))}", *tables]
    (folder / "demo.toml").write_text("\n".join(lines), encoding="utf-8")
    return run("build", folder, "--allow-path", model.parent, "--json")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Builds all of BUILT, two at a time."""
    base = tmp_path_factory.mktemp("saved-models")
    models = {name: make(base / f"{name}-model") for name, (make, _) in BUILT.items()}
    with ThreadPoolExecutor(2) as pool:
        made = {
            name: pool.submit(build, base / name, models[name], BUILT[name][1]) for name in BUILT
        }
        return {name: future.result() for name, future in made.items()}


@pytest.mark.parametrize("name", BUILT)
def test_lookups_answer_as_in_python(name: str, built: dict[str, Result]) -> None:
    assert built[name].returncode == 0, built[name].stderr
    rows = json.loads(built[name].stdout)["parity"]["rows"]
    assert {row["backend"] for row in rows} == {"cpu", "wasm"}
    assert all(row["error"] <= 1e-6 for row in rows), rows


@WITH_PUBLISHED
def test_the_published_keyword_spotter_answers_as_in_python(tmp_path: Path) -> None:
    result = build(tmp_path / "demo", SHARED_MODELS / "keyword-spotting-savedmodel")
    assert result.returncode == 0, result.stderr
    assert all(row["error"] <= 1e-4 for row in json.loads(result.stdout)["parity"]["rows"])
