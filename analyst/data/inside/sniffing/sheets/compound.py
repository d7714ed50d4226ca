"""An old workbook (xls) is a compound file: a small file system with chains of sectors.

calamine believes its lengths and follows its chains. A length of gigabytes, a chain
that returns to itself, or cells in far corners would end the process, so all of it is
looked at before.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

from ...reading import Unreadable
from .parts import Part

__all__ = ["MAGIC", "compound_parts"]

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTES = 512 << 20
_HEADER_BYTES = 512
_ENTRY_BYTES = 128
_NAME_BYTES = 64
_IN_HEADER = 109
_LAST = 0xFFFFFFFA
"""Above it are marks: the end of a chain, a free sector."""
_VERSION_OF_LARGE = 4
_SMALL_STREAM_BYTES = 4096
_LARGE_SECTOR_BYTES = 4096
_SECTOR_BYTES = 512

_ROWS = 65_536
_COLUMNS = 256
_WIDE_EXTENT_BYTES = 14
_BEGIN = 0x0809
_EXTENT = 0x0200
_TEXTS = 0x00FC
_PASSWORD = 0x002F
_CELLS = frozenset({0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
_SEVERAL_CELLS = 0x00BD


def compound_parts(stream: BinaryIO) -> list[Part]:
    """How far the cells of each sheet of an old workbook reach.

    Raises:
        Unreadable: it is damaged, protected, or too large.
    """
    content = stream.read(_BYTES + 1)
    if len(content) > _BYTES:
        raise Unreadable("is an old workbook above 512 MB: save it as CSV")
    try:
        file = _Compound(content)
        names = file.streams()
        if "EncryptedPackage" in names:
            raise Unreadable("is protected by a password: save it without one")
        start, size = names.get("Workbook") or names["Book"]
        return _sheets(file.content_of(start, size))
    except (struct.error, LookupError, ValueError):
        raise Unreadable(
            "is a damaged workbook (parts are missing): open and save it again"
        ) from None


class _Compound:
    """The sectors of a compound file.

    Raises:
        ValueError: a length or a chain cannot be.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        (version,) = struct.unpack_from("<H", content, 26)
        is_large = version == _VERSION_OF_LARGE
        self._sector_bytes = _LARGE_SECTOR_BYTES if is_large else _SECTOR_BYTES
        self._size_format = "<Q" if is_large else "<I"
        directory_sectors, table_sectors, self._directory = struct.unpack_from(
            "<3I", content, 40
        )
        small_start, small_sectors, more_start, more_sectors = struct.unpack_from(
            "<4I", content, 60
        )
        for sectors in (directory_sectors, table_sectors, small_sectors, more_sectors):
            self._check_size(sectors * self._sector_bytes)
        self._table = self._read_table(more_start)
        _check_chains(self._table)
        self._small_table = _numbers(self._chain(small_start))
        _check_chains(self._small_table)
        self._small = b""

    def _check_size(self, size: int) -> None:
        if size > len(self._content) + _LARGE_SECTOR_BYTES:
            raise ValueError("longer than the file")

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_bytes
        return self._content[start : start + self._sector_bytes]

    def _read_table(self, more: int) -> Sequence[int]:
        """Which sector follows which."""
        sectors = list(struct.unpack_from(f"<{_IN_HEADER}I", self._content, 76))
        most = len(self._content) // self._sector_bytes + 1
        visited = 0
        while more < _LAST:
            visited += 1
            *these, more = _numbers(self._sector(more))
            sectors += these
            if visited > most:
                raise ValueError("a chain without end")
        used = [number for number in sectors if number < _LAST]
        if len(used) > most:
            raise ValueError("longer than the file")
        return _numbers(b"".join(map(self._sector, used)))

    def _chain(self, start: int) -> bytes:
        parts = []
        while start < _LAST:
            parts.append(self._sector(start))
            start = self._table[start]
        return b"".join(parts)

    def streams(self) -> dict[str, tuple[int, int]]:
        """Where each stream begins and how long it is."""
        found = {}
        directory = self._chain(self._directory)
        for at in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            (start,) = struct.unpack_from("<I", directory, at + 116)
            (size,) = struct.unpack_from(self._size_format, directory, at + 120)
            self._check_size(size)
            name = directory[at : at + _NAME_BYTES].decode("utf-16-le", "replace")
            found[name.partition("\0")[0]] = (start, size)
            if at == 0:
                self._small = self._chain(start)
        return found

    def content_of(self, start: int, size: int) -> bytes:
        """The bytes of a stream; small ones lie in a stream of their own."""
        if size >= _SMALL_STREAM_BYTES:
            return self._chain(start)[:size]
        parts = []
        while start < _LAST:
            parts.append(self._small[start * 64 : start * 64 + 64])
            start = self._small_table[start]
        return b"".join(parts)[:size]


def _numbers(content: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])


def _check_chains(following: Sequence[int]) -> None:
    """No chain returns to itself: each sector is followed but once."""
    walks = [0] * len(following)
    for walk, start in enumerate(range(len(following)), 1):
        at = start
        while at < len(following) and not walks[at]:
            walks[at] = walk
            at = following[at]
        if at < len(following) and walks[at] == walk:
            raise ValueError("a chain without end")


def _sheets(stream: bytes) -> list[Part]:
    """Walk the records: a type, a length and as many bytes.

    Raises:
        ValueError: they promise what cannot be.
    """
    parts = [Part()]
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        record = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BEGIN:
            parts.append(Part())
        elif kind == _PASSWORD:
            raise Unreadable("is protected by a password: save it without one")
        elif kind == _EXTENT:
            _add(parts[-1], *_extent(record))
        elif kind == _TEXTS:
            if struct.unpack_from("<I", record, 4)[0] > len(stream):
                raise ValueError("more texts than bytes")
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", record)
            _add(parts[-1], row + 1, column + 1)
        elif kind == _SEVERAL_CELLS:
            row, column = struct.unpack_from("<HH", record)
            last = struct.unpack_from("<H", record, length - 2)[0]
            _add(parts[-1], row + 1, max(column, last) + 1)
    return parts


def _add(part: Part, rows: int, columns: int) -> None:
    part.rows = max(part.rows, rows)
    part.columns = max(part.columns, columns)


def _extent(record: bytes) -> tuple[int, int]:
    """The rows and columns of a sheet, for which calamine makes room at once."""
    layout = "<IIHH" if len(record) >= _WIDE_EXTENT_BYTES else "<HHHH"
    top, bottom, left, right = struct.unpack_from(layout, record)
    if top > bottom or left > right or bottom > _ROWS or right > _COLUMNS:
        raise ValueError("more cells than a sheet can have")
    return bottom, right
