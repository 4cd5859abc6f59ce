"""Reads a `_headers` file as the hosts do that have such files."""

from __future__ import annotations

import re

Rules = dict[str, dict[str, str]]


def parse(text: str) -> Rules:
    """Headers by the pattern of addresses; what does not look like a rule raises."""
    rules: Rules = {}
    for line in text.splitlines():
        if line.startswith("/"):
            assert line not in rules, f"{line} stands there twice"
            pattern = rules.setdefault(line, {})
            continue
        found = re.fullmatch(r"  ([A-Z][A-Za-z-]+): (\S.*)", line)
        assert found, f"{line!r} is neither a pattern nor a header"
        pattern[found[1]] = found[2]
    return rules


def sent(rules: Rules, path: str) -> dict[str, str]:
    """The headers of one address; with values of several rules joined, as Cloudflare Pages does."""
    found: dict[str, str] = {}
    for pattern, headers in rules.items():
        if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), path):
            for name, value in headers.items():
                found[name] = f"{found[name]}, {value}" if name in found else value
    return found
