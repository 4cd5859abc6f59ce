"""What TF.js lacks or gets wrong, each row of the quick tests' tables as a SavedModel."""

from __future__ import annotations

from tests import graphs, lowering_cases, picture_cases, size_cases
from tests.sweep.cases.case import Case

TABLES = lowering_cases.CASES | picture_cases.CASES | size_cases.CASES


def cases() -> list[Case]:
    return [_case(name, row) for name, row in TABLES.items()]


def _case(name: str, row: graphs.Case) -> Case:
    return Case(name, lambda: row, "", save=_save)


def _save(row: graphs.Case, out: str) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.call = tf.function(
        lambda *inputs: {f"output_{at}": one for at, one in enumerate(row.call(list(inputs)))},
        input_signature=[
            tf.TensorSpec(array.shape, array.dtype, name=f"input_{at}")
            for at, array in enumerate(row.inputs)
        ],
        autograph=False,
    )
    module.own = module.call.get_concrete_function().variables
    tf.saved_model.save(module, out, signatures={"serving_default": module.call})
