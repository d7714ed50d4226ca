"""What a part of a package says of its sheet, and the bytes of a part in chunks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from .grid import Merged

__all__ = ["Part", "chunks_of"]

_CHUNK_BYTES = 1 << 20
_CARRY_BYTES = 4 << 20


@dataclass
class Part:
    """A sheet as its part of the package describes it."""

    rows: int = 0
    columns: int = 0
    """Up to the last cell that holds something."""
    errors: list[int] = field(default_factory=list)
    """Rows, from 1, of cells such as `#DIV/0!`; the first few."""
    error_cells: int = 0
    uncomputed: list[int] = field(default_factory=list)
    """Rows of formulas that were never computed; the first few."""
    uncomputed_cells: int = 0
    merged: list[Merged] = field(default_factory=list)
    """Of an OpenDocument sheet."""


def chunks_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part, cut between tags; each is seen once.

    All of it is read, so that its size and its checksum are proven.
    """
    carry = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            chunk = carry + chunk
            cut = chunk.rfind(b"</c>") + 4
            if cut < 4 or len(chunk) - cut > _CARRY_BYTES:  # noqa: PLR2004 - none found
                cut = max(chunk.rfind(b"<"), 0)
            yield chunk[:cut]
            carry = chunk[cut:][:_CARRY_BYTES]
    yield carry
