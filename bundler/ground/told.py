"""What a library says of a failure, in one line: no stacks, none of its own names, the layer."""

from __future__ import annotations

import re
import traceback

from bundler.ground import visible
from bundler.ground.layer_names import known_layer, op_like

LONGEST = 240
# Lines of a stack, of TensorFlow's preambles and of Keras's lists of arguments.
NOISE = re.compile(
    r"^(Traceback |Graph execution error|Detected at node|<stack traces? unavailable>|\s*File \"|"
    r"\s*\^+\s*$|Arguments received|  • |\s*\[\[\{\{node|Original stack trace|\d+ root error|"
    r"\s*\(\d+\) |Function call stack|The above exception|During handling|In call to configurable|"
    r"Exception encountered when calling|Error received:|Call arguments received)"
)
# TensorFlow's ends of messages, and what it puts before the first word.
TAILS = (
    r"\s*\[Op:\w+\].*$", r"\s*name: ?\S*$", r"\s*\[\[\{\{node [^}]*\}\}\]\].*$",
    r"\s*for '\{\{node .*$", r"\s*Full object config:.*$", r"\s*config=\{.*$",
)  # fmt: skip
HEADS = (
    r"^\{\{function_node [^}]*\}\}\s*", r"^\{\{node [^}]*\}\}\s*", r"^\w*Error: ",
    r"^[A-Z_]{6,}: ", r"^in user code:\s*",
)  # fmt: skip
# Where a message names a layer itself, or its class; containers are not worth naming.
LAYERS = (
    r"(?:of|in) layer [\"']([^\"']+)[\"']",
    r"Exception encountered when calling layer [\"']([^\"']+)[\"']",
)
CLASSES = r"Exception encountered when calling (\w+)\.\w+\(\)"
CONTAINERS = {"Sequential", "Functional", "Model"}
# What Python says of its own objects, to whoever wrote the library's code.
OF_PYTHON = re.compile(
    r"NoneType|\bobject (?:is not|has no|of type|does not)|has no attribute|"
    r"positional argument|\bindices must be|index out of range|\bbuilt-in\b|"
    r"unsupported operand|not supported between|to unpack|unhashable type|base class|"
    r"(?:must be|argument should be|expected) (?:an? )?(?:str|int|float|dict|list|tuple|bytes)\b"
)
# TensorFlow's own names of functions, which nobody has given.
OWN_FUNCTION = re.compile(r"__(?:inference|forward|backward)_")
# What is of use in that: the argument.
UNEXPECTED = re.compile(r"(?:\S+ )?got an unexpected keyword argument ('[^']*')")
NODES = r"\{\{node ([^}]+)\}\}|Detected at node (\S+)|\b[Nn]ode '?([\w./-]+)"


def line(error: BaseException) -> str:
    """The cause in one line."""
    # Below each line of a stack stands one of the source.
    whole = re.sub(r'(?m)^\s*File "[^\n]*\n[^\n]*$', "", str(error))
    lines = [text.strip() for text in whole.splitlines() if text.strip()]
    kept = [_plain(text) for text in lines if not NOISE.match(text)]
    # Keras sets the cause in bold; of several errors around one another the innermost is it.
    bold = re.findall(r"\x1b\[1m(.+?)\x1b\[0m", str(error))
    inner = re.findall(r"Exception encountered: (.+)", str(error))
    said = next(filter(None, [*map(_plain, bold[-1:] + inner[-1:]), *kept]), "")
    said = UNEXPECTED.sub(r"it knows no argument \1", said)
    if not said or isinstance(error, LookupError) or OF_PYTHON.search(said):
        return _stumbled(error)
    return said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"


def _stumbled(error: BaseException) -> str:
    """What can be said where a library does not: which key is missing, and in which function."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}" if frames and frames[-1].name.isidentifier() else ""
    key = error.args[0] if isinstance(error, KeyError) and error.args else None
    if not isinstance(key, str):
        what = "a value does not fit"
    else:
        named = "a function of the graph" if OWN_FUNCTION.match(key) else visible.quoted(key)
        what = f"{named} is missing"
    return f"{what} ({type(error).__name__}{where})"


def layer(error: BaseException) -> str:
    """The layer that a message names, or whose node it names; "" if none."""
    text = str(error)
    named = [name for form in LAYERS for name in re.findall(form, text)]
    nodes = [next(filter(None, found.groups())) for found in re.finditer(NODES, text)]
    named += filter(None, map(known_layer, nodes))
    named += [name for name in re.findall(CLASSES, text) if name not in CONTAINERS]
    return named[0] if named else ""


def within(error: BaseException) -> str:
    """` in the layer x`, where that is known, for the middle of a message."""
    found = layer(error)
    return f" in the layer {found}" if found else ""


def _plain(text: str) -> str:
    text = re.sub(r"\x1b\[\d*m", "", text).strip()
    for form in TAILS:
        text = re.sub(form, "", text)
    for form in HEADS:
        text = re.sub(form, "", text)
    text = re.sub(NODES, _node, text)
    text = re.sub(r"\b(?:__inference_|__forward_)(\w+?)_\d+\b", r"\1", text)
    return text.strip().rstrip(".:")


def _node(found: re.Match[str]) -> str:
    """A node by its layer, or by no name at all."""
    name = next(filter(None, found.groups()))
    where = known_layer(name)
    return f"the layer {where}" if where else f"a node {op_like(name)}"
