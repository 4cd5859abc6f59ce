"""What feeds share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.ground.kinds import Place
from bundler.ground.pictures import Picture
from bundler.ground.sounds import Sound
from bundler.ground.tensors import Tensor

# Where a path of demo.toml leads.
Find = Callable[[str], Path]


@dataclass(frozen=True)
class Around(Place):
    """What is known of an input besides its tensor.

    `normalizes` says whether the model brings raw values into range itself.
    """

    normalizes: bool


@dataclass(frozen=True)
class Example:
    """One widget's value in an example: the tensor that the graph gets.

    `state` is what the widget restores; that of a picture or a sound gets the address of its
    file as `src`.
    """

    tensor: Tensor
    state: Any = None
    picture: Picture | None = None
    sound: Sound | None = None

    @property
    def media(self) -> Picture | Sound | None:
        """Its file, if it has one."""
        return self.picture or self.sound
