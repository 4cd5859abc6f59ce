"""The kinds of answer: everything that is special about each is in its module here.

Its keys of demo.toml, the tensors that it fits, what stands between the model's outputs and the
answer as TensorFlow ops, and the file that an answer can be kept as. Nothing else asks which kind
an answer is. A new kind is a module more.
"""

from bundler.ground.kinds import discovered
from bundler.heads.kind import Head

# By the name in a widget's part.toml, which is that of the module.
HEADS: dict[str, Head] = discovered(__name__, __path__, "HEAD")

__all__ = ["HEADS", "Head"]
