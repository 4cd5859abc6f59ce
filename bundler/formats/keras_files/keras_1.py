"""Configurations of Keras 1, and what later ones leave out, in the words of tf_keras.

Keras 2 understood both when it made a layer (keras/legacy/interfaces.py); tf_keras does not.
"""

from __future__ import annotations

from typing import Any

CLASSES = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
# The mode of a Merge -> the layer that does it.
MERGES = {
    "ave": "Average",
    "concat": "Concatenate",
    "max": "Maximum",
    "mul": "Multiply",
    "sum": "Add",
}
# What a key of Keras 1 is called now.
KEYS = {
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "border_mode": "padding",
    "concat_axis": "axis",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "filter_length": "kernel_size",
    "inner_activation": "recurrent_activation",
    "input_dtype": "dtype",
    "length": "size",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}
# For training only, or the default.
DROPPED = {
    "W_constraint", "W_regularizer", "U_regularizer", "activity_regularizer", "b_constraint",
    "b_regularizer", "beta_init", "beta_regularizer", "consume_less", "dim_ordering", "dot_axes",
    "forget_bias_init", "gamma_init", "gamma_regularizer", "init", "inner_init", "input_dim",
    "input_length", "mode", "mode_type", "output_mask", "output_mask_type", "output_shape",
    "output_shape_type", "arguments", "depth_multiplier_init",
}  # fmt: skip
ORDERINGS = {"tf": "channels_last", "th": "channels_first"}
KERNELS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))
# Keys by which a layer of Keras 1 is known, if it is one of these: Keras 2 has none of them.
MARKS = {
    "W_regularizer", "b_regularizer", "border_mode", "dim_ordering", "nb_filter", "p", "length",
    "input_dtype", "init", "inner_init", "subsample", "pool_length", "mode", "sigma",
}  # fmt: skip
CHANGED = {
    *CLASSES, "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "BatchNormalization",
    "Cropping2D", "Dense", "Dropout", "Embedding", "GRU", "GaussianDropout", "GaussianNoise",
    "GlobalAveragePooling2D", "GlobalMaxPooling2D", "InputLayer", "LSTM", "MaxPooling1D",
    "MaxPooling2D", "MaxPooling3D", "Merge", "SimpleRNN", "SpatialDropout1D", "SpatialDropout2D",
    "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding2D", "ZeroPadding3D",
}  # fmt: skip


def repaired(config: Any) -> Any:
    """The configuration with every layer as tf_keras wants it; others are left as they are."""
    if isinstance(config, list):
        return [repaired(item) for item in config]
    if not isinstance(config, dict):
        return config
    config = {key: repaired(value) for key, value in config.items()}
    name, inner = config.get("class_name"), config.get("config")
    if not isinstance(name, str) or not isinstance(inner, dict):
        return config
    if name == "GRU":
        # Up to Keras 2.1 there was only this kind; tf_keras takes the other unless told.
        inner = {"reset_after": False, **inner}
    if name in CHANGED and not MARKS.isdisjoint(inner):
        name, inner = _translated(name, inner)
    return config | {"class_name": name, "config": inner}


def _translated(name: str, config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A layer of Keras 1."""
    if name == "Merge":
        name = MERGES.get(str(config.get("mode")), name)
        kept = ("name", "trainable", *(("concat_axis",) if name == "Concatenate" else ()))
        config = {key: config[key] for key in kept if key in config}
    made: dict[str, Any] = {}
    for keys in KERNELS:
        if keys[0] in config:
            made["kernel_size"] = [config[key] for key in keys]
            config = {key: value for key, value in config.items() if key not in keys}
    if config.get("dim_ordering") in ("tf", "th"):
        made["data_format"] = (
            "channels_last" if config["dim_ordering"] == "tf" else "channels_first"
        )
    if name == "Embedding":
        kept = ("input_dim", "output_dim", "mask_zero", "input_length", "name", "trainable",
                "batch_input_shape")  # fmt: skip
        return name, {key: config[key] for key in kept if key in config}
    for key, value in config.items():
        if key not in DROPPED:
            made[KEYS.get(key, key)] = value
    return CLASSES.get(name, name), made
