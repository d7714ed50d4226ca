"""The worst files that one can send: bombs, endless lines, nests, and what is no table.

Each is made in a moment and is a few megabytes, or 50 where its size is the point.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence

__all__ = ["HORRORS"]

_MIB = 1 << 20


def _zip_of(members: Mapping[str, Sequence[tuple[bytes, int]]]) -> bytes:
    """An archive of members made of blocks that repeat, without packing it all."""
    body, directory = b"", b""
    for name, blocks in members.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data, crc, size = b"", 0, 0
        for block, times in blocks:
            data += (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)) * times
            for _ in range(times):
                crc = zlib.crc32(block, crc)
            size += len(block) * times
        data += packer.flush()
        sizes = struct.pack("<LLLHH", crc, len(data), size, len(name), 0)
        at = struct.pack("<HHHLL", 0, 0, 0, 0, len(body))
        directory += b"PK\1\2\x14\0" + _DEFLATED + sizes + at + name.encode()
        body += b"PK\3\4" + _DEFLATED + sizes + name.encode() + data
    count = len(members)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


_DEFLATED = b"\x14\0\0\0\x08\0\0\0\x21\0"
"""Version, no flags, the method, some day."""


def _bomb_workbook() -> bytes:
    """A sheet that unpacks to a gigabyte."""
    row = b'<row><c t="inlineStr"><is><t>' + b" " * 900 + b"</t></is></c></row>"
    plain = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS.format(kind="officeDocument"),
        "xl/workbook.xml": _WORKBOOK,
        "xl/_rels/workbook.xml.rels": _SHEET_RELATION,
    }
    sheet = [(_SHEET_HEAD, 1), (row * 1500, 700), (b"</sheetData></worksheet>", 1)]
    return _zip_of(
        {name: [(text.encode(), 1)] for name, text in plain.items()}
        | {"xl/worksheets/sheet1.xml": sheet}
    )


_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SCHEMAS = "http://schemas.openxmlformats.org"
_CONTENT_TYPES = (
    f'<?xml version="1.0"?><Types xmlns="{_SCHEMAS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    f'ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_SPREADSHEET}.worksheet+xml"/></Types>'
)
_RELATIONS = (
    f'<?xml version="1.0"?>'
    f'<Relationships xmlns="{_SCHEMAS}/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml" '
    f'Type="{_SCHEMAS}/officeDocument/2006/relationships/{{kind}}"/></Relationships>'
)
_WORKBOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{_SCHEMAS}/spreadsheetml/2006/main" '
    f'xmlns:r="{_SCHEMAS}/officeDocument/2006/relationships"><sheets>'
    '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET_RELATION = _RELATIONS.format(kind="worksheet").replace(
    "xl/workbook.xml", "worksheets/sheet1.xml"
)
_SHEET_HEAD = (
    f'<?xml version="1.0"?><worksheet xmlns="{_SCHEMAS}/spreadsheetml/2006/main">'
    "<sheetData>"
).encode()


def _soup() -> bytes:
    rng = random.Random(7)
    words: tuple[str, ...] = (
        "<table>",
        "</table>",
        "<tr>",
        "<td colspan=9999>",
        "<td rowspan='x'>",
    )
    words += ("</td>", "&#0;", "&nbsp;", "<!--", "-->", "<script>", "text", "<th>")
    return b"<html>" + "".join(rng.choices(words, k=20_000)).encode()


def _nested_json(opening: bytes, closing: bytes) -> bytes:
    return opening * 100_000 + b"1" + closing * 100_000


def _wide_csv(columns: int, rows: int) -> bytes:
    header = ",".join(f"c{at}" for at in range(columns))
    line = ",".join(["1"] * columns)
    return "\n".join([header, *[line] * rows]).encode() + b"\n"


def _sqlite_of_garbage() -> bytes:
    return b"SQLite format 3\x00" + random.Random(8).randbytes(40_000)


def _many_quotes() -> bytes:
    """Every line opens a quote and no line closes one."""
    return b"a,b,c\n" + b'1,"x,2\n' * 60_000


HORRORS: dict[str, Callable[[], bytes]] = {
    "gzip bomb": lambda: gzip.compress(bytes(64 * _MIB)) * 32,
    "gzip bomb of rows": lambda: b"".join(
        [gzip.compress(b"a,b\n"), gzip.compress(b"1,2\n" * (16 * _MIB)) * 32]
    ),
    "bz2 bomb": lambda: bz2.compress(bytes(32 * _MIB)) * 64,
    "xz bomb": lambda: lzma.compress(bytes(64 * _MIB), preset=1) * 32,
    "zip bomb": lambda: _zip_of({"a.csv": [(bytes(_MIB), 2048)]}),
    "zip bomb of rows": lambda: _zip_of({"a.csv": [(b"1,2\n" * (_MIB // 4), 2048)]}),
    "bomb in a workbook": _bomb_workbook,
    "bomb in a sheet's name": lambda: _zip_of(
        {"[Content_Types].xml": [(b" " * _MIB, 2048)]}
    ),
    "a line of 50 MB": lambda: b"x" * (50 * _MIB),
    "a field of 50 MB": lambda: b'a,b\n1,"' + b"y" * (50 * _MIB) + b'"\n',
    "50 MB of quotes": lambda: b'"' * (50 * _MIB),
    "50 MB of delimiters": lambda: b"," * (50 * _MIB),
    "50 MB of line ends": lambda: b"\n" * (50 * _MIB),
    "50 MB of NULs": lambda: bytes(50 * _MIB),
    "50 MB of blanks": lambda: b" " * (50 * _MIB),
    "50 MB of noise": lambda: random.Random(3).randbytes(50 * _MIB),
    "10^6 columns": lambda: _wide_csv(1_000_000, 2),
    "20,000 columns": lambda: _wide_csv(20_000, 30),
    "10^6 columns of JSON": lambda: json.dumps(
        [{f"c{at}": at for at in range(1_000_000)}]
    ).encode(),
    "deep lists": lambda: _nested_json(b"[", b"]"),
    "deep objects": lambda: _nested_json(b'{"a":', b"}"),
    "deep objects unclosed": lambda: b'[{"a":' * 100_000,
    "a number of 10^6 digits": lambda: b"[" + b"7" * 1_000_000 + b"]",
    "HTML soup": _soup,
    "deep HTML": lambda: b"<table><tr><td>" * 50_000,
    "an HTML cell of 10^9 columns": lambda: (
        b"<table><tr><td colspan=1000000000>a</td></tr><tr><td>1</td></tr></table>"
    ),
    "a garbled SQLite": _sqlite_of_garbage,
    "quotes that never close": _many_quotes,
    "escapes alone": lambda: b"a,b\n" + b"\\" * 2_000_000,
    "a ragged stair": lambda: b"\n".join(b"1," * n for n in range(2500)),
    "only a header": lambda: b"a,b,c\n",
    "only a mark": lambda: b"\xef\xbb\xbf",
    "only a mark of UTF-16": lambda: b"\xff\xfe",
    "one byte": lambda: b"\x00",
    "a shell script": lambda: b"#!/bin/sh\nrm -rf /\n",
    "an image": lambda: b"\x89PNG\r\n\x1a\n" + random.Random(4).randbytes(9_000),
    "a program": lambda: b"\x7fELF\x02\x01\x01" + random.Random(6).randbytes(90_000),
    "a pickle": lambda: b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00]\x94(K\x01e.",
    "a PDF": lambda: b"%PDF-1.7\n" + random.Random(9).randbytes(9_000),
}
