"""Messages in our own words: of damaged and hostile models, and of every hint that there is."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from bundler import formats
from bundler.formats.source import Source
from bundler.ground.errors import DemoError
from tests.conftest import ROOT
from tests.hostile.bait import Bait
from tests.hostile.models import HOSTILE
from tests.models import plain, save, tf
from tests.plain_words import assert_plain, follow
from tests.texts import ERRORS
from tests.tfjs_files import write_layers

pytestmark = pytest.mark.filterwarnings("ignore")


def keras_2() -> tf_keras.Model:
    x = tf_keras.Input((4,), name="x")
    return tf_keras.Model(x, tf_keras.layers.Dense(3, name="y")(x))


def keras_3_file(folder: Path) -> Path:
    return save(plain(), folder / "model.keras")


def keras_2_file(folder: Path) -> Path:
    return save(keras_2(), folder / "model.h5")


def saved_model(folder: Path) -> Path:
    module = tf.Module()
    module.w = tf.Variable(np.ones((4, 3), np.float32))
    call = tf.function(lambda x: tf.matmul(x, module.w))
    signature = call.get_concrete_function(tf.TensorSpec([None, 4], tf.float32, name="x"))
    tf.saved_model.save(module, str(folder / "saved"), signatures=signature)
    return folder / "saved"


def frozen_graph(folder: Path) -> Path:
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [None, 4], "x")
        tf.identity(tf.matmul(x, np.ones((4, 3), np.float32)), "y")
    path = folder / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def keras_json(folder: Path) -> Path:
    model = keras_2()
    model.save_weights(folder / "model.weights.h5")
    (folder / "model.json").write_text(model.to_json())
    return folder / "model.json"


def tfjs_layers(folder: Path) -> Path:
    return write_layers(folder / "web", keras_2())


MAKERS: list[Callable[[Path], Path]] = [
    keras_3_file, keras_2_file, saved_model, frozen_graph, keras_json, tfjs_layers,
]  # fmt: skip
# Of a file's bytes: what is left, or what has another bit.
CUTS = (0, 1, 8, 0.1, 0.33, 0.5, 0.8, 0.99)
FLIPS = (0, 3, 0.05, 0.2, 0.45, 0.7, 0.95)


def place(data: bytes, where: float) -> int:
    return int(where if isinstance(where, int) else where * len(data))


def damages(data: bytes) -> list[bytes]:
    cut = [data[: place(data, where)] for where in CUTS]
    flipped = []
    for where in FLIPS:
        changed = bytearray(data)
        changed[min(place(data, where), len(data) - 1)] ^= 0x5A
        flipped.append(bytes(changed))
    return [*cut, *flipped]


@pytest.mark.parametrize("make", MAKERS)
def test_damaged_models_are_told_in_our_own_words(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Every file of every format, cut and with flipped bits; some can be opened all the same."""
    (tmp_path / "good").mkdir()
    path = make(tmp_path / "good")
    formats.detect(Source(path)).load(Source(path))
    told = 0
    for file in sorted(path.parent.rglob("*")):
        for number, data in enumerate(damages(file.read_bytes()) if file.is_file() else []):
            copy = tmp_path / f"{number}"
            shutil.copytree(path.parent, copy, dirs_exist_ok=True)
            (copy / file.relative_to(path.parent)).write_bytes(data)
            source = Source(copy / path.relative_to(path.parent))
            try:
                formats.detect(source).load(source)
            except DemoError as error:
                assert_plain(error)
                told += 1
            shutil.rmtree(copy)
    assert told > 5


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_models_are_told_in_our_own_words(name: str, tmp_path: Path) -> None:
    path = HOSTILE[name].make(Bait(tmp_path).prepare())
    with pytest.raises(DemoError) as caught:
        formats.detect(Source(path)).load(Source(path))
    assert_plain(caught.value)


def hints() -> list[str]:
    """All hints in the code, with "x" for what is put into them."""
    found = []
    for file in sorted((ROOT / "bundler").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            values = [keyword.value for keyword in getattr(node, "keywords", [])
                      if keyword.arg == "hint"]  # fmt: skip
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").isupper():
                values.append(node.value)
            found += [text for value in values for text in texts(value)]
    return sorted({hint for hint in found if " " in hint})


def texts(value: ast.expr) -> list[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [value.value]
    if isinstance(value, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else "x"
                 for part in value.values]  # fmt: skip
        return ["".join(parts)]
    if isinstance(value, ast.BinOp | ast.BoolOp | ast.IfExp | ast.Tuple):
        return [text for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr)
                for text in texts(part)]  # fmt: skip
    return []


def test_every_hint_can_be_followed() -> None:
    found = hints()
    assert len(found) > 60
    for hint in found:
        follow(hint)


@pytest.mark.parametrize("file", sorted(ERRORS.glob("*.txt")), ids=lambda file: file.stem)
def test_every_kept_text_can_be_followed(file: Path) -> None:
    follow(file.read_text("utf-8").replace("YOUR-NAME", "you"))
