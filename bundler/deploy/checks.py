"""What must be right before anything leaves this machine: all problems at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from bundler import site
from bundler.deploy.addresses import wrong_addresses
from bundler.deploy.targets.target import Limits, Target
from bundler.ground.errors import DeployError
from bundler.site import Site
from bundler.site.words import human_bytes

# Names that are never part of a demo, and often hold what nobody should read.
PRIVATE_NAMES = re.compile(
    r"\..*|.*\.(pem|key|p12|pfx|jks|keystore|kdbx)|id_(rsa|dsa|ecdsa|ed25519)|"
    r"(credentials|secrets?|service[-_]account)(\..*)?",
    re.IGNORECASE,
)
# Beginnings and lengths that the issuers document, not within a longer word.
SECRETS = {
    "a token of GitHub": r"(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a token of GitLab": r"glpat-[A-Za-z0-9_-]{20,}",
    "a token of Hugging Face": r"hf_[A-Za-z0-9]{30,}",
    "a key of AWS": r"(AKIA|ASIA)[A-Z0-9]{16}",
    "a key of Google": r"AIza[A-Za-z0-9_-]{35}",
    "a key of OpenAI or Anthropic": r"sk-[A-Za-z0-9_-]{32,}",
    "a token of Slack": r"xox[abposr]-[A-Za-z0-9-]{20,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
EDGE = r"[A-Za-z0-9+/_-]"
TEXTS = frozenset({".html", ".json", ".js", ".css", ".txt", ".ts", ".md", ""})
MOST_TEXT_BYTES = 8 * 1024 * 1024
# Not in the names of files on some system, or with a meaning in addresses.
ODD_CHARACTERS = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|%#]')


def check_sizes(sites: Iterable[Site], target: Target) -> list[str]:
    """From what the disk says alone, so that too much is refused at once; returns warnings.

    Raises DeployError.
    """
    limits = target.LIMITS
    try:
        sizes = [(path, site.size(file)) for made in sites for path, file in made.files.items()]
    except FileNotFoundError as error:
        raise DeployError(f"{error.filename} is missing", hint="Build the site again.") from error
    hint = (
        'Make the model smaller ([build] quantize = "auto" in demo.toml), or publish on a host '
        "that takes more: see tfjs-demo deploy --help."
    )
    _refuse(_too_large(sizes, limits), target, hint)
    return [
        f"{path} has {human_bytes(size)}; {target.LABEL} complains of files above "
        f"{human_bytes(limits.warn_bytes)}."
        for path, size in sizes
        if limits.warn_bytes is not None and size > limits.warn_bytes
    ]


def check_folders(folders: Iterable[Path], target: Target) -> None:
    """Raises DeployError for what lies in a site's folder besides, SiteError for damage."""
    found = [(folder, path) for folder in folders for path in site.foreign_files(folder)]
    _refuse(_foreign(found), target, "Move these files away.")
    for folder in folders:
        site.check_files(folder, site.read_manifest(folder))


def check_contents(made: Site, target: Target) -> None:
    """Raises DeployError for names, secrets and addresses that must not be published."""
    _refuse(_names(made.files), target, "Give these files other names, and build the site again.")
    problems = [
        f"{path}: {problem}"
        for path, text in _texts(made)
        for problem in [*_secrets(text), *wrong_addresses(path, text)]
    ]
    hint = "Take them out of demo.toml or of what it names, and build again."
    _refuse(problems, target, hint)


def _refuse(problems: Iterable[str], target: Target, hint: str) -> None:
    lines = "\n".join(f"  {problem}" for problem in problems)
    if lines:
        raise DeployError(f"this cannot be published on {target.LABEL}:\n{lines}", hint=hint)


def _too_large(sizes: list[tuple[str, int]], limits: Limits) -> list[str]:
    problems = [
        f"{path} has {size:,} bytes, and {limits.file_bytes:,} is the most"
        for path, size in sizes
        if limits.file_bytes is not None and size > limits.file_bytes
    ]
    total = sum(size for _, size in sizes)
    if limits.site_bytes is not None and total > limits.site_bytes:
        problems.append(f"the site has {total:,} bytes, and {limits.site_bytes:,} is the most")
    if limits.files is not None and len(sizes) > limits.files:
        problems.append(f"the site has {len(sizes):,} files, and {limits.files:,} are the most")
    return problems


def _foreign(found: list[tuple[Path, str]]) -> Iterator[str]:
    for folder, path in found:
        is_private = any(map(PRIVATE_NAMES.fullmatch, Path(path).parts))
        why = "looks private" if is_private else "was not made by tfjs-demo"
        yield f"{folder / path} {why}"


def _names(paths: Iterable[str]) -> Iterator[str]:
    """Names that some system or host treats otherwise than others."""
    spellings = defaultdict(list)
    for path in paths:
        spellings[path.casefold()].append(path)
        if any(map(PRIVATE_NAMES.fullmatch, Path(path).parts)):
            yield f"{path} looks private"
        if ODD_CHARACTERS.search(path):
            yield f"{path!r} has a character that is not for addresses"
    for same in spellings.values():
        if len(same) > 1:
            yield f"{' and '.join(same)} are one file on some systems"


def _texts(made: Site) -> Iterator[tuple[str, str]]:
    for path, content in made.files.items():
        if Path(path).suffix in TEXTS and site.size(content) <= MOST_TEXT_BYTES:
            data = content if isinstance(content, bytes) else content.read_bytes()
            yield path, data.decode(errors="replace")


def _secrets(text: str) -> Iterator[str]:
    for name, pattern in SECRETS.items():
        if re.search(f"(?<!{EDGE}){pattern}(?!{EDGE})", text):
            yield f"it contains what looks like {name}"
