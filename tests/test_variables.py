"""Variables that a graph assigns: it answers as a first call does, whatever is read when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bundler.graph import freeze
from bundler.graph.meant import Meant
from bundler.graph.reference import Reference
from bundler.ground.errors import ModelError
from tests.models import tf

INPUTS = [np.array(values, np.float32) for values in ([1, 3], [-4, 1], [2, 3])]


class State(tf.Module):  # type: ignore[misc]
    """What the functions below read and assign."""

    def __init__(self) -> None:
        self.pair = tf.Variable([1.0, 2.0])
        self.number = tf.Variable(0.5)
        self.table = tf.Variable(tf.reshape(tf.range(6.0), [3, 2]))
        self.seed = tf.Variable([4, 5])


def dropped(state: State, x: Any) -> Any:
    y = x + state.pair
    state.pair.assign(y * 3)
    return y


def read_after(state: State, x: Any) -> Any:
    state.pair.assign(x * state.pair)
    return state.pair + x


def added(state: State, x: Any) -> Any:
    state.number.assign_add(2.0)
    first = state.number * x
    state.number.assign_sub(0.25)
    return first + state.number


def on_a_branch(state: State, x: Any) -> Any:
    tf.cond(x[0] > 0, lambda: state.pair.assign(x * 5), state.pair.read_value)
    return state.pair * 2


def on_branches_in_a_branch(state: State, x: Any) -> Any:
    def inner() -> Any:
        tf.cond(x[0] > 1, lambda: state.pair.assign(x * 5), lambda: state.pair.assign(x * 7))
        return state.pair.assign_add(x).read_value()

    taken = tf.cond(x[0] > 0, inner, lambda: state.pair * 1)
    return state.pair * 2 + taken


def scattered(state: State, x: Any) -> Any:
    state.table.scatter_nd_update([[1]], [x])
    state.table.scatter_add(tf.IndexedSlices(x[None], tf.constant([2])))
    return tf.gather(state.table, [2, 1]) + state.table[1]


def sliced(state: State, x: Any) -> Any:
    state.table[1:, 0].assign(x)
    return state.table + 0.0


def by_functions(state: State, x: Any) -> Any:
    inner = tf.function(lambda value: state.pair.assign_add(value).read_value(), autograph=False)
    return inner(x) * inner(x)


def by_compiled_functions(state: State, x: Any) -> Any:
    inner = tf.function(
        lambda value: state.pair.assign_add(value).read_value(), jit_compile=True, autograph=False
    )
    return inner(x) * inner(x)


def read_in_a_loop(state: State, x: Any) -> Any:
    state.pair.assign(x)
    body = lambda i, v: (i + 1, v * state.pair)  # noqa: E731
    return tf.while_loop(lambda i, _: i < 3, body, [0, x])[1]


def left_by_a_loop(state: State, x: Any) -> Any:
    def body(i: Any, v: Any) -> Any:
        state.pair.assign(v)
        return i + 1, v + 1

    return tf.while_loop(lambda i, _: i < 3, body, [0, x])[1]


def asked(state: State, x: Any) -> Any:
    shape = tf.raw_ops.VariableShape(input=state.table.handle)
    ready = tf.raw_ops.VarIsInitializedOp(resource=state.table.handle)
    return x + tf.cast(shape, tf.float32) + tf.cast(ready, tf.float32)


FUNCTIONS: tuple[Callable[[State, Any], Any], ...] = (
    dropped, read_after, added, on_a_branch, on_branches_in_a_branch, scattered, sliced,
    by_functions, by_compiled_functions, read_in_a_loop, left_by_a_loop, asked,
)  # fmt: skip


def traced(function: Callable[[State, Any], Any]) -> Any:
    state = State()
    call = tf.function(lambda x: [tf.identity(function(state, x))], autograph=False)
    concrete = call.get_concrete_function(tf.TensorSpec([2], tf.float32))
    concrete.state = state  # variables go with their last reference
    return concrete


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_graph_answers_as_the_first_call(function: Callable[[State, Any], Any]) -> None:
    concrete = traced(function)
    meant = Meant(concrete, anew=False)
    with Reference(meant.frozen) as reference:
        for x in INPUTS:
            with meant.first_call():
                expected = concrete(tf.constant(x))[0].numpy()
            np.testing.assert_allclose(reference.run([x])[0], expected, rtol=1e-6)
    assert not [node.op for node in meant.frozen.graph.node if "Assign" in node.op]


@pytest.mark.parametrize("function", [dropped, read_after, added])
def test_a_state_is_said_not_to_be_kept(function: Callable[[State, Any], Any]) -> None:
    (notice,) = Meant(traced(function), anew=False).notices
    assert "every answer is that of a first call" in notice


def counted(state: State, x: Any) -> Any:
    state.number.assign_add(1.0)
    return x * 2


@pytest.mark.parametrize("function", [counted, left_by_a_loop, asked])
def test_what_no_answer_depends_on_is_not_worth_a_word(
    function: Callable[[State, Any], Any],
) -> None:
    assert Meant(traced(function), anew=False).notices == []


def test_a_value_that_a_loop_leaves_for_its_next_step_is_refused() -> None:
    def summed(state: State, x: Any) -> Any:
        def body(i: Any, v: Any) -> Any:
            state.pair.assign_add(v)
            return i + 1, v + state.pair

        return tf.while_loop(lambda i, _: i < 3, body, [0, x])[1]

    with pytest.raises(ModelError, match="in a loop and reads it there again"):
        freeze.freeze(traced(summed))
