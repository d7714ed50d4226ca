"""Standard input becomes a file, so that it can be read more than once."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from analyst.data.fetching.fetched import Fetched, begun_file, kept, megabytes
from analyst.errors import InputError

__all__ = ["MAX_BYTES", "save"]

MAX_BYTES = 2 << 30
_CHUNK_BYTES = 1 << 20


def save(stream: BinaryIO, folder: Path, *, max_bytes: int = MAX_BYTES) -> Fetched:
    """Save all of a stream to `<folder>/stdin-<hash>.txt`, or `.bin` where it has NULs.

    Raises:
        InputError: it is a terminal, empty, broken or larger than `max_bytes`, or the
            folder cannot be written to.

    Example:
        >>> save(sys.stdin.buffer, Path.cwd()).path.name  # doctest: +SKIP
        'stdin-5f1d3c02.txt'
    """
    if stream.isatty():
        raise InputError(
            "Standard input is a terminal: pipe a table into it, as in "
            "`analyst ask - QUESTION < sales.csv`, or name a file instead of `-`."
        )
    with begun_file(folder) as temporary:
        is_text = _save(stream, temporary, max_bytes)
        suffix = ".txt" if is_text else ".bin"
        path, is_new = kept(temporary, folder, "stdin", suffix)
    return Fetched(path=path, name="stdin", is_new=is_new, origin="standard input")


def _save(stream: BinaryIO, target: Path, max_bytes: int) -> bool:
    """Copy a stream to a file; whether it can be text, as nothing in it is NUL."""
    size, is_text = 0, True
    with target.open("wb") as file:
        while piece := _next_piece(stream):
            size += len(piece)
            if size > max_bytes:
                raise InputError(
                    f"Standard input holds more than {megabytes(max_bytes)}: save it "
                    "to a file and name that."
                )
            is_text = is_text and b"\0" not in piece
            file.write(piece)
    if not size:
        raise InputError(
            "Standard input is empty: check the command that writes to it."
        )
    return is_text


def _next_piece(stream: BinaryIO) -> bytes:
    try:
        return stream.read(_CHUNK_BYTES)
    except OSError as error:
        raise InputError(
            f"Standard input cannot be read ({error.strerror}): check the command that "
            "writes to it, or name a file."
        ) from None
