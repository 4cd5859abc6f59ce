"""Names in the configurations of untrusted models: parts of models, and nothing else of Keras."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

from bundler import formats
from bundler.formats.keras_files import guard, library
from bundler.formats.source import Source
from bundler.ground.errors import ModelError, SetupError
from tests.hostile import names
from tests.hostile.bait import Bait, Config
from tests.hostile.keras_files import rewrite
from tests.hostile.names import as_function
from tests.test_untrusted import run

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", names.MODELS)
def test_what_is_no_part_of_a_model_is_never_found(name: str, tmp_path: Path) -> None:
    bait = Bait(tmp_path).prepare()
    path = names.MODELS[name](bait)
    with pytest.raises(ModelError) as caught:
        run(Source(path))
    assert path.name in caught.value.message and caught.value.hint
    assert not Path(bait.canary).exists() and "antigravity" not in sys.modules


@pytest.mark.parametrize("key", ["compile_config", "training_config"])
def test_what_is_for_training_is_not_opened_in_models_within_models(
    key: str, tmp_path: Path
) -> None:
    """A network that is compiled and then put into another one keeps its loss and optimizer."""
    import keras

    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="inner")
    inner.compile("adam", "mse")
    x = keras.Input((4,))
    path = tmp_path / "model.keras"
    keras.Model(x, inner(x)).save(path)

    def edit(config: Config, bait: Bait) -> None:
        within = config["config"]["layers"][1]
        within[key] = {"optimizer": "sgd", "loss": as_function("os", "system", "")}

    rewrite(path, Bait(tmp_path).prepare(), edit)
    try:
        loaded = formats.detect(Source(path)).load(Source(path))
    except ModelError as error:
        assert "os.system" in error.message
    else:
        assert loaded.signature.outputs[0].shape == (None, 3)


@pytest.mark.parametrize("version", ["3", "2"])
def test_every_part_of_keras_is_known(version: str) -> None:
    """By introspection of the Keras that is installed, so that a new layer is no stranger."""
    own = library.start(version)
    parts = guard.Parts(own)
    keras = own.module
    spaces = {"layers": keras.layers.Layer, "initializers": keras.initializers.Initializer,
              "regularizers": keras.regularizers.Regularizer,
              "constraints": keras.constraints.Constraint}  # fmt: skip
    for name, base in spaces.items():
        found = vars(getattr(keras, name)).values()
        public = [one for one in found if inspect.isclass(one) and issubclass(one, base)]
        missing = [one.__name__ for one in public if not parts.has(one)]
        assert set(missing) <= guard.OUTSIDE, name
    for name in ("quantizers", "dtype_policies", "random", "mixed_precision"):
        found = vars(getattr(keras, name, None) or keras.layers).values()
        saved = [one for one in found if inspect.isclass(one) and hasattr(one, "from_config")]
        missing = [one.__name__ for one in saved if not parts.has(one)]
        assert set(missing) <= {*guard.OUTSIDE, "InputSpec"}, name
    functions = [one for one in vars(keras.activations).values() if inspect.isfunction(one)]
    unknown = {one.__name__ for one in functions if not parts.has(one)}
    assert unknown <= {"deserialize", "get", "serialize"}


def test_no_part_of_keras_opens_reads_or_writes() -> None:
    for version in ("3", "2"):
        names = guard.Parts(library.start(version)).names
        doubtful = [
            name
            for name in names
            if any(
                word in name.lower() for word in ("load", "save", "file", "json", "open_", "exec")
            )
        ]
        assert doubtful == []


@pytest.mark.parametrize("version", ["3.0.5", "3.8.0", "3.11.3"])
def test_a_keras_that_is_too_old_is_told(version: str) -> None:
    with pytest.raises(SetupError, match=f"Keras {version}") as caught:
        library.check_installed(version)
    assert "keras>=3.12" in caught.value.hint
    library.check_installed("3.12.0")
