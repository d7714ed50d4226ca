"""What was fetched, and how it becomes a file: whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyst.errors import InputError

__all__ = ["Fetched", "begun_file", "kept", "megabytes"]

_NAME_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file beside the notebook, and where its content came from."""

    path: Path
    name: str
    """From which the name of a variable can be made, such as `orders`."""
    is_new: bool
    """False where the same content was already there."""
    origin: str
    """For a person to see, without credentials."""
    refresh: str = ""
    """Plain code that fetches again into `DATA`, each line a comment; or empty."""
    notes: tuple[str, ...] = ()
    """A sentence each: what a person should know before the numbers are believed."""


@contextlib.contextmanager
def begun_file(folder: Path) -> Iterator[Path]:
    """A file that nobody sees yet; it is gone afterwards unless it was `kept`.

    Raises:
        InputError: the folder cannot be written to, also later and in the middle.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=folder, prefix=".", suffix=".part", delete=False
        ) as file:
            temporary = Path(file.name)
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"What was fetched cannot be written to {folder} ({error.strerror}): make "
            "room there, or choose another folder for the notebook."
        ) from None


def kept(temporary: Path, folder: Path, name: str, suffix: str) -> tuple[Path, bool]:
    """Move a finished file to `<folder>/<name>-<hash><suffix>`; is it new there?

    The hash is that of the content, and as long as it must be for another content not
    to be overwritten.
    """
    content = _hash(temporary)
    stem = re.sub(r"[^\w-]+", "_", name).strip("_")[:_NAME_CHARS] or "table"
    for length in (8, 16, len(content)):
        path = folder / f"{stem}-{content[:length]}{suffix}"
        if not path.exists():
            temporary.chmod(0o644)
            temporary.replace(path)
            return path, True
        if path.is_file() and _hash(path) == content:
            break
    return path, False


def megabytes(count: int) -> str:
    """A number of bytes for a person to read.

    >>> megabytes(500 << 20)
    '500 MB'
    """
    return f"{max(1, count >> 20):,} MB"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
