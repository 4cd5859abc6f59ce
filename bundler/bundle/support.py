"""Ops of a graph that TF.js cannot run: where they come from, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bundler.ground.errors import ModelError
from bundler.ground.layer_names import CALLS, layer_of

PICTURES = (
    "DecodeAndCropJpeg", "DecodeBmp", "DecodeGif", "DecodeImage", "DecodeJpeg", "DecodePng",
    "DecodeWebP", "ExtractJpegShape",
)  # fmt: skip
# What ops of a kind have in common -> what helps.
REMEDIES = (
    (
        PICTURES,
        "it reads the bytes of a picture's file (JPEG, PNG …), which the page does by itself: save "
        "the model with a signature that takes pixels, uint8 [1, height, width, 3], instead",
    ),
    (
        ("Decode", "Audio", "Mfcc", "ReadFile", "Dataset", "Iterator", "ParseExample"),
        "let the model begin behind it: with a signature that takes what comes out of it, or, "
        "for a frozen graph, [[inputs]] name = a tensor that comes later",
    ),
    (
        ("Random", "Multinomial", "Stateless", "TruncatedNormal"),
        "it draws random numbers, so no two answers are the same: leave it out at inference",
    ),
    (
        ("PyFunc", "EagerPyFunc", "Py"),
        "it is Python code (tf.py_function): write it with TensorFlow or keras.ops",
    ),
    (
        ("XlaCustomCall", "CustomCall", "Xla"),
        "it is compiled for one machine: export the model without jit_compile",
    ),
)
OTHERWISE = "replace the layer by one made of simpler ops, or end the model before it"
UNRESOLVED = "TensorFlow left the call of a function in the graph: report the model, it is a fault"


@dataclass(frozen=True)
class Unsupported:
    """An op that cannot run: the layers that need it, on which backends, and the remedy."""

    op: str
    layers: tuple[str, ...]
    backends: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        where = f" (in {', '.join(self.layers)})" if self.layers else ""
        return f"{self.op}{where}: {self.remedy}"


class UnsupportedError(ModelError):
    """The model has ops that no backend can run; `rows` says all of them."""

    def __init__(self, rows: list[Unsupported]) -> None:
        lines = "\n".join(f"  {row}" for row in rows)
        super().__init__(
            f"TensorFlow.js cannot give Python's answers to these ops of the model:\n{lines}",
            hint="In brackets: the layers, or nodes of the graph, that need them.",
        )
        self.rows = rows

    def to_json(self) -> dict[str, Any]:
        return {"ops": [asdict(row) for row in self.rows]}


def is_random(op: str) -> bool:
    """Whether an op draws numbers: TF.js has some of them, but no answer could be compared."""
    return op.startswith(("Random", "Multinomial", "TruncatedNormal"))


def describe(op: str, nodes: list[str], backends: tuple[str, ...]) -> Unsupported:
    """An op that `backends` cannot run, with the names of its nodes in the graph."""
    named = dict.fromkeys(layer_of(node) for node in nodes)
    layers = tuple(name for name in named if name.rstrip("_0123456789") != op)
    found = next((text for starts, text in REMEDIES if op.startswith(starts)), OTHERWISE)
    remedy = UNRESOLVED if op in CALLS else found
    return Unsupported(op, layers, backends, remedy)
