"""Writes every hostile model into a folder of its own: `python -m tests.hostile FOLDER`."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(folder: Path) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tests.hostile.bait import Bait
    from tests.hostile.models import ALL

    for name, make in ALL.items():
        print(make(Bait(folder / name.replace("/", "-")).prepare()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
