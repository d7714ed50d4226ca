"""SQLite and DuckDB files: every table as it is there, opened for reading only."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyst.data.inside.code.databases import identifier

from ..tools.loading import (  # noqa: TID252 - tests are no package
    only_table_of,
    tables_of,
    why_unreadable,
)


@contextmanager
def opened(path: Path, engine: str) -> Iterator[Any]:
    """A database to be filled."""
    if engine == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            yield connection
            connection.commit()
    else:
        with duckdb.connect(str(path)) as connection:
            yield connection


ENGINES = pytest.mark.parametrize("engine", ["sqlite", "duckdb"])


@ENGINES
def test_tables_and_views(tmp_path: Path, engine: str) -> None:
    """All that has rows is read, the largest first; what is empty is named."""
    path = tmp_path / "shop.csv"
    with opened(path, engine) as database:
        database.execute("CREATE TABLE customers (id INTEGER, day DATE)")
        database.execute("INSERT INTO customers VALUES (1, '2024-01-31')")
        database.execute('CREATE TABLE "order" (id INTEGER, "a ""b" VARCHAR)')
        database.execute("INSERT INTO \"order\" VALUES (1, 'x'), (2, NULL)")
        database.execute("CREATE TABLE bare (id INTEGER)")
        database.execute('CREATE VIEW big AS SELECT id FROM "order" WHERE id > 1')
    before = path.read_bytes()
    tables = {table.reading.label: table for table in tables_of(path)}
    assert next(iter(tables)) == "order"
    assert tables["order"].cells == {"id": [1, 2], 'a "b': ["x", None]}
    assert tables["customers"].frame["day"].dt.day.tolist() == [31]
    assert tables["big"].cells == {"id": [2]}
    assert "'bare'" in tables["order"].told
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["shop.csv"]


@ENGINES
def test_long_numbers_stay_exact(tmp_path: Path, engine: str) -> None:
    """Ids beyond what a float holds are read as text where one is missing."""
    path = tmp_path / "ids"
    ids = [9007199254740993, None, 5]
    with opened(path, engine) as database:
        database.execute('CREATE TABLE t (id BIGINT, n BIGINT, "select" VARCHAR)')
        database.execute(f"INSERT INTO t VALUES ({ids[0]}, 1, 'a'), (NULL, 2, 'b')")
        database.execute(f"INSERT INTO t VALUES ({ids[2]}, {ids[0]}, 'c')")
    table = only_table_of(path)
    assert [value and int(value) for value in table.cells["id"]] == ids
    assert table.cells["n"] == [1, 2, ids[0]]
    assert "'id'" in table.told


@ENGINES
def test_a_view_without_an_end_is_left_out(tmp_path: Path, engine: str) -> None:
    """What would run for ever is interrupted and named; the rest is read."""
    path = tmp_path / "endless"
    count = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
    with opened(path, engine) as database:
        database.execute("CREATE TABLE t AS SELECT 7 AS n")
        database.execute(f"CREATE VIEW endless AS {count} SELECT n FROM r")
    began = time.monotonic()
    table = only_table_of(path)
    assert table.cells == {"n": [7]}
    assert "'endless'" in table.told
    assert time.monotonic() - began < 15


@ENGINES
def test_at_most_twenty_tables(tmp_path: Path, engine: str) -> None:
    """The largest are read; the others are named."""
    path = tmp_path / "many"
    with opened(path, engine) as database:
        for at in range(23):
            rows = " UNION ALL ".join(["SELECT 1 AS n"] * (at + 1))
            database.execute(f"CREATE TABLE t{at} AS {rows}")
    tables = tables_of(path)
    assert [len(table.frame) for table in tables] == list(range(23, 3, -1))
    assert "'t0'" in tables[0].told


def test_values_of_several_types_are_told(tmp_path: Path) -> None:
    """SQLite lets a column hold anything: it stays as it is, and a doubt says so."""
    path = tmp_path / "mixed"
    with opened(path, "sqlite") as database:
        database.execute("CREATE TABLE t (a, b)")
        database.executemany("INSERT INTO t VALUES (?, ?)", [(1, b"\xff"), ("x", None)])
    table = only_table_of(path)
    assert table.cells["a"] == [1, "x"]
    assert "'a'" in table.told
    assert "'b'" in table.told


def test_changes_that_lie_beside_are_not_forgotten(tmp_path: Path) -> None:
    """A write-ahead log that is not merged refuses the file; a merged one does not."""
    path = tmp_path / "log"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("CREATE TABLE t AS SELECT 7 AS n")
        database.commit()
        assert "close the program" in why_unreadable(path)
    path.chmod(0o444)
    table = only_table_of(path)
    assert table.cells == {"n": [7]}
    assert [each.name for each in tmp_path.iterdir()] == ["log"]


def test_locked_files_are_refused(tmp_path: Path) -> None:
    """What another program is writing is not waited for."""
    path = tmp_path / "busy"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE t AS SELECT 7 AS n")
        database.execute("BEGIN EXCLUSIVE")
        assert "locked" in why_unreadable(path)


@ENGINES
@pytest.mark.parametrize("damage", ["cut", "overwritten", "encrypted"])
def test_damaged_files_are_refused(tmp_path: Path, engine: str, damage: str) -> None:
    """Half a database is no database."""
    path = tmp_path / "damaged.db"
    with opened(path, engine) as database:
        database.execute("CREATE TABLE t (n INTEGER, s VARCHAR)")
        for n in range(50):
            database.execute(f"INSERT INTO t VALUES ({n}, '{'x' * 900}')")
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "overwritten":
        content[100:9000] = b"\xa5" * 8900
    else:
        content[:] = bytes(
            (each * 31 + 7 * at) % 251 for at, each in enumerate(content)
        )
    path.write_bytes(content)
    assert why_unreadable(path)


def test_a_view_cannot_reach_other_files(tmp_path: Path) -> None:
    """Looking at a DuckDB file opens no other file that its views may name."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    path = tmp_path / "spy"
    with opened(path, "duckdb") as database:
        database.execute("CREATE TABLE t AS SELECT 7 AS n")
        database.execute(f"CREATE VIEW spy AS SELECT * FROM read_csv('{secret}')")
    table = only_table_of(path)
    assert table.reading.label == "t"
    assert "'spy'" in table.told


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_any_name_is_quoted_rightly(name: str) -> None:
    """Both engines take a quoted name for the name, whatever is in it."""
    with closing(sqlite3.connect(":memory:")) as one, duckdb.connect() as other:
        for database in (one, other):
            database.execute(f"CREATE TABLE {identifier(name)} (n INTEGER)")
            database.execute(f"INSERT INTO {identifier(name)} VALUES (7)")
            found = database.execute(f"SELECT n FROM {identifier(name)}").fetchall()
            assert found == [(7,)]


@pytest.mark.parametrize("word", ["select", "Order", "values", "group", "n", "pivot"])
def test_words_of_sql_are_quoted(word: str) -> None:
    """A plain name is not quoted, a word of the language is."""
    with closing(sqlite3.connect(":memory:")) as one, duckdb.connect() as other:
        for database in (one, other):
            database.execute(f"CREATE TABLE {identifier(word)} (n INTEGER)")
    assert identifier(word).startswith('"') == (word != "n")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_tables_without_rows_are_told_of_the_file(tmp_path: Path, kind: str) -> None:
    """What is left out of a file is not said as if it were of its first table."""
    path = tmp_path / "base"
    with opened(path, kind) as database:
        database.execute("CREATE TABLE t (n INTEGER, price TEXT)")
        database.execute("INSERT INTO t VALUES (1, '12.50'), (2, '9.90')")
        database.execute("CREATE TABLE unused (n INTEGER)")
    of_table, of_file = only_table_of(path).reading.doubts
    assert ("'price'" in of_table.text, of_table.of_file) == (True, False)
    assert ("'unused'" in of_file.text, of_file.of_file) == (True, True)


def test_mixed_values_of_a_column_are_told(tmp_path: Path) -> None:
    """SQLite keeps text among numbers; so does the table, and it is said."""
    path = tmp_path / "base"
    with opened(path, "sqlite") as database:
        database.execute("CREATE TABLE t (total REAL)")
        database.execute("INSERT INTO t VALUES (19.9), ('n/a'), (NULL)")
    table = only_table_of(path)
    assert table.cells["total"] == [19.9, "n/a", None]
    assert "'total'" in table.told
