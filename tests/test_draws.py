"""Random numbers: TensorFlow's own draws where a seed says so, else the same or fed ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from bundler.graph import draws, noise
from bundler.graph.meant import Meant
from bundler.graph.reference import Reference
from bundler.ground.tensors import PATTERN, Tensor
from tests.graphs import Array
from tests.models import tf

random, krandom = tf.random, keras.random
X = np.array([[0.3, 0.2, -0.5], [1, 2, 3]], np.float32)
STEADY: dict[str, Callable[[Any], Any]] = {
    "normal": lambda x: x + random.stateless_normal(tf.shape(x), [1, 2]),
    "uniform": lambda x: x + random.stateless_uniform(tf.shape(x), [1, 2], 2.0, 9.0),
    "truncated": lambda x: x + random.stateless_truncated_normal(tf.shape(x), [1, 2]),
    "integers": lambda x: (
        x + as_float(random.stateless_uniform(tf.shape(x), [1, 2], 0, 9, tf.int32))
    ),
    "fixed shape": lambda x: x[:1] + random.stateless_normal([1, 3], [1, 2]),
    "of a fixed shape": lambda x: x[:1] + random.stateless_gamma([1, 3], [1, 2], [2.0, 0.5, 3.0]),
    "half": lambda x: x + as_float(random.stateless_normal(tf.shape(x), [1, 2], dtype=tf.float16)),
    "keras": lambda x: x + krandom.normal(tf.shape(x), seed=7),
}
generator = tf.random.Generator.from_seed(3)
seeds = krandom.SeedGenerator(5)
CHANGING: dict[str, Callable[[Any], Any]] = {
    "normal": lambda x: x + random.normal(tf.shape(x)),
    "uniform": lambda x: x + random.uniform(tf.shape(x)),
    "truncated": lambda x: x + random.truncated_normal(tf.shape(x)),
    "integers": lambda x: x + as_float(random.uniform([3], 2, 7, tf.int32)),
    "half": lambda x: x + as_float(random.normal(tf.shape(x), dtype=tf.float16)),
    "gamma": lambda x: x + random.gamma([2], [0.5, 2.0, 3.0]),
    "categorical": lambda x: x + as_float(random.categorical(x, 3)),
    "shuffle": lambda x: random.shuffle(tf.transpose(x)),
    "generator": lambda x: x + generator.normal(tf.shape(x)) - generator.uniform(tf.shape(x)),
    "generator's truncated": lambda x: x + generator.truncated_normal(tf.shape(x)),
    "made seeds": lambda x: x
    + random.stateless_normal(tf.shape(x), generator.make_seeds(2)[:, 1]),
    "keras dropout": lambda x: krandom.dropout(x, 0.5, seed=seeds),
    "keras twice": lambda x: x
    + krandom.normal((3,), seed=seeds) * krandom.uniform((3,), seed=seeds),
    "keras integers": lambda x: x + as_float(krandom.randint(tf.shape(x), 0, 50, seed=seeds)),
    "keras beta": lambda x: x + krandom.beta(tf.shape(x), 2.0, 3.0, seed=seeds),
    "keras categorical": lambda x: x + as_float(krandom.categorical(x, 3, seed=seeds)),
    "keras shuffle": lambda x: krandom.shuffle(x, axis=1, seed=seeds),
    "on a branch": lambda x: tf.cond(x[0, 0] > 0, lambda: x + random.normal([3]), lambda: x),
    "many": lambda x: x[:1] + tf.reduce_mean(random.normal([1000, 70]), axis=0)[:3],
}  # fmt: skip
# Of a seed that is known, but by ops whose numbers only TensorFlow can make.
ALTERED: dict[str, Callable[[Any], Any]] = {
    "categorical": lambda x: x + as_float(random.stateless_categorical(x, 3, [1, 2])),
    "gamma": lambda x: x + random.stateless_gamma(tf.shape(x), [1, 2], 2.0),
    "shuffle": lambda x: random.experimental.stateless_shuffle(tf.transpose(x), [1, 2]),
    "seed from the input": lambda x: (
        x + random.stateless_normal(tf.shape(x), tf.cast(x[0, :2], tf.int32))
    ),
}


def as_float(x: Any) -> Any:
    return tf.cast(x, tf.float32)


def meant(function: Callable[[Any], Any], *, anew: bool = False) -> Meant:
    call = tf.function(lambda x: [tf.identity(function(x))], autograph=False)
    return Meant(call.get_concrete_function(tf.TensorSpec([None, 3], tf.float32)), anew=anew)


def answers(made: Meant, *seeds: int) -> list[Array]:
    """The graph's answers to X with noise of these seeds."""
    frozen = made.frozen
    assert not {node.op for node in frozen.graph.node} & draws.OPS
    with Reference(frozen) as reference:
        return [
            reference.run([X, *(noise.draw(n.kind, n.length, seed) for n in frozen.noise)])[0]
            for seed in seeds
        ]


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("name", STEADY)
def test_what_a_seed_fixes_is_what_tensorflow_draws(name: str, anew: bool) -> None:
    made = meant(STEADY[name], anew=anew)
    expected = made.function(tf.constant(X))[0].numpy()
    np.testing.assert_allclose(answers(made, 0)[0], expected, atol=1e-6)
    assert made.notices == [] and made.noise == ()


@pytest.mark.parametrize("name", CHANGING)
def test_the_same_draw_every_time_unless_it_is_fed(name: str) -> None:
    same, fed = meant(CHANGING[name]), meant(CHANGING[name], anew=True)
    assert "the same draw for every answer" in " ".join(same.notices)
    first, again = answers(same, 1, 2)
    assert (first == again).all() and np.isfinite(first).all()
    assert same.noise == () and fed.noise != ()
    several = answers(fed, 1, 1, *range(2, 7))
    assert (several[0] == several[1]).all() and np.isfinite(several).all()
    assert any((one != several[0]).any() for one in several)
    assert "new random numbers for every answer" in " ".join(fed.notices)


@pytest.mark.parametrize("name", ["keras dropout", "keras twice", "keras integers"])
def test_the_draw_of_kerass_seed_is_that_of_the_first_call(name: str) -> None:
    made = meant(CHANGING[name])
    with made.first_call():
        expected = made.function(tf.constant(X))[0].numpy()
    np.testing.assert_allclose(answers(made, 0)[0], expected, atol=1e-6)


@pytest.mark.parametrize("name", ALTERED)
def test_a_seed_that_only_tensorflow_understands_is_said(name: str) -> None:
    made = meant(ALTERED[name])
    assert "only TensorFlow can repeat" in " ".join(made.notices)
    assert np.isfinite(answers(made, 0)).all()


def test_draws_in_a_loop_are_the_same_in_every_step_and_said_so() -> None:
    def walk(x: Any) -> Any:
        body = lambda i, v: (i + 1, v + random.normal(tf.shape(x)))  # noqa: E731
        return tf.while_loop(lambda i, _: i < 3, body, [0, x])[1]

    for anew in (False, True):
        made = meant(walk, anew=anew)
        assert "the same in every step" in " ".join(made.notices)
        assert np.isfinite(answers(made, 0)).all()


def test_dropout_that_is_off_is_not_worth_a_word() -> None:
    def call(x: Any) -> Any:
        is_training = tf.constant(False)
        return tf.cond(is_training, lambda: x * random.uniform([3]), lambda: x * 2)

    made = meant(call)
    assert made.notices == []
    np.testing.assert_allclose(answers(made, 0)[0], X * 2)


# Many numbers of a kind: their mean and deviation, whatever makes them.
MOMENTS: dict[str, tuple[Callable[[Any], Any], float, float]] = {
    "normal": (lambda n: random.normal([n]), 0, 1),
    "uniform": (lambda n: random.uniform([n], 2, 6), 4, 4 / 12**0.5),
    "truncated": (lambda n: random.truncated_normal([n]), 0, 0.8796),
    "integers": (lambda n: as_float(random.uniform([n], 0, 10, tf.int32)), 4.5, 99**0.5 / 12**0.5),
    "gamma": (lambda n: random.gamma([n], 3.0), 3, 3**0.5),
    "gamma below one": (lambda n: random.gamma([n], 0.5), 0.5, 0.5**0.5),
    "choice": (
        lambda n: as_float(random.categorical(tf.math.log([[0.2, 0.5, 0.3]]), n)[0]), 1.1, 0.7,
    ),
}  # fmt: skip


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("name", MOMENTS)
def test_numbers_are_distributed_as_they_should_be(name: str, anew: bool) -> None:
    function, mean, deviation = MOMENTS[name]
    made = meant(lambda x: x[0, 0] * 0.0 + function(6000), anew=anew)
    values = answers(made, 3)[0]
    assert values.shape == (6000,)
    assert abs(values.mean() - mean) < 0.06 * max(deviation, 0.5)
    assert abs(values.std() - deviation) < 0.06 * deviation


def test_no_two_draws_are_the_same() -> None:
    made = meant(lambda x: tf.stack([generator.normal([3]) for _ in range(3)]) + 0 * x[0])
    first, second, third = answers(made, 0)[0]
    assert len({tuple(one) for one in (first, second, third)}) == 3


def test_noise_of_samples_is_their_own_and_takes_little_room() -> None:
    fed = noise.Noise("noise_1", "node", "normal", 3000)
    first, again, other = (
        noise.with_noise({"x": Tensor.from_numpy(np.array([value]))}, [fed])["noise_1"]
        for value in (1, 1, 2)
    )
    assert first == again != other
    values = first.to_numpy()
    assert values.shape == (3000,) and (values[:-PATTERN] == values[PATTERN:]).all()
    assert noise.with_noise({"noise_1": other}, [fed])["noise_1"] == other
