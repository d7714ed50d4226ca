"""What a failed cell left on disk, where no sandbox keeps its files apart.

Memory is rolled back, the user's folder is not: all that can be done is to say so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

__all__ = ["Listing", "changes", "list_files"]

Listing: TypeAlias = Mapping[str, tuple[int, int]]
"""Each file by its path from the folder: its bytes, and when it was changed."""

_MAX_FILES = 5_000


def list_files(folder: Path) -> Listing:
    """The files beneath a folder, hidden ones and links to folders left out.

    Of a folder that holds very many, only some are listed.
    """
    listing: dict[str, tuple[int, int]] = {}
    for entry in _walk(folder):
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        name = os.path.relpath(entry.path, folder)
        listing[name] = (status.st_size, status.st_mtime_ns)
        if len(listing) >= _MAX_FILES:
            break
    return listing


def changes(before: Listing, after: Listing) -> tuple[str, ...]:
    """The files that are new, changed or gone."""
    return tuple(
        name
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    folders = [str(folder)]
    while folders:
        try:
            entries = sorted(os.scandir(folders.pop()), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                yield entry
