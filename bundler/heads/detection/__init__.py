"""What detectors' tensors hold: a module for each `format` of demo.toml, and what all share."""

from bundler.ground.kinds import discovered
from bundler.heads.detection.format import Format

# By the name in demo.toml, which is that of the module.
FORMATS: dict[str, Format] = discovered(__name__, __path__, "FORMAT")

__all__ = ["FORMATS", "Format"]
