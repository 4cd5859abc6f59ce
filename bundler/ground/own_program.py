"""How a process of our own is started: with a path of modules that is given by us.

Python itself would put the working directory, the folders of PYTHONPATH and those of a script
first, and a signal.py that lies beside a model would run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from pathlib import Path

# Isolated, Python's path has its own library and the packages of its environment. The tool itself
# is loaded from its folder, whose neighbours are none of its modules; what is compiled is not kept
# (-B), for behind the fence nothing there may be written. Nothing is imported before the fence
# stands that could start a thread.
_PROGRAM = """
import importlib.util, json, sys
given = json.loads(sys.argv.pop())
sys.path += [folder for folder in given["path"] if folder not in sys.path]
spec = importlib.util.spec_from_file_location(
    "bundler", given["package"] + "/__init__.py", submodule_search_locations=[given["package"]]
)
sys.modules["bundler"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["bundler"])
from bundler.ground.fence import draw_around
unfenced = draw_around(given)
from {module} import main
main(unfenced)
"""


def program(module: str) -> str:
    """The Python code that draws the fence and runs `main` of a module of ours.

    Its last argument is JSON: `package`, `path`, `readable`, `writable`, `fenced`.
    """
    return _PROGRAM.replace("{module}", module)


def folders(libraries: Iterable[str]) -> list[Path]:
    """Those from which this process has these libraries, for another one to have them from."""
    nobodys = {Path.cwd().resolve(), Path(sys.argv[0]).resolve().parent}
    entries = [entry for entry in sys.path if entry and Path(entry).resolve() not in nobodys]
    found = [PathFinder.find_spec(name, entries) for name in libraries]
    origins = [Path(spec.origin) for spec in found if spec and spec.origin]
    # A package's folder, or a module's file.
    places = [file.parent if file.name == "__init__.py" else file for file in origins]
    return list(dict.fromkeys(place.parent.resolve() for place in places))
