"""Copying what lies beside a notebook into the folder in which its code is held.

A notebook from elsewhere does not say what it reads, and may write over what it wrote
before. So it gets copies, to do with as it likes, before any of its code runs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from analyst.errors import KernelStartError

__all__ = ["copy_in"]

_SKIPPED = frozenset({"__pycache__", "node_modules"})
_ENVIRONMENT = "pyvenv.cfg"


def copy_in(folder: Path, work: int, *, max_bytes: int) -> None:
    """Copy the files beneath a folder that are neither hidden nor an environment's.

    Args:
        folder: where the notebook lies.
        work: a descriptor of the working folder, in which nothing has run yet.
        max_bytes: how much fits.

    Raises:
        KernelStartError: there is more.
    """
    left = max_bytes
    for path in _files(folder):
        left -= path.stat().st_size
        if left < 0:
            raise KernelStartError(
                f"The notebook's folder holds more than the {max_bytes / 1e9:.1f} GB "
                "that can be copied for its code: move it to a folder of its own, or "
                "say --sandbox none."
            )
        name = path.relative_to(folder)
        for parent in reversed(name.parents[:-1]):
            if not _is_there(parent, work):
                os.mkdir(parent, dir_fd=work)
        target = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=work)
        with path.open("rb") as source, os.fdopen(target, "wb") as copy:
            shutil.copyfileobj(source, copy)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _SKIPPED
            and not Path(place, name, _ENVIRONMENT).exists()
        )
        for name in sorted(names):
            path = Path(place, name)
            # What a link leads to may lie where nobody meant to show it.
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _is_there(name: Path, work: int) -> bool:
    try:
        os.stat(name, dir_fd=work)
    except OSError:
        return False
    return True
