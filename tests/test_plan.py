"""What the tables of demo.toml make of a model's tensors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bundler import plan
from bundler.demo import config, parts
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.plan import Plan, PlannedOutput
from tests.texts import assert_error, assert_text

WIDGETS = parts.read()

Shape = tuple[int | None, ...]
VECTOR: Shape = (None, 4)
IMAGE: Shape = (None, 28, 28, 1)


def signature(
    inputs: Shape | dict[str, Shape] = VECTOR,
    outputs: Shape | dict[str, Shape] = (None, 3),
    *,
    dtype: str = "float32",
    activation: str = "linear",
    normalizes: bool = False,
) -> Signature:
    """One input "x" and one output "y", unless they are given by name."""
    named_inputs = inputs if isinstance(inputs, dict) else {"x": inputs}
    named_outputs = outputs if isinstance(outputs, dict) else {"y": outputs}
    return Signature(
        tuple(TensorSpec(name, dtype, shape) for name, shape in named_inputs.items()),
        tuple(TensorSpec(name, "float32", shape) for name, shape in named_outputs.items()),
        dict.fromkeys(named_outputs, activation),
        normalizes,
    )


def applied(item: PlannedOutput) -> str:
    """The activation that the head still has to apply."""
    if getattr(item.settings, "scores", None) != "logits":
        return "linear"
    return "sigmoid" if item.spec.shape[-1] == 1 else "softmax"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.keras").touch()
    return tmp_path


def make(folder: Path, text: str, model: Signature) -> Plan:
    (folder / "demo.toml").write_text('model = "model.keras"\n' + text, encoding="utf-8")
    return plan.make(config.read(folder), model, WIDGETS)


# A bare input: dtype, shape, and the widget and number of fields that it gets.
BARE_INPUTS: list[tuple[str, Shape, str, int]] = [
    ("float32", (None, 28, 28, 1), "sketchpad", 1),
    ("float32", (None, 28, 28), "sketchpad", 1),
    ("float32", (None, 784), "sketchpad", 1),
    ("float32", (None, 28, 28, 3), "image", 1),
    ("float32", (None, 32, 32, 1), "image", 1),
    ("float32", (None, 3072), "json", 1),
    ("float32", (None, 224, 224, 3), "image", 1),
    ("float32", (None, 16, 40, 3), "image", 1),
    ("float32", (None, None, None, 3), "image", 1),
    ("float32", (None, 8, 8, 1), "image", 1),
    ("float32", (None, 4, 4, 1), "json", 1),
    ("float32", (None, 28, 28, 4), "json", 1),
    ("float32", (None, 49, 10, 1), "json", 1),
    ("float32", (None, None, 3), "json", 1),
    ("float32", (None, 20, 30), "json", 1),
    ("float32", (None, 4), "number", 4),
    ("float32", (None, 24), "number", 24),
    ("float32", (None, 25), "json", 1),
    ("int64", (None, None), "json", 1),
    ("int32", (None, 20, 20), "json", 1),
    ("uint8", (None, 20, 20), "image", 1),
    ("uint8", (None, None, None, 3), "image", 1),
    ("int8", (1, 96, 96, 1), "image", 1),
    ("int32", (1, 192, 192, 3), "image", 1),
    ("int64", (None, 24, 24, 3), "image", 1),
    ("float16", (None, 24, 24, 3), "image", 1),
    ("bfloat16", (None, 24, 24, 3), "image", 1),
    ("complex64", (None, 24, 24, 3), "json", 1),
    ("float32", (None, 1), "number", 1),
    ("float32", (None,), "number", 1),
    ("float32", (), "number", 1),
    ("string", (None, 1), "textbox", 1),
    ("string", (1, 1), "textbox", 1),
    ("string", (None,), "textbox", 1),
    ("string", (), "textbox", 1),
    ("string", (None, 2), "json", 1),
    ("string", (None, None), "json", 1),
    ("string", (2, 1), "json", 1),
    ("float32", (None, 0), "json", 1),
    ("float32", (2, 4), "json", 1),
    ("float32", (2, 28, 28, 1), "json", 1),
]


@pytest.mark.parametrize(("dtype", "shape", "widget", "count"), BARE_INPUTS)
def test_every_bare_input_has_a_widget(
    dtype: str, shape: Shape, widget: str, count: int, folder: Path
) -> None:
    (item,) = make(folder, "", signature(shape, dtype=dtype)).inputs
    assert [field.widget for field in item.fields] == [widget] * count
    assert len({field.name for field in item.fields}) == count


BARE_OUTPUTS: list[tuple[Shape, str, str]] = [
    ((None, 3), "softmax", "label"),
    ((None, 3), "linear", "json"),
    ((None, 3), "sigmoid", "json"),
    ((None, 1), "linear", "number"),
    ((None,), "linear", "number"),
    ((), "linear", "number"),
    ((None, 1), "sigmoid", "number"),
    ((None, 5, 3), "softmax", "sequence"),
    ((None, None, 3), "softmax", "sequence"),
    ((None, 5, 3), "tanh", "json"),
    ((None, 28, 28, 1), "linear", "json"),
    ((None, 28, 28, 1), "relu", "json"),
    ((None, 28, 28, 1), "sigmoid", "image"),
    ((None, None, None, 3), "tanh", "image"),
    ((None, 28, 28), "sigmoid", "json"),
    ((None, 28, 28, 21), "softmax", "json"),
    ((None, 28, 28, 3), "softmax", "image"),
    ((None, 4, 4, 1), "sigmoid", "json"),
]


@pytest.mark.parametrize(("shape", "activation", "widget"), BARE_OUTPUTS)
def test_every_bare_output_has_a_widget(
    shape: Shape, activation: str, widget: str, folder: Path
) -> None:
    (item,) = make(folder, "", signature(outputs=shape, activation=activation)).outputs
    assert (item.widget, applied(item)) == (widget, "linear")


def test_tables_are_matched_by_name_and_the_others_in_order(folder: Path) -> None:
    text = (
        '[[inputs]]\nlabel = "First"\n[[inputs]]\nname = "a"\nlabel = "A"\n'
        '[[inputs]]\nlabel = "Second"\n[[outputs]]\nname = "q"\nlabel = "Q"'
    )
    model = signature({"a": IMAGE, "b": IMAGE, "c": IMAGE}, {"p": (None, 1), "q": (None, 1)})
    planned = make(folder, text, model)
    assert [(i.spec.name, i.label) for i in planned.inputs] == [
        ("a", "A"), ("b", "First"), ("c", "Second"),
    ]  # fmt: skip
    assert [(o.spec.name, o.label) for o in planned.outputs] == [("p", "P"), ("q", "Q")]


FIELDS = "[[inputs]]\n" + "".join(f'[[inputs.fields]]\nname = "f{n}"\n' for n in range(4))

# What is wrong -> what is said about it, in errors/plan-*.txt.
PROBLEMS: dict[str, tuple[str, Signature]] = {
    "no-such-input": ('[[inputs]]\nname = "picture"', signature({"pictures": IMAGE})),
    "no-such-output": ('[[outputs]]\nname = "zzz"', signature(outputs={"p": (1,), "q": (1,)})),
    "too-many": ("[[inputs]]\n[[inputs]]\n[[outputs]]\n[[outputs]]", signature()),
    "twice": ('[[inputs]]\nname = "x"\n[[inputs]]\nname = "x"', signature()),
    "no-such-widget": ('[[inputs]]\nwidget = "sketch"', signature(IMAGE)),
    "unlike-any-widget": ('[[outputs]]\nwidget = "qqqq"', signature()),
    "picture-for-a-vector": ('[[inputs]]\nwidget = "image"', signature()),
    "number-for-a-picture": ('[[inputs]]\nwidget = "number"', signature(IMAGE)),
    "label-for-a-picture": ('[[outputs]]\nwidget = "label"', signature(outputs=IMAGE)),
    "number-for-a-vector": ('[[inputs]]\nwidget = "number"', signature()),
    "options-of-others": (
        '[[inputs]]\nwidget = "image"\nstroke = 0.1\nunit = "m"\n[[outputs]]\ntop = 3',
        signature(IMAGE, (None, 1)),
    ),
    "needed-options": ('[[inputs]]\nwidget = "slider"\nmin = 1', signature((None, 1))),
    "needed-choices": ('[[inputs]]\nwidget = "dropdown"', signature((None, 1))),
    "count-of-fields": (FIELDS, signature((None, 5))),
    "options-of-a-field": (
        FIELDS + 'unit = "m"\nwidget = "dropdown"\nchoices = ["a"]',
        signature(),
    ),
    "size-of-a-picture": ("[[inputs]]\nsize = [32, 32]\nchannels = 3", signature(IMAGE)),
    "flat-size": ('[[inputs]]\nwidget = "image"\nsize = [20, 30]', signature((None, 784))),
    "flat-no-square": ('[[inputs]]\nwidget = "sketchpad"', signature((None, 600))),
    "free-size": ('[[inputs]]\nwidget = "sketchpad"', signature((None, None, None, 1))),
    "count-of-labels": ('[[outputs]]\nlabels = ["a", "b"]', signature()),
    "count-of-two-labels": (
        '[[outputs]]\nwidget = "label"\nlabels = ["a"]\nscores = "logits"',
        signature(outputs=(None, 2)),
    ),
    "number-for-a-text": ('[[inputs]]\nwidget = "number"', signature((None, 1), dtype="string")),
    "text-for-a-number": ('[[inputs]]\nwidget = "textbox"', signature((None, 1))),
    "default-of-a-text": ("[[inputs]]\ndefault = 3", signature((None, 1), dtype="string")),
    "texts-for-numbers": (
        '[[inputs]]\nwidget = "dropdown"\nchoices = [{ label = "a", value = "A" }]',
        signature((None, 1)),
    ),
    "numbers-for-texts": (
        '[[inputs]]\nwidget = "dropdown"\nchoices = [{ label = "a", value = 1 }]',
        signature((None, 1), dtype="string"),
    ),
    "range-of-whole-numbers": ("[[inputs]]\nrange = [-1, 1]", signature(IMAGE, dtype="uint8")),
    "size-of-a-flat-picture": ("[[outputs]]\nsize = [28, 28]", signature(outputs=(None, 780))),
    "colours-of-a-colour-picture": (
        '[[outputs]]\ncolormap = "magma"\nsize = [28, 28]', signature(outputs=(None, 28, 28, 3))
    ),
    "names-of-fields": (
        '[[inputs]]\n[[inputs.fields]]\nname = "a"\n[[inputs.fields]]\nname = "a"',
        signature((None, 2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_is_named(name: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        make(folder, *PROBLEMS[name])
    assert_error(caught.value, f"plan-{name}", folder)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
@pytest.mark.parametrize("widget", ["image", "sketchpad"])
def test_pixels_are_what_whole_numbers_are_for(dtype: str, widget: str, folder: Path) -> None:
    planned = make(folder, f'[[inputs]]\nwidget = "{widget}"', signature(IMAGE, dtype=dtype))
    assert planned.notices == ()


# What the user should know -> the notices, in errors/notice-*.txt.
NOTICES: dict[str, tuple[str, Signature]] = {
    "raw-picture": ('[[inputs]]\nwidget = "image"', signature(IMAGE)),
    "raw-sketch": ('[[inputs]]\nwidget = "sketchpad"', signature(IMAGE)),
    "int8-picture": ("", signature(IMAGE, dtype="int8")),
    "few-shades": ("[[inputs]]\nrange = [0, 1]", signature(IMAGE, dtype="uint8")),
    "logits": ('[[outputs]]\nlabels = ["a", "b", "c"]', signature()),
    "tanh-is-no-probability": (
        '[[outputs]]\nlabels = ["a", "b", "c"]',
        signature(activation="tanh"),
    ),
    "range-of-a-picture": ('[[outputs]]\nwidget = "image"', signature(outputs=IMAGE)),
    "binary-logit": ('[[outputs]]\nlabels = ["no", "yes"]', signature(outputs=(None, 1))),
}


@pytest.mark.parametrize("name", NOTICES)
def test_what_is_unknown_is_said(name: str, folder: Path) -> None:
    notices = make(folder, *NOTICES[name]).notices
    assert_text("\n".join(notices) + "\n", f"notice-{name}", folder)


# What is stated or known needs no notice: the tables, the model, what the head still applies.
SAID: list[tuple[str, Signature, str]] = [
    ("[[inputs]]\nrange = [-1, 1]", signature(IMAGE), "linear"),
    ("", signature(IMAGE, normalizes=True), "linear"),
    ('[[outputs]]\nscores = "logits"', signature(), "softmax"),
    ('[[outputs]]\nscores = "logits"', signature(activation="softmax"), "softmax"),
    ('[[outputs]]\nscores = "probabilities"', signature(), "linear"),
    ('[[outputs]]\nlabels = ["a", "b", "c"]', signature(activation="sigmoid"), "linear"),
    (
        '[[outputs]]\nlabels = ["no", "yes"]\nscores = "logits"',
        signature(outputs=(None, 1)),
        "sigmoid",
    ),
]


@pytest.mark.parametrize(("text", "model", "activation"), SAID)
def test_what_is_stated_is_done_without_a_notice(
    text: str, model: Signature, activation: str, folder: Path
) -> None:
    planned = make(folder, text, model)
    assert planned.notices == ()
    assert [applied(item) for item in planned.outputs] == [activation]


# What people call a widget, and the input's shape and dtype -> the widget that is proposed.
CALLED: list[tuple[str, Shape, str, str | None]] = [
    ("webcam", (None, 28, 28, 1), "float32", "image"),
    ("Camera", (None, 28, 28, 1), "float32", "image"),
    ("file upload", (None, 28, 28, 1), "float32", "image"),
    ("canvas", (None, 28, 28, 1), "float32", "sketchpad"),
    ("draw", (None, 28, 28, 1), "float32", "sketchpad"),
    ("skechpad", (None, 28, 28, 1), "float32", "sketchpad"),
    ("select", (None, 1), "float32", "dropdown"),
    ("combo-box", (None, 1), "float32", "dropdown"),
    ("spinner", (None, 1), "float32", "number"),
    ("text", (None, 1), "string", "textbox"),
    ("text_area", (None, 1), "string", "textbox"),
    ("microphone", (None, 16000), "float32", "audio"),
    ("table", (None, 5, 9), "float32", "json"),
    ("camera", (None, 1), "float32", None),
    ("textbox", (None, 28, 28, 1), "float32", None),
    ("zebra", (None, 1), "float32", None),
]


@pytest.mark.parametrize(("called", "shape", "dtype", "meant"), CALLED)
def test_a_widget_is_found_by_what_people_call_it(
    called: str, shape: Shape, dtype: str, meant: str | None, folder: Path
) -> None:
    """And what is proposed fits the tensor: nobody is sent from one refusal to the next."""
    model = signature(shape, dtype=dtype)
    with pytest.raises(ConfigError) as caught:
        make(folder, f'[[inputs]]\nwidget = "{called}"', model)
    line = caught.value.message.splitlines()[1]
    quoted = [name for name in re.findall(r'"([\w-]+)"', line) if name in WIDGETS["input"]]
    assert (quoted or [None])[-1] == (called if called == "textbox" else meant), line
    if not meant:
        assert "number" in line or "image" in line
        return
    try:
        make(folder, f'[[inputs]]\nwidget = "{meant}"', model)
    except ConfigError as error:
        assert "needs this key" in error.message, error.message


def test_one_probability_of_two_classes(folder: Path) -> None:
    model = signature(outputs=(None, 1), activation="sigmoid")
    (item,) = make(folder, '[[outputs]]\nlabels = ["no", "yes"]', model).outputs
    assert (item.widget, item.head, applied(item)) == ("label", "scores", "linear")
    assert (item.options["labels"], item.options["top"]) == (["no", "yes"], 2)


# What is said or known of an output -> its values for black and white.
RANGES: list[tuple[str, str, tuple[float, float] | None]] = [
    ("", "sigmoid", (0, 1)),
    ("", "tanh", (-1, 1)),
    ("range = [0, 255]", "linear", (0, 255)),
    ("range = [1, 0]", "sigmoid", (1, 0)),
    ('widget = "image"', "linear", None),
    ('colormap = "viridis"', "linear", None),
]


@pytest.mark.parametrize(("text", "activation", "expected"), RANGES)
def test_a_picture_as_answer_has_a_range(
    text: str, activation: str, expected: tuple[float, float] | None, folder: Path
) -> None:
    model = signature(outputs=IMAGE, activation=activation)
    (item,) = make(folder, f"[[outputs]]\n{text}", model).outputs
    assert (item.widget, item.head, item.options["range"]) == ("image", "image", expected)


@pytest.mark.parametrize(
    ("text", "count", "channels"),
    [("", 784, 1), ("", 2352, 3), ("channels = 3", 2352, 3)],
)
def test_a_flat_output_is_a_picture_by_its_size(
    text: str, count: int, channels: int, folder: Path
) -> None:
    model = signature(outputs=(None, count), activation="sigmoid")
    (item,) = make(folder, f"[[outputs]]\nsize = [28, 28]\n{text}", model).outputs
    assert (item.widget, item.settings.channels, item.settings.range) == ("image", channels, (0, 1))


def test_classes_without_names_are_numbered(folder: Path) -> None:
    (item,) = make(folder, "", signature(outputs=(None, 7), activation="softmax")).outputs
    assert item.options["labels"] == [f"class {index}" for index in range(7)]
    assert item.options["top"] == 5


def test_a_picture_takes_size_and_channels_from_the_model(folder: Path) -> None:
    text = '[[inputs]]\nwidget = "sketchpad"'
    for shape, size, channels in (((None, 20, 30, 3), (20, 30), 3), ((1, 28, 28), (28, 28), 1)):
        (item,) = make(folder, text, signature(shape)).inputs
        assert (item.feed, item.settings.size, item.settings.channels) == ("sketch", size, channels)
        assert item.fields[0].options["size"] == size


# Numbers in a row, and what is said of them -> the picture that they are.
FLAT: list[tuple[int, str, tuple[tuple[int, int], int]]] = [
    (784, "", ((28, 28), 1)),
    (3072, "", ((32, 32), 3)),
    (3072, "size = [32, 32]\nchannels = 3", ((32, 32), 3)),
    (3072, "size = [48, 64]", ((48, 64), 1)),
    (600, "size = [20, 30]", ((20, 30), 1)),
    (64, "", ((8, 8), 1)),
]


@pytest.mark.parametrize(("length", "text", "picture"), FLAT)
@pytest.mark.parametrize("widget", ["image", "sketchpad"])
def test_numbers_in_a_row_are_a_picture_of_the_size_that_is_said(
    widget: str, length: int, text: str, picture: tuple[tuple[int, int], int], folder: Path
) -> None:
    said = f'[[inputs]]\nwidget = "{widget}"\n{text}'
    (item,) = make(folder, said, signature((None, length))).inputs
    assert (item.settings.size, item.settings.channels) == picture
    assert item.fields[0].options["size"] == picture[0]


@pytest.mark.parametrize("shape", [(None, 28, 14, 1), (None, 10, 49, 3), (None, 5, 5, 1)])
@pytest.mark.parametrize("widget", ["image", "sketchpad"])
def test_a_picture_that_is_asked_for_may_be_of_any_size(
    widget: str, shape: Shape, folder: Path
) -> None:
    """Nothing is inferred from such shapes, but the user knows."""
    text = f'[[inputs]]\nwidget = "{widget}"'
    (item,) = make(folder, text, signature(shape)).inputs
    assert (item.fields[0].widget, item.settings.size) == (widget, shape[1:3])


# How a number is described -> where its widget starts.
DEFAULTS: list[tuple[str, float]] = [
    ("", 0),
    ("default = 3", 3),
    ("min = 2", 2),
    ("min = -2", 0),
    ("max = -5", -5),
    ("max = 5", 0),
    ("min = 0\nmax = 5", 2.5),
    ("min = 1\nmax = 10\nstep = 3", 7),
    ("min = 0.1\nmax = 0.8\nstep = 0.2", 0.5),
]


@pytest.mark.parametrize(("text", "start"), DEFAULTS)
def test_a_number_starts_at_a_value_that_its_widget_offers(
    text: str, start: float, folder: Path
) -> None:
    (item,) = make(folder, f"[[inputs]]\n{text}", signature((None, 1))).inputs
    assert item.fields[0].options["default"] == start


def test_a_dropdown_starts_at_its_first_choice(folder: Path) -> None:
    text = '[[inputs]]\nwidget = "dropdown"\nchoices = [{ label = "a", value = 4 }]'
    (item,) = make(folder, text, signature((None, 1))).inputs
    assert item.fields[0].options["default"] == 4


# The input's dtype -> what stands for `choices = ["red", "green"]`.
CHOICES: dict[str, list[object]] = {"float32": [0, 1], "int64": [0, 1], "string": ["red", "green"]}


@pytest.mark.parametrize("dtype", CHOICES)
def test_a_choice_without_a_value_stands_for_its_row_or_its_text(dtype: str, folder: Path) -> None:
    text = 'widget = "dropdown"\nchoices = ["red", "green"]\n'
    fields = f'[[inputs]]\n[[inputs.fields]]\nname = "a"\n{text}[[inputs.fields]]\nname = "b"\n'
    for demo, shape in ((f"[[inputs]]\n{text}", (None, 1)), (fields, (None, 2))):
        (item,) = make(folder, demo, signature(shape, dtype=dtype)).inputs
        options = item.fields[0].options
        assert [choice["value"] for choice in options["choices"]] == CHOICES[dtype]
        assert options["default"] == CHOICES[dtype][0]


@pytest.mark.parametrize(("dtype", "step"), [("float32", None), ("int64", 1), ("uint8", 1)])
def test_a_whole_number_moves_in_whole_steps(dtype: str, step: int | None, folder: Path) -> None:
    (item,) = make(folder, "[[inputs]]\nmin = 0\nmax = 5", signature((None, 1), dtype=dtype)).inputs
    assert item.fields[0].options["step"] == step
    assert item.fields[0].options["default"] == (2.5 if step is None else 2)


def test_what_a_button_draws_has_ends_or_choices(folder: Path) -> None:
    ends = "min = 0\nmax = 5\n"
    (item,) = make(folder, f"[[inputs]]\n{ends}generate = true", signature((None, 1))).inputs
    assert item.fields[0].options["generate"] is True
    (item,) = make(folder, f"[[inputs]]\n{ends}", signature((None, 1))).inputs
    assert "generate" not in item.fields[0].options
    with pytest.raises(ConfigError, match=r"generate: needs min and max, or choices"):
        make(folder, "[[inputs]]\nmin = 0\ngenerate = true", signature((None, 1)))


def test_a_raw_tensor_starts_with_zeros_of_its_own_kind(folder: Path) -> None:
    for dtype, zero in (("float32", 0), ("string", ""), ("bool", False)):
        (item,) = make(folder, "", signature((None, 2, None), dtype=dtype)).inputs
        assert item.fields[0].options["default"] == [[[zero], [zero]]]


@pytest.mark.parametrize(
    ("text", "outputs", "activation", "threshold", "scores"),
    [
        ('labels = ["a", "b", "c"]', (None, 3), "sigmoid", 0.5, "probabilities"),
        ("threshold = 0.2", (None, 3), "sigmoid", 0.2, "probabilities"),
        ("threshold = 0.2", (None, 3), "linear", 0.2, "logits"),
        ('labels = ["a", "b", "c"]', (None, 3), "softmax", None, "probabilities"),
        ('labels = ["no", "yes"]', (None, 1), "sigmoid", None, "probabilities"),
    ],
)
def test_a_threshold_is_for_several_labels_at_once(
    text: str, outputs: Shape, activation: str, threshold: float | None, scores: str, folder: Path
) -> None:
    model = signature(outputs=outputs, activation=activation)
    (item,) = make(folder, f"[[outputs]]\n{text}", model).outputs
    assert item.widget == "label"
    assert (item.settings.threshold, item.settings.scores) == (threshold, scores)
    assert item.options["threshold"] == threshold
    assert item.settings.top == min(3, item.spec.shape[1] or 0) or threshold is None


@pytest.mark.parametrize(
    ("text", "outputs", "said"),
    [
        (
            'labels = ["no", "yes"]\nthreshold = 0.3',
            (None, 1),
            "outputs[0].threshold: the output y has one score for two classes",
        ),
        (
            'widget = "sequence"\nthreshold = 0.3',
            (None, 5, 3),
            'outputs[0].threshold: means nothing to the widget "sequence"; it knows labels, scores',
        ),
        (
            'widget = "sequence"\nlabels = ["a", "b"]',
            (None, 5, 3),
            "outputs[0].labels: there are 2, but the output y [?, 5, 3] has 3 classes",
        ),
        (
            'widget = "label"',
            (None, 5, 3),
            '"label" does not fit this tensor; image, sequence, json would',
        ),
        ("threshold = 1.5", (None, 3), "outputs[0].threshold"),
    ],
)
def test_what_a_threshold_and_a_sequence_cannot_be_is_said(
    text: str, outputs: Shape, said: str, folder: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        make(folder, f"[[outputs]]\n{text}", signature(outputs=outputs, activation="sigmoid"))
    assert said in caught.value.message


# An output of a model with a coloured picture, what is said of it -> its widget.
OVER_PICTURES: list[tuple[Shape, str, str, str]] = [
    ((None, 28, 28, 1), "sigmoid", "", "mask"),
    ((None, 28, 28, 1), "sigmoid", 'widget = "image"', "image"),
    ((None, 28, 28, 1), "sigmoid", "range = [0, 1]", "image"),
    ((None, 28, 28, 1), "tanh", "", "image"),
    ((None, 28, 28, 3), "sigmoid", "", "image"),
    ((None, 28, 28, 2), "softmax", "", "mask"),
    ((None, None, None, 21), "softmax", "", "mask"),
    ((None, 28, 28, 21), "linear", "", "json"),
    ((None, 28, 28, 1), "linear", "threshold = 0.3", "mask"),
    ((None, 28, 28), "linear", 'widget = "mask"', "mask"),
    ((None, 28, 28, 300), "softmax", "", "json"),
]


@pytest.mark.parametrize(("shape", "activation", "text", "widget"), OVER_PICTURES)
def test_what_can_be_a_mask_over_a_picture_is_one(
    shape: Shape, activation: str, text: str, widget: str, folder: Path
) -> None:
    model = signature({"x": (None, 28, 28, 3)}, shape, activation=activation)
    (item,) = make(folder, f"[[outputs]]\n{text}", model).outputs
    assert (item.widget, item.over) == (widget, "x" if widget == "mask" else None)


def test_a_grey_picture_of_a_grey_one_is_a_picture(folder: Path) -> None:
    grey = (None, 64, 64, 1)
    (item,) = make(folder, "", signature(grey, grey, activation="sigmoid")).outputs
    assert item.widget == "image" and "mask" in [other.widget for other in item.others]


@pytest.mark.parametrize(
    ("text", "inputs", "outputs", "said"),
    [
        (
            'widget = "mask"',
            VECTOR,
            (None, 28, 28, 1),
            'outputs[0].widget: "mask" is shown over a picture, and no input is one',
        ),
        (
            "threshold = 0.5",
            (None, 28, 28, 3),
            (None, 28, 28, 5),
            "outputs[0].threshold: of several classes the likeliest is shown: leave it out",
        ),
        (
            'labels = ["cat", "dog"]',
            (None, 28, 28, 3),
            (None, 28, 28, 5),
            "outputs[0].labels: there are 2, but the output y has 5 classes",
        ),
        (
            'colors = ["#123456"]',
            (None, 28, 28, 3),
            (None, 28, 28, 5),
            "outputs[0].colors: there are 1, but 5 classes",
        ),
        (
            'colors = ["red"]',
            (None, 28, 28, 3),
            (None, 28, 28, 5),
            "outputs[0].colors",
        ),
    ],
)
def test_what_a_mask_cannot_be_is_said(
    text: str, inputs: Shape, outputs: Shape, said: str, folder: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        make(folder, f"[[outputs]]\n{text}", signature(inputs, outputs, activation="softmax"))
    assert said in caught.value.message
