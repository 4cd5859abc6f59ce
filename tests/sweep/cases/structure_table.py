"""Several inputs and outputs, nesting, sharing, code of one's own: the same for each library."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.sweep.cases import dtype_table, length_table
from tests.sweep.cases.case import Case, randomised

Make = Callable[[Any], Any]


def cases_of(library: ModuleType, suffix: str = ".keras") -> list[Case]:
    plain = STRUCTURES | length_table.MODELS | dtype_table.MODELS
    cases = [_case(library, name, make, suffix) for name, make in plain.items()]
    objects = {"custom_objects": f"custom_{library.__name__}.py"}
    for name, make in CUSTOM.items():
        cases.append(_case(library, name, make, suffix, trusted=True, demo=objects))
    for name, make in TRUSTED.items():
        cases.append(_case(library, name, make, suffix, trusted=True))
    return cases


def _case(k: ModuleType, name: str, make: Make, suffix: str, **options: Any) -> Case:
    return Case(name, lambda: randomised(make(k)), suffix, **options)


def _same_shapes(k: Any) -> Any:
    """Inputs fed by position would be mixed up without a word."""
    zebra, apple = k.Input((4,), name="zebra"), k.Input((4,), name="apple")
    first, second = k.layers.Dense(3)(zebra), k.layers.Dense(3)(apple)
    return k.Model([zebra, apple], [k.layers.Subtract()([first, second]), second])


def _dictionary_inputs(k: Any) -> Any:
    inputs = {name: k.Input((3,), name=name) for name in ("weight", "age", "height")}
    return k.Model(inputs, k.layers.Dense(2)(k.layers.Concatenate()(list(inputs.values()))))


def _dictionary_outputs(k: Any) -> Any:
    x = k.Input((5,), name="x")
    return k.Model(
        x, {"z": k.layers.Dense(2)(x), "a": k.layers.Dense(2)(x), "m": k.layers.Dense(2)(x)}
    )


def _outputs_of_one_layer(k: Any) -> Any:
    x = k.Input((6, 3))
    return k.Model(x, k.layers.LSTM(4, return_sequences=True, return_state=True)(x))


def _input_as_output(k: Any) -> Any:
    x = k.Input((4,), name="x")
    return k.Model(x, [x, k.layers.Dense(2)(x)])


def _one_output_twice(k: Any) -> Any:
    x = k.Input((4,))
    y = k.layers.Dense(2)(x)
    return k.Model(x, [y, y])


def _nested(k: Any) -> Any:
    inner_input = k.Input((4,))
    inner = k.Model(inner_input, k.layers.Dense(3, activation="relu")(inner_input), name="inner")
    x = k.Input((4,))
    return k.Model(x, k.layers.Dense(2)(inner(x)))


def _nested_twice(k: Any) -> Any:
    deepest = k.Sequential([k.layers.Dense(3), k.layers.ReLU()], name="deepest")
    middle_input = k.Input((4,))
    middle = k.Model(middle_input, deepest(middle_input), name="middle")
    x = k.Input((4,))
    return k.Model(x, [middle(x), k.layers.Dense(2)(middle(x))])


def _nested_sequential(k: Any) -> Any:
    block = k.Sequential([k.layers.Conv1D(3, 3), k.layers.BatchNormalization()])
    return k.Sequential([k.Input((8, 2)), block, k.layers.GlobalMaxPooling1D(), k.layers.Dense(2)])


def _shared_layer(k: Any) -> Any:
    a, b = k.Input((4,)), k.Input((4,))
    shared = k.layers.Dense(3, activation="tanh")
    return k.Model([a, b], k.layers.Dot(axes=1)([shared(a), shared(b)]))


def _shared_model(k: Any) -> Any:
    tower = k.Sequential([k.layers.Dense(5, activation="relu"), k.layers.Dense(3)])
    a, b = k.Input((4,)), k.Input((4,))
    return k.Model([a, b], k.layers.Concatenate()([tower(a), tower(b)]))


def _sequential(k: Any) -> Any:
    return k.Sequential([k.Input((6,)), k.layers.Dense(5, activation="relu"), k.layers.Dense(2)])


def _sequential_without_input(k: Any) -> Any:
    model = k.Sequential([k.layers.Dense(5, activation="relu"), k.layers.Dense(2)])
    model.build((None, 6))
    return model


def _sequential_input_shape(k: Any) -> Any:
    return k.Sequential([k.layers.InputLayer((6,)), k.layers.Dense(3), k.layers.Softmax()])


def _residual(k: Any) -> Any:
    x = k.Input((8, 3))
    y = k.layers.Conv1D(3, 3, padding="same", activation="relu")(x)
    return k.Model(x, k.layers.Add()([x, y]))


def _branches(k: Any) -> Any:
    x = k.Input((8, 3))
    parts = [k.layers.Conv1D(2, size, padding="same")(x) for size in (1, 3, 5)]
    return k.Model(x, k.layers.Concatenate()(parts))


def _several_kinds(k: Any) -> Any:
    ids = k.Input((4,), dtype="int32", name="ids")
    flags = k.Input((4,), dtype="bool", name="flags")
    numbers = k.Input((4,), name="numbers")
    kept = k.layers.Multiply()(
        [numbers, k.layers.Activation("linear")(k.layers.Rescaling(1.0)(flags))]
    )
    embedded = k.layers.Flatten()(k.layers.Embedding(6, 3)(ids))
    return k.Model([ids, flags, numbers], k.layers.Concatenate()([embedded, kept]))


def _free_sizes(k: Any) -> Any:
    x = k.Input((None, None, 2))
    y = k.layers.Conv2D(3, 3, padding="same")(x)
    return k.Model(x, k.layers.GlobalAveragePooling2D()(y))


def _fixed_batch(k: Any) -> Any:
    x = k.Input((4,), batch_size=2)
    return k.Model(x, k.layers.Dense(3)(x))


def _names_with_slashes(k: Any) -> Any:
    x = k.Input((4,), name="my_input")
    y = k.layers.Dense(3, name="block1_dense-1.a")(x)
    return k.Model(x, k.layers.Dense(2, name="Answer")(y), name="model_with_names")


def _part_of_a_model(k: Any) -> Any:
    x = k.Input((6,))
    hidden = k.layers.Dense(4, activation="relu", name="hidden")(x)
    whole = k.Model(x, k.layers.Dense(2)(hidden))
    return k.Model(whole.inputs, whole.get_layer("hidden").output)


def _frozen(k: Any) -> Any:
    base = k.Sequential([k.Input((6,)), k.layers.Dense(4), k.layers.BatchNormalization()])
    base.trainable = False
    x = k.Input((6,))
    return k.Model(x, k.layers.Dense(2)(base(x)))


def _constants(k: Any) -> Any:
    x = k.Input((4,))
    return k.Model(x, (x * 2.0 + 1.0) / 3.0 - 0.5 * x)


def _slices(k: Any) -> Any:
    x = k.Input((6, 4))
    return k.Model(x, k.layers.Dense(2)(x[:, -1, :]))


def _compiled(k: Any) -> Any:
    model = k.Sequential([k.Input((6,)), k.layers.Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    return model


def _mixed_precision(k: Any) -> Any:
    x = k.Input((6,))
    hidden = k.layers.Dense(5, activation="relu", dtype="mixed_float16")(x)
    return k.Model(x, k.layers.Dense(2, dtype="float32")(hidden))


def _double_precision(k: Any) -> Any:
    x = k.Input((6,), dtype="float64")
    return k.Model(x, k.layers.Dense(3, dtype="float64")(x))


def _empty(k: Any) -> Any:
    x = k.Input((4,), name="x")
    return k.Model(x, k.layers.Flatten()(x))


def _deep(k: Any) -> Any:
    x = k.Input((8,))
    y = x
    for _ in range(30):
        y = k.layers.Add()([y, k.layers.Dense(8, activation="tanh")(y)])
    return k.Model(x, y)


def _lambda(k: Any) -> Any:
    x = k.Input((4,))
    return k.Model(x, k.layers.Lambda(lambda value: value * value + 1, output_shape=(4,))(x))


def _custom(name: str) -> Make:
    """Models with the classes in custom_<library>.py."""

    def make(k: Any) -> Any:
        import importlib

        classes = importlib.import_module(f"tests.sweep.cases.custom_{k.__name__}")
        return getattr(classes, f"make_{name}")()

    return make


STRUCTURES: dict[str, Make] = {
    "inputs_of_one_shape": _same_shapes,
    "dictionary_inputs": _dictionary_inputs,
    "dictionary_outputs": _dictionary_outputs,
    "outputs_of_one_layer": _outputs_of_one_layer,
    "input_as_output": _input_as_output,
    "one_output_twice": _one_output_twice,
    "nested": _nested,
    "nested_twice": _nested_twice,
    "nested_sequential": _nested_sequential,
    "shared_layer": _shared_layer,
    "shared_model": _shared_model,
    "sequential": _sequential,
    "sequential_without_input": _sequential_without_input,
    "sequential_input_layer": _sequential_input_shape,
    "residual": _residual,
    "branches": _branches,
    "several_kinds_of_inputs": _several_kinds,
    "free_sizes": _free_sizes,
    "fixed_batch": _fixed_batch,
    "names": _names_with_slashes,
    "part_of_a_model": _part_of_a_model,
    "frozen_base": _frozen,
    "arithmetic": _constants,
    "slices": _slices,
    "compiled": _compiled,
    "mixed_precision": _mixed_precision,
    "double_precision": _double_precision,
    "no_weights": _empty,
    "deep": _deep,
}
TRUSTED: dict[str, Make] = {"lambda": _lambda}
CUSTOM: dict[str, Make] = {
    name: _custom(name) for name in ("layer", "activation", "subclassed", "loop", "model_in_layer")
}
