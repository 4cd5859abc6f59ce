"""Untrusted models: no false alarm on anything that Keras and TensorFlow themselves write."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
import tf_keras

from bundler.formats.source import Source
from bundler.formats.untrusted import keras_config, keras_file
from bundler.formats.untrusted.error import UntrustedError
from tests.conftest import SHARED_MODELS
from tests.models import convolutions, mixed
from tests.sweep import cases

FILE = Path("model.keras")
# Lambda is refused on purpose; wrappers of other frameworks hold pickled code or files.
CODE = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}


KINDS = ("activations", "initializers", "layers", "losses", "metrics", "optimizers", "regularizers")
NO_ACTIVATIONS = {"deserialize", "get", "serialize"}

# Keras, TensorFlow and numpy 2 warn about each other.
pytestmark = pytest.mark.filterwarnings("ignore")


def walk(config: Any) -> None:
    # As JSON: tuples become lists, and whatever is no JSON shows up.
    keras_config.check(FILE, json.loads(json.dumps(config)), "config.json")


def serialized(model: Any) -> Any:
    """As the library that made a model writes it."""
    library = tf_keras if isinstance(model, tf_keras.Model) else keras
    return library.saving.serialize_keras_object(model)


def test_every_layer_of_the_sweep_passes() -> None:
    checked = 0
    for case in cases.of("layers"):
        model = None if case.make is None or case.name in CODE else case.make()
        try:
            walk(serialized(model))
        except ValueError as error:  # Keras cannot write Equalization
            assert "cycle" in str(error)
        checked += 1
    assert checked > 100


def parts(library: Any) -> Iterator[Any]:
    """Every function and class of a model's parts that needs no argument."""
    for kind in KINDS:
        for name, item in vars(getattr(library, kind)).items():
            is_class = inspect.isclass(item) and hasattr(item, "get_config")
            if is_class and name not in CODE:
                try:
                    yield item()
                except (TypeError, ValueError):  # it needs arguments
                    continue
            elif library is keras and kind == "activations" and name not in NO_ACTIVATIONS:
                yield item


@pytest.mark.parametrize("library", [keras, tf_keras], ids=["keras", "tf_keras"])
def test_every_part_of_a_model_passes(library: Any) -> None:
    checked = 0
    for part in parts(library):
        try:
            config = library.saving.serialize_keras_object(part)
        except (NotImplementedError, TypeError, ValueError):  # a base class
            continue
        walk({"part": config})
        checked += 1
    assert checked > 120


@pytest.mark.parametrize("make", [convolutions, mixed])
def test_models_of_many_operations_pass(make: Any) -> None:
    walk(serialized(make()))


def test_a_loss_of_the_author_is_not_missed() -> None:
    own = {"module": "my_losses", "class_name": "function", "config": "dice"}
    walk({"class_name": "Sequential", "config": {"layers": []}, "compile_config": {"loss": own}})
    keras_config.check_training(FILE, {"loss": own, "metrics": ["my_metric"]}, "training_config")


MODELS = [path for path in sorted(SHARED_MODELS.glob("*")) if path.suffix in (".h5", ".hdf5")]
ARCHIVES = sorted(SHARED_MODELS.glob("*.keras"))


@pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="no ../shared/models")
def test_published_files_pass() -> None:
    for path in MODELS:
        keras_file.check_hdf5(Source(path))
    for path in ARCHIVES:
        keras_file.check_archive(Source(path))
    assert len(MODELS) > 3 and len(ARCHIVES) > 2


def initializer(name: str) -> Any:
    module = "tensorflow.python.ops.init_ops_v2"
    return {"module": module, "class_name": name, "config": {"value": 0}, "registered_name": name}


def test_the_initializers_of_tensorflow_pass_and_nothing_else_beside_them() -> None:
    walk(initializer("Constant"))
    walk(initializer("VarianceScaling"))
    for name in ("ops", "_compute_fans", "Constant.__init__"):
        with pytest.raises(UntrustedError):
            walk(initializer(name))
