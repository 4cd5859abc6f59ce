"""The kinds of input: everything that is special about each is in its module here.

Its keys of demo.toml, the tensors that it fits, how an example is read, what its samples are
like, and what stands between the page's raw values and the model's inputs, as TensorFlow ops:
these are traced into the model's own graph, so that the browser cannot disagree with Python
about preprocessing. Nothing else asks which kind an input is. A new kind is a module more.
"""

from bundler.feeds.kind import Feed
from bundler.ground.kinds import discovered

# By the name in a widget's part.toml, which is that of the module.
FEEDS: dict[str, Feed] = discovered(__name__, __path__, "FEED")

__all__ = ["FEEDS", "Feed"]
