"""Prints what Lighthouse says of built sites, best of three: `python -m tests.lighthouse SITE…`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faulty_host import faulty_host
from tests.lighthouse.scores import CATEGORIES, best

PERFECT = dict.fromkeys(CATEGORIES, 100)


def main(sites: list[str]) -> None:
    print(f"| page | {' | '.join(CATEGORIES)} | speed of this machine | what cost points |")
    print(f"|---|{'---|' * (len(CATEGORIES) + 2)}")
    for site in map(Path, sites):
        with faulty_host(site) as host:
            host.compresses = True
            for dark in (False, True):
                found = best(host.url, PERFECT, dark=dark)
                cells = [str(found.points[name]) for name in CATEGORIES]
                name = f"{site.parent.name if site.name == 'site' else site.name}{', dark' * dark}"
                print(f"| {name} | {' | '.join(cells)} | {found.speed} | {'; '.join(found.lost)} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
