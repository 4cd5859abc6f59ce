"""What Python said of samples that it did not answer, in words that lead on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bundler.feeds import FEEDS
from bundler.graph.samples.worth import Sample
from bundler.graph.trace import raw_spec
from bundler.ground import visible
from bundler.ground.errors import ModelError
from bundler.ground.layer_names import layer_of
from bundler.ground.tensors import Tensor, Tensors
from bundler.plan import Plan, PlannedInput

# TensorFlow names the node in the midst of its message, and the function at its end.
NODE = re.compile(r"\{\{node ([^}]+)\}\}")
NOISE = re.compile(
    r"\{\{function_node[^}]*\}\}|\[\[?\{\{node.*|\[Op:.*|Detected at node.*|\d+ root error.*|"
    r"Graph execution error:|Exception encountered.*|\(\d+\) [A-Z][a-z ]+:",
)
SENTENCE, STACK = re.compile(r"[A-Za-z]{3}"), re.compile(r'(File "|Traceback |b?\'?Condition x)')
MOST_TEXT = 200


@dataclass(frozen=True)
class Refusal:
    """Inputs that Python did not answer, and the exception."""

    inputs: Tensors
    error: Exception

    @property
    def node(self) -> str:
        """The op's node in the graph, where TensorFlow says it."""
        found = NODE.findall(str(self.error))
        return found[-1] if found else ""

    @property
    def reason(self) -> str:
        """The first sentence that is about the values, in TensorFlow's or the layer's words."""
        lines = [NOISE.sub("", line).strip() for line in str(self.error).splitlines()]
        told = [line for line in lines if SENTENCE.search(line) and not STACK.match(line)]
        text = told[0] if told else type(self.error).__name__
        return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"

    def __str__(self) -> str:
        if not self.node:
            return self.reason
        op, layer = self.node.rsplit("/", 1)[-1], layer_of(self.node)
        place = op if layer == self.node else f"{op} in the layer {layer}"
        return f"{place}: {self.reason}"


def explain(plan: Plan, refusals: Sequence[Refusal]) -> ModelError:
    """The error for a model that answers nothing of what was tried."""
    # What most inputs came to is nearest to what is wrong; the first is the likeliest of them.
    counted = Counter(refusal.node or refusal.reason for refusal in refusals)
    most = max(counted, key=lambda key: counted[key], default="")
    told = next((one for one in refusals if (one.node or one.reason) == most), None)
    specs = "; ".join(str(raw_spec(item)) for item in plan.inputs)
    return ModelError(
        f"Python itself answers none of the {len(refusals)} inputs that were tried "
        f"({specs}):\n  {told or 'the model has no input'}",
        hint="Show what the model takes, in demo.toml:\n" + "\n".join(_lines(plan)),
        details="\n\n".join(str(one.error) for one in refusals[:3]),
    )


def example_refused(index: int, refusal: Refusal) -> ModelError:
    """The error for an example of the user's."""
    return ModelError(
        f"Python itself cannot answer example {index + 1} of demo.toml ([[examples]]):\n"
        f"  {refusal}",
        hint="Change its values to what the model takes, or leave it out.",
        details=str(refusal.error),
    )


def never_a_number(plan: Plan, sample: Sample) -> ModelError:
    """The error for a model that answers NaN to all that was tried."""
    names = [name for name, tensor in sample.outputs.items() if has_nan(tensor)]
    return ModelError(
        f"Python's own answer for {', '.join(names)} is not a number (NaN), whatever was tried",
        hint="Look for NaN among the model's weights, or show what it answers, in demo.toml:\n"
        + "\n".join(_lines(plan)),
    )


def has_nan(tensor: Tensor) -> bool:
    """Whether an answer holds something that is not a number."""
    return tensor.dtype == "float32" and bool(np.isnan(tensor.flat()).any())


def _lines(plan: Plan) -> list[str]:
    """An example, or the values of a number."""
    keys = [f"  {visible.key(item.spec.name)} = {_example_text(item)}" for item in plan.inputs]
    lines = ["  [[examples]]", *keys]
    numbers = [item for item in plan.inputs if "min" in type(item.settings).model_fields]
    numbers = [item for item in numbers if item.spec.dtype not in ("string", "bool")]
    if numbers:
        name = numbers[0].spec.name
        lines += [
            "or the range of its numbers:",
            "  [[inputs]]",
            f"  name = {visible.quoted(name)}",
        ]
        lines += ["  min = 0", "  max = 1"]
    return lines


def _example_text(item: PlannedInput) -> str:
    return FEEDS[item.feed].example_text(item.spec)
