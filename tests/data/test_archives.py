"""Zip archives: every file is tables of its own, and what is left out is told."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from analyst.data.inside.sniffing import archives
from analyst.data.inside.sniffing.files import open_file

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    tables_of,
    why_unreadable,
)

CSV = "n,word\n1,a\n2,b\n3,c\n"
CELLS = {"n": [1, 2, 3], "word": ["a", "b", "c"]}


def packed(path: Path, members: dict[str, str | bytes]) -> Path:
    """An archive of some files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def workbook() -> bytes:
    """A workbook with one sheet."""
    buffer = io.BytesIO()
    pd.DataFrame(CELLS).to_excel(buffer, index=False)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        json.dumps([{"n": n, "word": w} for n, w in zip(*CELLS.values(), strict=True)]),
    ],
)
def test_one_file(tmp_path: Path, content: str) -> None:
    """An archive of one file is that file."""
    table = only_table_of(packed(tmp_path / "a.csv", {"in/a.dat": content}))
    assert table.cells == CELLS
    assert table.reading.label == ""


def test_several_files_are_several_tables(tmp_path: Path) -> None:
    """Each file is read by its name; pictures and prose are left out and told."""
    members: dict[str, str | bytes] = {
        "data/": "",
        "data/a.csv": CSV,
        "b.json": '{"x": [{"i": 1}], "y": [{"j": 2}]}',
        "c.html": "<table><tr><th>p<th>q<tr><td>1<td>2<tr><td>3<td>4</table>",
        "README.md": "What this is.",
        "chart.png": b"\x89PNG\r\n\x1a\n" + bytes(9),
        "sheet.xlsx": workbook(),
        "__MACOSX/._a.csv": b"\x00\x05\x16\x07",
    }
    tables = tables_of(packed(tmp_path / "all.zip", members))
    labels = [table.reading.label for table in tables]
    assert labels == ["data/a.csv", "b.json x", "b.json y", "c.html"]
    assert tables[0].cells == CELLS
    assert [table.cells for table in tables[1:3]] == [{"i": [1]}, {"j": [2]}]
    for left_out in ("README.md", "chart.png", "sheet.xlsx"):
        assert left_out in tables[0].told
    assert "MACOSX" not in tables[0].told


def test_at_most_twenty_tables(tmp_path: Path) -> None:
    """What is beyond the bound is named."""
    members: dict[str, str | bytes] = {f"{at}.csv": CSV for at in range(23)}
    tables = tables_of(packed(tmp_path / "many.zip", members))
    assert len(tables) == 20
    assert "'22.csv'" in tables[0].told


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    """Only the last file of a name can be read, and that is said."""
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "x,y\n9,9\n")
        archive.writestr("a.csv", CSV)
    table = only_table_of(path)
    assert table.cells == CELLS
    assert "a later file has its name" in table.told


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"word/document.xml": "x"}, "Word"),
        ({"PPT\\slides.xml": "x"}, "PowerPoint"),
        (
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": "x",
            },
            "text document",
        ),
        ({"doc.kml": "x"}, "KMZ"),
        ({"a.npy": "x"}, "NumPy"),
        ({"Index/Document.iwa": "x"}, "iWork"),
        ({"a.png": b"\x89PNG\r\n\x1a\n"}, "one file, which is a PNG"),
        ({"a.png": b"\x89PNG\r\n\x1a\n", "b.pdf": b"%PDF-1"}, "without a table"),
        ({}, "without a table"),
        ({"a.xlsx": workbook()}, "unpack it first"),
    ],
)
def test_archives_without_a_table_are_refused(
    tmp_path: Path, members: dict[str, str | bytes], said: str
) -> None:
    """Other documents that are archives, and archives of other things, are named."""
    assert said in why_unreadable(packed(tmp_path / "odd.zip", members))


@pytest.mark.parametrize("slash", ["xl/", "XL/", "xl\\", "/xl/"])
def test_a_workbook_is_told_however_its_members_are_spelt(
    tmp_path: Path, slash: str
) -> None:
    """It is never taken for an archive of files."""
    path = tmp_path / "book.zip"
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as source,
        zipfile.ZipFile(path, "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name.replace("xl/", slash), source.read(name))
    assert archives.is_workbook(open_file(path))
    packed(path, {"exl/a.csv": CSV})
    assert not archives.is_workbook(open_file(path))


def test_damage_and_passwords_are_refused(tmp_path: Path) -> None:
    """A file of the archive that cannot be unpacked is never half read."""
    path = packed(tmp_path / "a.zip", {"a.csv": CSV * 50})
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert "again" in why_unreadable(path)
    flipped = bytearray(whole)
    flipped[len("PK\x03\x04") + 45] ^= 0xFF
    path.write_bytes(flipped)
    assert "again" in why_unreadable(path)
    locked = bytearray(whole)
    central = whole.rfind(b"PK\x01\x02")
    locked[6] |= 1
    locked[central + 8] |= 1
    path.write_bytes(locked)
    assert "password" in why_unreadable(path)
