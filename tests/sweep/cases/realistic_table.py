"""Small models of the kinds that people build, the same for each library."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from tests.sweep.cases.case import Case, randomised

SENTENCES = ["the film was good", "a bad film", "good, very good!", "not bad at all"]
COLOURS = ["red", "green", "blue", "a", "42"]
# Text layers of tf_keras keep tables that .h5 cannot hold.
WITH_TEXTS = {"text_classifier", "text_tf_idf", "tabular"}


def cases_of(library: ModuleType, suffix: str = ".keras") -> list[Case]:
    cases = []
    for name, make in MODELS.items():
        if library.__name__ == "tf_keras" and name in ONLY_KERAS_3:
            continue
        saved = ".keras" if name in WITH_TEXTS else suffix
        cases.append(Case(name, _maker(make, library), saved))
    return cases


def _maker(make: Callable[[Any], Any], library: ModuleType) -> Callable[[], Any]:
    return lambda: randomised(make(library))


def _block(k: Any, x: Any, filters: int) -> Any:
    for _ in range(2):
        x = k.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = k.layers.BatchNormalization()(x)
        x = k.layers.ReLU()(x)
    return x


def _unet(k: Any) -> Any:
    x = k.Input((16, 16, 3))
    outer = _block(k, x, 4)
    inner = _block(k, k.layers.MaxPooling2D()(outer), 8)
    bottom = _block(k, k.layers.MaxPooling2D()(inner), 12)
    up = k.layers.Conv2DTranspose(8, 2, strides=2)(bottom)
    up = _block(k, k.layers.Concatenate()([up, inner]), 8)
    up = k.layers.UpSampling2D(interpolation="bilinear")(up)
    up = _block(k, k.layers.Concatenate()([up, outer]), 4)
    return k.Model(x, k.layers.Conv2D(2, 1, activation="softmax")(up))


def _segmentation(k: Any) -> Any:
    """Dilated convolutions, and the answer brought back to the picture's size."""
    x = k.Input((24, 24, 3))
    y = k.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(x)
    parts = [
        k.layers.Conv2D(4, 3, dilation_rate=rate, padding="same", activation="relu")(y)
        for rate in (1, 2, 4)
    ]
    y = k.layers.Concatenate()(parts)
    y = k.layers.Resizing(24, 24)(k.layers.Conv2D(3, 1)(y))
    return k.Model(x, k.layers.Softmax()(y))


def _classifier(k: Any) -> Any:
    return k.Sequential([
        k.Input((20, 20, 1)),
        k.layers.Rescaling(1 / 255),
        k.layers.RandomFlip(),
        k.layers.Conv2D(6, 3, activation="relu"),
        k.layers.MaxPooling2D(),
        k.layers.Conv2D(8, 3, activation="relu"),
        k.layers.Flatten(),
        k.layers.Dropout(0.3),
        k.layers.Dense(5, activation="softmax"),
    ])  # fmt: skip


def _transformer_block(k: Any, x: Any, width: int, **options: Any) -> Any:
    attended = k.layers.MultiHeadAttention(2, width // 2)(x, x, **options)
    x = k.layers.LayerNormalization(epsilon=1e-6)(k.layers.Add()([x, attended]))
    y = k.layers.Dense(2 * width, activation="gelu")(x)
    y = k.layers.Dropout(0.1)(k.layers.Dense(width)(y))
    return k.layers.LayerNormalization(epsilon=1e-6)(k.layers.Add()([x, y]))


def _positions(k: Any, x: Any, length: int, width: int) -> Any:
    """A weight for each position, as EinsumDense's bias."""
    return k.layers.EinsumDense("abc,cd->abd", (length, width), bias_axes="bd")(x)


def _transformer_encoder(k: Any) -> Any:
    ids = k.Input((8,), dtype="int32", name="tokens")
    x = _positions(k, k.layers.Embedding(12, 8)(ids), 8, 8)
    for _ in range(2):
        x = _transformer_block(k, x, 8)
    return k.Model(
        ids, k.layers.Dense(3, activation="softmax")(k.layers.GlobalAveragePooling1D()(x))
    )


def _transformer_decoder(k: Any) -> Any:
    ids = k.Input((8,), dtype="int32", name="tokens")
    x = _positions(k, k.layers.Embedding(12, 8)(ids), 8, 8)
    x = _transformer_block(k, x, 8, use_causal_mask=True)
    return k.Model(ids, k.layers.Dense(12)(x))


def _vision_transformer(k: Any) -> Any:
    x = k.Input((16, 16, 3))
    patches = k.layers.Reshape((16, 8))(k.layers.Conv2D(8, 4, strides=4)(x))
    y = _transformer_block(k, _positions(k, patches, 16, 8), 8)
    return k.Model(x, k.layers.Dense(4)(k.layers.GlobalAveragePooling1D()(y)))


def _encoder_decoder(k: Any) -> Any:
    source, target = k.Input((7, 4), name="source"), k.Input((5, 4), name="target")
    _, hidden, cell = k.layers.LSTM(6, return_state=True)(source)
    y = k.layers.LSTM(6, return_sequences=True)(target, initial_state=[hidden, cell])
    return k.Model([source, target], k.layers.Dense(3, activation="softmax")(y))


def _text_lstm(k: Any) -> Any:
    ids = k.Input((9,), dtype="int32")
    x = k.layers.Embedding(10, 6, mask_zero=True)(ids)
    x = k.layers.Bidirectional(k.layers.LSTM(5))(x)
    return k.Model(ids, k.layers.Dense(1, activation="sigmoid")(x))


def _stacked_gru(k: Any) -> Any:
    x = k.Input((10, 3))
    y = k.layers.GRU(5, return_sequences=True)(x)
    return k.Model(x, k.layers.Dense(2)(k.layers.GRU(4)(y)))


def _forecast(k: Any) -> Any:
    """Convolutions, then a recurrent layer, of windows with free length."""
    x = k.Input((None, 2))
    y = k.layers.Conv1D(5, 3, padding="causal", activation="relu")(x)
    return k.Model(x, k.layers.Dense(1)(k.layers.LSTM(4)(y)))


def _video(k: Any) -> Any:
    x = k.Input((3, 8, 8, 1))
    y = k.layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True)(x)
    return k.Model(x, k.layers.Conv3D(1, 3, padding="same", activation="sigmoid")(y))


def _autoencoder(k: Any) -> Any:
    x = k.Input((16, 16, 1))
    y = k.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    y = k.layers.Dense(5)(k.layers.Flatten()(y))
    y = k.layers.Reshape((8, 8, 4))(k.layers.Dense(256, activation="relu")(y))
    return k.Model(
        x, k.layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")(y)
    )


def _variational_decoder(k: Any) -> Any:
    code = k.Input((2,), name="code")
    y = k.layers.Dense(4 * 4 * 4, activation="relu")(code)
    y = k.layers.Reshape((4, 4, 4))(y)
    y = k.layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(y)
    return k.Model(
        code, k.layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")(y)
    )


def _variational_encoder(k: Any) -> Any:
    x = k.Input((16, 16, 1))
    y = k.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    y = k.layers.Dense(8, activation="relu")(k.layers.Flatten()(y))
    return k.Model(x, {"mean": k.layers.Dense(2)(y), "log_variance": k.layers.Dense(2)(y)})


def _generator(k: Any) -> Any:
    noise = k.Input((6,), name="noise")
    y = k.layers.Dense(4 * 4 * 8, use_bias=False)(noise)
    y = k.layers.Reshape((4, 4, 8))(k.layers.LeakyReLU()(k.layers.BatchNormalization()(y)))
    for filters in (6, 4):
        y = k.layers.Conv2DTranspose(filters, 5, strides=2, padding="same", use_bias=False)(y)
        y = k.layers.LeakyReLU()(k.layers.BatchNormalization()(y))
    return k.Model(noise, k.layers.Conv2D(3, 3, padding="same", activation="tanh")(y))


def _discriminator(k: Any) -> Any:
    x = k.Input((16, 16, 3))
    y = k.layers.LeakyReLU()(k.layers.Conv2D(4, 5, strides=2, padding="same")(x))
    y = k.layers.LeakyReLU()(k.layers.Conv2D(6, 5, strides=2, padding="same")(y))
    return k.Model(x, k.layers.Dense(1)(k.layers.Flatten()(k.layers.Dropout(0.3)(y))))


def _detection(k: Any) -> Any:
    """A grid of boxes, decoded: centre and size become corners; the best eight are kept."""
    x = k.Input((16, 16, 3))
    y = k.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(x)
    y = k.layers.Conv2D(6, 3, strides=2, padding="same")(y)
    grid = np.stack(np.meshgrid(np.arange(4), np.arange(4)), -1).reshape(1, 16, 2).astype("float32")
    raw = k.layers.Reshape((16, 6))(y)
    centre = (k.ops.sigmoid(raw[..., :2]) + grid) / 4.0
    size = k.ops.exp(k.ops.clip(raw[..., 2:4], -2, 2)) / 4.0
    boxes = k.ops.concatenate([centre - size / 2, centre + size / 2], axis=-1)
    scores, kept = k.ops.top_k(k.ops.sigmoid(raw[..., 4]), 8)
    chosen = k.ops.take_along_axis(boxes, k.ops.expand_dims(kept, -1), axis=1)
    return k.Model(
        x, {"boxes": chosen, "scores": scores, "classes": k.ops.cast(raw[..., 5] > 0, "int32")}
    )


def _text_classifier(k: Any) -> Any:
    text = k.Input((1,), dtype="string", name="text")
    words = k.layers.TextVectorization(output_sequence_length=8)
    words.adapt(SENTENCES)
    x = k.layers.Embedding(words.vocabulary_size(), 4)(words(text))
    return k.Model(
        text, k.layers.Dense(2, activation="softmax")(k.layers.GlobalAveragePooling1D()(x))
    )


def _text_tf_idf(k: Any) -> Any:
    text = k.Input((1,), dtype="string", name="text")
    words = k.layers.TextVectorization(output_mode="tf_idf", ngrams=2)
    words.adapt(SENTENCES)
    return k.Model(text, k.layers.Dense(2, activation="softmax")(words(text)))


def _tabular(k: Any) -> Any:
    """Numbers, texts and whole numbers, each prepared in the model."""
    age, colour = k.Input((1,), name="age"), k.Input((1,), dtype="string", name="colour")
    town, rooms = (
        k.Input((1,), dtype="string", name="town"),
        k.Input((1,), dtype="int32", name="rooms"),
    )
    normal = k.layers.Normalization(mean=0.3, variance=2.0)(age)
    binned = k.layers.Discretization([-1.0, 0.0, 1.0], output_mode="one_hot")(age)
    known = k.layers.StringLookup(vocabulary=COLOURS, output_mode="one_hot")(colour)
    hashed = k.layers.CategoryEncoding(7, output_mode="one_hot")(k.layers.Hashing(7)(town))
    counted = k.layers.IntegerLookup(vocabulary=[0, 1, 2], output_mode="one_hot")(rooms)
    x = k.layers.Concatenate()([normal, binned, known, hashed, counted])
    return k.Model([age, colour, town, rooms], k.layers.Dense(1, activation="sigmoid")(x))


def _spectrogram(k: Any) -> Any:
    sound = k.Input((512,), name="sound")
    x = k.layers.MelSpectrogram(
        fft_length=64, sequence_stride=32, sampling_rate=8000, num_mel_bins=10
    )(sound)
    # Decibels from -80 to 0, as large numbers as no network is trained on.
    x = k.layers.Rescaling(1 / 40, offset=1)(x)
    x = k.layers.Conv1D(4, 3, activation="relu")(k.layers.Permute((2, 1))(x))
    return k.Model(sound, k.layers.Dense(3, activation="softmax")(k.layers.GlobalMaxPooling1D()(x)))


def _squeeze_and_excite(k: Any, x: Any, channels: int) -> Any:
    y = k.layers.GlobalAveragePooling2D(keepdims=True)(x)
    y = k.layers.Conv2D(2, 1, activation="swish")(y)
    y = k.layers.Conv2D(channels, 1, activation="sigmoid")(y)
    return k.layers.Multiply()([x, y])


def _efficient_block(k: Any) -> Any:
    x = k.Input((12, 12, 4))
    y = k.layers.BatchNormalization()(k.layers.Conv2D(8, 1, use_bias=False)(x))
    y = k.layers.Activation("swish")(y)
    y = k.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
    y = k.layers.Activation("swish")(k.layers.BatchNormalization()(y))
    y = _squeeze_and_excite(k, y, 8)
    y = k.layers.BatchNormalization()(k.layers.Conv2D(4, 1, use_bias=False)(y))
    return k.Model(x, k.layers.Add()([x, y]))


def _mobile(k: Any) -> Any:
    x = k.Input((20, 20, 3))
    y = k.layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    y = k.layers.Conv2D(6, 3, strides=2)(y)
    for filters, strides in ((8, 1), (10, 2)):
        y = k.layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)(y)
        y = k.layers.ReLU(6.0)(k.layers.BatchNormalization()(y))
        y = k.layers.Conv2D(filters, 1, use_bias=False)(y)
        y = k.layers.ReLU(6.0)(k.layers.BatchNormalization()(y))
    return k.Model(x, k.layers.Dense(4, activation="softmax")(k.layers.GlobalAveragePooling2D()(y)))


def _separable(k: Any) -> Any:
    x = k.Input((16, 16, 3))
    y = k.layers.SeparableConv2D(6, 3, padding="same", activation="relu")(x)
    y = k.layers.SeparableConv2D(6, 3, padding="same")(y)
    y = k.layers.MaxPooling2D(3, strides=2, padding="same")(y)
    side = k.layers.Conv2D(6, 1, strides=2, padding="same")(x)
    return k.Model(x, k.layers.Add()([y, side]))


def _residual_network(k: Any) -> Any:
    x = k.Input((16, 16, 3))
    y = k.layers.Conv2D(6, 3, padding="same")(x)
    for strides in (1, 2):
        side = k.layers.Conv2D(6, 1, strides=strides)(y)
        z = k.layers.BatchNormalization()(k.layers.Conv2D(6, 3, strides=strides, padding="same")(y))
        z = k.layers.Conv2D(6, 3, padding="same")(k.layers.ReLU()(z))
        y = k.layers.ReLU()(k.layers.Add()([side, k.layers.BatchNormalization()(z)]))
    return k.Model(x, k.layers.Dense(4, activation="softmax")(k.layers.GlobalAveragePooling2D()(y)))


def _siamese(k: Any) -> Any:
    tower = k.Sequential([k.Input((12, 12, 1)), k.layers.Conv2D(3, 3, activation="relu"),
                          k.layers.Flatten(), k.layers.Dense(4)])  # fmt: skip
    left, right = k.Input((12, 12, 1), name="left"), k.Input((12, 12, 1), name="right")
    distance = k.layers.Subtract()([tower(left), tower(right)])
    return k.Model([left, right], k.layers.Dense(1, activation="sigmoid")(distance))


def _wavenet(k: Any) -> Any:
    x = k.Input((32, 1))
    y = k.layers.Conv1D(4, 1)(x)
    for rate in (1, 2, 4, 8):
        gate = k.layers.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(y)
        value = k.layers.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="tanh")(y)
        y = k.layers.Add()([y, k.layers.Conv1D(4, 1)(k.layers.Multiply()([gate, value]))])
    return k.Model(x, k.layers.Conv1D(5, 1, activation="softmax")(y))


def _super_resolution(k: Any) -> Any:
    x = k.Input((10, 10, 1))
    y = k.layers.PReLU(shared_axes=[1, 2])(k.layers.Conv2D(4, 3, padding="same")(x))
    y = k.layers.UpSampling2D(2)(y)
    return k.Model(x, k.layers.Conv2D(1, 3, padding="same", activation="sigmoid")(y))


def _style_transfer(k: Any) -> Any:
    """Any size of picture, normalised by groups."""
    x = k.Input((None, None, 3))
    y = k.layers.ReLU()(
        k.layers.GroupNormalization(groups=2)(k.layers.Conv2D(4, 3, padding="same")(x))
    )
    return k.Model(x, k.layers.Conv2D(3, 3, padding="same", activation="tanh")(y))


def _recommender(k: Any) -> Any:
    user, film = (
        k.Input((1,), dtype="int32", name="user"),
        k.Input((1,), dtype="int32", name="film"),
    )
    user_vector = k.layers.Flatten()(k.layers.Embedding(6, 4)(user))
    film_vector = k.layers.Flatten()(k.layers.Embedding(8, 4)(film))
    return k.Model([user, film], k.layers.Dot(axes=1)([user_vector, film_vector]))


def _attention_pooling(k: Any) -> Any:
    x = k.Input((7, 4))
    weights = k.layers.Softmax(axis=1)(k.layers.Dense(1, activation="tanh")(x))
    pooled = k.layers.Dot(axes=1)([weights, x])
    return k.Model(x, k.layers.Dense(2)(k.layers.Flatten()(pooled)))


def _points(k: Any) -> Any:
    """A cloud of points: the same network for each, then the largest."""
    x = k.Input((12, 3))
    y = k.layers.BatchNormalization()(k.layers.Conv1D(8, 1, activation="relu")(x))
    return k.Model(x, k.layers.Dense(4)(k.layers.GlobalMaxPooling1D()(y)))


def _policy(k: Any) -> Any:
    """What an agent does, and how well it thinks to fare."""
    state = k.Input((4,), name="state")
    hidden = k.layers.Dense(8, activation="tanh")(state)
    action = k.layers.Dense(3, activation="softmax", name="action")(hidden)
    return k.Model(state, {"action": action, "value": k.layers.Dense(1, name="value")(hidden)})


MODELS: dict[str, Callable[[Any], Any]] = {
    "unet": _unet,
    "segmentation": _segmentation,
    "classifier": _classifier,
    "transformer_encoder": _transformer_encoder,
    "transformer_decoder": _transformer_decoder,
    "vision_transformer": _vision_transformer,
    "encoder_decoder": _encoder_decoder,
    "text_lstm": _text_lstm,
    "stacked_gru": _stacked_gru,
    "forecast": _forecast,
    "video": _video,
    "autoencoder": _autoencoder,
    "variational_encoder": _variational_encoder,
    "variational_decoder": _variational_decoder,
    "generator": _generator,
    "discriminator": _discriminator,
    "detection": _detection,
    "text_classifier": _text_classifier,
    "text_tf_idf": _text_tf_idf,
    "tabular": _tabular,
    "spectrogram": _spectrogram,
    "efficient_block": _efficient_block,
    "mobile": _mobile,
    "separable": _separable,
    "residual_network": _residual_network,
    "siamese": _siamese,
    "wavenet": _wavenet,
    "super_resolution": _super_resolution,
    "style_transfer": _style_transfer,
    "recommender": _recommender,
    "attention_pooling": _attention_pooling,
    "points": _points,
    "policy": _policy,
}
# Made of layers or keras.ops that tf_keras does not have.
ONLY_KERAS_3 = {"detection", "spectrogram"}
