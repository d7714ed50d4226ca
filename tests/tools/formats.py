"""The clean tables in files of other kinds than delimited text."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from .clean_tables import TABLES, CleanTable
from .drafts import written
from .scoring import Cell, Either, Expected, Plain, Specimen

__all__ = ["frame", "other_formats"]

_Write = Callable[[CleanTable, Path], None]


def other_formats(folder: Path) -> list[Specimen]:
    """Each format with a table or two, some of them under the wrong name."""
    tables = {table.name: table for table in TABLES}
    made = []
    for suffix, write, is_typed in _FORMATS:
        for name in ("sales", "sensor", "people", "russian", "codes"):
            table = tables[name]
            path = folder / f"{name}_{suffix.replace('.', '_')}.{suffix}"
            write(table, path)
            made.append(_specimen(table, path, is_typed=is_typed))
    return [*made, *_odd_ones(folder, tables["sales"], tables["sensor"])]


def frame(table: CleanTable) -> pd.DataFrame:
    """A clean table as pandas holds it."""
    made = pd.DataFrame(list(table.rows), columns=list(table.names))
    for name, kind in zip(table.names, table.kinds, strict=True):
        if kind in {"date", "time"}:
            made[name] = pd.to_datetime(made[name])
    return made


def _specimen(
    table: CleanTable, path: Path, *, is_typed: bool, notes: int = 0
) -> Specimen:
    return Specimen(path.name, path, (_truth(table, is_typed=is_typed, notes=notes),))


def _truth(table: CleanTable, *, is_typed: bool, notes: int = 0) -> Expected:
    """Where the format has no dates or truths of its own, their text is right too."""
    rows = tuple(tuple(_meant(cell, is_typed) for cell in row) for row in table.rows)
    texts = tuple(tuple(written(cell) for cell in row) for row in table.rows)
    return Expected(table.names, rows, () if is_typed else texts, notes)


def _meant(cell: Plain, is_typed: bool) -> Cell:  # noqa: FBT001 - of one caller
    if isinstance(cell, bool):
        return Either((cell, int(cell)))
    if isinstance(cell, dt.datetime) and not is_typed:
        return Either((cell, written(cell), cell.isoformat(), f"{cell} 00:00:00"[:19]))
    return cell


def _plain(table: CleanTable) -> list[dict[str, Any]]:
    """As JSON takes them."""
    return [
        {
            name: written(cell) if isinstance(cell, dt.datetime) else cell
            for name, cell in zip(table.names, row, strict=True)
        }
        for row in table.rows
    ]


def _json(table: CleanTable, path: Path) -> None:
    path.write_text(json.dumps(_plain(table)), encoding="utf-8")


def _pretty_json(table: CleanTable, path: Path) -> None:
    text = json.dumps({"count": 1, "data": _plain(table)}, indent=2)
    path.write_text(text, encoding="utf-8-sig")


def _lines(table: CleanTable, path: Path) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in _plain(table)]
    path.write_text("".join(lines), encoding="utf-8")


def _excel(engine: str) -> _Write:
    def write(table: CleanTable, path: Path) -> None:
        frame(table).to_excel(path, index=False, engine=engine)  # type: ignore[arg-type]  # the stubs know fewer

    return write


def _xls(table: CleanTable, path: Path) -> None:
    import xlwt  # type: ignore[import-untyped]  # noqa: PLC0415 - only for this kind

    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
    for at, name in enumerate(table.names):
        sheet.write(0, at, name)
        for row, cells in enumerate(table.rows):
            if isinstance(cells[at], dt.datetime):
                sheet.write(row + 1, at, cells[at], style)
            elif cells[at] is not None:
                sheet.write(row + 1, at, cells[at])
    book.save(str(path))


def _html(table: CleanTable, path: Path) -> None:
    made = frame(table).to_html(index=False, na_rep="")
    page = f"<!doctype html><html><body><h1>Report</h1>{made}</body></html>"
    path.write_text(page, encoding="utf-8")


def _arrow(*, stream: bool) -> _Write:
    def write(table: CleanTable, path: Path) -> None:
        import pyarrow as pa  # noqa: PLC0415 - only for these kinds

        made = pa.Table.from_pandas(frame(table), preserve_index=False)
        new = pa.ipc.new_stream if stream else pa.ipc.new_file
        with path.open("wb") as sink, new(sink, made.schema) as writer:
            writer.write_table(made)

    return write


def _orc(table: CleanTable, path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - only for this kind
    from pyarrow import orc  # noqa: PLC0415 - only for this kind

    orc.write_table(pa.Table.from_pandas(frame(table), preserve_index=False), path)


def _sqlite(table: CleanTable, path: Path) -> None:
    made = frame(table)
    for name in made.select_dtypes("datetime"):
        made[name] = made[name].astype(str)
    with sqlite3.connect(path) as connection:
        made.to_sql("t", connection, index=False)
    connection.close()


def _duckdb(table: CleanTable, path: Path) -> None:
    import duckdb  # noqa: PLC0415 - only for this kind

    with duckdb.connect(path) as connection:
        connection.register("made", frame(table))
        connection.execute("CREATE TABLE t AS SELECT * FROM made")


def _stata(table: CleanTable, path: Path) -> None:
    frame(table).to_stata(path, write_index=False, version=118)


def _spss(table: CleanTable, path: Path) -> None:
    import pyreadstat  # noqa: PLC0415 - only for this kind

    pyreadstat.write_sav(frame(table), str(path))


_FORMATS: tuple[tuple[str, _Write, bool], ...] = (
    ("json", _json, False),
    ("data.json", _pretty_json, False),
    ("jsonl", _lines, False),
    ("xlsx", _excel("openpyxl"), True),
    ("ods", _excel("odf"), True),
    ("xls", _xls, True),
    ("html", _html, False),
    ("parquet", lambda t, p: frame(t).to_parquet(p), True),
    ("feather", _arrow(stream=False), True),
    ("arrows", _arrow(stream=True), True),
    ("orc", _orc, True),
    ("sqlite", _sqlite, False),
    ("duckdb", _duckdb, True),
    ("dta", _stata, True),
    ("sav", _spss, True),
)


def _odd_ones(folder: Path, sales: CleanTable, sensor: CleanTable) -> list[Specimen]:
    made = [_two_sheets(folder, sales, sensor), _titled(folder, sales)]
    made += [_two_in_sqlite(folder, sales, sensor), _nested(folder, sales)]
    made += [_bad_line(folder, sales)]
    for suffix, write, is_typed in _FORMATS:
        if suffix in {"xlsx", "parquet", "jsonl", "html", "sqlite"}:
            path = folder / f"wrongly_named_{suffix}.csv"
            if suffix == "xlsx":
                write(sales, path.with_suffix(".xlsx"))
                path.with_suffix(".xlsx").rename(path)
            else:
                write(sales, path)
            made.append(_specimen(sales, path, is_typed=is_typed))
    return made


def _two_sheets(folder: Path, sales: CleanTable, sensor: CleanTable) -> Specimen:
    path = folder / "two_sheets.xlsx"
    with pd.ExcelWriter(path) as writer:
        frame(sales).to_excel(writer, sheet_name="Sales 2024", index=False)
        frame(sensor).to_excel(writer, sheet_name='It\'s "odd"', index=False)
    truths = (_truth(sales, is_typed=True), _truth(sensor, is_typed=True))
    return Specimen(path.name, path, truths)


def _titled(folder: Path, sales: CleanTable) -> Specimen:
    """Two title rows, a blank one, and a note below."""
    path = folder / "titled.xlsx"
    with pd.ExcelWriter(path) as writer:
        made = frame(sales)
        made.to_excel(writer, sheet_name="Report", index=False, startrow=3)
        sheet = writer.sheets["Report"]
        sheet.cell(1, 1, "Sales of all regions")
        sheet.cell(2, 1, "as of 3 May")
        sheet.cell(len(made) + 6, 1, "Source: the tills")
    return _specimen(sales, path, is_typed=True, notes=4)


def _two_in_sqlite(folder: Path, sales: CleanTable, sensor: CleanTable) -> Specimen:
    path = folder / "two_tables.db"
    with sqlite3.connect(path) as connection:
        for table in (sales, sensor):
            made = frame(table)
            for name in made.select_dtypes("datetime"):
                made[name] = made[name].astype(str)
            made.to_sql(f"the {table.name}", connection, index=False)
    connection.close()
    truths = (_truth(sales, is_typed=False), _truth(sensor, is_typed=False))
    return Specimen(path.name, path, truths)


def _nested(folder: Path, sales: CleanTable) -> Specimen:
    """An object in each record becomes columns named `outer.inner`."""
    path = folder / "nested.json"
    names = tuple(
        f"place.{n}" if n in {"region", "product"} else n for n in sales.names
    )
    records = []
    for row in _plain(sales):
        place = {"region": row.pop("region"), "product": row.pop("product")}
        records.append({**row, "place": place})
    path.write_text(json.dumps(records), encoding="utf-8")
    truth = _truth(sales, is_typed=False)
    order = [at for at, name in enumerate(names) if "." not in name]
    order += [at for at, name in enumerate(names) if "." in name]
    return Specimen(
        path.name,
        path,
        (
            Expected(
                tuple(names[at] for at in order),
                tuple(tuple(row[at] for at in order) for row in truth.rows),
                tuple(tuple(row[at] for at in order) for row in truth.written),
            ),
        ),
    )


def _bad_line(folder: Path, sales: CleanTable) -> Specimen:
    """A line that was cut off is left out, and that is said."""
    path = folder / "bad_line.jsonl"
    _lines(sales, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[7] = lines[7][:30]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    truth = _truth(sales, is_typed=False, notes=1)
    rows = truth.rows[:7] + truth.rows[8:]
    texts = truth.written[:7] + truth.written[8:]
    return Specimen(
        path.name, path, (Expected(truth.names, rows, texts, 1),), must_doubt=True
    )
