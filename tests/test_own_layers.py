"""Layers of one's own as tutorials write them, without get_config and without **kwargs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bundler import formats
from bundler.formats.source import Source
from tests.models import tf
from tests.warm import run_forked

HEAD = """
import keras
from keras import layers, ops
"""
LAYERS = {
    "no_arguments": """
class Own(layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(3, activation="tanh")
    def call(self, x):
        return self.inner(x)
made = lambda: Own()
""",
    "arguments": """
class Own(layers.Layer):
    def __init__(self, units, scale=2.0):
        super().__init__()
        self.inner, self.scale = layers.Dense(units), scale
    def call(self, x):
        return self.inner(x) * self.scale
made = lambda: Own(3, scale=0.5)
""",
    "named": """
class Own(layers.Layer):
    def __init__(self, units, name=None):
        super().__init__(name=name)
        self.inner = layers.Dense(units)
    def call(self, x):
        return self.inner(x)
made = lambda: Own(3, name="mine")
""",
    "own_weights": """
class Own(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units), name="w")
    def call(self, x):
        return ops.matmul(x, self.w)
made = lambda: Own(3)
""",
    "frozen": """
class Own(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.inner = layers.Dense(units, dtype="float32")
    def call(self, x):
        return self.inner(x)
def made():
    one = Own(3)
    one.trainable = False
    return one
""",
    "everything": """
class Own(layers.Layer):
    def __init__(self, units, **options):
        super().__init__(**options)
        self.inner = layers.Dense(units)
    def call(self, x):
        return self.inner(x)
made = lambda: Own(3, name="all")
""",
}
MAKE = """
x = keras.Input((4,), name="x")
keras.utils.set_random_seed(3)
model = keras.Model(x, made()(x))
model.save(sys.argv[1])
np.save(sys.argv[2], model(np.arange(8.0, dtype="float32").reshape(2, 4)))
"""


# Keras remarks that it builds the inner layers when the layer is called.
@pytest.mark.filterwarnings("ignore:.build\\(\\). was called on layer")
@pytest.mark.parametrize("name", LAYERS)
def test_layers_open_with_their_file(name: str, tmp_path: Path) -> None:
    code = HEAD + LAYERS[name]
    (tmp_path / "layers.py").write_text(code)
    program = "import sys\nimport numpy as np\n" + code + MAKE
    done = run_forked(program, tmp_path / "model.keras", tmp_path / "answer.npy")
    assert done.returncode == 0, done.stderr[-2000:]
    source = Source(tmp_path / "model.keras", custom_objects=tmp_path / "layers.py", trusted=True)
    loaded = formats.detect(source).load(source)
    [answer] = loaded.call([tf.reshape(tf.range(8.0), [2, 4])])
    expected = np.load(tmp_path / "answer.npy")
    assert np.abs(answer.numpy() - expected).max() <= 1e-6
