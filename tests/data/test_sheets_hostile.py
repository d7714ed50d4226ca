"""Workbooks that are damaged, protected or made to harm: a sentence, in bounds."""

from __future__ import annotations

import io
import random
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from analyst.data.inside.reading import Unreadable
from analyst.data.inside.sniffing.check import departure
from analyst.data.inside.sniffing.files import open_file
from analyst.data.inside.sniffing.sheets import sniff

SECONDS = 10.0
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx() -> bytes:
    """A small sound workbook."""
    book = openpyxl.Workbook()
    for row in (["k", "n"], ["a", 1], ["b", 2.5], ["c", 3]):
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xls() -> bytes:
    """The same in the old format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    rows: list[list[object]] = [["k", "n"], ["a", 1], ["b", 2.5], ["c", 3]]
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(*, rows_repeated: int = 1, columns_repeated: int = 1) -> bytes:
    """The same as OpenDocument, its last cell maybe repeated."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="a")
    document.spreadsheet.addElement(table)
    for at, (key, number) in enumerate((("k", "n"), ("a", 1), ("b", 2))):
        is_last = at == 2
        row = TableRow(**({"numberrowsrepeated": rows_repeated} if is_last else {}))
        table.addElement(row)
        first = TableCell(valuetype="string")
        first.addElement(P(text=key))
        row.addElement(first)
        if at:
            more = {"numbercolumnsrepeated": columns_repeated} if is_last else {}
            row.addElement(TableCell(valuetype="float", value=str(number), **more))
        else:
            second = TableCell(valuetype="string")
            second.addElement(P(text=str(number)))
            row.addElement(second)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def with_sheet(xml: str) -> bytes:
    """The small workbook with another content of its sheet."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            content = old.read(member)
            if member.filename.startswith("xl/worksheets/"):
                content = (
                    "<worksheet xmlns="
                    '"http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                    f"<sheetData>{xml}</sheetData></worksheet>"
                ).encode()
            new.writestr(member.filename, content)
    return stream.getvalue()


def record(kind: int, content: bytes = b"") -> bytes:
    """A record of a binary workbook."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(content)]) + content


def xlsb(rows: list[tuple[int, int, float]]) -> bytes:
    """A binary workbook with numbers in rows and columns, as plain as can be."""

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    sheet = record(129) + record(148, struct.pack("<4I", 0, 9, 0, 9)) + record(145)
    for row, column, number in rows:
        sheet += record(0, struct.pack("<I", row) + bytes(13))
        sheet += record(5, struct.pack("<IId", column, 0, number))
    sheet += record(146) + record(130)
    bundle = struct.pack("<II", 0, 1) + wide("rId1") + wide("a")
    book = record(131) + record(143) + record(156, bundle) + record(144) + record(132)
    link = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{RELATIONS}/{{kind}}" Target="{{target}}"/></Relationships>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>'
        )
        archive.writestr(
            "_rels/.rels", link.format(kind="officeDocument", target="xl/workbook.bin")
        )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            link.format(kind="worksheet", target="worksheets/sheet1.bin"),
        )
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return stream.getvalue()


def reason(path: Path, content: bytes) -> str:
    """Why it cannot be read, in one sentence and in bounded time."""
    path.write_bytes(content)
    start = time.monotonic()
    with pytest.raises(Unreadable) as error:
        sniff(open_file(path))
    assert time.monotonic() - start < SECONDS
    told = str(error.value)
    assert "\n" not in told
    assert path.name not in told
    return told


FAR = {
    "corner": '<row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "other quotes": "<row r='1'><c r='A1'><v>1</v></c></row>"
    "<row r='1048576'><c s='0' r='XFD1048576' ><v>1</v></c></row>",
    "no places": "<row r='1'>" + "<c><v>1</v></c>" * 16_000 + "</row>"
    "<row r='1048576'><c><v>1</v></c></row>",
    "a far row alone": '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    '<row r="1048576"><c><v>1</v></c></row>',
}


@pytest.mark.parametrize("name", FAR)
def test_cells_in_far_corners_are_refused_before_calamine_lays_them_out(
    name: str, tmp_path: Path
) -> None:
    """It would take 550 GB and end the process."""
    told = reason(tmp_path / "workbook-file", with_sheet(FAR[name]))
    assert "too much to read at once" in told
    assert "1,048,576" in told


def test_a_package_of_two_kinds_is_looked_at_as_both(tmp_path: Path) -> None:
    """A part of the one kind does not keep the other from being found too large."""
    stream = io.BytesIO(with_sheet(FAR["corner"]))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("content.xml", "<table:table/>")
    told = reason(tmp_path / "workbook-file", stream.getvalue())
    assert "too much to read at once" in told


def test_repeated_cells_of_an_open_document_are_refused(tmp_path: Path) -> None:
    """A few bytes say that a value stands in a hundred million cells."""
    content = ods(rows_repeated=6000, columns_repeated=16_000)
    assert "too much to read at once" in reason(tmp_path / "workbook-file", content)


def test_far_cells_of_a_binary_workbook_are_refused(tmp_path: Path) -> None:
    """Its records are walked before; near ones are read."""
    near = [(row, column, row + column / 2) for row in range(4) for column in (0, 1)]
    path = tmp_path / "workbook-file"
    path.write_bytes(xlsb(near))
    (reading,) = sniff(open_file(path))
    assert departure(reading, path) == ""
    assert reading.rows == 4
    told = reason(path, xlsb([*near, (1_048_575, 16_383, 1.0)]))
    assert "too much to read at once" in told


def test_a_zip_bomb_is_refused_by_its_sizes(tmp_path: Path) -> None:
    """Nothing is unpacked that says how large it is."""
    stream = io.BytesIO(xlsx())
    zeros = bytes(64 << 20)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each in range(17):
            archive.writestr(f"xl/media/{each}.xml", zeros)
    assert "unpacks to" in reason(tmp_path / "workbook-file", stream.getvalue())


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The sizes that are believed are proven by reading."""
    content = with_sheet('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 5_000_000)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (size,) = [
            member.file_size
            for member in archive.infolist()
            if member.filename.startswith("xl/worksheets/")
        ]
    lie = content.replace(struct.pack("<I", size), struct.pack("<I", 300))
    assert lie != content
    assert "damaged" in reason(tmp_path / "workbook-file", lie)


def encrypted_xlsx() -> bytes:
    """An encrypted package lies in a compound file, in a stream of this name."""
    name = "Workbook".encode("utf-16-le")
    content = xls().replace(name + bytes(16), "EncryptedPackage".encode("utf-16-le"))
    assert content != xls()
    return content


def encrypted_members() -> bytes:
    """A flag says that a member of a zip archive is encrypted."""
    head = b"PK\x01\x02\x14\x03\x14\x00"
    content = xlsx().replace(head + b"\x00", head + b"\x01")
    assert content != xlsx()
    return content


def encrypted_xls() -> bytes:
    """A record right after the first says so."""
    content = bytearray(xls())
    at = content.index(b"\x09\x08\x10\x00") + 20
    content[at : at + 10] = b"\x2f\x00\x06\x00\x00\x00abcd"
    return bytes(content)


def encrypted_ods() -> bytes:
    """The manifest says how each part is encrypted."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(ods())) as old,
        zipfile.ZipFile(stream, "w") as new,
    ):
        for member in old.infolist():
            part = old.read(member)
            if member.filename == "META-INF/manifest.xml":
                end = b"</manifest:manifest>"
                assert end in part
                part = part.replace(end, b"<manifest:encryption-data/>" + end)
            new.writestr(member.filename, part)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "zip", "xls", "ods"])
def test_what_is_protected_by_a_password_is_said(kind: str, tmp_path: Path) -> None:
    """Each kind of workbook says it in another way."""
    content = {
        "xlsx": encrypted_xlsx,
        "zip": encrypted_members,
        "xls": encrypted_xls,
        "ods": encrypted_ods,
    }[kind]()
    assert "password" in reason(tmp_path / "workbook-file", content)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and nothing",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"a,b\n1,2\n",
        xlsx()[:-300],
        xls()[:1200],
        ods()[:500],
    ],
)
def test_damaged_workbooks_are_told_in_a_sentence(
    content: bytes, tmp_path: Path
) -> None:
    """Cut off, or none at all."""
    reason(tmp_path / "workbook-file", content)


@pytest.mark.parametrize("row", ["<c " + "x" * 500_000, "<c><f>" + "x" * 500_000])
def test_tags_and_texts_without_end_take_no_time(row: str, tmp_path: Path) -> None:
    """Nothing is searched again from each beginning."""
    path = tmp_path / "workbook-file"
    path.write_bytes(with_sheet(row * 6))
    start = time.monotonic()
    with pytest.raises(Unreadable):
        sniff(open_file(path))
    assert time.monotonic() - start < SECONDS


def of_ods(old: bytes, new: bytes) -> bytes:
    """The small OpenDocument workbook with something else in its content."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(ods())) as sound,
        zipfile.ZipFile(stream, "w") as made,
    ):
        for member in sound.infolist():
            part = sound.read(member)
            if member.filename == "content.xml":
                assert old in part
                part = part.replace(old, new)
            made.writestr(member.filename, part)
    return stream.getvalue()


def of_xls(kind: int, offset: int, value: int) -> bytes:
    """The small old workbook with another number in a record."""
    content = bytearray(xls())
    start = content.rindex(b"\x09\x08\x10\x00") if kind == 0x0200 else 512
    at = content.index(struct.pack("<H", kind), start + 20)
    struct.pack_into("<I", content, at + 4 + offset, value)
    return bytes(content)


def looping_xls() -> bytes:
    """The first chain of an old workbook returns to its beginning."""
    content = bytearray(xls())
    (table,) = struct.unpack_from("<I", content, 76)
    struct.pack_into("<I", content, (table + 1) * 512 + 4, 0)
    return bytes(content)


HARMFUL = {
    "an element is never closed": of_ods(b"</table:table>", b""),
    "blanks by the billion": of_ods(b"k<", b'k<text:s text:c="4000000000"/><'),
    "a chain without end": looping_xls(),
    "cells before the first": of_xls(0x0200, 0, 0x8E000000),
    "texts by the billion": of_xls(0x00FC, 4, 0xFFFFFFF0),
    "a directory by the gigabyte": xls()[:44] + b"\xff\xff\xff\x0f" + xls()[48:],
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_hangs_or_ends_the_library_does_not_reach_it(
    name: str, tmp_path: Path
) -> None:
    """It waits for ever or ends the process, where no exception can be caught."""
    assert "damaged" in reason(tmp_path / "workbook-file", HARMFUL[name])


@pytest.mark.battery(150, 3000)
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "sheet"])
def test_mutated_workbooks_end_in_a_sentence_or_a_table(
    kind: str, rounds: range, tmp_path: Path
) -> None:
    """Whatever bytes are changed or cut: never a crash, never a wrong shape."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c>'
        f'<c r="B{row}" t="str"><v>x{row}</v></c></row>'
        for row in range(1, 6)
    )
    sound = {"xlsx": xlsx(), "xls": xls(), "ods": ods(), "sheet": rows.encode()}[kind]
    path = tmp_path / "workbook-file"
    for seed in rounds:
        dice = random.Random(seed)
        content = bytearray(sound)
        for _ in range(dice.randint(1, 12)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        if dice.random() < 0.2:
            del content[dice.randrange(len(content)) :]
        made = bytes(content)
        if kind == "sheet":
            made = with_sheet(made.decode("latin-1").replace("\x00", " "))
        path.write_bytes(made or b"P")
        try:
            readings = sniff(open_file(path))
        except Unreadable:
            continue
        for reading in readings:
            assert departure(reading, path) == "", seed
