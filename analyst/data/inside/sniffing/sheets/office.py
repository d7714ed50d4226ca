"""A sheet of an Office package, xlsx or xlsb: its extent, errors and formulas.

The usual way to write a cell is looked for first, and fast. Only where cells are
written in another way, or stand far from each other, is each looked at closely:
whether it holds something, and where it stands if it does not say so.
"""

from __future__ import annotations

import re
import zipfile

from ...reading import Unreadable
from .parts import Part, chunks_of

__all__ = ["office_part"]

_TOLD = 20
_COLUMNS = 16_384
_SMALL_CELLS = 1 << 20
_SPARSE = 4
_CONTINUED = 0x80
_BEGIN_DATA = 145
_ROW_RECORD = 0
_CELL_RECORDS = range(2, 12)
"""Without the blank cells (1), which calamine leaves out as well."""

_USUAL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_UNUSUAL = (
    b"<c>",
    b"<c/",
    b"<c\t",
    b"<c\n",
    b"<c\r",
    b":c>",
    b":c/",
    b":c ",
    b":c\t",
    b":c\n",
    b":c\r",
)

# Of a cell with something in it. Attributes are bounded, so that no text without end
# is searched again for each beginning.
_FILLED = re.compile(rb"[<:]c(?:\s[^<>]{0,400})?(?<!/)>(?!</)")
_PLACED = re.compile(
    rb"[<:]c\s(?:[^<>]{0,200}?\s)?r\s*=\s*[\"']\s*([A-Za-z]{1,3})([0-9]{1,7})"
    rb"[^<>]{0,200}(?<!/)>(?!</)"
)
_ROW = re.compile(rb"[<:]row\s(?:[^<>]{0,200}?\s)?r\s*=\s*[\"']\s*([0-9]{1,7})")
_ROWS_AND_CELLS = re.compile(rb"[<:](row|c)[\s>/]")
_OVERLONG = re.compile(rb"[<:]c\s[^<>]{401}")
_ERROR = re.compile(
    rb"[<:]c\s[^<>]{0,200}?r=\"[A-Z]{1,3}([0-9]{1,7})\"[^<>]{0,200}?\st=\"e\""
)
_UNCOMPUTED = re.compile(
    rb"r=\"[A-Z]{1,3}([0-9]{1,7})\"[^<>]{0,200}>"
    rb"<f[^<>]{0,400}(?:/>|>[^<>]{0,9000}</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)


def office_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Part:
    """What a member says, if it is a sheet.

    Raises:
        Unreadable: no program writes such tags.
    """
    part = Part()
    if member.filename.lower().endswith(".bin"):
        _look_at_records(part, archive.read(member))
        return part
    cells = 0
    is_usual = True
    for chunk in chunks_of(archive, member):
        found = _look(part, chunk)
        cells += found
        is_usual = is_usual and _is_usual(chunk, found)
    area = part.rows * part.columns
    if not is_usual or area > max(_SMALL_CELLS, _SPARSE * cells):
        part.rows = part.columns = in_row = 0
        for chunk in chunks_of(archive, member):
            in_row = _look_closely(part, chunk, in_row)
    return part


def _look(part: Part, chunk: bytes) -> int:
    """Add what a chunk of a sheet tells; the number of its cells."""
    places = _USUAL.findall(chunk)
    _add_places(part, places)
    if b't="e"' in chunk:
        rows = [int(match[1]) for match in _ERROR.finditer(chunk)]
        part.error_cells += len(rows)
        part.errors += rows[: _TOLD - len(part.errors)]
    if b"<f" in chunk:
        rows = [int(match[1]) for match in _UNCOMPUTED.finditer(chunk)]
        part.uncomputed_cells += len(rows)
        part.uncomputed += rows[: _TOLD - len(part.uncomputed)]
    return len(places)


def _add_places(part: Part, places: list[tuple[bytes, bytes]]) -> None:
    if places:
        columns = {column for column, _ in places}
        rows = {row for _, row in places}
        part.columns = max(part.columns, *map(_column_number, columns))
        part.rows = max(part.rows, *map(int, rows))


def _is_usual(chunk: bytes, places: int) -> bool:
    return chunk.count(b"<c ") == places and not any(
        unusual in chunk for unusual in _UNUSUAL
    )


def _look_closely(part: Part, chunk: bytes, in_row: int) -> int:
    """Add where cells stand that hold something; the number in the last row."""
    if _OVERLONG.search(chunk):
        raise Unreadable("is a damaged workbook (an endless tag): save it again")
    places = _PLACED.findall(chunk)
    _add_places(part, places)
    if len(_FILLED.findall(chunk)) > len(places):
        return _count_unplaced(part, chunk, in_row)
    return in_row


def _count_unplaced(part: Part, chunk: bytes, in_row: int) -> int:
    """Cells may leave their place out and then follow each other."""
    rows = 0
    widest = in_row
    for match in _ROWS_AND_CELLS.finditer(chunk):
        if match[1] == b"row":
            rows += 1
            in_row = 0
        else:
            in_row += 1
            widest = max(widest, in_row)
    part.columns = min(_COLUMNS, max(part.columns, widest))
    part.rows = max(part.rows + rows, *map(int, _ROW.findall(chunk)), 0)
    return in_row


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _look_at_records(part: Part, data: bytes) -> None:
    """The rows and cells of a binary sheet: a type, a length and as many bytes."""
    at = 0
    is_data = False
    while at < len(data):
        kind, at = _number(data, at, 2)
        length, at = _number(data, at, 4)
        if kind == _BEGIN_DATA:
            is_data = True
        elif is_data and kind == _ROW_RECORD:
            number = int.from_bytes(data[at : at + 4], "little")
            part.rows = max(part.rows, number + 1)
        elif is_data and kind in _CELL_RECORDS:
            number = int.from_bytes(data[at : at + 4], "little")
            part.columns = max(part.columns, number + 1)
        at += length


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number in seven bits a byte, and where it ends."""
    number = 0
    for each, byte in enumerate(data[at : at + most]):
        number |= (byte & 0x7F) << 7 * each
        at += 1
        if byte < _CONTINUED:
            break
    return number, at
