"""A table of arguments and inputs for every layer class; what it lacks is missing in the sweep."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests.sweep.cases.case import (
    Case,
    Inputs,
    floats,
    functional,
    integers,
    one,
    texts,
)

# Sizes that no widget for pictures takes: the model's input is the graph's.
STEPS = floats(8, 3)
PICTURE = floats(6, 7, 3)
VOLUME = floats(5, 4, 6, 2)
VECTOR = floats(6)
FRAMES = floats(3, 6, 7, 2)
IMAGE = floats(10, 12, 3)

# Classes that no model is made of: bases, and layers that need another framework.
NOT_LAYERS = {
    "AbstractRNNCell", "DenseFeatures", "FlaxLayer", "InputSpec", "JaxLayer", "Layer",
    "TorchModuleWrapper", "Wrapper",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One model of a layer: what `call` makes of the inputs, else the class with `arguments`."""

    inputs: Inputs
    label: str
    arguments: dict[str, Any]
    call: Callable[[Any, Any], Any] | None
    trusted: bool


def row(
    inputs: Inputs,
    label: str = "",
    call: Callable[[Any, Any], Any] | None = None,
    trusted: bool = False,
    **arguments: Any,
) -> Row:
    return Row(inputs, label, arguments, call, trusted)


def cases_of(library: ModuleType, suffix: str = ".keras") -> list[Case]:
    """A case for each row of each class that the library has, and those that are missing."""
    exported = {
        name for name in dir(library.layers) if inspect.isclass(getattr(library.layers, name))
    }
    cases = []
    for name in sorted(exported - NOT_LAYERS):
        rows = _rows(name, getattr(library.layers, name))
        if not rows:
            cases.append(Case(name))
        for item in rows:
            if library.__name__ == "tf_keras" and (name, item.label) in ONLY_KERAS_3:
                continue
            full = f"{name}-{item.label}" if item.label else name
            cases.append(_case(library, name, item, full, suffix))
    return cases


def _rows(name: str, layer: type) -> list[Row]:
    """The rows of a class; the first one of the class that it is another name of."""
    return TABLE.get(name) or TABLE.get(layer.__name__, [])[:1]


def _case(library: ModuleType, name: str, item: Row, full: str, suffix: str) -> Case:
    def make() -> Any:
        def call(x: Any) -> Any:
            if item.call:
                return item.call(library, x)
            return getattr(library.layers, name)(**item.arguments)(x)

        return functional(library, item.inputs, call)

    # Of tf_keras, .h5 cannot hold what this one learnt.
    saved = ".keras" if name == "TextVectorization" else suffix
    return Case(full, make, saved, item.trusted)


def _attend(name: str, **arguments: Any) -> Callable[[Any, Any], Any]:
    return lambda k, x: getattr(k.layers, name)(**arguments)(x, x)


def _attend_causally(k: Any, x: Any) -> Any:
    return k.layers.MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)


def _attend_masked(k: Any, x: Any) -> Any:
    embedded = k.layers.Embedding(6, 4, mask_zero=True)(x)
    return k.layers.MultiHeadAttention(2, 4)(embedded, embedded)


def _both_ways(units: int) -> Callable[[Any, Any], Any]:
    return lambda k, x: k.layers.Bidirectional(k.layers.GRU(units))(x)


def _cell_of(units: int) -> Callable[[Any, Any], Any]:
    return lambda k, x: k.layers.RNN(k.layers.LSTMCell(units))(x)


def _recurrent_cell(name: str) -> Callable[[Any, Any], Any]:
    return lambda k, x: k.layers.RNN(getattr(k.layers, name)(4), return_sequences=True)(x)


def _adapted(name: str, data: Any, **arguments: Any) -> Callable[[Any, Any], Any]:
    def call(k: Any, x: Any) -> Any:
        layer = getattr(k.layers, name)(**arguments)
        layer.adapt(data)
        return layer(x)

    return call


def _saved_model(k: Any, x: Any) -> Any:
    """A layer around a SavedModel of one Dense layer, in a folder that stays."""
    folder = Path(tempfile.gettempdir()) / "tfjs-demo-sweep-saved-model"
    source = k.Input((6,))
    k.Model(source, k.layers.Dense(3)(source)).export(folder, verbose=False)
    return k.layers.TFSMLayer(str(folder), call_endpoint="serve")(x)


def _reversible(k: Any, x: Any) -> Any:
    layer = k.layers.ReversibleEmbedding(6, 4)
    return layer(layer(x), reverse=True)


def _bounding_boxes(k: Any, x: Any) -> Any:
    layer = k.layers.MaxNumBoundingBoxes(3, bounding_box_format="xyxy")
    images, boxes, labels = x
    made = layer({"images": images, "bounding_boxes": {"boxes": boxes, "labels": labels}})
    return [made["bounding_boxes"]["boxes"], made["bounding_boxes"]["labels"]]


def _pairs(name: str) -> Callable[[Any, Any], Any]:
    """Augmentations that mix samples take pictures with their labels, and keep them otherwise."""

    def call(k: Any, x: Any) -> Any:
        made = getattr(k.layers, name)()({"images": x[0], "labels": x[1]})
        return [made["images"], made["labels"]]

    return call


def _masked(name: str) -> Callable[[Any, Any], Any]:
    """A layer that gets a mask."""

    def call(k: Any, x: Any) -> Any:
        return getattr(k.layers, name)(4)(k.layers.Masking(0.0)(k.layers.ReLU()(x)))

    return call


def _recurrent_state(name: str) -> Callable[[Any, Any], Any]:
    return lambda k, x: getattr(k.layers, name)(4, return_state=True)(x)


def _piped(name: str) -> Callable[[Any, Any], Any]:
    def call(k: Any, x: Any) -> Any:
        pixels = k.layers.Rescaling(40.0, offset=120.0)
        return k.layers.Pipeline([pixels, getattr(k.layers, name)()])(x)

    return call


def _after_rescaling(name: str) -> Callable[[Any, Any], Any]:
    """A layer that gets values as pixels have."""
    return lambda k, x: getattr(k.layers, name)()(k.layers.Rescaling(40.0, offset=120.0)(x))


CONVOLUTION: dict[str, Any] = {"filters": 4, "kernel_size": 3}
SAMPLES = np.random.default_rng(0).normal(2.0, 3.0, (64, 6)).astype("float32")
WORDS = ["a", "Hello world", "42", "sun", "moon"]
SENTENCES = ["the sun and the moon", "Hello world", "a moon, a sun!", "42 worlds"]


def _convolutions(rank: int) -> dict[str, list[Row]]:
    """Convolutions of one to three dimensions."""
    picture = (STEPS, PICTURE, VOLUME)[rank - 1]
    shape = (None, *picture.shape[1:-1], picture.shape[-1])
    rows = {
        f"Conv{rank}D": [
            row(picture, **CONVOLUTION),
            row(picture, "same", padding="same", activation="relu", **CONVOLUTION),
            row(picture, "strides", strides=2, padding="same", **CONVOLUTION),
            row(picture, "dilated", filters=3, kernel_size=2, dilation_rate=2, padding="same"),
            row(picture, "no_bias", use_bias=False, **CONVOLUTION),
            row(floats(*picture.shape[:-1], 4), "groups", groups=2, **CONVOLUTION),
            row(floats(*shape), "free_size", padding="same", **CONVOLUTION),
        ],
        f"Conv{rank}DTranspose": [
            row(picture, **CONVOLUTION),
            row(picture, "strides", strides=2, padding="same", **CONVOLUTION),
            row(picture, "no_bias", strides=2, use_bias=False, **CONVOLUTION),
        ],
        f"ZeroPadding{rank}D": [row(picture), row(picture, "two", padding=2)],
        f"Cropping{rank}D": [row(picture, cropping=1 if rank > 1 else (1, 2))],
        f"UpSampling{rank}D": [row(picture)],
        f"SpatialDropout{rank}D": [row(picture, rate=0.3)],
    }
    for kind in ("Max", "Average"):
        rows[f"{kind}Pooling{rank}D"] = [
            row(picture, pool_size=2),
            row(picture, "same", pool_size=3, strides=2, padding="same"),
            row(picture, "overlap", pool_size=2, strides=1),
        ]
        rows[f"Global{kind}Pooling{rank}D"] = [row(picture), row(picture, "keep", keepdims=True)]
        rows[f"Adaptive{kind}Pooling{rank}D"] = [
            row(picture, output_size=2),
            row(picture, "uneven", output_size=3),
        ]
    return rows


# Their kernels are weights that lie beside the graph, in a loop.
LARGE_UNITS = (129, 256, 512)


def _recurrent() -> dict[str, list[Row]]:
    rows = {}
    for name in ("LSTM", "GRU", "SimpleRNN"):
        rows[name] = [
            row(STEPS, units=4),
            row(STEPS, "sequences", units=4, return_sequences=True),
            row(STEPS, "backwards", units=4, go_backwards=True),
            row(STEPS, "unrolled", units=4, unroll=True),
            row(floats(None, 3), "free_length", units=4),
            row(
                STEPS,
                "state",
                call=_recurrent_state(name),
            ),
            row(
                STEPS,
                "masked",
                call=_masked(name),
            ),
            *(row(STEPS, f"units_{units}", units=units) for units in LARGE_UNITS),
        ]
        rows[name + "Cell"] = [row(STEPS, call=_recurrent_cell(name + "Cell"))]
    rows["GRU"].append(row(STEPS, "reset_before", units=4, reset_after=False))
    rows["LSTM"].append(row(STEPS, "no_bias", units=4, use_bias=False, activation="relu"))
    for rank, shape in ((1, floats(3, 7, 2)), (2, FRAMES), (3, floats(2, 4, 5, 4, 1))):
        rows[f"ConvLSTM{rank}D"] = [
            row(shape, filters=2, kernel_size=3, padding="same"),
            row(shape, "sequences", filters=2, kernel_size=2, return_sequences=True),
            row(shape, f"filters_{LARGE_UNITS[0]}", filters=LARGE_UNITS[0], kernel_size=2),
        ]
    return rows


def _merging() -> dict[str, list[Row]]:
    two = [floats(4, 3), floats(4, 3)]
    rows = {
        name: [row(two)]
        for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
    }
    rows["Add"].append(row([floats(4, 3), floats(1, 3)], "broadcast"))
    rows["Concatenate"] = [row(two), row(two, "axis", axis=1)]
    rows["Dot"] = [
        row([VECTOR, VECTOR], axes=1),
        row([floats(4, 3), floats(5, 3)], "matrices", axes=2),
        row([VECTOR, VECTOR], "cosine", axes=1, normalize=True),
    ]
    rows["Attention"] = [
        row([floats(4, 6), floats(5, 6)]),
        row([floats(4, 6), floats(5, 6)], "scaled", use_scale=True),
    ]
    rows["AdditiveAttention"] = [row([floats(4, 6), floats(5, 6)])]
    return rows


def _random() -> dict[str, list[Row]]:
    """Augmentations: what is left of them when nobody trains."""
    arguments: dict[str, dict[str, Any]] = {
        "RandomBrightness": {"factor": 0.2},
        "RandomContrast": {"factor": 0.2},
        "RandomCrop": {"height": 5, "width": 4},
        "RandomFlip": {},
        "RandomRotation": {"factor": 0.2},
        "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
        "RandomZoom": {"height_factor": 0.2},
        "RandomHeight": {"factor": 0.2},
        "RandomWidth": {"factor": 0.2},
        "RandomColorDegeneration": {"factor": 0.3},
        "RandomColorJitter": {"brightness_factor": 0.2},
        "RandomElasticTransform": {},
        "RandomErasing": {},
        "RandomGaussianBlur": {},
        "RandomGrayscale": {},
        "RandomHue": {"factor": 0.2},
        "RandomInvert": {},
        "RandomPerspective": {},
        "RandomPosterization": {"factor": 3},
        "RandomSaturation": {"factor": 0.3},
        "RandomSharpness": {"factor": 0.3},
        "RandomShear": {},
        "AugMix": {},
        "RandAugment": {},
    }
    rows = {name: [row(IMAGE, **item)] for name, item in arguments.items()}
    rows["RandomCrop"].append(row(IMAGE, "larger", height=14, width=16))
    for name in ("MixUp", "CutMix"):
        rows[name] = [row([IMAGE, floats(4)], call=_pairs(name))]
    # Keras says that the output of this one is its input, which alone no graph allows.
    rows["Equalization"] = [row(IMAGE, call=_piped("Equalization"))]
    for name in (
        "AutoContrast",
        "Solarization",
        "ContrastLimitedAdaptiveHistogramEqualization",
    ):
        rows[name] = [
            row(
                IMAGE,
                call=_after_rescaling(name),
            )
        ]
    return rows


def _preprocessing() -> dict[str, list[Row]]:
    edges = [-1.0, -0.2, 0.0, 0.7, 1.5]
    return {
        "CategoryEncoding": [
            row(integers(5), num_tokens=4, output_mode="multi_hot"),
            row(integers(1), "one_hot", num_tokens=4, output_mode="one_hot"),
            row(integers(5), "count", num_tokens=4, output_mode="count"),
        ],
        "CenterCrop": [row(IMAGE, height=6, width=5), row(IMAGE, "larger", height=14, width=16)],
        "Discretization": [
            row(VECTOR, bin_boundaries=edges),
            row(VECTOR, "multi_hot", bin_boundaries=edges, output_mode="multi_hot"),
            row(floats(1), "one_hot", bin_boundaries=edges, output_mode="one_hot"),
            row(VECTOR, "adapted", call=_adapted("Discretization", SAMPLES, num_bins=5)),
        ],
        "HashedCrossing": [
            row([texts(1), integers(1)], call=lambda k, x: k.layers.HashedCrossing(7)(x)),
            row([texts(1), texts(1)], "one_hot", num_bins=7, output_mode="one_hot"),
        ],
        "Hashing": [
            row(texts(4), num_bins=7),
            row(integers(4), "integers", num_bins=7),
            row(texts(4), "mask", num_bins=7, mask_value=""),
            row(texts(4), "salt", num_bins=7, salt=[3, 5]),
        ],
        "IntegerLookup": [
            row(integers(5), vocabulary=[3, 1, 7]),
            row(integers(5), "multi_hot", vocabulary=[3, 1, 7], output_mode="multi_hot"),
            row(integers(1), "one_hot", vocabulary=[3, 1, 7], output_mode="one_hot"),
            row(integers(5), "mask", vocabulary=[3, 1], mask_token=0, num_oov_indices=2),
            row(integers(5), "invert", vocabulary=[3, 1, 7], invert=True),
        ],
        "StringLookup": [
            row(texts(5), vocabulary=WORDS),
            row(texts(5), "multi_hot", vocabulary=WORDS, output_mode="multi_hot"),
            row(texts(1), "one_hot", vocabulary=WORDS, output_mode="one_hot"),
            row(texts(5), "count", vocabulary=WORDS, output_mode="count"),
            row(
                texts(5),
                "tf_idf",
                vocabulary=WORDS,
                output_mode="tf_idf",
                idf_weights=[0.3, 0.5, 0.7, 0.9, 1.1],
            ),
            row(texts(5), "mask", vocabulary=WORDS, mask_token="", num_oov_indices=3),
            row(integers(4), "invert", vocabulary=WORDS, invert=True),
        ],
        "TextVectorization": [
            row(texts(1), call=_adapted("TextVectorization", SENTENCES, output_sequence_length=6)),
            row(
                texts(1),
                "characters",
                call=_adapted(
                    "TextVectorization", SENTENCES, split="character", output_sequence_length=9
                ),
            ),
            row(
                texts(1),
                "ngrams",
                call=_adapted("TextVectorization", SENTENCES, ngrams=2, output_sequence_length=9),
            ),
            row(
                texts(1),
                "multi_hot",
                call=_adapted("TextVectorization", SENTENCES, output_mode="multi_hot"),
            ),
            row(
                texts(1),
                "count",
                call=_adapted("TextVectorization", SENTENCES, output_mode="count"),
            ),
            row(
                texts(1),
                "tf_idf",
                call=_adapted("TextVectorization", SENTENCES, output_mode="tf_idf"),
            ),
            row(
                texts(1),
                "plain",
                call=_adapted(
                    "TextVectorization", SENTENCES, standardize=None, output_sequence_length=4
                ),
            ),
        ],
        "Normalization": [
            row(
                VECTOR,
                mean=[0.1, 0.2, 0.3, -0.1, 1.0, 0.0],
                variance=[1.0, 2.0, 0.5, 1.5, 0.3, 1.0],
            ),
            row(VECTOR, "adapted", call=_adapted("Normalization", SAMPLES)),
            row(VECTOR, "invert", mean=0.5, variance=2.0, axis=None, invert=True),
            row(PICTURE, "channels", mean=[0.5, 0.4, 0.3], variance=[0.2, 0.3, 0.4]),
        ],
        "Rescaling": [
            row(PICTURE, scale=0.5, offset=-1.0),
            row(PICTURE, "channels", scale=[0.5, 0.7, 0.9], offset=[0.1, 0.2, 0.3]),
        ],
        "Resizing": [
            row(IMAGE, height=5, width=7),
            row(IMAGE, "larger", height=17, width=20),
            row(IMAGE, "nearest", height=5, width=7, interpolation="nearest"),
            row(IMAGE, "bicubic", height=7, width=9, interpolation="bicubic"),
            row(IMAGE, "lanczos3", height=7, width=9, interpolation="lanczos3"),
            row(IMAGE, "area", height=5, width=6, interpolation="area"),
            row(IMAGE, "crop", height=5, width=7, crop_to_aspect_ratio=True),
            row(IMAGE, "pad", height=9, width=7, pad_to_aspect_ratio=True),
        ],
        "MelSpectrogram": [
            row(
                floats(800), fft_length=128, sequence_stride=64, sampling_rate=8000, num_mel_bins=12
            )
        ],
        "STFTSpectrogram": [
            row(floats(200, 1), mode="log", frame_length=32, frame_step=16, fft_length=32),
            row(floats(200, 1), "imag", mode="imag", frame_length=32, frame_step=16, fft_length=32),
            row(
                floats(200, 2),
                "channels",
                mode="magnitude",
                frame_length=32,
                frame_step=16,
                fft_length=32,
            ),
        ],
        "Pipeline": [
            row(
                IMAGE,
                call=lambda k, x: k.layers.Pipeline(
                    [k.layers.Rescaling(0.5), k.layers.CenterCrop(6, 6)]
                )(x),
            )
        ],
        "MaxNumBoundingBoxes": [row([one(6, 7, 3), one(5, 4), one(5)], call=_bounding_boxes)],
    }


def _regularising() -> dict[str, list[Row]]:
    return {
        "ActivityRegularization": [row(VECTOR, l2=0.1)],
        "AlphaDropout": [row(VECTOR, rate=0.3)],
        "Dropout": [row(VECTOR, rate=0.3)],
        "GaussianDropout": [row(VECTOR, rate=0.3)],
        "GaussianNoise": [row(VECTOR, stddev=0.3)],
        "BatchNormalization": [
            row(PICTURE),
            row(VECTOR, "vector"),
            row(PICTURE, "axis", axis=1),
            row(PICTURE, "bare", center=False, scale=False, epsilon=0.01),
            row(VOLUME, "volume"),
        ],
        "GroupNormalization": [
            row(floats(5, 6, 4), groups=2),
            row(floats(5, 6, 4), "instance", groups=-1),
        ],
        "LayerNormalization": [
            row(STEPS),
            row(PICTURE, "axes", axis=[2, 3]),
            row(STEPS, "bare", center=False, scale=False),
        ],
        "RMSNormalization": [row(STEPS)],
        "UnitNormalization": [row(STEPS)],
        "SpectralNormalization": [
            row(PICTURE, call=lambda k, x: k.layers.SpectralNormalization(k.layers.Conv2D(4, 3))(x))
        ],
    }


def _activations() -> dict[str, list[Row]]:
    return {
        "Activation": [row(STEPS, activation="tanh")],
        "ELU": [row(STEPS), row(STEPS, "alpha", alpha=0.5)],
        "LeakyReLU": [row(STEPS)],
        "PReLU": [row(STEPS), row(PICTURE, "shared", shared_axes=[1, 2])],
        "ReLU": [
            row(STEPS),
            row(STEPS, "all", max_value=1.5, negative_slope=0.1, threshold=0.2),
            row(STEPS, "six", max_value=6.0),
        ],
        "Softmax": [row(STEPS), row(STEPS, "axis", axis=1)],
        "ThresholdedReLU": [row(STEPS, theta=0.5)],
    }


def _core() -> dict[str, list[Row]]:
    return {
        "Dense": [
            row(VECTOR, units=4),
            row(STEPS, "sequence", units=4, activation="gelu"),
            row(VECTOR, "no_bias", units=4, use_bias=False),
        ],
        "EinsumDense": [
            row(STEPS, equation="abc,cd->abd", output_shape=(None, 5), bias_axes="d"),
            row(
                STEPS, "heads", equation="abc,cde->abde", output_shape=(None, 2, 4), bias_axes="de"
            ),
        ],
        "Embedding": [
            row(integers(6), input_dim=5, output_dim=4),
            row(
                integers(6),
                "masked",
                call=lambda k, x: k.layers.LSTM(3)(k.layers.Embedding(5, 4, mask_zero=True)(x)),
            ),
        ],
        "ReversibleEmbedding": [row(integers(6), call=_reversible)],
        "Flatten": [row(PICTURE)],
        "Identity": [row(STEPS)],
        "InputLayer": [
            row(
                STEPS,
                call=lambda k, x: k.Sequential([k.layers.InputLayer((8, 3)), k.layers.Dense(4)])(x),
            )
        ],
        "Lambda": [
            row(
                STEPS,
                call=lambda k, x: k.layers.Lambda(lambda value: value * 2 + 1, output_shape=(8, 3))(
                    x
                ),
                trusted=True,
            )
        ],
        "Masking": [row(STEPS, call=_masked("LSTM"))],
        "Permute": [row(PICTURE, dims=(3, 1, 2))],
        "RepeatVector": [row(VECTOR, n=3)],
        "Reshape": [
            row(PICTURE, target_shape=(3, -1)),
            row(floats(None, 4), "free", target_shape=(-1, 2)),
        ],
        "MultiHeadAttention": [
            row(STEPS, call=_attend("MultiHeadAttention", num_heads=2, key_dim=4)),
            row(STEPS, "causal", call=_attend_causally),
            row(integers(6), "masked", call=_attend_masked),
            row(
                [STEPS, floats(5, 3)],
                "cross",
                call=lambda k, x: k.layers.MultiHeadAttention(2, 4, value_dim=3)(x[0], x[1]),
            ),
        ],
        "GroupQueryAttention": [
            row(
                STEPS,
                call=_attend(
                    "GroupQueryAttention", head_dim=4, num_query_heads=4, num_key_value_heads=2
                ),
            )
        ],
        "RNN": [
            row(STEPS, call=lambda k, x: k.layers.RNN(k.layers.SimpleRNNCell(4))(x)),
            *(row(STEPS, f"units_{n}", call=_cell_of(n)) for n in LARGE_UNITS),
        ],
        "StackedRNNCells": [
            row(
                STEPS,
                call=lambda k, x: k.layers.RNN(
                    k.layers.StackedRNNCells([k.layers.LSTMCell(4), k.layers.GRUCell(3)])
                )(x),
            )
        ],
        "Bidirectional": [
            row(STEPS, call=lambda k, x: k.layers.Bidirectional(k.layers.LSTM(4))(x)),
            row(
                STEPS,
                "sum",
                call=lambda k, x: k.layers.Bidirectional(
                    k.layers.GRU(4, return_sequences=True), merge_mode="sum"
                )(x),
            ),
            *(row(STEPS, f"units_{n}", call=_both_ways(n)) for n in LARGE_UNITS),
        ],
        "TimeDistributed": [
            row(FRAMES, call=lambda k, x: k.layers.TimeDistributed(k.layers.Conv2D(3, 3))(x)),
            row(STEPS, "dense", call=lambda k, x: k.layers.TimeDistributed(k.layers.Dense(3))(x)),
        ],
        "TFSMLayer": [row(VECTOR, call=_saved_model, trusted=True)],
        "DepthwiseConv1D": [
            row(STEPS, kernel_size=3),
            row(STEPS, "multiplier", kernel_size=3, depth_multiplier=2, padding="same"),
        ],
        "DepthwiseConv2D": [
            row(PICTURE, kernel_size=3),
            row(PICTURE, "multiplier", kernel_size=3, depth_multiplier=2, padding="same"),
            row(PICTURE, "strides", kernel_size=3, strides=2, padding="same"),
            row(PICTURE, "dilated", kernel_size=2, dilation_rate=2),
        ],
        "SeparableConv1D": [row(STEPS, **CONVOLUTION)],
        "SeparableConv2D": [
            row(PICTURE, **CONVOLUTION),
            row(
                PICTURE,
                "multiplier",
                depth_multiplier=2,
                padding="same",
                activation="relu",
                **CONVOLUTION,
            ),
        ],
        "LocallyConnected1D": [row(STEPS, **CONVOLUTION)],
        "LocallyConnected2D": [
            row(PICTURE, **CONVOLUTION),
            row(PICTURE, "implementation_2", implementation=2, **CONVOLUTION),
        ],
    }


def _table() -> dict[str, list[Row]]:
    parts = [_convolutions(rank) for rank in (1, 2, 3)]
    parts += [
        _recurrent(),
        _merging(),
        _random(),
        _preprocessing(),
        _regularising(),
        _activations(),
        _core(),
    ]
    table = {name: rows for part in parts for name, rows in part.items()}
    table["Conv1D"].append(row(STEPS, "causal", padding="causal", dilation_rate=2, **CONVOLUTION))
    table["Conv2DTranspose"].append(
        row(PICTURE, "output_padding", strides=2, output_padding=1, **CONVOLUTION)
    )
    table["UpSampling2D"] += [
        row(PICTURE, interpolation, interpolation=interpolation)
        for interpolation in ("bilinear", "bicubic", "lanczos3", "area")
    ]
    return table


TABLE = _table()
# Rows with arguments that tf_keras does not know.
ONLY_KERAS_3: set[tuple[str, str]] = {("Resizing", "pad")}
