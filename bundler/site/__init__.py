"""The site: a mapping from path to file, and the folder that it becomes, whole or not at all.

All files in folders have names that change with their content. So a new site is written
beside the old one in the same folder, replacing index.html is the moment at which it
becomes the site, and what only the old one used goes last. The few files beside index.html
have fixed names: they wait under another name for that moment. So do those of the sites in a
gallery's folders (gallery.py), whose own index.html changes with any of theirs.
The manifest of either tells at any moment which files are the tool's own.
"""

from __future__ import annotations

from bundler.site.folder import check_target, clean, foreign_files, write
from bundler.site.listing import (
    EMBED,
    FIXED_NAMES,
    INDEX,
    MANIFEST,
    NEXT_MANIFEST,
    SERVICE_WORKER,
    TYPES,
    UNFINISHED,
    Site,
    check_files,
    gzipped_size,
    hashes,
    load,
    manifest,
    read_manifest,
    size,
)

__all__ = [
    "EMBED",
    "FIXED_NAMES",
    "INDEX",
    "MANIFEST",
    "NEXT_MANIFEST",
    "SERVICE_WORKER",
    "TYPES",
    "UNFINISHED",
    "Site",
    "check_files",
    "check_target",
    "clean",
    "foreign_files",
    "gzipped_size",
    "hashes",
    "load",
    "manifest",
    "read_manifest",
    "size",
    "write",
]
