"""What each model of ../shared/cases must do: answer as Python, or be refused in words."""

from __future__ import annotations

from dataclasses import dataclass

NUMBERS = '[[inputs]]\nwidget = "json"\n'


@dataclass(frozen=True)
class Row:
    """A model that must build: `target` below models/, made by `maker`.

    The bare model is built, and its page is asked what `answers` (files in out/, by default of
    the target's name) say that Python was asked. Where the bare page takes something else, such
    as a picture for an array, `settings`, the rest of a demo.toml, make a second page that is
    asked. With `own_classes` the bare model is refused for classes of its own until
    objects/MAKER.py defines them and --trust-model allows them. What Python answers in half
    floats is only near.
    """

    maker: str
    target: str
    answers: tuple[str, ...] = ()
    settings: str = ""
    signature: str = ""
    own_classes: bool = False
    near: str = ""

    @property
    def title(self) -> str:
        return f"{self.target}#{self.signature}" if self.signature else self.target

    @property
    def asked(self) -> tuple[str, ...]:
        return self.answers or (self.target.removesuffix(".keras").removesuffix(".h5"),)


@dataclass(frozen=True)
class Refused:
    """A model that may be refused: what the message must say of it, and its hint.

    `remedy` is the target of the row that the hint leads to, which must build.
    """

    maker: str
    target: str
    reason: str
    hint: str
    remedy: str


def rows(maker: str, *targets: str, settings: str = "") -> tuple[Row, ...]:
    """Models that only differ by their names."""
    return tuple(Row(maker, target, settings=settings) for target in targets)


STRIDES = ("conv2d_k3_s4", "conv2d_k2_s3", "depthwise_k3_s4", "separable_k3_s4", "conv1d_k3_s4")
DTYPES = ("uint8", "int32", "int64", "float16", "float64")
TEXTS = ("chars", "ngrams", "tfidf", "count", "nostd", "ragged")
SIDES = (24, 28, 48, 64, 96, 160, 224)
TM = ("teachable_picture",)

ROWS: tuple[Row, ...] = (
    *rows("small_embedding", "small_embedding_int32.keras", "small_embedding_int32_export"),
    *rows("small_embedding", "small_embedding_float32.keras", "small_embedding_float32_export"),
    *rows("small_embedding", "segment_ids"),
    *rows("text_vectorization", *(f"textvec_{name}.keras" for name in TEXTS)),
    *rows("text_starts_on_wasm", "text_starts_on_wasm.keras"),
    *rows("feature_space", "feature_space.keras"),
    Row("odd_names", "odd names ü.keras", ("odd_names",)),
    *rows("fixed_batch", "nchw", "fixed_batch_rows.keras"),
    Row("fixed_batch", "fixed_batch.keras", settings=NUMBERS),
    Row("stateful_lstm", "stateful_lstm.keras"),
    Row("stateful_lstm", "stateful_lstm.h5", ("stateful_lstm_h5",)),
    Row("stateful_lstm", "stateful_lstm_export"),
    *rows("seq2seq", "encoder.keras", "decoder.keras"),
    Row("signatures", "signatures", signature="encode"),
    Row("signatures", "signatures", ("signatures_decode",), signature="decode"),
    Row("signatures", "archive", ("archive_logits",), signature="logits"),
    Row("signatures", "archive", ("archive_probabilities",), signature="probabilities"),
    *rows("uint8_pictures", *(f"picture_{dtype}_24" for dtype in DTYPES)),
    *rows("uint8_pictures", *(f"picture_{dtype}_free" for dtype in DTYPES)),
    *rows("uint8_pictures", "picture_keras_uint8.keras", "picture_keras_int32.keras"),
    *rows("uint8_pictures", "picture_tfjs_int32"),
    *rows("uint8_keras_resize", *(f"uint8_side_{side}.keras" for side in SIDES)),
    *(
        Row("mixed_precision", f"{name}.keras", (f"{name}-float32",), near=name)
        for name in ("mixed_float16", "mixed_bfloat16", "float16")
    ),
    *rows("quantised_keras", "quantised_int8.keras", "quantised_int4.keras", "lora.keras"),
    *rows("stride_over_kernel", *(f"{name}.keras" for name in STRIDES)),
    Row("empty_tensors", "empty_tensors", ("empty_tensors_some", "empty_tensors_none")),
    *rows("detection_like", "detection_like"),
    *rows("tfjs_without_inputs", "tfjs_without_inputs"),
    Row("tfjs_without_inputs", "tfjs_without_inputs.pb", ("tfjs_without_inputs",)),
    *rows("keras3_tfjs_layers", "keras3_tfjs_functional", "keras3_tfjs_sequential"),
    *rows("simple_audio", "simple_audio_wave"),
    Row("simple_audio", "simple_audio", ("simple_audio_wave",)),
    Row("transformer_custom", "transformer.keras", own_classes=True),
    *rows("transformer_custom", "transformer_export"),
    Row("vae_encoder", "vae_encoder.keras", settings=NUMBERS, own_classes=True),
    Row("vae_encoder", "vae_encoder_export", ("vae_encoder",), settings=NUMBERS),
    Row("teachable", "tm_pose/model.json", ("tm_pose",)),
    Row("teachable", "tm_audio"),
    Row("teachable", "converted_savedmodel.zip", TM),
    Row("teachable", "converted_keras_crlf.zip", TM),
    Row("teachable", "two_models.zip", ("keras_model",), settings=NUMBERS),
    Row("teachable", "keras_model.h5", ("keras_model",), settings=NUMBERS),
    Row("qat", "qat_sm", settings=NUMBERS),
    Row("qat", "qat.h5", ("qat_sm",), settings=NUMBERS, own_classes=True),
    *rows("bert_hf", "bert_hf", "distilbert_hf"),
    *rows("keras_hub_bert", "hub_bert_export"),
    Row("keras_hub_bert", "hub_bert.keras", ("hub_bert_export",), own_classes=True),
    *rows("decision_forest", "forest_network.keras"),
    *rows("jpeg_server", "jpeg_pixels"),
    *rows("vgg16", "vgg16.h5", settings=NUMBERS),
)

REFUSED: tuple[Refused, ...] = (
    Refused(
        "decision_forest",
        "forest",
        "TensorFlow Decision Forests",
        "on what the forest answers",
        "forest_network.keras",
    ),
    Refused("jpeg_server", "jpeg_server", "JPEG", "takes pixels", "jpeg_pixels"),
    Refused(
        "quantised_keras",
        "quantised_float8.keras",
        "float8",
        'model.quantize("int8")',
        "quantised_int8.keras",
    ),
    Refused("qat", "qat.keras", "QuantizeLayer", "--trust-model", "qat.h5"),
    Refused("teachable", "tm_pose", "PoseNet", "model.json", "tm_pose/model.json"),
    Refused("teachable", "converted_tflite.zip", "TensorFlow Lite", "Keras", "keras_model.h5"),
)
