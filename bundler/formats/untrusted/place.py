"""Where in a configuration something stands, and how it is refused there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bundler.formats.untrusted import bytecode
from bundler.formats.untrusted.error import OwnCodeError, UntrustedError

# Names in errors are cut: they are the file's.
MAX_TEXT = 300
CUSTOM_HINT = (
    'Name the file that defines it (custom_objects = "layers.py" in demo.toml) and pass '
    "--trust-model, or build the model from Keras's own layers."
)
LAMBDA_OF_ANOTHER = (
    "No other Python can run it: replace the Lambda by a layer or by keras.ops calls where the "
    "model opens, and save it again."
)
LAMBDA_HINT = (
    "Replace the Lambda by a layer or by keras.ops calls, and save the model again. "
    "If you trust who made it, pass --trust-model."
)


@dataclass(frozen=True)
class Place:
    """Where in a configuration: the keys from the root, and the layer around it."""

    file: Path
    part: str
    keys: str = ""
    layer: str = ""
    depth: int = 0

    def inside(self, key: str | int) -> Place:
        dotted = f"[{key}]" if isinstance(key, int) else f".{key}" if self.keys else key
        return replace(self, keys=self.keys + dotted, depth=self.depth + 1)

    def __str__(self) -> str:
        layer = f" of {self.layer}" if self.layer else ""
        return f"{self.part}: {self.keys or 'top'}{layer}"

    def refuse(self, found: str, **hint: str) -> UntrustedError:
        return UntrustedError(self.file, found[:MAX_TEXT], str(self), **hint)

    def refuse_own(self, kind: str, name: str) -> OwnCodeError:
        found = f"uses a {kind} of your own: {name[:MAX_TEXT]}"
        return OwnCodeError(self.file, found, str(self), hint=CUSTOM_HINT)


def refuse_bytecode(place: Place, code: Any) -> UntrustedError:
    """The error for a Lambda, which says more where another Python wrote it."""
    python = bytecode.foreign(code)
    if python:  # trusting it would not help
        found = f"contains Python code, the bytecode of a Lambda that {python} wrote"
        return place.refuse(found, hint=LAMBDA_OF_ANOTHER)
    return place.refuse("contains Python code, the bytecode of a Lambda", hint=LAMBDA_HINT)
