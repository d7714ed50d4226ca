"""The sheets of an OpenDocument package: their extent, errors and merged cells."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from ...reading import Unreadable
from .grid import Merged
from .parts import Part, chunks_of

__all__ = ["document_parts"]

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_TOLD = 20
_BLANKS = re.compile(rb"text:c\s*=\s*[\"'][^\"'<>]{6}")
"""A number of blanks, which calamine writes out."""
_TAG = re.compile(
    rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]{0,4000})"
)
_NUMBER = re.compile(rb"number-(rows|columns)-(repeated|spanned)=\"([0-9]{1,9})\"")
_NAME = re.compile(rb"table:name=\"([^\"<>]{0,1000})\"")


def document_parts(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]
) -> dict[str, Part]:
    """The sheets by their names.

    Raises:
        Unreadable: it is protected, or not well-formed.
    """
    sheets: dict[str, Part] = {}
    for member in members:
        if member.filename == _MANIFEST:
            for chunk in chunks_of(archive, member):
                if b"encryption-data" in chunk:
                    raise Unreadable("is protected by a password: save it without one")
        if member.filename == _CONTENT:
            _check_well_formed(archive, member)
            _walk(chunks_of(archive, member), sheets)
    return sheets


def _walk(chunks: Iterable[bytes], sheets: dict[str, Part]) -> None:
    place = _Place(Part())
    for chunk in chunks:
        if _BLANKS.search(chunk):
            raise Unreadable(
                "is a damaged workbook (blanks without end): save it again"
            )
        for match in _TAG.finditer(chunk):
            if match[1] == b"table":
                place = _Place(Part())
                name = _NAME.search(match[2])
                text = name[1].decode("utf-8", "replace") if name else ""
                sheets[html.unescape(text)] = place.part
            else:
                place.step(match[1] == b"table-row", match[2])


def _check_well_formed(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Where an element is not closed, calamine waits for its end for ever."""
    parser = expat.ParserCreate("UTF-8")
    parser.StartDoctypeDeclHandler = _refuse_declarations
    try:
        with archive.open(member) as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise Unreadable(
            f"is a damaged workbook ({error}): open and save it again"
        ) from None


def _refuse_declarations(*_: object) -> None:
    raise Unreadable("is a damaged workbook (declares entities): save it again")


@dataclass
class _Place:
    """Where in an OpenDocument table we are: its cells have no address."""

    part: Part
    row: int = 0
    next_row: int = 0
    column: int = 0

    def step(self, is_row: bool, attributes: bytes) -> None:  # noqa: FBT001 - the tag
        told = {
            (match[1], match[2]): int(match[3])
            for match in _NUMBER.finditer(attributes)
        }
        if is_row:
            self.row = self.next_row
            self.next_row += told.get((b"rows", b"repeated"), 1)
            self.column = 0
            return
        first = self.column
        self.column += told.get((b"columns", b"repeated"), 1)
        part = self.part
        if b"value-type=" in attributes or not attributes.rstrip().endswith(b"/"):
            part.rows = max(part.rows, self.next_row)
            part.columns = max(part.columns, self.column)
        if b'value-type="error"' in attributes:
            part.error_cells += 1
            part.errors += [self.row + 1] * (len(part.errors) < _TOLD)
        rows = told.get((b"rows", b"spanned"), 1)
        columns = told.get((b"columns", b"spanned"), 1)
        if rows * columns > 1:
            part.merged.append(
                Merged(self.row, first, self.row + rows - 1, first + columns - 1)
            )
