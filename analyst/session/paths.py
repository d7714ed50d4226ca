"""Where a notebook goes."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from pathlib import Path

from analyst.errors import InputError

__all__ = ["free_path", "name_from", "requested_path"]

_MAX_NAME_CHARS = 60
_MAX_NAME_BYTES = 200
"""Of the 255 that file systems allow; a name is longer while it is written."""


def requested_path(path: str | Path) -> Path:
    """The absolute path of a notebook that was asked for, known to be writable.

    Raises:
        InputError: it cannot be written there.
    """
    target = Path(path).expanduser().absolute()
    if len(target.name.encode()) > _MAX_NAME_BYTES:
        raise InputError(f"The name {target.name[:40]}… is too long: choose a shorter.")
    if target.is_dir():
        raise InputError(f"{path} is a folder: name a file in it, such as out.ipynb.")
    if target.suffix != ".ipynb":
        raise InputError(f"{path} is no notebook name: let it end in .ipynb.")
    _check_folder(target.parent)
    if target.exists() and not os.access(target, os.W_OK):
        raise InputError(f"{path} may not be overwritten: choose another name.")
    return target


def free_path(folder: Path, name: str) -> Path:
    """A path in `folder` that is not taken, numbered where it has to be.

    Raises:
        InputError: the folder cannot be written to.
    """
    _check_folder(folder)
    path = folder / f"{name}.ipynb"
    number = 2
    while path.exists():
        path = folder / f"{name}-{number}.ipynb"
        number += 1
    return path


def name_from(question: str) -> str:
    """A file name from a question.

    >>> name_from("Why did revenue fall in March?")
    'why-did-revenue-fall-in-march'
    """
    plain = unicodedata.normalize("NFKD", question).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(words) > _MAX_NAME_CHARS:
        words = words[:_MAX_NAME_CHARS].rpartition("-")[0] or words[:_MAX_NAME_CHARS]
    return words or "analysis"


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}: make it, or choose another.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be written to ({error.strerror}): choose "
            "another place for the notebook with -o."
        ) from None
