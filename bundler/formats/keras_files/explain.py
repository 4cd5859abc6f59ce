"""What Keras says of a model that it cannot open, in the words of this tool."""

from __future__ import annotations

import re
from pathlib import Path

from bundler.formats.untrusted.place import CUSTOM_HINT, LAMBDA_HINT
from bundler.ground import told
from bundler.ground.errors import ModelError

# How the two libraries say that they do not know a class or function.
UNKNOWN = (
    r"Could not locate (?P<kind>class|function) '(?:[\w.]+>)?(?P<name>\w+)'",
    r"Unknown (?P<kind>[\w ]+?):? (?:function:? )?'(?:[\w.]+>)?(?P<name>\w+)'",
    r"Unknown (?P<kind>[\w ]+?) '\{.*?'config': '(?P<name>\w+)'",
    r"Cannot deserialize object of type `(?P<name>\w+)`",
    r"Could not deserialize (?P<kind>class|function) '(?P<name>\w+)' because its parent module",
)
FUNCTIONS = ("function", "activation", "Lambda")


def failed(path: Path, error: Exception) -> ModelError:
    """The error for a model in `path` that Keras refused with `error`."""
    if isinstance(error, ModelError):
        return error
    text = str(error)
    if "lambda" in text.lower() and "safe" in text.lower():
        return ModelError(
            f"{path} contains Python code in a Lambda layer, which is not run", hint=LAMBDA_HINT
        )
    found = next((match for form in UNKNOWN if (match := re.search(form, text))), None)
    if found:
        said = found.groupdict().get("kind") or "class"
        kind = "function" if any(word in said for word in FUNCTIONS) else "class"
        return ModelError(f"{path} uses a {kind} of your own: {found['name']}", hint=CUSTOM_HINT)
    cause = told.line(error)
    return ModelError(
        f"Keras cannot open {path}{told.within(error)}: {cause}",
        hint="Where it opens in Python, save it there anew: "
        'keras.saving.load_model(…).save("model.keras")',
    )
