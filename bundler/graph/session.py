"""One model in the TensorFlow process: opened, traced, frozen, and asked."""

from __future__ import annotations

import errno
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler import formats, plan
from bundler.demo import parts
from bundler.demo.demo import Demo
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import archive, graph_ops
from bundler.formats.untrusted.error import UntrustedError
from bundler.graph import limits
from bundler.graph.freeze import Frozen
from bundler.ground import told, visible
from bundler.ground.errors import DemoError, ModelError
from bundler.ground.tensors import Tensors
from bundler.plan import Plan

if TYPE_CHECKING:
    from bundler.graph.meant import Meant
    from bundler.graph.reference import Reference
    from bundler.graph.samples import Sample

Say = Callable[[str], None]
# Weights are not read to look at a file.
MOST_TO_LOOK = 1 << 30
HDF5_HAS_NO_MEMORY = "memory allocation failed"


class Session:
    """One model, loaded and traced when it is first needed."""

    def __init__(
        self,
        demo: Demo,
        say: Say,
        files: tuple[str, ...] | None = None,
        widgets: tuple[Path, ...] = (),
    ) -> None:
        """`files` are the model's, where this process may read them and not look for others.

        `widgets` are the demo's own folders of them.
        """
        self.demo = demo
        self._files = files
        self._widgets = widgets
        self.stage = "reading the model's file"
        # A stranger's model is opened from a copy: nobody can change it after it was looked at.
        self.private = Path(tempfile.mkdtemp(prefix="model-"))
        self._say = say

    def say(self, stage: str) -> None:
        """Tells what is going on, which is also what an error is told with."""
        self.stage = stage
        self._say(stage)

    @cached_property
    def loaded(self) -> Loaded:
        """The opened model."""
        self.say("reading the model's file")
        source = Source.of(self.demo)
        if source.trusted:
            form = formats.detect(source)
        else:
            source, form = self._looked_at(replace(source, listed=self._files))
        self.say("starting TensorFlow and opening the model")
        return source.narrowed(form.load(source))

    def _looked_at(self, source: Source) -> tuple[Source, formats.Format]:
        """A copy of a stranger's model, after all checks that need no TensorFlow."""
        import h5py  # noqa: F401  # its libraries reserve more memory than they use

        try:
            with limits.growth(MOST_TO_LOOK):
                copied = formats.private_copy(source, self.private)
                return copied, formats.detect(copied)
        except (MemoryError, OSError) as error:
            if not _is_about_memory(error):
                raise
            found = f"takes more than {MOST_TO_LOOK >> 20} MiB of memory only to be looked at"
            raise UntrustedError(source.path, found, "", hint=archive.NOT_A_BOMB) from error

    @cached_property
    def plan(self) -> Plan:
        """What goes around the model."""
        return plan.make(self.demo, self.loaded.signature, parts.read(self._widgets))

    @cached_property
    def function(self) -> Any:
        """The model with its feeds and heads as a concrete function."""
        planned, loaded = self.plan, self.loaded
        from bundler.graph import foreign_dtypes
        from bundler.graph.trace import trace

        self.say("tracing the model with its preprocessing")
        function = _traced_or_explained(trace, loaded, planned)
        foreign_dtypes.check(function)
        graph_ops.check_traced(Source.of(self.demo), function)
        return function

    @cached_property
    def meant(self) -> Meant:
        """The graph of what the model means."""
        function = self.function
        from bundler.graph.meant import Meant

        self.say("freezing the graph")
        return Meant(function, anew=self.demo.build.random != "same")

    @cached_property
    def frozen(self) -> Frozen:
        """That graph, with feeds and heads, before anything is rewritten."""
        return self.meant.frozen

    @cached_property
    def reference(self) -> Reference:
        """That graph in TensorFlow."""
        frozen = self.frozen
        from bundler.graph.reference import Reference

        return Reference(frozen.copy())

    def answer(self, inputs: Tensors) -> Tensors:
        """What Python answers."""
        if self.meant.answers:
            return self.reference.answer(self.plan, inputs)
        return self.answer_itself(inputs)

    def answer_itself(self, inputs: Tensors) -> Tensors:
        """What the model answers as it is, half floats and all, every time as the first time."""
        function = self.function
        from bundler.graph.trace import answer

        with self.meant.first_call():
            return answer(function, self.plan, inputs)

    def notices_of_halves(self, samples: list[Sample]) -> list[str]:
        """How far Python's own answers in half floats are off."""
        inputs = [one.inputs for one in samples]
        return self.meant.notices_of_halves(
            lambda: [self.answer(one) for one in inputs],
            lambda: [self.answer_itself(one) for one in inputs],
        )


def _is_about_memory(error: MemoryError | OSError) -> bool:
    if isinstance(error, MemoryError):
        return True
    return error.errno == errno.ENOMEM or HDF5_HAS_NO_MEMORY in str(error)


def _traced_or_explained(trace: Callable[..., Any], loaded: Loaded, planned: Plan) -> Any:
    try:
        return trace(loaded, planned)
    except DemoError:
        raise
    except Exception as error:
        traceback.print_exc()
        cause = told.line(error)
        raise ModelError(
            f"TensorFlow cannot run the model on inputs of its own signature{told.within(error)}: "
            f"{cause}",
            hint=_hint_for_inputs(planned),
        ) from error


def _hint_for_inputs(planned: Plan) -> str:
    """What can be changed of the inputs; where nothing can, how to see it in Python."""
    for item in planned.inputs:
        if "size" in type(item.settings).model_fields and None in item.spec.shape[1:3]:
            return (
                "Say in demo.toml which size it takes: "
                f"[[inputs]] name = {visible.quoted(item.spec.name)}, size = [224, 224]"
            )
    shapes = ", ".join(
        f"{item.spec.name} {[size or 1 for size in item.spec.shape]}" for item in planned.inputs
    )
    return f"In Python it would fail as well, on: {shapes}. Save a model that runs there."
