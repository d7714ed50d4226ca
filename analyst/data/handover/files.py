"""An Arrow table as a file: written whole, never over another, never twice."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write"]

_PIECES = 256
_PIECE_BYTES = 16 << 10


def write(table: pa.Table, folder: Path, name: str) -> tuple[Path, bool]:
    """Write a table, and say where it lies and whether it was not there before.

    It is written beside its target and moved there, so that no half file is ever
    seen. The file is called after its content, of which pieces are hashed; whether
    one that has this name already is the same is told by comparing all of it.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # A new name: where a file was there, some file systems flush the new one at once.
    temporary = folder / f".{secrets.token_hex(8)}.part"
    try:
        _write_to(table, temporary)
        stem = f"{name}-{_fingerprint(temporary)}"
        for number in itertools.count(1):
            path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.feather"
            if _moved(temporary, path):
                return path, True
            if _is_same(temporary, path):
                return path, False
    finally:
        temporary.unlink(missing_ok=True)
    raise AssertionError  # pragma: no cover - counting does not end


def _write_to(table: pa.Table, path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - slow, and only a live table needs it

    with path.open("xb") as file:
        # Room that is asked for at once is filled a quarter faster.
        with contextlib.suppress(AttributeError, OSError):
            os.posix_fallocate(file.fileno(), 0, table.nbytes)
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        file.truncate()


def _fingerprint(path: Path) -> str:
    """Of the size and of pieces from all over the file, its ends among them.

    The whole of a file of a few megabytes; hashing all of a large one would take
    longer than writing it.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    step = max(_PIECE_BYTES, size // _PIECES)
    with path.open("rb") as file:
        for start in (*range(0, size, step), max(size - _PIECE_BYTES, 0)):
            file.seek(start)
            digest.update(file.read(_PIECE_BYTES))
    return digest.hexdigest()[:8]


def _moved(temporary: Path, path: Path) -> bool:
    """Give the file its name; False where another has it."""
    if os.path.lexists(path):
        return False
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        temporary.replace(path)
    return True


def _is_same(one: Path, other: Path) -> bool:
    import pyarrow as pa  # noqa: PLC0415 - slow, and only a live table needs it

    if not other.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    with pa.memory_map(str(one)) as left, pa.memory_map(str(other)) as right:
        same: bool = left.read_buffer().equals(right.read_buffer())
        return same
