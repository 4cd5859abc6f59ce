"""Samples that belong to the model: what is tried, what Python says of it, what it proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bundler.graph import Case
from bundler.graph.reference import Reference
from bundler.graph.samples import Sample, Sampler, moved
from bundler.graph.samples.worth import MOST_ALLOWED, proves
from bundler.ground.errors import ModelError
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.proof import verify
from tests.models import keras, layers, tf
from tests.sampled import Sampled, sampled

TOLERANCE = 1e-4
generator = np.random.default_rng(6)


def weights(*shape: int) -> Any:
    return tf.constant(generator.normal(size=shape).astype(np.float32))


def floats(name: str, *shape: int | None) -> TensorSpec:
    return TensorSpec(name, "float32", shape)


def integers(name: str, *shape: int | None) -> TensorSpec:
    return TensorSpec(name, "int32", shape)


def texts(name: str, *shape: int | None) -> TensorSpec:
    return TensorSpec(name, "string", shape)


def stack(shape: tuple[int | None, ...], *stacked: Any, dtype: str = "float32") -> Any:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *stacked])


TWO_ROWS, FIFTY_ROWS = weights(2, 3), weights(50, 3)


@dataclass(frozen=True)
class Wanted:
    """A model, its inputs, and what must hold of every value that it gets."""

    model: Callable[..., Any]
    specs: list[TensorSpec]
    holds: Callable[..., Any] = lambda *_: True


def whole_below(count: int) -> Callable[[Any], Any]:
    return lambda x: ((x == np.round(x)) & (x >= 0) & (x < count)).all()


def looked_up_in_a_loop(x: Any) -> Any:
    def step(index: Any, total: Any) -> tuple[Any, Any]:
        row = tf.gather(TWO_ROWS, tf.cast(x[:, index], tf.int32))
        return index + 1, total + tf.reduce_sum(row)

    return tf.while_loop(lambda index, _: index < 4, step, (0, 0.0))[1]


X = floats("x", None, 4)
# By kind: what ops want of their inputs.
DOMAINS = {
    "rows of an embedding": Wanted(
        stack((4,), layers.Embedding(2, 3), layers.Flatten(), layers.Dense(2)), [X], whole_below(2)
    ),
    "rows behind arithmetic": Wanted(
        lambda x: tf.gather(FIFTY_ROWS, tf.cast(x * 2 - 6, tf.int32)),
        [X],
        lambda x: ((x >= 3) & (x <= 27.5)).all(),
    ),
    "rows by column": Wanted(
        lambda x: tf.gather(TWO_ROWS, tf.cast(x[:, 0], tf.int32))
        + tf.gather(FIFTY_ROWS, tf.cast(x[:, 2], tf.int32))
        + x[:, 1:2],
        [X],
        lambda x: whole_below(2)(x[:, 0]) and whole_below(50)(x[:, 2]),
    ),
    "rows in a loop": Wanted(looked_up_in_a_loop, [X], whole_below(2)),
    "places": Wanted(
        lambda x: tf.gather_nd(FIFTY_ROWS, tf.cast(x, tf.int32)),
        [floats("x", None, 2)],
        lambda x: whole_below(50)(x[:, 0]) and whole_below(3)(x[:, 1]),
    ),
    "one-hot": Wanted(
        lambda x: tf.one_hot(tf.cast(x, tf.int32), 3) * 0.5, [X], whole_below(3)
    ),
    "categories": Wanted(
        stack((3,), layers.CategoryEncoding(4, output_mode="count"), dtype="int32"),
        [integers("x", None, 3)],
        whole_below(4),
    ),
    "divisors": Wanted(
        lambda x, y: x // y, [integers("x", None, 3), integers("y", None, 3)], lambda _, y: y.all()
    ),
    "remainders": Wanted(
        lambda x, y: tf.math.floormod(x, tf.transpose(y)),
        [integers("x", None, 3), integers("y", 3, 1)],
        lambda _, y: y.all(),
    ),
    "logarithms": Wanted(lambda x: tf.math.log(x), [X], lambda x: (x > 0).all()),
    "logarithms of what is left": Wanted(
        lambda x: tf.math.log(1 - tf.reshape(x, [-1]) * 2), [X], lambda x: (x < 0.5).all()
    ),
    "roots": Wanted(lambda x: tf.math.rsqrt(tf.reduce_mean(x, 1)), [X], lambda x: (x > 0).any()),
    "arcs": Wanted(lambda x: tf.asin(x[:, ::-1]), [X], lambda x: (abs(x) <= 1).all()),
    "bounded already": Wanted(
        lambda x: tf.sqrt(tf.nn.relu(x)), [X], lambda x: not x.any() or (x < 0).any()
    ),
    "hues": Wanted(
        lambda x, d: tf.image.adjust_hue(x, tf.reshape(d, [])),
        [floats("x", None, 8, 8, 3), floats("d", 1)],
    ),
    "factors of matrices": Wanted(tf.linalg.cholesky, [floats("x", None, 3, 3)]),
    "what a check wants": Wanted(
        lambda x: (tf.debugging.assert_greater(x, 5.0), x * 2)[1], [X], lambda x: (x > 5).all()
    ),
    "numbers as texts": Wanted(tf.strings.to_number, [texts("x", None, 1)]),
    "lists of numbers as texts": Wanted(
        lambda x: tf.strings.to_number(tf.strings.split(x[:, 0], ",").to_tensor("0")),
        [texts("x", None, 1)],
    ),
    "words": Wanted(
        stack((1,), layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot"),
              dtype="string"),
        [texts("x", None, 1)],
    ),
}  # fmt: skip


def judged(wanted: Wanted) -> tuple[Sampled, Sampler, list[Sample]]:
    made = sampled(wanted.model, *wanted.specs)
    sampler = made.sampler()
    return made, sampler, sampler.golden()


@pytest.mark.parametrize("name", DOMAINS)
def test_values_are_those_that_the_model_takes(name: str) -> None:
    wanted = DOMAINS[name]
    made, sampler, golden = judged(wanted)
    for sample in [*golden, sampler.start(golden)]:
        assert sample.is_finite
        assert sample.outputs == made.ask(sample.inputs)
        values = [sample.inputs[spec.name].to_numpy() for spec in wanted.specs]
        if wanted.specs[0].dtype != "string":
            assert wanted.holds(*values), values
    assert proves(moved("y0", golden))


FLATTENED = weights(28 * 4, 3)
PICTURE_FILTERS = weights(3, 3, 3, 4), weights(7, 7, 4, 3)
SIZES: dict[str, tuple[Callable[..., Any], list[TensorSpec], Callable[..., bool]]] = {
    "a window of seven": (
        stack((None, 4), layers.Conv1D(8, 7), layers.GlobalAveragePooling1D()),
        [floats("x", None, None, 4)],
        lambda shape: shape[1] >= 7,
    ),
    "pooling of pooling": (
        stack((None, 4), layers.MaxPooling1D(4), layers.AveragePooling1D(3)),
        [floats("x", None, None, 4)],
        lambda shape: shape[1] >= 12,
    ),
    "a recurrent layer": (
        stack((None, 3), layers.LSTM(4)), [floats("x", None, None, 3)], lambda shape: True
    ),
    "two of one length": (
        lambda a, b: tf.matmul(a, b, transpose_b=True),
        [floats("a", None, None, 4), floats("b", None, None, 4)],
        lambda one, other: one[1] == other[1],
    ),
    "one length only": (
        lambda x: tf.matmul(tf.reshape(x, [-1, 28 * 4]), FLATTENED)[:1],
        [floats("x", 1, None, 4)],
        lambda shape: shape[1] % 28 == 0,
    ),
    "pictures that are not tiny": (
        lambda x: tf.reduce_mean(
            tf.nn.conv2d(
                tf.nn.conv2d(x / 255, PICTURE_FILTERS[0], 8, "VALID"),
                PICTURE_FILTERS[1], 1, "VALID",
            ), [1, 2],
        ),
        [floats("image", None, None, None, 3)],
        lambda shape: min(shape[1:3]) >= 51,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_free_sizes_are_two_that_the_model_takes(name: str) -> None:
    model, specs, holds = SIZES[name]
    _, sampler, golden = judged(Wanted(model, specs))
    for sample in golden:
        assert sample.is_finite
        assert holds(*(sample.inputs[spec.name].shape for spec in specs))
    shapes = [tuple(one.inputs[spec.name].shape for spec in specs) for one in golden]
    assert len(set(shapes)) == len(sampler.layouts) == 2
    assert sampler.notices == []


@pytest.mark.parametrize("batch", [2, 4, 5])
def test_a_batch_that_must_be_larger_is_found_and_told(batch: int) -> None:
    _, sampler, golden = judged(
        Wanted(lambda x: tf.reshape(x, [batch, -1]) * 2, [floats("x", None, 3)])
    )
    assert {sample.inputs["x"].shape[0] % batch for sample in golden} == {0}
    assert str(sampler.layouts[0].shapes["x"][0]) in sampler.notices[0]


def test_sizes_and_values_are_like_the_users_examples() -> None:
    model = stack((None, 3), layers.GlobalAveragePooling1D(), layers.Dense(2))
    made = sampled(model, floats("x", None, None, 3))
    example = {"x": Tensor.from_numpy(generator.normal(size=(1, 9, 3)).astype(np.float32))}
    sampler = made.sampler([example])
    assert sampler.layouts[0].shapes == {"x": (1, 9, 3)}


LOUD = weights(4, 3) * 100
SATURATED = {
    "softmax": lambda x: tf.nn.softmax(tf.matmul(x, LOUD)),
    "sigmoid of large numbers": lambda x: tf.sigmoid(tf.matmul(x, LOUD)),
    "sigmoid far from the middle": lambda x: tf.sigmoid(tf.reduce_sum(x, 1) * 3 + 40),
    "hyperbolic tangent": lambda x: tf.tanh(tf.matmul(x, LOUD) - 60),
    "one of two outputs": lambda x: [x, tf.nn.softmax(tf.matmul(x, LOUD * 5))],
    "beside a constant": lambda x: [tf.nn.softmax(tf.matmul(x, LOUD)), tf.ones([1, 2])],
}


@pytest.mark.parametrize("name", SATURATED)
def test_saturated_answers_are_not_all_that_is_looked_at(name: str) -> None:
    _, _, golden = judged(Wanted(SATURATED[name], [X]))
    outputs = [output for output in golden[0].outputs if golden[0].outputs[output].shape != (1, 2)]
    for output in outputs:
        assert proves(moved(output, golden)), str(moved(output, golden))
        assert not all(sample.hides(output) for sample in golden)


def dense_on_pixels(factor: float) -> Any:
    keras.utils.set_random_seed(1)
    model = stack((16, 16, 1), layers.Flatten(), layers.Dense(32, activation="relu"),
                  layers.Dense(10, activation="softmax"))  # fmt: skip
    for layer in model.layers:
        layer.set_weights([factor * value for value in layer.get_weights()])
    return model


@pytest.mark.parametrize("factor", [0.5, 1.0, 4.0])
def test_a_network_that_is_sure_of_every_picture_is_shown_what_it_is_not_sure_of(
    factor: float,
) -> None:
    _, _, golden = judged(Wanted(dense_on_pixels(factor), [floats("image", None, 16, 16, 1)]))
    assert any(sample.shown["y0"] > 1e-3 for sample in golden)
    assert proves(moved("y0", golden))


def test_what_no_kernel_has_a_part_in_hides_none() -> None:
    def model(x: Any) -> list[Any]:
        product = tf.matmul(x, LOUD / 100)
        with tf.control_dependencies([product]):
            return [product, tf.identity(x), x * 2]

    _, _, golden = judged(Wanted(model, [X]))
    assert all(proves(moved(name, golden)) for name in ("y0", "y1", "y2"))


def test_wrong_kernels_show_where_tensorflow_computes_nothing_in_float64() -> None:
    kernel = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 4, 6)), tf.float32)

    def model(x: Any) -> Any:
        return tf.nn.conv2d(x, kernel, 1, "SAME", data_format="NCHW")

    _, _, golden = judged(Wanted(model, [floats("x", None, 4, 6, 7)]))
    assert proves(moved("y0", golden)), str(moved("y0", golden))


# TensorFlow has these kernels by its compiler alone, and the frozen graph is run without it.
COMPILED: dict[str, tuple[Any, tuple[int, ...]]] = {
    "Conv3D": (layers.Conv3D(4, 2, groups=2), (5, 4, 4, 4)),
    "Conv3D of one channel a group": (layers.Conv3D(4, 2, groups=4), (4, 4, 4, 4)),
}


@pytest.mark.parametrize("name", COMPILED)
def test_a_graph_that_only_the_compiler_can_run_is_judged_all_the_same(name: str) -> None:
    layer, shape = COMPILED[name]
    x = keras.Input(shape)
    made = Wanted(keras.Model(x, layer(x)), [floats("x", None, *shape)])
    _, _, golden = judged(made)
    assert proves(moved("y0", golden)), str(moved("y0", golden))


def test_a_table_of_nothing_is_no_kernel() -> None:
    """What is added to zeros is no less seen for their being zeros."""
    places = tf.constant([[row, column] for row in range(4) for column in range(4)])

    def model(x: Any) -> Any:
        return tf.tensor_scatter_nd_add(tf.zeros([5, 5]), places, tf.reshape(x, [16]))

    _, _, golden = judged(Wanted(model, [floats("x", 1, 16)]))
    assert proves(moved("y0", golden)), str(moved("y0", golden))


def test_what_hides_every_kernel_whatever_is_drawn_is_told() -> None:
    """From one grey to the next, this network jumps from one class to another."""
    _, _, golden = judged(Wanted(dense_on_pixels(40), [floats("image", None, 16, 16, 1)]))
    assert "no wrong kernel would show" in str(moved("y0", golden))


def test_one_constant_output_changes_nothing_for_the_others() -> None:
    alone = judged(Wanted(lambda x: tf.nn.softmax(x), [X]))[2]
    beside = judged(Wanted(lambda x: [tf.nn.softmax(x), tf.zeros([2])], [X]))[2]
    assert [one.inputs for one in alone] == [one.inputs for one in beside[: len(alone)]]


def test_zeros_and_ones_by_nature_are_not_saturated() -> None:
    model = stack((3,), layers.CategoryEncoding(4), dtype="int32")
    _, _, golden = judged(Wanted(model, [integers("x", None, 3)]))
    assert proves(moved("y0", golden))


# Python's float32 is far from its float64 here, for whatever is fed.
HIDDEN, LAST = weights(4, 16), weights(16, 2)
UNSTEADY: dict[str, Callable[[Any], Any]] = {
    "waves": lambda x: tf.sin(tf.matmul(x, HIDDEN) * 3e4 + 3e4),
    "differences": lambda x: drowned(tf.matmul(tf.tanh(tf.matmul(x, HIDDEN)), LAST), x, 1e5),
    "variances": lambda x: variance(tf.matmul(x, HIDDEN) + 3e3 * size(x)),
}


def drowned(value: Any, x: Any, by: float) -> Any:
    """The value, of which few digits are left."""
    large = by * size(x)
    return (value + large) - large


def size(x: Any) -> Any:
    return 1 + tf.reduce_max(tf.abs(x))


def variance(value: Any) -> Any:
    """As nobody should compute it."""
    mean = tf.reduce_mean(value, 1)
    return tf.reduce_mean(tf.square(value), 1) - tf.square(mean)


def answers_of(frozen: Any, made: Sampled, golden: list[Sample]) -> list[Any]:
    with Reference(frozen) as reference:
        return [reference.answer(made.plan, sample.inputs) for sample in golden]


def rows(golden: list[Sample], found: list[Any]) -> list[verify.Row]:
    cases = [
        Case(one.inputs, one.outputs, one.own_errors, one.allowed(TOLERANCE)) for one in golden
    ]
    return verify.compare(cases, found, "wasm", {}, TOLERANCE)


def kernels(frozen: Any) -> list[Any]:
    """The constants that are weights of a product."""
    by_name = {node.name: node for node in frozen.graph.node}
    products = [node for node in frozen.graph.node if node.op == "MatMul"]
    return [by_name[node.input[1].split(":")[0]] for node in products]


@pytest.mark.parametrize("name", UNSTEADY)
def test_where_python_is_unsteady_a_kernel_that_is_wrong_by_two_percent_is_refused(
    name: str,
) -> None:
    made, _, golden = judged(Wanted(UNSTEADY[name], [X]))
    assert max(max(one.own_errors.values()) for one in golden) > TOLERANCE
    assert all(row.holds for row in rows(golden, answers_of(made.frozen, made, golden)))
    for number in range(len(kernels(made.frozen))):
        wrong = made.frozen.copy()
        tensor = kernels(wrong)[number].attr["value"].tensor
        value = tf.make_ndarray(tensor) * np.float32(1.02)
        tensor.CopyFrom(tf.make_tensor_proto(value))
        (row,) = rows(golden, answers_of(wrong, made, golden))
        assert not row.holds, row


def test_no_more_than_a_hundredth_is_ever_allowed() -> None:
    sample = Sample({}, {}, {"y": 0.5, "z": TOLERANCE / 2, "w": 2e-4})
    assert sample.allowed(TOLERANCE) == {"y": MOST_ALLOWED, "w": pytest.approx(8e-4)}


def test_a_steady_sample_is_preferred() -> None:
    """Large inputs drown in noise, small ones do not: no more than the tolerance is allowed."""

    def quiet_when_small(x: Any) -> Any:
        loud = tf.cast(tf.reduce_max(tf.abs(x)) > 0.3, tf.float32)
        return drowned(tf.matmul(x, HIDDEN), x, 1.0 + loud * 1e5)

    _, _, golden = judged(Wanted(quiet_when_small, [X]))
    assert all(not one.allowed(TOLERANCE) for one in golden)
    assert proves(moved("y0", golden))


EVEN_FILTERS, EVEN_ROWS = weights(3, 3, 3, 5), weights(4, 20)
EVEN: dict[str, tuple[Callable[[Any], Any], TensorSpec]] = {
    # Of an input of zeros, all are even.
    "the place of the highest": (
        lambda x: tf.argmax(
            tf.reduce_sum(
                tf.reshape(tf.nn.conv2d(x / 9 - 1, EVEN_FILTERS, 2, "SAME"), [1, -1, 5]), 2
            ), 1,
        ),
        floats("image", 1, 32, 32, 3),
    ),
    "a class": (lambda x: tf.argmax(tf.matmul(x, EVEN_ROWS) + 0.1, 1), X),
    "one-hot": (lambda x: tf.one_hot(tf.argmax(tf.matmul(x, EVEN_ROWS) + 0.1, 1), 20), X),
    "the highest scores": (
        lambda x: tf.math.top_k(tf.sigmoid(tf.matmul(x, EVEN_ROWS) + 0.1), 3).indices, X
    ),
    "at a bound": (lambda x: tf.cast(tf.sigmoid(tf.matmul(x, EVEN_ROWS)) > 0.5, tf.float32), X),
}  # fmt: skip


@pytest.mark.parametrize("name", EVEN)
def test_what_is_exactly_even_is_not_asked_who_is_first(name: str) -> None:
    model, spec = EVEN[name]
    _, sampler, golden = judged(Wanted(model, [spec]))
    for sample in [*golden, sampler.start(golden)]:
        assert max(sample.jitter.values()) == 0.0
    assert proves(moved("y0", golden))


REFUSED: dict[str, tuple[Callable[..., Any], TensorSpec, str]] = {
    "a bound that nobody guesses": (
        lambda x: (tf.debugging.assert_greater(x, 5e5), x * 2)[1], floats("x", None, 2), "Assert"
    ),
    "a table behind a wall": (
        lambda x: tf.gather(FIFTY_ROWS, tf.cast(tf.exp(x * 9) - 4e5, tf.int32)),
        floats("x", None, 2), "GatherV2",
    ),
    "a text of a form": (
        lambda x: tf.io.decode_csv(x[:, 0], [[0.0], [0.0], [0]]), texts("x", None, 1), "DecodeCSV"
    ),
}  # fmt: skip
LINES = {
    "a bound that nobody guesses": {"min": 600_000, "max": 700_000},
    "a table behind a wall": {"widget": "json", "min": 1.433247, "max": 1.43326},
    "a text of a form": {"widget": "json", "choices": ["1,2,3", "4,5,6"]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_python_never_answers_is_told_and_the_line_that_is_told_helps(name: str) -> None:
    model, spec, op = REFUSED[name]
    with pytest.raises(ModelError) as caught:
        judged(Wanted(model, [spec]))
    message, hint = caught.value.message, caught.value.hint
    assert op in message and str(spec) in message
    assert "Traceback" not in message and "{{" not in message
    assert "[[examples]]\n  x = " in hint
    made = sampled(model, spec, settings={"inputs": [LINES[name]]})
    golden = made.sampler().golden()
    assert all(sample.is_finite for sample in golden)


def test_what_is_never_a_number_is_no_fault_of_tensorflow_js() -> None:
    with pytest.raises(ModelError, match=r"y0 is not a number \(NaN\)"):
        judged(Wanted(lambda x: x * np.nan, [X]))


def test_infinities_of_python_are_expected() -> None:
    _, _, golden = judged(Wanted(lambda x: tf.concat([x, [[-np.inf] * 4]], 0), [X]))
    found = [sample.outputs for sample in golden]
    assert all(row.holds for row in rows(golden, found))
