"""_headers: what hosts that read such a file (Netlify, Cloudflare Pages and others) send.

Such hosts join the values of a header that several rules set, or take that of the most specific
rule: here no header of a file comes from two rules. They read one such file, at the root of what
they publish, and some of them no more than its first 100 rules. Elsewhere it is a file that nobody
asks for; all that the page needs works without it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from bundler.ground.errors import SiteError
from bundler.site import EMBED, INDEX

HEADERS = "_headers"
# What neither the page nor a frame within it will ever ask for, but for what its widgets need. Only
# names that browsers know: they complain of others.
FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
# Names in folders change with their content.
FOREVER = "public, max-age=31536000, immutable"
FRESH = "no-cache"
# Isolated pages elsewhere may load what others embed.
EMBEDDABLE = {"Cross-Origin-Resource-Policy": "cross-origin"}
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
# Headers by the pattern of addresses.
Rules = dict[str, dict[str, str]]


def site_headers(
    paths: Iterable[str], *, policy: str, isolate: bool, browser: Collection[str] = ()
) -> bytes:
    """_headers for a site with these files, whose page has this policy.

    With `isolate` the page gets its threads from the host, without loading itself twice; `browser`
    are the features that its widgets need.
    """
    rules: Rules = {"/*": _everywhere(policy, browser) | (ISOLATION if isolate else {})}
    for path in ["", *sorted(paths)]:
        folder = path.rpartition("/")[0]
        pattern = f"/{folder.partition('/')[0]}/*" if folder else f"/{path}"
        rules[pattern] = {"Cache-Control": FOREVER if folder else FRESH}
        if path == EMBED:  # which other pages may load as a module as well
            rules[pattern]["Access-Control-Allow-Origin"] = "*"
    return _write(rules)


def gallery_headers(sites: dict[str, bytes], *, policy: str) -> bytes:
    """_headers for a gallery's page with this policy, and for the sites in its folders.

    `sites` holds what each would have alone. Raises SiteError when that is not the tool's own.
    """
    page = _everywhere(policy) | {"Cache-Control": FRESH}
    rules: Rules = {"/": page, f"/{INDEX}": page}
    for name, content in sites.items():
        rules |= {f"/{name}{pattern}": found for pattern, found in _read(name, content).items()}
    return _write(dict(sorted(rules.items(), key=lambda rule: _rank(rule[1]))))


def _rank(headers: dict[str, str]) -> int:
    """What hosts do anyway comes last, where some no longer read; what protects comes first."""
    if headers == {"Cache-Control": FRESH}:
        return 2
    return 0 if "Content-Security-Policy" in headers else 1


def _write(rules: Rules) -> bytes:
    lines = (
        line
        for pattern, headers in rules.items()
        for line in (pattern, *(f"  {name}: {value}" for name, value in headers.items()))
    )
    return ("\n".join(lines) + "\n").encode()


def _read(name: str, content: bytes) -> Rules:
    """What `_write` wrote for a site; anything else could speak for other sites as well."""
    rules: Rules = {}
    pattern = ""
    for line in content.decode(errors="replace").removesuffix("\n").split("\n"):
        header = re.fullmatch(r"  ([A-Za-z-]+): ([ -~]+)", line)
        if re.fullmatch(r"/[!-~]*", line):
            pattern = line
            rules[pattern] = {}
        elif header and pattern:
            rules[pattern][header[1]] = header[2]
        else:
            raise SiteError(
                f"{name}: {HEADERS} has a line that no build has written: {line!r}",
                hint="Build this site again.",
            )
    return rules


def _everywhere(policy: str, browser: Collection[str] = ()) -> dict[str, str]:
    features = ", ".join(f"{name}=({'self' * (name in browser)})" for name in FEATURES)
    return {
        # A page may say all of its policy itself, but not who may frame it: anyone.
        "Content-Security-Policy": f"{policy}; frame-ancestors *",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": features,
        **EMBEDDABLE,
    }
