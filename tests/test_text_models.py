"""Texts, lookups, hashes and ragged rows: Python's answers in TF.js, on cpu and wasm."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import pipeline
from bundler.bundle import packages
from bundler.graph import freeze, lowerings
from bundler.graph.freeze import Frozen
from bundler.graph.passes import regex, texts
from bundler.graph.samples import vocabulary
from bundler.graph.view import import_graph
from bundler.ground import layout
from bundler.ground.errors import ModelError
from tests.models import keras, layers, save, tf

WORDS = ["the", "cat", "sat", "on", "mat", "Hello", "the cat"]
WEIGHTS = [0.5 + index for index in range(len(WORDS))]


def vectorizations() -> Any:
    """One sentence, by every way of splitting and counting."""
    text = keras.Input((1,), dtype="string", name="text")

    def vectorize(**options: Any) -> Any:
        return layers.TextVectorization(vocabulary=WORDS, **options)(text)

    characters = layers.TextVectorization(vocabulary=list("aehlost "), split="character")
    ids = vectorize(output_sequence_length=6)
    return keras.Model(
        text,
        {
            "sequence": vectorize(output_sequence_length=5),
            "as_long_as_it_is": vectorize(),
            "characters": characters(text),
            "pairs": vectorize(ngrams=2, output_sequence_length=7),
            "counted_pairs": vectorize(ngrams=(1, 2), output_mode="count"),
            "present": vectorize(output_mode="multi_hot"),
            "weighted": vectorize(output_mode="tf_idf", idf_weights=WEIGHTS),
            "whole": vectorize(split=None, standardize="lower"),
            "as_it_stands": vectorize(standardize=None),
            "embedded": layers.Flatten()(layers.Embedding(9, 2)(ids)),
        },
    )


def lookups() -> Any:
    """Words and numbers that are looked up or hashed."""
    words = keras.Input((3,), dtype="string", name="words")
    first = keras.Input((1,), dtype="string", name="first")
    numbers = keras.Input((3,), dtype="int64", name="numbers")
    find, number = layers.StringLookup, layers.IntegerLookup
    found = find(vocabulary=WORDS)(words)
    return keras.Model(
        [words, first, numbers],
        {
            "found": found,
            "three_unknown": find(vocabulary=WORDS, num_oov_indices=3)(words),
            "masked": find(vocabulary=WORDS, mask_token="")(words),
            "counted": find(vocabulary=WORDS, output_mode="count")(words),
            "back": find(vocabulary=WORDS, invert=True)(found),
            "number": number(vocabulary=[7, 900, 1_000_000])(numbers),
            "two_unknown": number(vocabulary=[7, 900], num_oov_indices=2)(numbers),
            "hashed": layers.Hashing(97)(words),
            "salted": layers.Hashing(97, salt=[3, 1 << 40])(words),
            "hashed_numbers": layers.Hashing(97)(numbers),
            "hashed_but": layers.Hashing(97, mask_value="")(words),
            "crossed": layers.HashedCrossing(1000)((first, first)),
            "category": layers.CategoryEncoding(6, output_mode="count")(numbers % 6),
        },
    )


@pytest.mark.parametrize("make", [vectorizations, lookups], ids=lambda make: make.__name__)
def test_layers_answer_as_in_python(make: Callable[[], Any], tmp_path: Path) -> None:
    model = make()
    report = pipeline.check(save(model, tmp_path / "model.keras"), compares=True)
    assert report.parity
    rows = {(row.output, row.backend): row.error for row in report.parity.rows}
    assert rows.keys() == {(name, backend) for name in model.output for backend in ("cpu", "wasm")}
    assert max(rows.values()) <= 1e-6
    assert not [notice for notice in report.notices if "same for every sample" in notice]


def test_samples_take_the_models_own_words() -> None:
    model = lookups()
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in model.inputs]
    function = tf.function(lambda *x: list(model(list(x)).values()), autograph=False)
    frozen = freeze.freeze(function.get_concrete_function(*specs))
    keys = vocabulary.keys(frozen)
    names = ["words", "first", "numbers"]
    found = {n: keys[node] for n, node in zip(names, frozen.inputs, strict=True) if node in keys}
    assert set(WORDS) <= set(found["words"])
    assert {7, 900, 1_000_000} <= set(found["numbers"])
    assert "first" not in found


Function = Callable[..., list[Any]]
INTEGERS = np.array([[0, 3, 1, 1, 5], [2, 2, 0, 9, 1]], np.int32)
SCORES = np.random.default_rng(5).normal(size=(6, 2, 3)).astype(np.float32)
LENGTHS = np.array([2, 0, 5, 1], np.int32)


def ragged(lengths: Any) -> Any:
    values = tf.range(tf.reduce_sum(lengths)) + 1
    return tf.RaggedTensor.from_row_lengths(values, tf.cast(lengths, tf.int64))


def decode(scores: Any, **options: Any) -> list[Any]:
    (decoded,), likelihood = tf.nn.ctc_greedy_decoder(scores, [6, 4], **options)
    return [decoded.indices, decoded.values, decoded.dense_shape, likelihood]


# Functions whose ops are lowered, and what they are called with.
FUNCTIONS: dict[str, tuple[Function, Any]] = {
    "bincount": (lambda x: [tf.math.bincount(x, minlength=4, maxlength=6, axis=-1)], INTEGERS),
    "bincount-flat": (lambda x: [tf.math.bincount(x, minlength=4)], INTEGERS),
    "bincount-binary": (lambda x: [tf.math.bincount(x, axis=-1, binary_output=True)], INTEGERS),
    "bincount-weights": (
        lambda x: [tf.math.bincount(x, weights=tf.cast(x, tf.float32) / 2, axis=-1)],
        INTEGERS,
    ),
    "bincount-ragged": (lambda x: [tf.math.bincount(ragged(x) % 3, axis=-1)], LENGTHS),
    "to-tensor": (lambda x: [ragged(x).to_tensor(-1)], LENGTHS),
    "to-tensor-cut": (lambda x: [ragged(x).to_tensor(-1, shape=[None, 2])], LENGTHS),
    "to-tensor-padded": (lambda x: [ragged(x).to_tensor(-1, shape=[6, 7])], LENGTHS),
    "to-tensor-of-none": (lambda x: [ragged(x * 0).to_tensor(-1, shape=[None, 2])], LENGTHS),
    "range": (lambda x: [tf.ragged.range(x, 9, 2).to_tensor(-1)], LENGTHS),
    "range-down": (lambda x: [tf.ragged.range(x, -3, -2).to_tensor(-9)], LENGTHS),
    "decode": (lambda x: decode(x, merge_repeated=True), SCORES),
    "decode-repeated": (lambda x: decode(x, merge_repeated=False, blank_index=1), SCORES),
    "to-sparse": (
        lambda x: [(y := ragged(x).to_sparse()).indices, y.values, y.dense_shape],
        LENGTHS,
    ),
    "switch": (
        lambda x: [tf.switch_case(x[0], [lambda: x + 1, lambda: x * 2, lambda: x - 9])],
        LENGTHS,
    ),
    "switch-beyond": (
        lambda x: [tf.switch_case(x[2], [lambda: x + 1, lambda: x * 2, lambda: x - 9])],
        LENGTHS,
    ),
    "matched-by-a-constant": (
        lambda x: [
            tf.strings.regex_full_match(tf.strings.as_string(x), tf.constant("[0-2]")),
            tf.strings.regex_replace(tf.strings.as_string(x), tf.constant("5"), tf.constant("-")),
        ],
        LENGTHS,
    ),
    "gather": (lambda x: [tf.gather(ragged(x), [2, 0, 2]).to_tensor()], LENGTHS),
}


# Ops that TF.js does not have at all.
MISSING = {
    "CTCGreedyDecoder", "RaggedBincount", "RaggedGather", "RaggedRange", "RaggedTensorToSparse",
    "RaggedTensorToTensor", "RegexFullMatch", "RegexReplace", "_SwitchN",
}  # fmt: skip


def run(frozen: Frozen, value: Any) -> Any:
    with tf.compat.v1.Session(graph=import_graph(frozen)) as session:
        outputs = [f"{name}:0" for name in frozen.outputs]
        return session.run(outputs, {f"{frozen.inputs[0]}:0": value})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_lowered_ops_keep_the_answers(name: str) -> None:
    function, value = FUNCTIONS[name]
    traced = tf.function(lambda x: [tf.identity(y) for y in function(x)], autograph=False)
    concrete = traced.get_concrete_function(tf.TensorSpec(value.shape, value.dtype, name="x"))
    lowered = lowerings.run(freeze.freeze(concrete))
    ops = {node.op for node in lowered.graph.node}
    assert not ops & lowerings.LOWERINGS.keys() & MISSING
    for expected, answer in zip(traced(tf.constant(value)), run(lowered, value), strict=True):
        np.testing.assert_array_equal(answer, expected.numpy())
        assert answer.dtype == expected.numpy().dtype


PATTERNS = [
    r"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']",
    r"\s+",
    r".",
    r"[[:alpha:]]+",
    r"[^[:space:]x]",
    r"(\w)(\d)",
    r"(?P<one>l)l",
    r"\pL",
    r"\p{Greek}+",
    r"a{1,2}|{",
    r"\A.|.\z",
    r"\x41|\x{4e2d}",
    r"\$|\-|\'",
    r"[]x]",
]
SUBJECTS = ["Hello, world!\n x1 y2", "aaa {b} [c]] $-'", "Grüße αβγ 中A", "", "xx\u2028\v"]


def test_patterns_mean_the_same_in_javascript() -> None:
    found = [
        [tf.strings.regex_replace(text, pattern, "<>").numpy().decode() for text in SUBJECTS]
        for pattern in PATTERNS
    ]
    script = """
        const { patterns, texts } = JSON.parse(require('fs').readFileSync(0));
        const all = patterns.map((p) => texts.map((t) => t.match(new RegExp(p, 'gu')) ?? []));
        console.log(JSON.stringify(all));
    """
    request = {"patterns": [regex.to_javascript(p) for p in PATTERNS], "texts": SUBJECTS}
    result = subprocess.run(
        [packages.node(), "-e", script],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    for pattern, matches, replaced in zip(PATTERNS, json.loads(result.stdout), found, strict=True):
        assert [len(one) for one in matches] == [text.count("<>") for text in replaced], pattern


@pytest.mark.parametrize("pattern", [r"(?i)a", r"\Qa\E", r"[a", r"[[:what:]]"])
def test_patterns_without_an_equal_are_refused(pattern: str) -> None:
    with pytest.raises(ModelError, match="no equal in JavaScript"):
        regex.to_javascript(pattern)


def test_every_op_on_texts_has_its_file() -> None:
    files = {file.stem for file in (layout.templates() / "ops").glob("[A-Z]*.js")}
    assert files >= texts.OWN_OPS


def test_texts_are_moved_and_compared_as_numbers() -> None:
    def function(x: Any) -> list[Any]:
        chosen = tf.where(tf.equal(x, "a"), "b", x)
        return [tf.identity(chosen), tf.identity(tf.unique(tf.reshape(x, [-1]))[1])]

    spec = tf.TensorSpec((None, 2), tf.string, name="x")
    frozen = freeze.freeze(tf.function(function, autograph=False).get_concrete_function(spec))
    moved = texts.run(replace(frozen))
    by_name = {node.name: node for node in moved.graph.node}
    for node in moved.graph.node:
        if node.op in ("Equal", "SelectV2", "Unique"):
            assert node.attr["T"].type == tf.int32.as_datatype_enum
            sources = {by_name[name.split(":")[0]].op for name in node.input}
            assert sources <= {"TfjsDemoTextIds", "Equal"}
    assert {"TfjsDemoTextIds", "TfjsDemoTexts"} <= {node.op for node in moved.graph.node}
