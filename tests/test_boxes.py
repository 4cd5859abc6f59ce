"""Boxes: what each format of a detector holds, against its published formula; what a plan makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
import pytest

from bundler import plan
from bundler.demo import parts
from bundler.demo.demo import Demo
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.heads import HEADS
from bundler.heads.detection import FORMATS
from bundler.heads.detection.settings import Name
from bundler.plan import Plan, PlannedOutput
from tests import boxes_reference as reference
from tests.boxes_reference import Box
from tests.conftest import SHARED_MODELS
from tests.models import tf

GENERATOR = np.random.default_rng(3)
INPUTS = SHARED_MODELS / "inputs"


def planned(
    outputs: Sequence[TensorSpec], sides: tuple[int | None, int | None], **keys: Any
) -> Plan:
    """What is planned for a picture and these outputs, with these keys of [[outputs]]."""
    table = {"outputs": [keys]} if keys else {}
    demo = Demo.model_validate({"model": "model.keras", **table})
    picture = TensorSpec("picture", "float32", (None, *sides, 3))
    return plan.make(demo, Signature((picture,), tuple(outputs), {}, True), parts.read())


def specs(**shapes: tuple[int | None, ...]) -> list[TensorSpec]:
    return [TensorSpec(name, "float32", shape) for name, shape in shapes.items()]


def answer(output: PlannedOutput, values: Mapping[str, Any]) -> Any:
    """What the graph makes of the model's tensors, by their names."""
    given = {
        role: tf.constant(values[spec.name].astype(np.float32))
        for role, spec in output.tensors.items()
    }
    run = tf.function(lambda: HEADS[output.head].trace(given, output.settings))
    return run().numpy()


def expect(found: Any, boxes: Sequence[Box], classes: int) -> None:
    """The same rows, in whatever order."""
    assert found.shape[0] == 1
    there = found[0][found[0][:, 4] > 0]
    assert len(there) == len(boxes) > 0
    expected = np.array([box.row(classes) for box in boxes])
    ordered = [rows[np.lexsort(rows.T[::-1].round(4))] for rows in (there, expected)]
    np.testing.assert_allclose(ordered[0], ordered[1], atol=2e-5)


def check(
    values: Mapping[str, Any], sides: tuple[int, int], boxes: Sequence[Box], **keys: Any
) -> None:
    """Planned, read and chosen as the reference has it."""
    known = specs(**{name: value.shape for name, value in values.items()})
    (output,) = planned(known, sides, **keys).outputs
    settings = output.settings
    kept = reference.suppressed(boxes, settings.overlap, settings.least, settings.most)
    expect(answer(output, values), kept, len(settings.labels))


def test_there_is_a_name_for_each_format() -> None:
    assert sorted(get_args(Name)) == sorted(FORMATS)


def yolo_rows(count: int, classes: int) -> Any:
    """Middles, sides, and few high scores."""
    places = GENERATOR.uniform(0.1, 0.9, (count, 2))
    sides = GENERATOR.uniform(0.05, 0.4, (count, 2))
    scores = GENERATOR.uniform(0, 1, (count, classes)) ** 6
    return np.concatenate([places, sides, scores], 1)


@pytest.mark.parametrize("unit", [1, 64])
def test_yolo_8_in_shares_and_in_pixels(unit: int) -> None:
    rows = yolo_rows(84, 3)
    rows[:, :4] *= unit
    tensor = rows.T
    check({"output0": tensor[None]}, (64, 64), reference.yolo_8(tensor, unit))


def test_yolo_5_has_whether_there_is_anything() -> None:
    rows = yolo_rows(252, 4)
    rows[:, 4] = GENERATOR.uniform(0.3, 1, 252)
    check({"output": rows[None]}, (64, 64), reference.yolo_5(rows))


def test_yolo_with_points() -> None:
    rows = yolo_rows(84, 1)
    points = GENERATOR.uniform(0, 1, (84, 51))
    tensor = np.concatenate([rows, points], 1).T
    boxes = reference.yolo_8(tensor, 1, 17)
    check({"output0": tensor[None]}, (64, 64), boxes, keypoints=17, labels=["person"])


@pytest.mark.parametrize("joined", [True, False])
def test_centernet(joined: bool) -> None:
    heat = GENERATOR.uniform(0, 1, (12, 16, 2)) ** 4
    sides, offsets = GENERATOR.uniform(1, 5, (12, 16, 2)), GENERATOR.uniform(0, 1, (12, 16, 2))
    boxes = reference.centernet(heat, sides, offsets)
    if joined:
        values = {"grid": np.concatenate([heat, sides, offsets], -1)[None]}
        return check(values, (96, 128), boxes, format="centernet")
    values = {"a": heat[None], "b": sides[None], "c": offsets[None]}
    tensors = {"heat": "a", "sides": "b", "offsets": "c"}
    return check(values, (96, 128), boxes, format="centernet", tensors=tensors)


def test_ssd() -> None:
    anchors = reference.ssd_anchors([19, 10, 5, 3, 2, 1])
    assert len(anchors) == 1917
    codes = GENERATOR.normal(0, 1, (1917, 4))
    logits = GENERATOR.normal([6, 0, 0, 0, 0], 2, (1917, 5))
    values = {"codes": codes[None], "logits": logits[None]}
    boxes = reference.ssd(codes, logits, anchors)
    check(values, (300, 300), boxes, format="ssd", scores="logits", most=1000)


@pytest.mark.parametrize(("side", "joined"), [(128, False), (256, False), (128, True)])
def test_blazeface(side: int, joined: bool) -> None:
    numbers = GENERATOR.normal(0, side / 12, (896, 16))
    numbers[:, 2:4] = abs(numbers[:, 2:4]) + 4
    scores = GENERATOR.normal(-6, 2.5, 896)
    boxes = reference.blazeface(numbers, scores, side)
    if joined:
        values = {"out": np.concatenate([scores[:, None], numbers], 1)[None]}
    else:
        values = {"regressors": numbers[None], "classificators": scores[None, :, None]}
    check(values, (side, side), boxes)


def test_movenet_of_one_and_of_several() -> None:
    points = GENERATOR.uniform(0, 1, (17, 3))
    (y, x, score) = points.T
    one = Box(
        y.min(), x.min(), y.max(), x.max(), score.mean(), 0, [(p[0], p[1], p[2]) for p in points]
    )
    check({"output_0": points[None, None]}, (192, 192), [one])
    rows = GENERATOR.uniform(0, 1, (6, 56))
    rows[2, 55] = 0.01  # nobody
    several = [
        Box(
            row[51],
            row[52],
            row[53],
            row[54],
            row[55],
            0,
            [(p[0], p[1], p[2]) for p in row[:51].reshape(17, 3)],
        )
        for row in rows
        if row[55] > 0.05
    ]
    (output,) = planned(specs(output_0=(1, 6, 56)), (256, 256)).outputs
    expect(answer(output, {"output_0": rows[None]}), several, 1)


def test_object_detection_takes_its_own_tensors_and_no_more_than_are_meant() -> None:
    boxes, scores = GENERATOR.uniform(0, 1, (5, 4)), np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    kinds = np.array([1, 3, 2, 1, 1])
    values = {
        "detection_boxes": boxes[None], "detection_scores": scores[None],
        "detection_classes": kinds[None], "num_detections": np.array([4.0]),
        "raw_detection_boxes": boxes[None],
    }  # fmt: skip
    known = specs(**{name: value.shape for name, value in values.items()})
    # Nobody named anything, or the labels alone.
    for keys, classes in (({}, 90), ({"labels": ["a", "b", "c"], "format": "tensorflow"}, 3)):
        (output,) = planned(known, (None, None), **keys).outputs
        expected = [
            Box(top, left, bottom, right, score, int(kind) - 1)
            for (top, left, bottom, right), score, kind in zip(boxes, scores, kinds, strict=True)
        ][:4]
        expect(answer(output, values), expected, classes)


def test_rows_that_are_chosen_already() -> None:
    rows = np.array([[8, 16, 24, 48, 0.9, 1], [0, 0, 64, 32, 0.6, 0], [0, 0, 9, 9, 0.01, 0]])
    (output,) = planned(
        specs(output0=(1, 3, 6)), (64, 64), format="end2end", labels=["a", "b"]
    ).outputs
    expected = [Box(0.25, 0.125, 0.75, 0.375, 0.9, 1), Box(0, 0, 0.5, 1, 0.6, 0)]
    expect(answer(output, {"output0": rows[None]}), expected, 2)


@pytest.mark.parametrize(
    ("box", "numbers"),
    [
        ("yxyx", [8, 4, 24, 20]), ("xyxy", [4, 8, 20, 24]), ("xywh", [4, 8, 16, 16]),
        ("cxcywh", [12, 16, 16, 16]), ("cycxhw", [16, 12, 16, 16]),
    ],
)  # fmt: skip
def test_one_box_however_it_is_written(box: str, numbers: list[float]) -> None:
    keys = {"widget": "annotatedimage", "format": "boxes", "box": box, "units": "pixels"}
    (output,) = planned(specs(place=(None, 4)), (32, 64), **keys).outputs
    found = answer(output, {"place": np.array([numbers])})
    expect(found, [Box(8 / 32, 4 / 64, 24 / 32, 20 / 64, 1.0)], 1)


def test_scores_that_are_hardly_apart_do_not_decide() -> None:
    """Which of two equal boxes stays does not hang on the last digit of a backend."""
    keys = {"format": "boxes", "tensors": {"boxes": "boxes", "scores": "scores"}}
    (output,) = planned(specs(boxes=(1, 2, 4), scores=(1, 2)), (64, 64), **keys).outputs
    boxes = np.array([[0.1, 0.1, 0.5, 0.5], [0.1, 0.12, 0.5, 0.52]])
    for scores in ([0.8, 0.8 + 1e-6], [0.8 + 1e-6, 0.8]):
        found = answer(output, {"boxes": boxes[None], "scores": np.array([scores])})
        assert found[0, :, 1].tolist() == pytest.approx([0.1, 0.0])


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"x": (1, 10, 6)}, {"widget": "annotatedimage"}, "outputs[0].format: say what"),
    ({"x": (1, 10, 3)}, {"format": "yolo"}, "outputs[0].format: a yolo answers"),
    ({"x": (1, 9, 9, 3)}, {"format": "centernet"}, "outputs[0].format: a centernet in one"),
    ({"x": (1, 84, 8400)}, {"format": "yolo", "labels": ["a"]}, "outputs[0].labels: there are 1"),
    ({"x": (1, 17, 2)}, {"format": "movenet"}, "outputs[0].format: movenet is"),
    (
        {"x": (1, 5, 4), "y": (1, 5, 3)},
        {"format": "ssd", "tensors": {"boxes": "x", "scores": "y"}},
        "outputs[0].strides: make",
    ),
    (
        {"x": (1, 5, 4), "y": (1, 5, 3)},
        {"format": "tensorflow", "tensors": {"boxes": "x", "scores": "y"}},
        'outputs[0].tensors: the format "tensorflow" is read from boxes, classes, scores',
    ),
]


@pytest.mark.parametrize(("shapes", "keys", "message"), WRONG)
def test_what_tensors_do_not_hold_is_told(
    shapes: dict[str, Any], keys: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        planned(specs(**shapes), (64, 64), **keys)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("shapes", "sides"),
    [
        ({"x": (1, 10)}, (64, 64)),
        ({"x": (1, 20, 20)}, (64, 64)),
        ({"x": (1, 84, 8401)}, (640, 640)),
        ({"x": (1, 64, 64, 3)}, (64, 64)),
    ],
)
def test_nothing_else_is_taken_for_boxes(
    shapes: dict[str, tuple[int, ...]], sides: tuple[int, int]
) -> None:
    for output in planned(specs(**shapes), sides).outputs:
        assert output.widget != "annotatedimage"


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter:UserWarning")
@pytest.mark.models
def test_a_real_blazeface() -> None:
    """What MediaPipe's model of the back camera answers, by TensorFlow's interpreter, is read.

    It is sure of no face of this picture, so the test is of numbers, not of faces.
    """
    from PIL import Image

    interpreter = tf.lite.Interpreter(str(SHARED_MODELS / "tflite" / "face-float16.tflite"))
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    height, width = map(int, given["shape"][1:3])
    picture = Image.open(INPUTS / "solvay_conference.jpg").convert("RGB")
    part = picture.crop((0, picture.height // 3, picture.height // 2, picture.height * 5 // 6))
    pixels = np.asarray(part.resize((width, height)), np.float32)[None] / 127.5 - 1
    interpreter.set_tensor(given["index"], pixels)
    interpreter.invoke()
    values = {
        str(one["shape"][2]): interpreter.get_tensor(one["index"])
        for one in interpreter.get_output_details()
    }
    boxes = reference.blazeface(values["16"][0], values["1"][0, :, 0], float(height))
    check(values, (height, width), boxes)
