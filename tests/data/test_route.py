"""Which kind of file it is: told by its content, never by its name."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import orc

from analyst.data.inside.sniffing.signatures import binary_kind

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    why_unreadable,
)

FRAME = pd.DataFrame({"n": [1, 2, 3], "word": ["a", "é", "c"]})
FORMATS = [
    *("csv", "json", "jsonl", "html", "xlsx", "parquet", "feather", "arrows", "orc"),
    *("sqlite", "duckdb", "stata"),
]


def write(path: Path, form: str) -> None:
    """The frame in a format."""
    if form in {"csv", "json", "jsonl", "html"}:
        text = {
            "csv": lambda: FRAME.to_csv(index=False),
            "json": lambda: FRAME.to_json(orient="records"),
            "jsonl": lambda: FRAME.to_json(orient="records", lines=True),
            "html": lambda: FRAME.to_html(index=False),
        }[form]()
        path.write_text(text, encoding="utf-8")
    elif form in {"sqlite", "duckdb"}:
        write_database(path, form)
    elif form == "xlsx":
        buffer = io.BytesIO()
        FRAME.to_excel(buffer, index=False)
        path.write_bytes(buffer.getvalue())
    elif form == "stata":
        FRAME.to_stata(path, write_index=False, version=118)
    else:
        write_arrow(path, form)


def write_arrow(path: Path, form: str) -> None:
    """The frame in a format of Arrow and its kin."""
    table = pa.Table.from_pandas(FRAME)
    if form == "parquet":
        FRAME.to_parquet(path)
    elif form == "feather":
        FRAME.to_feather(path)
    elif form == "orc":
        orc.write_table(table, path)
    else:
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)


def write_database(path: Path, form: str) -> None:
    """The frame as the only table of a database."""
    if form == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            FRAME.to_sql("t", connection, index=False)
    else:
        with duckdb.connect(str(path)) as connection:
            connection.register("frame", FRAME)
            connection.execute("CREATE TABLE t AS SELECT * FROM frame")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["table", "table.csv", "table.xlsx", "a b%20#?.json"])
def test_a_wrong_name_never_matters(tmp_path: Path, form: str, name: str) -> None:
    """The same table comes out of every format under every name."""
    path = tmp_path / name
    write(path, form)
    table = only_table_of(path)
    assert table.cells == {"n": [1, 2, 3], "word": ["a", "é", "c"]}
    assert [column.kind for column in table.reading.columns] == ["int", "str"]
    assert "analyst" not in table.code


def tar() -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "JPEG"),
        (b"GIF89a\x01\x00\x01\x00", "GIF"),
        (b"BM\x46\x00\x00\x00\x00\x00\x00\x00", "image"),
        (b"%PDF-1.7\n%abc", "PDF"),
        (b"{\\rtf1\\ansi x}", "RTF"),
        (b"\x7fELF\x02\x01\x01" + bytes(20), "program"),
        (b"MZ\x90\x00\x03" + bytes(20), "program"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(9), "7z"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x93NUMPY\x01\x00", "NumPy"),
        (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94.", "pickle"),
        (b"FEA1" + bytes(20), "first Feather"),
        (tar(), "tar"),
        (bytes(1000), "neither text"),
        (bytes(range(256)) * 20, "neither text"),
        (json.dumps({"cells": [], "nbformat": 4}).encode(), "notebook"),
        (b"<?xml version='1.0'?><a><b>1</b></a>", "XML"),
        (b"<svg xmlns='x'><text>1</text></svg>", "SVG"),
        (b"PAR1\x15\x00cut", "damaged Parquet"),
        (b"SQLite format 3\x00" + bytes(90), "SQLite"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office"),
    ],
)
def test_what_is_no_table_is_refused_by_its_kind(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """The sentence names what it is, and what to do."""
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    sentence = why_unreadable(path)
    assert said in sentence
    assert ":" in sentence or "without" in sentence


@pytest.mark.parametrize("word", ["ORC", "PAR1", "ID3", "OggS", "RIFF", "RDX", "Obj"])
def test_a_header_that_begins_like_another_kind_is_text(
    tmp_path: Path, word: str
) -> None:
    """Letters that also begin a binary format do not refuse a table of text."""
    path = tmp_path / "table.csv"
    path.write_text(f"{word}ID,n\nx,1\ny,2\n")
    assert only_table_of(path).cells == {f"{word}ID": ["x", "y"], "n": [1, 2]}
    assert binary_kind(b"PAR1\x15\x04") == "parquet"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", ["csv", "json", "html"])
def test_wide_text_is_text(tmp_path: Path, form: str, encoding: str) -> None:
    """Zero bytes of UTF-16 do not make a binary file."""
    path = tmp_path / "table"
    write(path, form)
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding=encoding)
    assert only_table_of(path).cells["word"] == ["a", "é", "c"]


@pytest.mark.battery(40, 2000)
def test_noise_is_refused_or_read_but_never_more(tmp_path: Path, rounds: range) -> None:
    """Random bytes, also behind the first bytes of a known kind, end in a sentence."""
    starts = [b"", b"PAR1\x15", b"ARROW1\x00\x00", b"\xff\xff\xff\xff", b"ORC\x01\x02"]
    starts += [b"$FL2@(#)", b"<stata_dta>", b"SQLite format 3\x00", b"PK\x03\x04"]
    starts += [b"\x72\x01\x01\x00", b"{", b"[{", b"<table>", b"\x1f\x8b\x08\x00"]
    path = tmp_path / "noise"
    for seed in rounds:
        start = starts[seed % len(starts)]
        noise = random.Random(seed).randbytes(40 + 97 * seed % 3000)
        path.write_bytes(start + noise)
        assert why_unreadable(path)
