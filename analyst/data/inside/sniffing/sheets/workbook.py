"""A workbook, opened by calamine only once it is known to fit into memory."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from xml.etree import ElementTree as ET

from ...reading import Unreadable
from ..files import SourceFile, free_memory_bytes
from .compound import MAGIC, compound_parts
from .grid import Grid, Merged
from .package import parts_of
from .parts import Part

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

__all__ = ["SheetName", "Workbook", "opened"]

CELLS = 50_000_000
"""More than that no rectangle of cells may have, whatever the memory."""
_CELL_BYTES = 100
"""What a cell takes in calamine and in Python, about."""
_UNPACKED_BYTES = 256 << 20
_XML_BYTES = 4 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class SheetName:
    """A sheet before it is read."""

    name: str
    is_worksheet: bool
    is_visible: bool


@dataclass(frozen=True)
class Workbook:
    """An open workbook."""

    sheets: tuple[SheetName, ...]
    _book: CalamineWorkbook
    _parts: dict[str, Part]

    def part(self, name: str) -> Part:
        """What the package says of a sheet; nothing where that is not known."""
        return self._parts.get(name, Part())

    def grid(self, name: str) -> Grid:
        """The cells of a sheet.

        Raises:
            Unreadable: it is too large, or damaged.
        """
        with _told():
            sheet = self._book.get_sheet_by_name(name)
            _check_area(sheet.total_height, sheet.total_width)
            cells = sheet.to_python(skip_empty_area=False)
            ranges = sheet.merged_cell_ranges
        if ranges is None:
            return Grid.of(cells, self.part(name).merged)
        merged = (Merged(*first, *last) for first, last in ranges)
        return Grid.of(cells, merged)


@contextmanager
def opened(file: SourceFile) -> Iterator[Workbook]:
    """A workbook of any kind that calamine reads.

    Raises:
        Unreadable: it is damaged, protected, or too large.
    """
    with file.open() as stream:
        seekable = _unpacked(stream) if file.compression else stream
        parts = _named_parts(seekable)
        for part in parts.values():
            _check_area(part.rows, part.columns)
        book = _load(seekable)
        try:
            yield Workbook(_sheets(book), book, parts)
        finally:
            book.close()


def _unpacked(stream: BinaryIO) -> BinaryIO:
    content = stream.read(_UNPACKED_BYTES + 1)
    if len(content) > _UNPACKED_BYTES:
        raise Unreadable("is a compressed workbook above 256 MB: unpack it first")
    return io.BytesIO(content)


def _named_parts(stream: BinaryIO) -> dict[str, Part]:
    """The parts by the names of their sheets, the others by their paths."""
    start = stream.read(8)
    stream.seek(0)
    if start == MAGIC:
        sheets = compound_parts(stream)
        stream.seek(0)
        _check_area(sum(part.rows * part.columns for part in sheets), 1)
        return {}
    if not start.startswith(b"PK"):
        raise Unreadable("is no workbook: export it as xlsx or CSV")
    parts = parts_of(stream)
    stream.seek(0)
    paths = _sheet_paths(stream)
    stream.seek(0)
    by_name = {name: parts.pop(path) for name, path in paths if path in parts}
    return {**parts, **by_name}


def _sheet_paths(stream: BinaryIO) -> list[tuple[str, str]]:
    """The name and the path of each sheet of an Office package.

    Only what is told of errors and formulas depends on it, so nothing is made of a
    package that is odd.
    """
    with zipfile.ZipFile(stream) as archive:
        small = {
            member.filename.lower(): member
            for member in archive.infolist()
            if member.file_size <= _XML_BYTES
        }
        try:
            book = _xml(archive.read(small["xl/workbook.xml"]))
            links = _xml(archive.read(small["xl/_rels/workbook.xml.rels"]))
        except (KeyError, ET.ParseError):
            return []
    targets = {link.get("Id"): link.get("Target", "").lower() for link in links}
    paths = []
    for sheet in book.iter():
        target = targets.get(sheet.get(_RELATION))
        if target:
            path = target.lstrip("/")
            path = path if path.startswith("xl/") else f"xl/{path}"
            paths.append((sheet.get("name", ""), path))
    return paths


def _xml(content: bytes) -> ET.Element:
    if b"<!" in re.sub(rb"<!--.{0,9999}?-->", b"", content, flags=re.DOTALL):
        raise ET.ParseError("declares entities")
    return ET.fromstring(content)  # noqa: S314 - nothing is declared in it


def _check_area(rows: int, columns: int) -> None:
    cells = rows * columns
    if cells > CELLS or cells * _CELL_BYTES > free_memory_bytes():
        raise Unreadable(
            f"has a sheet whose cells reach as far as row {rows:,} and column"
            f" {columns:,}, too much to read at once: save it as CSV"
        )


def _load(stream: BinaryIO) -> CalamineWorkbook:
    try:
        from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only for sheets
    except ImportError:
        raise Unreadable(
            "is a workbook: install python-calamine for the kernel"
        ) from None
    with _told():
        return CalamineWorkbook.from_filelike(stream)


@contextmanager
def _told() -> Iterator[None]:
    """What calamine raises, as a sentence.

    A panic of it derives from BaseException.
    """
    from python_calamine import PasswordError  # noqa: PLC0415 - as above

    try:
        yield
    except (Unreadable, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except PasswordError:
        raise Unreadable("is protected by a password: save it without one") from None
    except BaseException as error:  # noqa: BLE001 - as above
        told = " ".join(str(error).split())[:100] or type(error).__name__
        raise Unreadable(
            f"is a damaged workbook ({told}): open and save it again"
        ) from None


def _sheets(book: CalamineWorkbook) -> tuple[SheetName, ...]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - above

    return tuple(
        SheetName(
            name=sheet.name,
            is_worksheet=sheet.typ == SheetTypeEnum.WorkSheet,
            is_visible=sheet.visible == SheetVisibleEnum.Visible,
        )
        for sheet in book.sheets_metadata
    )
