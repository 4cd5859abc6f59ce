"""Families of a library's applications: each of its modules has one, of several sizes."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from tests.sweep.cases.case import SEED, Case, randomised

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
# They bring numbers of 0 to 255 to their own range; the others take -1 to 1.
TAKE_BYTES = {
    "convnext",
    "efficientnet",
    "efficientnet_v2",
    "mobilenet_v3",
    "regnet",
    "resnet_rs",
}
# No family of their own: helpers, other names, and models under two names.
OTHERS = {"imagenet_utils", "resnet50"}
CLASSES = 10
PICTURES = 8


def cases_of(library: ModuleType, suffix: str = ".keras") -> list[Case]:
    applications = library.applications
    modules = {
        name
        for name in dir(applications)
        if inspect.ismodule(getattr(applications, name)) and name[0] != "_"
    }
    found = []
    for module in sorted(modules - OTHERS):
        if module not in SMALLEST:
            found.append(Case(module))
            continue
        name, side = SMALLEST[module]
        values = (0, 255) if module in TAKE_BYTES else (-1, 1)
        make = _maker(library, name, side, values)
        found.append(Case(name, make, suffix, demo={"inputs": [{"range": list(values)}]}))
    return found


def _maker(library: ModuleType, name: str, side: int, values: tuple[int, int]) -> Any:
    def make() -> Any:
        shape = (side, side, 3)
        model = getattr(library.applications, name)(
            weights=None, input_shape=shape, classes=CLASSES
        )
        return _settled(library, randomised(model), _pictures(shape, values))

    return make


def _pictures(shape: tuple[int, ...], values: tuple[int, int]) -> Any:
    """Such as the build's samples are: a network tells apart what it was trained on."""
    import numpy as np

    from bundler.feeds import patterns

    def drawn(index: int) -> Any:
        draw = patterns.Draw(np.random.default_rng(index), strength=(index + 1) / PICTURES)
        return (patterns.inverted if index % 2 else patterns.picture)((1, *shape), draw)

    low, high = values
    levels = np.concatenate([drawn(index) for index in range(PICTURES)])
    return (levels / 255 * (high - low) + low).astype(np.float32)


def _settled(library: ModuleType, model: Any, pictures: Any) -> Any:
    """With statistics and a last layer that keep a picture's signal, as training does.

    Else each layer leaves less of the picture, and the last nothing; or one class has it all.
    """
    layers = list(model._flatten_layers())
    normalisations = [
        layer for layer in layers if isinstance(layer, library.layers.BatchNormalization)
    ]
    if normalisations:
        _take_statistics(model, normalisations, pictures)
    else:
        for layer in layers:
            _size(layer)
    last = model.layers[-1]
    if hasattr(last, "kernel"):
        _spread(library.Model(model.inputs[0], last.input), last, pictures)
    return model


def _take_statistics(model: Any, normalisations: list[Any], pictures: Any) -> None:
    kept = [layer.momentum for layer in normalisations]
    for layer in normalisations:
        layer.momentum = 0.0
    model(pictures, training=True)
    for layer, momentum in zip(normalisations, kept, strict=True):
        layer.momentum = momentum


def _size(layer: Any) -> None:
    """Gives a kernel the size of He et al., "Delving Deep into Rectifiers" (2015), equation 10."""
    import numpy as np

    for name in ("kernel", "depthwise_kernel"):
        weight = getattr(layer, name, None)
        if weight is not None:
            values = np.asarray(weight)
            is_depthwise = "Depthwise" in type(layer).__name__ or name == "depthwise_kernel"
            entering = np.prod(values.shape[:2] if is_depthwise else values.shape[:-1])
            weight.assign(values / values.std() * np.sqrt(2 / entering))


def _spread(features: Any, last: Any, pictures: Any) -> None:
    """Makes every class as likely as another, over the pictures, and none certain for any.

    The classes look at what differs between the pictures, as trained ones do: any other
    kernel sees mostly what all pictures share, and its scores are differences of large sums.
    """
    import numpy as np

    leaving = np.asarray(features(pictures), np.float64)
    differing = leaving - leaving.mean(axis=0)
    mixed = np.random.default_rng(SEED).normal(size=(len(pictures), last.kernel.shape[-1]))
    kernel = differing.T @ mixed
    scores = leaving @ kernel
    spread = np.abs(scores - scores.mean(axis=0)).max(axis=0)
    last.kernel.assign(kernel / spread)
    last.bias.assign(-scores.mean(axis=0) / spread)
