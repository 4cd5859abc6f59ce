"""_headers: what hosts that read such a file (Netlify, Cloudflare Pages and others) send.

Such hosts join the values of a header that several rules set, or take that of the most specific
rule: here no header of a file comes from two rules. Elsewhere it is a file that nobody asks for;
all that the page needs works without it.
"""

from __future__ import annotations

from collections.abc import Iterable

HEADERS = "_headers"
# What neither the page nor a frame within it will ever ask for. Only names that browsers know:
# they complain of others.
UNUSED_FEATURES = (
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
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def site_headers(paths: Iterable[str], *, policy: str, isolate: bool) -> bytes:
    """_headers for a site with these files, whose page has this policy.

    With `isolate` the page gets its threads from the host, without loading itself twice.
    """
    rules = {"/*": _everywhere(policy) | (ISOLATION if isolate else {})}
    for path in ["", *sorted(paths)]:
        folder = path.rpartition("/")[0]
        pattern = f"/{folder.partition('/')[0]}/*" if folder else f"/{path}"
        rules[pattern] = {"Cache-Control": FOREVER if folder else FRESH}
    lines = (
        line
        for pattern, headers in rules.items()
        for line in (pattern, *(f"  {name}: {value}" for name, value in headers.items()))
    )
    return ("\n".join(lines) + "\n").encode()


def _everywhere(policy: str) -> dict[str, str]:
    features = ", ".join(f"{name}=()" for name in UNUSED_FEATURES)
    return {
        # A page may say all of its policy itself, but not who may frame it: anyone.
        "Content-Security-Policy": f"{policy}; frame-ancestors *",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": features,
        # Isolated pages elsewhere may load what others embed.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
