"""Files that hold a typed table: rows and columns are known before they are loaded."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from pyarrow import orc, parquet

from analyst.data.inside.reading import Unreadable
from analyst.data.inside.sniffing import frames
from analyst.data.inside.sniffing.files import open_file

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    why_unreadable,
)

REAL = Path(__file__).parents[3] / "shared" / "data"
ARROW = pa.table(
    {
        "i": pa.array([1, None, 3]),
        "f": pa.array([0.5, 1.5, None]),
        "s": pa.array(["a", None, "é"]),
        "b": pa.array([True, False, True]),
        "t": pa.array([dt.datetime(2024, 1, day) for day in (1, 2, 3)]),  # noqa: DTZ001 - a naive moment
        "l": pa.array([[1], [], [2, 3]]),
        "c": pa.array(["x", "y", "x"]).dictionary_encode(),
    }
)
KINDS = ["int", "float", "str", "bool", "date", "other", "other"]


def write(path: Path, form: str, table: pa.Table = ARROW) -> None:
    """The table in a format of Arrow and its kin."""
    if form == "parquet":
        parquet.write_table(table, path)
    elif form == "orc":
        orc.write_table(table.cast(_without_dictionaries(table.schema)), path)
    else:
        new = pa.ipc.new_file if form == "feather" else pa.ipc.new_stream
        with new(path, table.schema) as stream:
            stream.write_table(table, max_chunksize=2)


def _without_dictionaries(schema: pa.Schema) -> pa.Schema:
    plain = [
        field.with_type(field.type.value_type)
        if pa.types.is_dictionary(field.type)
        else field
        for field in schema
    ]
    return pa.schema(plain)


@pytest.mark.parametrize("form", ["parquet", "feather", "arrow_stream", "orc"])
def test_the_schema_says_what_comes_out(tmp_path: Path, form: str) -> None:
    """Rows and kinds are told without loading, and are those that come out."""
    path = tmp_path / "table.csv"
    write(path, form)
    table = only_table_of(path)
    kinds = [column.kind for column in table.reading.columns]
    assert table.reading.rows == 3
    # ORC has no dictionaries: it holds their words.
    assert kinds == ([*KINDS[:-1], "str"] if form == "orc" else KINDS)
    assert table.cells["i"] == [1, None, 3]
    assert table.cells["s"] == ["a", None, "é"]


def test_labels_of_rows_become_columns(tmp_path: Path) -> None:
    """What is in an index can be asked for in SQL as well; bare numbers stay away."""
    frame = pd.DataFrame({"n": [1, 2, 3]}, index=pd.Index(["a", "b", "c"], name="key"))
    frame.to_parquet(tmp_path / "a")
    assert only_table_of(tmp_path / "a").cells == {
        "key": ["a", "b", "c"],
        "n": [1, 2, 3],
    }
    frame.reset_index(drop=True)[1:].to_parquet(tmp_path / "b")
    assert only_table_of(tmp_path / "b").cells == {"n": [2, 3]}


def test_many_rows_in_few_bytes_are_not_loaded_to_look(tmp_path: Path) -> None:
    """A hundred million equal values are counted in the footer alone."""
    path = tmp_path / "bomb"
    column = pa.RunEndEncodedArray.from_arrays(
        pa.array([5_000_000], pa.int32()), pa.array([1])
    )
    piece = pa.table({"n": column.to_numpy(zero_copy_only=False)})
    with parquet.ParquetWriter(path, piece.schema) as writer:
        for _ in range(20):
            writer.write_table(piece)
    assert path.stat().st_size < 1 << 20
    [reading] = frames.sniff(open_file(path), "parquet")
    assert reading.rows == 100_000_000


SURVEY = pd.DataFrame(
    {
        "n": [1.0, 2.0, None],
        "g": [1.0, 2.0, 1.0],
        "s": ["a", "é", "c"],
        "d": pd.to_datetime(["2024-01-31"] * 3),
    }
)
LABELS: dict[str, Any] = {"g": {1: "one", 2: "two"}}


def test_value_labels_become_categories_and_are_told(tmp_path: Path) -> None:
    """The words of a survey stand for its codes, in Stata and in SPSS."""
    dta, sav = tmp_path / "a", tmp_path / "b"
    pyreadstat.write_dta(SURVEY, dta, variable_value_labels=LABELS)
    pyreadstat.write_sav(
        SURVEY, sav, variable_value_labels=LABELS, missing_ranges={"n": [2]}
    )
    for path, n in ((dta, [1, 2, None]), (sav, [1, None, None])):
        table = only_table_of(path)
        assert table.cells["g"] == ["one", "two", "one"]
        assert table.cells["s"] == ["a", "é", "c"]
        assert table.frame["d"].dt.day.tolist() == [31] * 3
        assert "'g'" in table.told
        assert table.cells["n"] == n
    assert "'n'" in only_table_of(sav).told


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_every_version_of_stata(tmp_path: Path, version: int) -> None:
    """Also those whose file begins with three odd bytes."""
    path = tmp_path / "a.csv"
    pyreadstat.write_dta(SURVEY.assign(s="e"), path, version=version)
    assert only_table_of(path).cells["n"] == [1, 2, None]


def test_labels_that_are_not_unique_leave_the_codes(tmp_path: Path) -> None:
    """Two codes of one label cannot be a category: the codes stay, and it is told."""
    path = tmp_path / "a"
    labels: dict[str, Any] = {"g": {1: "same", 2: "same"}}
    pyreadstat.write_dta(SURVEY, path, variable_value_labels=labels)
    table = only_table_of(path)
    assert table.cells["g"] == [1, 2, 1]
    assert "not unique" in table.told


def test_other_files_of_statistics(tmp_path: Path) -> None:
    """Compressed and portable SPSS, and SAS transport, whose dates are told."""
    zsav, por, xpt = tmp_path / "a.zsav", tmp_path / "b", tmp_path / "c"
    pyreadstat.write_sav(SURVEY, zsav, compress=True)
    assert only_table_of(zsav).cells["s"] == ["a", "é", "c"]
    # It is written only under its own ending.
    pyreadstat.write_por(SURVEY.assign(s="e"), tmp_path / "b.por")
    (tmp_path / "b.por").rename(por)
    assert only_table_of(por).cells["N"] == [1, 2, None]
    pyreadstat.write_xport(SURVEY, xpt, file_format_version=5)
    table = only_table_of(xpt)
    assert table.cells["s"] == ["a", "é", "c"]
    assert "'d' as dates" in table.told
    pyreadstat.write_xport(SURVEY, xpt, file_format_version=8)
    assert "version 8" in why_unreadable(xpt)


@pytest.mark.battery(60, 3000)
def test_damaged_files_are_refused_or_read(tmp_path: Path, rounds: range) -> None:
    """Cut off or with flipped bits, a file is refused, or read with all of its rows."""
    path = tmp_path / "damaged"
    forms = ["parquet", "feather", "arrow_stream", "orc", "sav", "dta", "xpt"]
    for seed in rounds:
        chance = random.Random(seed)
        form = forms[seed % len(forms)]
        if form in {"sav", "dta", "xpt"}:
            writer = getattr(pyreadstat, f"write_{'xport' if form == 'xpt' else form}")
            writer(
                SURVEY, path, **({"file_format_version": 5} if form == "xpt" else {})
            )
        else:
            write(path, form)
        content = bytearray(path.read_bytes())
        if chance.random() < 0.5:
            del content[chance.randrange(9, len(content)) :]
        else:
            for _ in range(chance.randrange(1, 9)):
                content[chance.randrange(9, len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        with contextlib.suppress(Unreadable):
            [reading] = frames.sniff(open_file(path), _kind(form))
            assert reading.rows


def _kind(form: str) -> str:
    return {"dta": "stata", "xpt": "xport"}.get(form, form)


def test_no_rows_are_refused(tmp_path: Path) -> None:
    """A table without rows is no table to be analysed."""
    write(tmp_path / "0.csv", "parquet", ARROW.slice(0, 0))
    assert "without rows" in why_unreadable(tmp_path / "0.csv")


def test_a_real_table() -> None:
    """Flights are read whole; their columns are those of the schema."""
    if not REAL.is_dir():
        pytest.skip(f"there are no real tables in {REAL}")
    table = only_table_of(REAL / "flights-200k.arrow")
    with pa.ipc.open_file(REAL / "flights-200k.arrow") as opened:
        meant = opened.read_all()
    assert table.frame.shape == (200_000, 3)
    for name in meant.column_names:
        assert table.cells[name] == meant[name].to_pylist()
