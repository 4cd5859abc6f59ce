"""Families of a library's applications: each of its modules has one, of several sizes."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from tests.sweep.cases.case import Case, randomised

# The smallest member of each module, and the smallest picture that it takes.
SMALLEST = {
    "convnext": ("ConvNeXtTiny", 32),
    "densenet": ("DenseNet121", 32),
    "efficientnet": ("EfficientNetB0", 32),
    "efficientnet_v2": ("EfficientNetV2B0", 32),
    "inception_resnet_v2": ("InceptionResNetV2", 75),
    "inception_v3": ("InceptionV3", 75),
    "mobilenet": ("MobileNet", 32),
    "mobilenet_v2": ("MobileNetV2", 32),
    "mobilenet_v3": ("MobileNetV3Small", 32),
    "nasnet": ("NASNetMobile", 32),
    "regnet": ("RegNetX002", 32),
    "resnet": ("ResNet50", 32),
    "resnet_rs": ("ResNetRS50", 32),
    "resnet_v2": ("ResNet50V2", 32),
    "vgg16": ("VGG16", 32),
    "vgg19": ("VGG19", 32),
    "xception": ("Xception", 71),
}
# No family of their own: helpers, other names, and models under two names.
OTHERS = {"imagenet_utils", "resnet50"}
CLASSES = 10


def cases_of(library: ModuleType, suffix: str = ".keras") -> list[Case]:
    applications = library.applications
    modules = {
        name
        for name in dir(applications)
        if inspect.ismodule(getattr(applications, name)) and name[0] != "_"
    }
    demo = {"inputs": [{"range": [-1, 1]}]}
    found = []
    for module in sorted(modules - OTHERS):
        if module not in SMALLEST:
            found.append(Case(module))
            continue
        name, side = SMALLEST[module]
        make = _maker(library, name, side)
        found.append(Case(name, make, suffix, demo=demo))
    return found


def _maker(library: ModuleType, name: str, side: int) -> Any:
    def make() -> Any:
        shape = (side, side, 3)
        model = getattr(library.applications, name)(
            weights=None, input_shape=shape, classes=CLASSES
        )
        return randomised(model)

    return make
