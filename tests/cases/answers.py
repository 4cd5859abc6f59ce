"""What Python answers for those models of ../shared/cases whose makers do not ask it.

And what is made of models that cannot be built, as the message that refuses them says.
`python answers.py MAKER`, with CASES_ROOT in the environment, writes into CASES_ROOT as the
makers do.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(os.environ["CASES_ROOT"])
MODELS, OUT = ROOT / "models", ROOT / "out"
# The name of the answers, what goes in, what comes out.
Answer = tuple[str, dict[str, Any], dict[str, Any]]


def fixed_batch() -> Iterator[Answer]:
    import keras

    random = np.random.default_rng(1)
    for name, feed, shape in (
        ("fixed_batch", "digit", (32, 28, 28, 1)),
        ("fixed_batch_rows", "row", (16, 4)),
    ):
        model = keras.saving.load_model(MODELS / f"{name}.keras", compile=False)
        value = random.normal(size=shape).astype("float32")
        yield name, {feed: value}, {"o": model(value)}


def mixed_precision() -> Iterator[Answer]:
    """The same weights, computed in float32."""
    import keras

    for name in ("mixed_float16", "mixed_bfloat16", "float16"):
        model = keras.saving.load_model(MODELS / f"{name}.keras", compile=False)
        keras.config.set_dtype_policy("float32")
        whole = keras.Model.from_config(in_float32(model.get_config()))
        whole.set_weights([weight.astype("float32") for weight in model.get_weights()])
        feed = json.loads((OUT / f"{name}.json").read_text())["inputs"]
        answer = whole(np.array(feed["x"], "float32"))
        assert answer.dtype == "float32"
        yield f"{name}-float32", feed, {"o": answer}


def in_float32(config: Any) -> Any:
    """A configuration with every dtype policy replaced."""
    if isinstance(config, list | tuple):
        return type(config)(in_float32(item) for item in config)
    if not isinstance(config, dict):
        return config
    return {
        key: "float32" if key == "dtype" else in_float32(value) for key, value in config.items()
    }


def signatures() -> Iterator[Answer]:
    import tensorflow as tf

    archive = tf.saved_model.load(str(MODELS / "archive"))
    value = np.array([[0.5, -2.0]], "float32")
    for endpoint in ("logits", "probabilities"):
        answer = getattr(archive, endpoint)(tf.constant(value))
        yield f"archive_{endpoint}", {"x": value}, {"o": answer}


def teachable() -> Iterator[Answer]:
    import tensorflowjs
    import tf_keras

    random = np.random.default_rng(1)
    for name, shape in (("tm_pose", (1, 14739)), ("tm_audio", (1, 43, 232, 1))):
        model = tensorflowjs.converters.load_keras_model(str(MODELS / name / "model.json"))
        value = random.normal(size=shape).astype("float32")
        yield name, {"x": value}, {"o": model(value)}
    model = tf_keras.models.load_model(MODELS / "keras_model.h5", compile=False)
    pixels = random.integers(0, 256, (1, 224, 224, 3))
    raw = pixels.astype("float32")
    # As the snippet for Python that comes with an export scales them.
    yield "teachable_picture", {"x": pixels}, {"o": model(raw / 127.5 - 1)}
    yield "keras_model", {"x": raw}, {"o": model(raw)}


def vae_encoder() -> Iterator[Answer]:
    """Mean and variance; the third output is drawn anew by every call."""
    import tensorflow as tf

    encoder = tf.saved_model.load(str(MODELS / "vae_encoder_export"))
    value = np.random.default_rng(1).random((1, 28, 28, 1)).astype("float32")
    mean, variance, _ = encoder.serve(tf.constant(value))
    yield "vae_encoder", {"digit": value}, {"z_mean": mean, "z_log_var": variance}


def decision_forest() -> Iterator[Answer]:
    """The remedy: a network that learns what the forest answers."""
    import keras
    import tensorflow_decision_forests  # its ops are found when it is imported
    import tf_keras

    assert tensorflow_decision_forests
    forest = tf_keras.models.load_model(MODELS / "forest", compile=False)
    features = np.random.default_rng(1).random((2000, 2)).astype("float32")
    labels = forest.predict({"a": features[:, 0], "b": features[:, 1]}, verbose=0)
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [
            keras.Input((2,), name="features"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    network.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    network.fit(features, labels, epochs=10, verbose=0)
    agreed = (network.predict(features, verbose=0) > 0.5) == (labels > 0.5)
    assert agreed.mean() > 0.9, "it learnt nothing"
    network.save(MODELS / "forest_network.keras")
    value = np.array([[0.2, 0.7], [0.9, 0.4]], "float32")
    yield "forest_network", {"features": value}, {"o": network(value)}


def jpeg_server() -> Iterator[Answer]:
    """The remedy: the same weights behind a signature that takes pixels."""
    import tensorflow as tf

    weights = tf.random.stateless_normal([3, 2], [1, 2])

    @tf.function(input_signature=[tf.TensorSpec([1, None, None, 3], tf.uint8, name="image")])  # type: ignore[untyped-decorator]
    def score(image: Any) -> Any:
        small = tf.image.resize(image, [24, 24])
        return {"scores": tf.nn.softmax(tf.reduce_mean(small / 255.0, [1, 2]) @ weights)}

    module = tf.Module()
    module.score = score
    tf.saved_model.save(module, str(MODELS / "jpeg_pixels"), signatures=score)
    served = tf.saved_model.load(str(MODELS / "jpeg_server")).signatures["serving_default"]
    pixels = np.random.default_rng(1).integers(0, 256, (24, 24, 3)).astype("uint8")
    # Not JPEG, which loses something: the same op decodes both.
    answer = served(tf.constant([tf.io.encode_png(pixels).numpy()]))
    yield "jpeg_pixels", {"image": pixels[None]}, {"scores": answer["scores"]}


MAKERS: dict[str, Callable[[], Iterator[Answer]]] = {
    "decision_forest": decision_forest,
    "fixed_batch": fixed_batch,
    "jpeg_server": jpeg_server,
    "mixed_precision": mixed_precision,
    "signatures": signatures,
    "teachable": teachable,
    "vae_encoder": vae_encoder,
}


def main(maker: str) -> None:
    if maker not in MAKERS:
        return
    for name, inputs, outputs in MAKERS[maker]():
        facts = {
            "inputs": {key: np.asarray(value).tolist() for key, value in inputs.items()},
            "outputs": {key: np.asarray(value).tolist() for key, value in outputs.items()},
        }
        (OUT / f"{name}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1" if sys.argv[1] == "teachable" else "0")
    main(sys.argv[1])
