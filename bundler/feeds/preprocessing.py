"""What a model was trained to see of pixels: a range, a mean and a deviation, an order of colours.

Source of the values by name: `preprocess_input` of every module of `keras.applications`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

Order = Literal["rgb", "bgr"]
# One number for all channels, or one for each.
PerChannel = float | tuple[float, float, float]


def _not_zero(value: PerChannel | None) -> PerChannel | None:
    if value is not None and 0.0 in (value if isinstance(value, tuple) else (value,)):
        raise ValueError("nothing can be divided by 0")
    return value


Deviation = Annotated[PerChannel | None, AfterValidator(_not_zero)]


@dataclass(frozen=True)
class Preprocessing:
    """The values of the keys that one name stands for."""

    range: tuple[float, float] = (0.0, 255.0)
    mean: PerChannel | None = None
    std: PerChannel | None = None
    order: Order = "rgb"

    @property
    def turned(self) -> Preprocessing:
        """The same in the other order of colours."""
        mean, std = (one[::-1] if isinstance(one, tuple) else one for one in (self.mean, self.std))
        return Preprocessing(self.range, mean, std, "bgr" if self.order == "rgb" else "rgb")

    @property
    def keys(self) -> dict[str, Any]:
        """What it says, by key."""
        return asdict(self)


AS_THEY_ARE = Preprocessing()
AROUND_ZERO = Preprocessing((-1.0, 1.0))
# Of ImageNet's pictures; of colours from 0 to 255 in the networks that came from Caffe.
DEVIATIONS = Preprocessing((0.0, 1.0), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CAFFE = Preprocessing(mean=(103.939, 116.779, 123.68), order="bgr")
Name = Literal[
    "convnext", "densenet", "efficientnet", "efficientnet_v2", "inception_resnet_v2",
    "inception_v3", "mobilenet", "mobilenet_v2", "mobilenet_v3", "nasnet", "regnet", "resnet",
    "resnet50", "resnet_rs", "resnet_v2", "vgg16", "vgg19", "xception",
]  # fmt: skip
NAMES: dict[Name, Preprocessing] = {
    "convnext": AS_THEY_ARE,
    "densenet": DEVIATIONS,
    "efficientnet": AS_THEY_ARE,
    "efficientnet_v2": AS_THEY_ARE,
    "inception_resnet_v2": AROUND_ZERO,
    "inception_v3": AROUND_ZERO,
    "mobilenet": AROUND_ZERO,
    "mobilenet_v2": AROUND_ZERO,
    "mobilenet_v3": AS_THEY_ARE,
    "nasnet": AROUND_ZERO,
    "regnet": AS_THEY_ARE,
    "resnet": CAFFE,
    "resnet50": CAFFE,
    "resnet_rs": AS_THEY_ARE,
    "resnet_v2": AROUND_ZERO,
    "vgg16": CAFFE,
    "vgg19": CAFFE,
    "xception": AROUND_ZERO,
}

# What people train with who name no network, by the number of channels, the most usual first.
UNIT = Preprocessing((0.0, 1.0))
USUAL = {
    3: (UNIT, AROUND_ZERO, AS_THEY_ARE, DEVIATIONS, CAFFE.turned),
    # Paper may be white, the deviation MNIST's.
    1: (
        UNIT, AROUND_ZERO, AS_THEY_ARE, Preprocessing((1.0, 0.0)), Preprocessing((255.0, 0.0)),
        Preprocessing((1.0, -1.0)), Preprocessing((0.0, 1.0), 0.1307, 0.3081),
    ),
}  # fmt: skip


def usual(channels: int) -> list[dict[str, Any]]:
    """The usual ones by key, in the place of a named one; of colours in both orders."""
    ways = USUAL[channels]
    both = [way.keys for way in (*ways, *(way.turned for way in ways))]
    keys = both if channels == 3 else [{**way.keys, "order": None} for way in ways]
    return [{**one, "preprocess": None} for one in keys]
