"""The project's own workflow, which publishes its demos: `python -m tests.workflow` writes it.

It is the one that `tfjs-demo deploy --init` writes for users, but for what pip installs.
"""

from __future__ import annotations

from bundler.deploy import workflow
from bundler.deploy.workflow import Built
from tests.conftest import DEMO_NAMES, ROOT

FILE = ROOT / workflow.PATH


def own() -> str:
    """The text of the file."""
    built = [Built(f"demos/{name}", f"demos/{name}/site") for name in DEMO_NAMES]
    return workflow.render(built, branch="main", requirement=".", title="tfjs-demo")


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(own(), encoding="utf-8")
