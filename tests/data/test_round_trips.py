"""What programs write is read back equal, or stays text and a doubt says so.

Any frame, by pandas, polars or the csv module, in any dialect, encoding and locale;
and in the formats that keep types, values and types.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from analyst.data.inside.reading import Unreadable
from analyst.data.inside.sniffing.route import readings_of

from ..tools.scoring import (  # noqa: TID252 - tests are no package
    frame_of,
    is_missing,
    is_right,
)

LETTERS = {
    "utf-8": "abcdeÀéßñŁčΩжש中日😀",
    "utf-8-sig": "abcdeÀéßñŁčΩжש中日😀",
    "utf-16": "abcdeÀéßñŁčΩжש中日😀",
    "cp1252": "abcdeÀéßñüöä",
    "latin-1": "abcdeÀéßñüöä",
    "ascii": "abcdefgh",
}
MARKS = " .,;:|\t\"'\\#/-()%&=\n"


@dataclass(frozen=True)
class Locale:
    """How numbers and dates are written."""

    decimal: str
    date: str


LOCALES = (
    Locale(".", "%Y-%m-%d"),
    Locale(",", "%d.%m.%Y"),
    Locale(".", "%m/%d/%Y"),
    Locale(".", "%d/%m/%Y"),
    Locale(",", "%Y-%m-%d"),
)


@dataclass(frozen=True)
class Column:
    """A name, values of one kind, and their texts."""

    name: str
    kind: Literal["text", "int", "float", "date", "bool"]
    cells: tuple[Any, ...]

    def texts(self, locale: Locale) -> list[str]:
        """As a program of this locale writes them."""
        return [self._text(cell, locale) for cell in self.cells]

    def _text(self, cell: Any, locale: Locale) -> str:
        if cell is None:
            return ""
        if self.kind == "date":
            return str(cell.strftime(locale.date))
        if self.kind == "float":
            return repr(cell).replace(".", locale.decimal)
        return str(cell)


def texts(letters: str) -> st.SearchStrategy[str]:
    """Words with all that a dialect must quote, never blank and never a number."""
    free = st.text(letters + MARKS, max_size=12)
    if "Ł" not in letters:  # of one byte each: alone among plain ones, as in words
        free = free.map(lambda text: re.sub(r"([^\x00-\x7f])", r"\1e", text))
    return free.map(lambda text: f"w{text}e" if text.strip() else "word")


DAYS = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2049, 12, 31)).map(  # noqa: DTZ001 - the files name no zone
    lambda day: day.replace(hour=0, minute=0, second=0, microsecond=0)
)
FLOATS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 4))
KINDS: dict[str, Callable[[str], st.SearchStrategy[Any]]] = {
    "text": texts,
    "int": lambda _: st.integers(-(10**9), 10**9),
    "float": lambda _: FLOATS.filter(lambda value: "e" not in repr(value)),
    "date": lambda _: DAYS,
    "bool": lambda _: st.booleans(),
}


@st.composite
def tables(draw: st.DrawFn, letters: str, *kinds: str) -> list[Column]:
    """Two to five columns of one length; some have gaps, the first one has none."""
    rows = draw(st.integers(5, 20))
    count = draw(st.integers(2, 5))
    columns = []
    for at in range(count):
        kind: Any = draw(st.sampled_from(kinds or tuple(KINDS)))
        values = KINDS[kind](letters)
        if at and kind != "bool" and draw(st.booleans()):
            values = st.one_of(st.none(), values)
        cells = draw(st.lists(values, min_size=rows, max_size=rows))
        names = ("city", "total sum", "x_y", "Größe" if "ß" in letters else "size")
        name = f"{draw(st.sampled_from(names))} {at}"
        columns.append(Column(name, kind, tuple(cells)))
    return columns


@dataclass(frozen=True)
class Dialect:
    """What the writer was told."""

    encoding: str
    locale: Locale
    delimiter: str
    quoting: Literal[0, 1, 2]
    line_end: str


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    """A decimal comma is written with a comma as delimiter too: it is then quoted."""
    return Dialect(
        draw(st.sampled_from(tuple(LETTERS))),
        draw(st.sampled_from(LOCALES)),
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))),
        draw(st.sampled_from(("\n", "\r\n"))),
    )


def read_back(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The one table of a file, and the doubts."""
    [reading] = readings_of(path)
    return frame_of(reading, path), [doubt.text for doubt in reading.doubts]


def compare(data: bytes, columns: list[Column], locale: Locale) -> None:
    """Every cell is equal, or text as it was written, and a doubt says so."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.csv"
        path.write_bytes(data)
        note(f"file: {data[:3000]!r}")
        try:
            frame, doubts = read_back(path)
        except Unreadable as reason:
            pytest.fail(f"unreadable: {reason}")
    note(f"doubts: {doubts}\n{frame}")
    assert frame.shape == (len(columns[0].cells), len(columns))
    assert [str(name) for name in frame.columns] == [c.name for c in columns]
    for at, column in enumerate(columns):
        written = column.texts(locale)
        for row, got in enumerate(frame.iloc[:, at].tolist()):
            expected = column.cells[row]
            assert is_right(
                got, expected, written=written[row], doubted=bool(doubts)
            ), f"[{row}, {column.name}] is {got!r}, not {expected!r} ({doubts})"


@given(st.data(), dialects())
def test_what_the_csv_module_writes(data: st.DataObject, dialect: Dialect) -> None:
    """By `csv.writer`: any delimiter, quoting, line end, encoding and locale."""
    columns = data.draw(tables(LETTERS[dialect.encoding]))
    sink = io.StringIO(newline="")
    writer = csv.writer(
        sink,
        delimiter=dialect.delimiter,
        quoting=dialect.quoting,
        lineterminator=dialect.line_end,
    )
    writer.writerow([column.name for column in columns])
    writer.writerows(zip(*(c.texts(dialect.locale) for c in columns), strict=True))
    written = sink.getvalue().encode(dialect.encoding)
    compare(written, columns, dialect.locale)


def pandas_frame(columns: list[Column]) -> pd.DataFrame:
    """With the dtype that fits; a gap in integers keeps them whole."""
    dtypes = {"text": "str", "int": "Int64", "float": "float64", "bool": "bool"}
    return pd.DataFrame(
        {
            column.name: pd.to_datetime(pd.Series(column.cells))
            if column.kind == "date"
            else pd.Series(column.cells, dtype=dtypes[column.kind])
            for column in columns
        }
    )


@given(st.data(), dialects())
def test_what_pandas_writes(data: st.DataObject, dialect: Dialect) -> None:
    """By `DataFrame.to_csv` with its own marks for decimals and dates."""
    columns = data.draw(tables(LETTERS[dialect.encoding]))
    text = pandas_frame(columns).to_csv(
        index=False,
        sep=dialect.delimiter,
        decimal=dialect.locale.decimal,
        date_format=dialect.locale.date,
        quoting=dialect.quoting,
        lineterminator=dialect.line_end,
    )
    compare(text.encode(dialect.encoding), columns, dialect.locale)


@given(st.data(), st.sampled_from(",;\t|"), st.sampled_from(("necessary", "always")))
def test_what_polars_writes(
    data: st.DataObject, delimiter: str, quoting: Literal["necessary", "always"]
) -> None:
    """By `write_csv`, which has dates and truths of its own spelling."""
    columns = data.draw(tables(LETTERS["utf-8"]))
    frame = pl.DataFrame({c.name: list(c.cells) for c in columns}, strict=False)
    frame = frame.with_columns(
        pl.col(c.name).cast(pl.Date) for c in columns if c.kind == "date"
    )
    text = frame.write_csv(separator=delimiter, quote_style=quoting)
    compare(text.encode(), columns, LOCALES[0])


FREE_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")),
    min_size=1,
    max_size=15,
).filter(lambda text: text == text.strip())


@st.composite
def typed_frames(draw: st.DrawFn) -> pd.DataFrame:
    """Frames of which a typed format keeps everything."""
    rows = draw(st.integers(1, 12))
    makers: dict[str, tuple[st.SearchStrategy[Any], str]] = {
        "i": (st.integers(-(2**53), 2**53), "int64"),
        "f": (st.floats(allow_infinity=False, allow_nan=False, width=64), "float64"),
        "b": (st.booleans(), "bool"),
        "s": (FREE_TEXT, "str"),
        "d": (DAYS, "datetime64[us]"),
    }
    chosen = draw(st.lists(st.sampled_from("ifbsd"), min_size=1, max_size=5))
    return pd.DataFrame(
        {
            f"{key}{at}": pd.Series(
                draw(st.lists(makers[key][0], min_size=rows, max_size=rows)),
                dtype=makers[key][1],
            )
            for at, key in enumerate(chosen)
        }
    )


def same_values(path: Path, frame: pd.DataFrame, *, dtypes: bool) -> None:
    """Values are equal, types too where the format keeps them."""
    got, doubts = read_back(path)
    note(f"doubts: {doubts}\n{got}")
    assert list(got.columns) == list(frame.columns)
    assert len(got) == len(frame)
    for name in frame:
        if dtypes:
            assert got[name].dtype.kind == frame[name].dtype.kind
        for one, other in zip(got[name].tolist(), frame[name].tolist(), strict=True):
            assert _is_equal(one, other), f"{name}: {one!r} is not {other!r}"


def _is_equal(got: Any, expected: Any) -> bool:
    if is_missing(got) or is_missing(expected):
        return is_missing(got) and is_missing(expected)
    if isinstance(expected, dt.datetime) and isinstance(got, str):
        return pd.Timestamp(got) == expected
    return bool(got == expected)


@given(typed_frames(), st.sampled_from(("parquet", "feather")))
def test_what_keeps_types(frame: pd.DataFrame, kind: str) -> None:
    """Parquet and Feather give back values and types, without any doubt."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.dat"
        getattr(frame, f"to_{kind}")(path)
        same_values(path, frame, dtypes=True)
        [reading] = readings_of(path)
        assert reading.doubts == ()


@given(typed_frames())
def test_lines_of_json(frame: pd.DataFrame) -> None:
    """One object a line: numbers, truths and text are equal, dates as their text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.jsonl"
        records = frame.to_dict("records")
        path.write_text(
            "".join(json.dumps(r, default=str) + "\n" for r in records),
            encoding="utf-8",
        )
        same_values(path, frame, dtypes=False)


@given(typed_frames())
def test_a_table_of_sqlite(frame: pd.DataFrame) -> None:
    """SQLite keeps numbers and text; a truth is one or nought, a date its text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.db"
        written = frame.copy()
        for name in written.select_dtypes("datetime"):
            written[name] = written[name].astype(str)
        connection = sqlite3.connect(path)
        written.to_sql("a table", connection, index=False)
        connection.close()
        same_values(path, frame, dtypes=False)


@given(typed_frames())
def test_a_sheet(frame: pd.DataFrame) -> None:
    """A workbook has floats of 15 digits; all the rest is equal."""
    frame = frame.copy()
    for name in map(str, frame.columns):
        if name.startswith("s"):  # a sign may make it a formula
            frame[name] = "w" + frame[name]
        if name.startswith(("i", "f")):
            frame[name] = frame[name].map(lambda value: float(f"{value:.12g}"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.xlsx"
        frame.to_excel(path, index=False)
        same_values(path, frame, dtypes=False)
