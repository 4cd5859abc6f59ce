"""Ops that TensorFlow does not have by itself: whose they are, and what to do without them."""

from __future__ import annotations

import re

# Ops by their names -> the package that defines them, and what helps.
PACKAGES: tuple[tuple[str, str, str], ...] = (
    (
        r"SimpleML",
        "TensorFlow Decision Forests",
        "A forest cannot run in browsers. Train a network of Keras's layers on the same data, or "
        'on what the forest answers to it, save it with model.save("model.keras"), and build that.',
    ),
    (
        r"TFText>|Sentencepiece|(Fast)?Wordpiece|(Whitespace|UnicodeScript)Tokenize|RegexSplit|"
        r"NormalizeUTF8|CaseFoldUTF8|SplitMergeTokenize|TokenizerFromLogits",
        "TensorFlow Text",
        "Browsers do not have them. Save the model without its tokenizer, with a signature that "
        "takes the numbers of the words.",
    ),
    (
        r"TRTEngine|CreateTRT|InitializeTRT",
        "TensorRT",
        "They are compiled for one graphics card. Build the model as it was before TensorRT.",
    ),
    (
        r"Addons>",
        "TensorFlow Addons",
        "Browsers do not have them. Replace the layers that need them by Keras's own, and save "
        "the model again.",
    ),
    (
        r"IO>",
        "TensorFlow I/O",
        "Browsers do not have them. Save the model with a signature that begins behind them.",
    ),
)
UNKNOWN = (
    "a package of its own",
    "Browsers do not have it. Save the model without the layer that needs it.",
)


def describe(op: str) -> tuple[str, str]:
    """The package that an op comes from, and what to do."""
    for names, package, remedy in PACKAGES:
        if re.match(names, op):
            return package, remedy
    return UNKNOWN
