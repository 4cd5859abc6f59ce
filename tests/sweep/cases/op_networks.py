"""keras.ops that neural networks are made of: convolutions, pooling, attention, losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.sweep.cases.case import Shape, floats, integers
from tests.sweep.cases.op_row import PICTURE, STEPS, TWO, Row, plain, with_arguments


def _random(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).normal(0, 0.5, shape).astype("float32")


def _shares(o: Any, x: Any) -> Any:
    return o.softmax(x[0]), o.softmax(x[1])


def _sigmoids(o: Any, x: Any) -> Any:
    return [o.cast(x[0] > 0, "float32"), o.sigmoid(x[1])]


ACTIVATIONS = """
    celu elu gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu
    log_sigmoid log_softmax relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign
    sparse_plus sparse_sigmoid sparsemax squareplus swish tanh_shrink
"""
HEADS = floats(6, 2, 4)

NETWORKS: list[Row] = [
    *plain(ACTIVATIONS),
    *with_arguments("threshold", threshold=0.2, default_value=-1.0),
    *with_arguments("gelu", STEPS, "exact", approximate=False),
    *with_arguments("average_pool max_pool", PICTURE, pool_size=2),
    *with_arguments(
        "average_pool max_pool", PICTURE, "same", pool_size=3, strides=2, padding="same"
    ),
    *with_arguments("conv", PICTURE, kernel=_random(3, 3, 3, 4)),
    *with_arguments("conv", STEPS, "sequence", kernel=_random(3, 4, 5), padding="same"),
    *with_arguments("conv", PICTURE, "dilated", kernel=_random(2, 2, 3, 4), dilation_rate=2),
    *with_arguments("depthwise_conv", PICTURE, kernel=_random(3, 3, 3, 2)),
    *with_arguments(
        "separable_conv",
        PICTURE,
        depthwise_kernel=_random(3, 3, 3, 2),
        pointwise_kernel=_random(1, 1, 6, 4),
    ),
    *with_arguments(
        "batch_normalization",
        mean=_random(4),
        variance=np.abs(_random(4)) + 0.5,
        axis=-1,
        offset=_random(4),
        scale=_random(4),
    ),
    *with_arguments("layer_normalization", gamma=_random(4), beta=_random(4)),
    *with_arguments("rms_normalization", scale=_random(4)),
    *with_arguments("normalize", axis=-1),
    *with_arguments("normalize", STEPS, "three", axis=1, order=3),
    *with_arguments("moments", axes=(1,)),
    *with_arguments("psnr", TWO, max_val=2.0),
    *plain("categorical_crossentropy", TWO, lambda o, x: _shares(o, x)),
    *plain("binary_crossentropy", TWO, _sigmoids),
    Row(
        "sparse_categorical_crossentropy",
        (integers(5), STEPS),
        lambda o, x: o.sparse_categorical_crossentropy(x[0], x[1], from_logits=True),
    ),
    *with_arguments("dot_product_attention", (HEADS, HEADS, HEADS)),
    *with_arguments("dot_product_attention", (HEADS, HEADS, HEADS), "causal", is_causal=True),
    *with_arguments("cdist", TWO),
    Row(
        "ctc_loss",
        (Shape((3,), "int32", 2), Shape((6, 5), "float32", 2)),
        lambda o, x: o.ctc_loss(x[0] + 1, x[1], np.array([2, 3]), np.array([6, 5])),
    ),
    Row("ctc_decode", Shape((6, 5), "float32", 2), lambda o, x: o.ctc_decode(x, np.array([6, 5]))),
]
