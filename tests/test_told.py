"""What TensorFlow and Keras say, in one line with the layer: their real errors, not copies."""

from __future__ import annotations

import base64
import marshal
import re
from collections.abc import Callable
from typing import Any

import pytest
import tf_keras

from bundler.bundle import support
from bundler.formats.untrusted import bytecode
from bundler.ground import told
from bundler.ground.layer_names import known_layer
from tests.models import keras, tf

pytestmark = pytest.mark.filterwarnings("ignore")

# What no user knows what to do with.
FOREIGN = re.compile(
    r"Traceback|File \"|\.py\b|\{\{node|__inference|\[Op:|stack traces|Graph execution error|"
    r"StatefulPartitionedCall|\n|\x1b"
)


def embedding_beyond_its_rows(library: Any) -> None:
    model = library.Sequential(
        [library.layers.Input((3,)), library.layers.Embedding(2, 4, name="words")]
    )
    tf.function(lambda x: model(x))(tf.constant([[0, 1, 5]]))


def channels_that_do_not_fit(library: Any) -> None:
    model = library.Sequential(
        [library.layers.Input((8, 8, 3)), library.layers.Conv2D(2, 3, name="sight")]
    )
    model(tf.zeros([1, 8, 8, 1]))


def a_size_below_nothing(library: Any) -> None:
    x = library.Input((None, None, 1))
    model = library.Model(x, library.layers.Conv2D(2, 7, name="wide")(x))
    tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec([1, 4, 4, 1]))


def rows_that_do_not_multiply(library: Any) -> None:
    tf.function(lambda a, b: tf.matmul(a, b))(tf.zeros([2, 3]), tf.zeros([2, 3]))


def a_graph_with_a_wrong_dtype(library: Any) -> None:
    graph = tf.compat.v1.GraphDef()
    for name, op, inputs in (("x", "Placeholder", []), ("block/y", "Cast", ["x"])):
        node = graph.node.add(name=name, op=op, input=inputs)
        for key in ("dtype",) if op == "Placeholder" else ("SrcT", "DstT"):
            node.attr[key].type = 3 if key == "SrcT" else 1
    with tf.Graph().as_default():
        tf.import_graph_def(graph, name="")


def a_class_that_nobody_knows(library: Any) -> None:
    config = {"class_name": "Doubling", "config": {"name": "twice"}, "module": None,
              "registered_name": "Doubling"}  # fmt: skip
    library.layers.deserialize(config)


# The layer that is named; Keras counts its calls.
FAILURES: dict[Callable[[Any], None], str] = {
    embedding_beyond_its_rows: "words",
    channels_that_do_not_fit: "sight",
    a_size_below_nothing: "wide",
    rows_that_do_not_multiply: "",
    a_graph_with_a_wrong_dtype: "block",
    a_class_that_nobody_knows: "",
}


@pytest.mark.parametrize("library", [keras, tf_keras], ids=["keras", "tf_keras"])
@pytest.mark.parametrize("fail", FAILURES)
def test_a_failure_is_one_line_with_its_layer(fail: Callable[[Any], None], library: Any) -> None:
    with pytest.raises(Exception) as caught:
        fail(library)
    said = told.line(caught.value)
    assert said and not FOREIGN.search(said) and len(said) <= told.LONGEST
    named = told.layer(caught.value)
    wanted = FAILURES[fail]
    assert re.search(rf"\b{wanted}(_1)?$", named) if wanted else not named, named
    assert told.within(caught.value) == (f" in the layer {named}" if named else "")


@pytest.mark.parametrize(
    ("node", "layer"),
    [
        ("StatefulPartitionedCall/StatefulPartitionedCall/lstm_1/AssignVariableOp", "lstm_1"),
        ("PartitionedCall/dense/MatMul", "dense"),
        ("Func/StatefulPartitionedCall/input/_18", ""),
        ("functional_1/conv2d_1/StatefulPartitionedCall/convolution", "functional_1/conv2d_1"),
        ("StatefulPartitionedCall", ""),
        ("GatherV2", ""),
    ],
)
def test_a_node_is_called_by_its_layer(node: str, layer: str) -> None:
    assert known_layer(node) == layer


def test_an_op_is_not_its_own_place() -> None:
    for nodes in (["StatefulPartitionedCall"], ["StatefulPartitionedCall_3"], ["a/b/X/Y"]):
        op = nodes[0].split("_")[0]
        assert f"(in {op}" not in str(support.describe(op, nodes, ("cpu",)))


# The code of `lambda x: x * 2`, as marshal.dumps gave it in these versions.
CODES = {
    bytecode.OLD: "4wEAAAAAAAAAAQAAAAIAAABTAAAAcwgAAAB8AGQBFABTACkCTukCAAAAqQApAdoBeHICAAAA",
    bytecode.MIDDLE: "4wEAAAAAAAAAAAAAAAEAAAACAAAAUwAAAHMIAAAAfABkARQAUwCpAk7pAgAAAKkA",
    bytecode.ELEVEN: "4wEAAAAAAAAAAAAAAAIAAAADAAAA8xAAAACXAHwAZAF6BQAAAAAAAAAAUwCpAk7pAgAAAKkA",
    bytecode.THIRTEEN: "4wEAAAAAAAAAAAAAAAIAAAADAAAA8xAAAACVAFgBLQUAAAAAAAAAACQAqQJO6QIAAACpAA==",
}


@pytest.mark.parametrize("python", CODES)
def test_bytecode_tells_its_python(python: str) -> None:
    assert bytecode.written_by(CODES[python]) == python
    assert bytecode.foreign(CODES[python]) == ("" if python == bytecode.this_python() else python)


def test_the_bytecode_of_this_python_is_its_own() -> None:
    outer = 3
    for function in (lambda x: x, lambda x, y=1: x + y, lambda x: outer * x, lambda *a: max(a)):
        code = base64.b64encode(marshal.dumps(function.__code__)).decode()
        assert bytecode.written_by(code) == bytecode.this_python()
    for nonsense in ("", "zzz", "AAAA", None, 5, "4w=="):
        assert bytecode.written_by(nonsense) == ""


@pytest.mark.parametrize("name", ["__inference__creator_56771", "__forward_call_3", "scores"])
def test_what_is_missing_is_named_where_somebody_named_it(name: str) -> None:
    said = told.line(KeyError(name))
    assert not FOREIGN.search(said)
    assert ('"scores" is missing' in said) == (name == "scores")
