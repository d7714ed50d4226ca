"""Databases by URL: the right values, nothing written, no secret seen."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import logging
import math
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pandas as pd
import pytest
import sqlalchemy
from hypothesis import given
from pyarrow import parquet

from analyst.data.fetching import wanted
from analyst.data.fetching.credentials import is_database_url, read_address
from analyst.data.fetching.database import extract
from analyst.data.fetching.fetched import Fetched
from analyst.data.fetching.read_only import read_only_connection
from analyst.data.fetching.spool import Spool
from analyst.data.fetching.statements import one_that_reads
from analyst.errors import InputError

from ..tools.postgres_server import (  # noqa: TID252 - tests are no package
    PASSWORD,
    PostgresServer,
    programs,
)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL with a small shop."""
    if programs() is None:
        pytest.skip("needs Debian's package postgresql")
    with PostgresServer() as started:
        yield started


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of all roles, under the name that the URLs tell."""
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    monkeypatch.delenv("PGPASSWORD", raising=False)


def chain(error: BaseException | None) -> str:
    """The texts of an error and of all that it remembers."""
    texts = []
    while error is not None:
        texts.append(f"{error!r} {error} {error.args!r}")
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def table_of(fetched: Fetched) -> pd.DataFrame:
    """As the load cell reads it."""
    return pd.read_parquet(fetched.path)


# The values.


def test_values_are_those_of_the_database(
    server: PostgresServer, tmp_path: Path
) -> None:
    """Each column is compared with what the owner of the database reads."""
    (fetched,) = extract(server.url("reader") + "#orders", tmp_path)
    table = table_of(fetched).sort_values("id").reset_index(drop=True)
    names = "id, customer, day, at, amount, price, note, paid, tags"
    names += ", extra::text, code::text"
    truth = server.execute(f"SELECT {names} FROM orders ORDER BY id")
    assert len(table) == len(truth) == 250
    for n, row in enumerate(truth):
        got = table.iloc[n]
        assert (got.id, got.customer, got.note, got.paid) == (
            *row[:2],
            row[6],
            row[7],
        )
        assert got.day == pd.Timestamp(row[2])
        assert got["at"] == pd.Timestamp(row[3]).tz_convert("UTC")
        if row[4] is None:
            assert math.isnan(got.amount)
        else:
            assert decimal.Decimal(str(got.amount)) == row[4]
        assert got.price == row[5]
        assert got.tags == f'["a", "b{n + 1}"]'
        assert (got.extra, got.code) == (row[9], row[10])
    assert str(table["at"].dtype) == "datetime64[us, UTC]"
    assert str(table.day.dtype) == "datetime64[us]"
    assert str(table.amount.dtype) == "float64"
    told = " ".join(fetched.notes)
    for words in (
        "amount: exact decimals became floats",
        "price: decimals have more digits than a float holds",
        "tags, extra: lists and objects became JSON",
        "code: values of a kind",
        "at: times with a zone are in UTC",
    ):
        assert words in told


def test_the_same_content_is_one_file(server: PostgresServer, tmp_path: Path) -> None:
    """Also by a query; other content never takes its place."""
    url = server.url("reader")
    (first,) = extract(f"{url}#customers", tmp_path)
    (again,) = extract(f"{url}", tmp_path, table="customers")
    (query,) = extract(f"{url}#SELECT id FROM customers", tmp_path)
    assert (first.path, first.is_new, again.is_new) == (again.path, True, False)
    assert sorted(tmp_path.iterdir()) == sorted([first.path, query.path])
    assert query.origin == f"postgresql://127.0.0.1:{server.port}/shop, a query"
    assert first.origin == f"postgresql://127.0.0.1:{server.port}/shop, table customers"
    assert (first.name, query.name) == ("customers", "query")


def test_queries_are_sent_as_they_are(server: PostgresServer, tmp_path: Path) -> None:
    """With `%`, `:name`, quotes and `;` in quotes, by every word that reads."""
    url = server.url("reader")
    queries = {
        "SELECT count(*) AS n FROM customers WHERE name LIKE '%; D%'": 1,
        "SELECT ':x' AS a, '%s' AS b, 3 AS n;": 3,
        "WITH c AS (SELECT 4 AS n) SELECT n FROM c": 4,
        "VALUES (5), (5)": 5,
        "(SELECT 6 AS n) UNION (SELECT 6)": 6,
        "SELECT '2024-01-01 10:20'::timestamp AS t, 7 % 100 AS n": 7,
    }
    for query, expected in queries.items():
        (fetched,) = extract(f"{url}#{query}", tmp_path)
        assert table_of(fetched).iloc[0, -1] == expected
    (fetched,) = extract(url, tmp_path, query="TABLE other.sums")
    assert table_of(fetched).to_dict("list") == {"a": [1], "b": [2]}


def test_values_that_python_has_no_type_for(
    server: PostgresServer, tmp_path: Path
) -> None:
    """Come as text."""
    values = {
        "day": "infinity::date",
        "at": "-infinity::timestamptz",
        "end": "24:00::time",
        "long": "294276-01-01::timestamp",
        "net": "10.0.0.0/8::cidr",
        "span": "[1,5)::int4range",
        "cost": "$5.00::money",
    }
    columns = ", ".join(
        "'{}'::{} AS \"{}\"".format(*value.split("::"), name)
        for name, value in values.items()
    )
    (fetched,) = extract(f"{server.url('reader')}#SELECT {columns}", tmp_path)
    texts = {name: value.split("::")[0] for name, value in values.items()}
    shown = {"end": "24:00:00", "long": "294276-01-01 00:00:00", "span": "[1, 5)"}
    assert table_of(fetched).to_dict("records") == [texts | shown]
    query = "SELECT '2024-01-02'::date AS d UNION ALL SELECT 'infinity'"
    (mixed,) = extract(f"{server.url('reader')}#{query}", tmp_path)
    assert sorted(table_of(mixed).d) == ["2024-01-02", "infinity"]
    assert "several kinds" in mixed.notes[0]


def test_the_refresh_code_extracts_again(
    server: PostgresServer, tmp_path: Path
) -> None:
    """It is plain code, and has the same rows."""
    query = (
        "SELECT id, name, ':x%' AS a FROM customers WHERE name LIKE '%o%' ORDER BY 1"
    )
    for chosen in (query, "customers"):
        (fetched,) = extract(f"{server.url('reader')}#{chosen}", tmp_path)
        assert all(line.startswith("# ") for line in fetched.refresh.splitlines())
        code = fetched.refresh.partition("\n")[2].replace("# ", "")
        exec(code, {"pd": pd, "DATA": tmp_path / "again"})
        again = pd.read_parquet(tmp_path / "again")
        pd.testing.assert_frame_equal(again, table_of(fetched), check_dtype=False)


def test_columns_of_one_name_are_told_apart(
    server: PostgresServer, tmp_path: Path
) -> None:
    """And said to have been."""
    query = "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a"
    (fetched,) = extract(f"{server.url('reader')}#{query}", tmp_path)
    assert table_of(fetched).to_dict("list") == {
        "a": [1],
        "a_3": [2],
        "a_2": [3],
        "a_4": [4],
    }
    assert any("2 column names" in note for note in fetched.notes)


# Which tables.


def test_all_tables_where_they_are_few(server: PostgresServer, tmp_path: Path) -> None:
    """Empty ones are left out, and said to be."""
    fetched = extract(server.url("reader"), tmp_path)
    assert [each.name for each in fetched] == ["big", "customers", "orders"]
    assert any("Table nothing holds no rows" in note for note in fetched[0].notes)


def test_too_many_are_listed(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With their rows, and how to choose; also where they are few and large."""
    with pytest.raises(InputError, match=r"customers \(3 rows\).*behind #"):
        extract(server.url("reader"), tmp_path, max_rows=1000)
    monkeypatch.setattr(wanted, "MAX_TABLES", 2)
    with pytest.raises(InputError, match=r"orders \(250 rows\)"):
        extract(server.url("reader"), tmp_path)
    chosen = extract(server.url("reader") + "#orders, other.sums,paid", tmp_path)
    assert [each.name for each in chosen] == ["orders", "sums", "paid"]


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ("ordes", "no table ordes: did you mean orders"),
        ("wholly different", "Only a query that begins with SELECT"),
        ("zzz", "no table zzz: leave the name out"),
        ("nothing", "table nothing, holds no rows"),
        ("SELECT 1 WHERE false", "a query, holds no rows"),
        ("SELECT nope FROM orders", 'cannot be read .column "nope" does not exist'),
    ],
)
def test_what_is_not_there(
    server: PostgresServer, tmp_path: Path, chosen: str, told: str
) -> None:
    """One sentence, and no file."""
    with pytest.raises(InputError, match=told):
        extract(f"{server.url('reader')}#{chosen}", tmp_path)
    assert list(tmp_path.iterdir()) == []


# Samples and limits.


@pytest.mark.parametrize("max_rows", [50, 2000])
def test_a_larger_table_is_sampled_by_the_server(
    server: PostgresServer, tmp_path: Path, max_rows: int
) -> None:
    """From all parts of it, and both figures are said."""
    (fetched,) = extract(server.url("reader") + "#big", tmp_path, max_rows=max_rows)
    table = table_of(fetched)
    assert max_rows * 0.8 < len(table) <= max_rows
    assert table.id.is_unique
    assert table.id.max() > 18_000
    assert table.id.min() < 2_000
    assert any(f"a sample of {len(table):,} of 20,000" in n for n in fetched.notes)


def test_a_larger_query_is_sampled_by_the_server(
    server: PostgresServer, tmp_path: Path
) -> None:
    """As a table is."""
    url = f"{server.url('reader')}#SELECT id FROM big WHERE id > 10000 ORDER BY id"
    (fetched,) = extract(url, tmp_path, max_rows=100)
    table = table_of(fetched)
    assert len(table) == 100
    assert table.id.max() - table.id.min() > 5000
    assert "a sample of 100 of 10,000 rows" in fetched.notes[0]


def test_rows_of_a_very_large_table_are_estimated(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the estimate is called one."""
    monkeypatch.setattr(wanted, "_COUNTED_BYTES", 1)
    (fetched,) = extract(server.url("reader") + "#big", tmp_path, max_rows=2000)
    assert "of about 20,000 rows" in fetched.notes[0]


def test_more_bytes_than_wanted_are_refused(
    server: PostgresServer, tmp_path: Path
) -> None:
    """Nothing is cut off silently."""
    with pytest.raises(InputError, match="takes more than 1 MB: name the columns"):
        extract(server.url("reader") + "#big", tmp_path, max_bytes=1 << 16)
    assert list(tmp_path.iterdir()) == []


def test_a_statement_takes_no_longer_than_it_may(
    server: PostgresServer, tmp_path: Path
) -> None:
    """The server ends it."""
    began = time.monotonic()
    with pytest.raises(InputError, match="statement timeout"):
        extract(
            server.url("reader"), tmp_path, query="SELECT pg_sleep(30)", query_seconds=1
        )
    assert time.monotonic() - began < 10


# Writing.

STATE = """
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM customers),
  (SELECT last_value FROM numbers), (SELECT is_called FROM numbers),
  (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_largeobject_metadata)"""

SMUGGLED = [
    "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO customers VALUES (9, 'x') RETURNING *) SELECT * FROM x",
    "SELECT * INTO stolen FROM orders",
    "SELECT setval('numbers', 3)",
    "SELECT nextval('numbers')",
    "SELECT adds()",
    "SELECT turns_on_and_adds()",
    "SELECT set_config('transaction_read_only', 'off', false), adds()",
    "SELECT set_config('default_transaction_read_only', 'off', false), adds()",
    "SELECT * FROM orders FOR UPDATE",
    "SELECT * FROM (SELECT 1) AS q) AS q; DELETE FROM orders; SELECT (1",
]
STATEMENTS = [
    "INSERT INTO customers VALUES (9, 'x')",
    "UPDATE orders SET amount = 0",
    "DELETE FROM orders",
    "DROP TABLE orders",
    "CREATE TABLE stolen AS SELECT * FROM orders",
    "TRUNCATE orders",
    "COPY orders TO PROGRAM 'cat'",
    "SET TRANSACTION READ WRITE",
    "SELECT 1; DELETE FROM orders",
    "SELECT 1; COMMIT; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "BEGIN; DELETE FROM orders; COMMIT",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    "EXPLAIN ANALYZE DELETE FROM orders",
    "CALL adds()",
    "SELECT $$ ' $$; DELETE FROM orders; SELECT $$ ' $$",
    "SELECT 1 -- '\n; DELETE FROM orders -- '",
    "SELECT 1 /* ' */; DELETE FROM orders /* ' */",
    r"SELECT '\'; DELETE FROM orders; SELECT '\''",
]


@pytest.mark.parametrize("role", ["writer", "owner"])
@pytest.mark.parametrize("query", [*SMUGGLED, *STATEMENTS])
def test_nothing_can_be_written(
    server: PostgresServer, tmp_path: Path, role: str, query: str
) -> None:
    """By a role that may write, and by the owner of all: each is refused in one
    sentence, and the database is as it was.
    """
    before = server.execute(STATE)
    with pytest.raises(InputError) as caught:
        extract(server.url(role), tmp_path, query=query)
    assert "\n" not in str(caught.value)
    assert server.execute(STATE) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("role", ["writer", "owner"])
def test_the_server_refuses_by_itself(server: PostgresServer, role: str) -> None:
    """Also what the look at the query would have stopped, and also after a query that
    turned writing on for the transactions to come: there is none to come.
    """
    before = server.execute(STATE)
    address = read_address(server.url(role))
    turns_on = "SELECT set_config('default_transaction_read_only', 'off', false)"
    for statement in [s for s in STATEMENTS if s.split()[0] not in {"COPY", "CALL"}]:
        for first in ("SELECT 1", turns_on):
            with (
                contextlib.suppress(sqlalchemy.exc.SQLAlchemyError),
                read_only_connection(address, query_seconds=10) as connection,
            ):
                options = {"no_parameters": True}
                connection.exec_driver_sql(first)
                connection.exec_driver_sql(statement, execution_options=options)
        assert server.execute(STATE) == before, statement


def test_what_a_server_lets_happen_is_rolled_back(
    server: PostgresServer, tmp_path: Path
) -> None:
    """Older versions make large objects also where they promised not to write."""
    before = server.execute(STATE)
    with contextlib.suppress(InputError):
        extract(server.url("owner"), tmp_path, query="SELECT lo_create(0)")
    assert server.execute(STATE) == before


def test_rights_to_write_are_said(server: PostgresServer, tmp_path: Path) -> None:
    """Of a role that has any, and of no other."""
    for role, may_write in (("reader", False), ("writer", True), ("owner", True)):
        (fetched,) = extract(server.url(role) + "#customers", tmp_path)
        assert any("its role may" in note for note in fetched.notes) is may_write


TEXTS = st.text(alphabet="ab;'\"`\\-/*$# \n[]()é", max_size=20)


@given(TEXTS, st.sampled_from(["postgresql", "mysql", "sqlite", "mssql"]))
def test_what_is_let_through_is_one_statement(text: str, dialect: str) -> None:
    """A `;` is only let through between quotes that all databases see alike."""
    try:
        sent = one_that_reads(f"SELECT {text}", dialect)
    except InputError:
        return
    quote = ""
    for character in sent:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" or (
            character == "`" and dialect in {"mysql", "sqlite"}
        ):
            quote = character
        elif character == "[" and dialect in {"sqlite", "mssql"}:
            quote = "]"
        else:
            assert character != ";"
    assert not quote


# Secrets.


@pytest.mark.parametrize(
    ("written", "variable"),
    [
        ("$SHOP_PASSWORD", "SHOP_PASSWORD"),
        ("${SHOP_PASSWORD}", "SHOP_PASSWORD"),
        ("Wombat%2F%2541%20%40x%3A7%23%3F", "PGPASSWORD"),
        ("", "PGPASSWORD"),
    ],
)
def test_the_password_is_seen_nowhere(  # noqa: PLR0917 - fixtures
    server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    written: str,
    variable: str,
) -> None:
    """Not in files, names, notes, comments, logs, errors or what they remember,
    wherever it was taken from; and the variable that holds it is named.
    """
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    if not written:
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
    url = server.url("reader", written).replace(":@", "@")
    seen = []
    for chosen in ("orders", "", "SELECT * FROM customers"):
        fetched = extract(f"{url}#{chosen}", tmp_path)
        seen += [repr(each) for each in fetched]
        assert all(f'os.environ["{variable}"]' in each.refresh for each in fetched)
    bad = ["#nope", "#SELECT nope", "#DELETE FROM x", "?sslmode=nope", "?nope=1"]
    bad += ["#SELECT a FROM orders; SELECT 1", "?options=-c%20nope", "?sslmode=require"]
    for more in bad:
        with pytest.raises(InputError) as caught:
            extract(url + more, tmp_path)
        seen.append(chain(caught.value))
    wrong = url.replace("/shop", "/nope"), url.replace("reader", "stranger")
    for each in wrong:
        with pytest.raises(InputError, match="cannot be opened") as caught:
            extract(each, tmp_path)
        seen.append(chain(caught.value))
    address = read_address(url)
    seen += [repr(address), address.public_url, caplog.text]
    secrets = (PASSWORD, "Wombat", "%2541")
    for text in seen:
        assert not any(secret in text for secret in secrets), text
    for path in tmp_path.rglob("*"):
        assert not any(secret.encode() in path.read_bytes() for secret in secrets)
        assert not any(secret in path.name for secret in secrets)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:quo#kka@127.0.0.1:1/shop",
        "postgresql://ann:12#quokka@127.0.0.1:1/shop",
        "postgresql://ann:12/quokka@127.0.0.1:1/shop",
        "postgresql://ann:quokka/7@127.0.0.1:1/shop",
        "postgresql://ann:quokka?7@127.0.0.1:1/shop",
        "postgresql://ann:quo@quokka@127.0.0.1:1/shop",
        "postgresql://ann:$QUOKKA@127.0.0.1:1/shop",
        "postgresql://ann:quokka@127.0.0.1:port/shop",
        "postgresql://127.0.0.1:1/shop?password=quokka",
        "postgresql://ann:x@127.0.0.1:1/shop?sslpassword=quokka&nope=quokka",
        "postgresql+quokka://ann:quokka@127.0.0.1:1/shop",
    ],
)
def test_a_password_in_the_wrong_place_is_not_told(url: str, tmp_path: Path) -> None:
    """Where a URL cannot be read as it was meant, nothing of it is repeated."""
    with pytest.raises(InputError) as caught:
        extract(url, tmp_path)
    told = chain(caught.value).lower()
    if "+quokka" not in url:
        assert "quokka" not in told
    assert "\n" not in str(caught.value)


def test_refused_passwords_are_said_to_be(
    server: PostgresServer, tmp_path: Path
) -> None:
    """And what was given is not shown."""
    with pytest.raises(InputError, match="password authentication failed") as caught:
        extract(server.url("reader", "quokka") + "#orders", tmp_path)
    assert "quokka" not in chain(caught.value)


def test_a_password_that_is_also_a_name_silences_the_driver(
    server: PostgresServer, tmp_path: Path
) -> None:
    """The words of a driver are only shown where they hold no secret."""
    with pytest.raises(InputError, match="its words are not shown"):
        extract(server.url("reader", "reader") + "#orders", tmp_path)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://ann@127.0.0.1:1/shop", "cannot be opened .*refused"),
        ("nonsuch://ann@host/shop", "knows no database nonsuch"),
        (
            "mysql+aiomysql://h/x",
            "driver of the database is not installed|asynchronous",
        ),
        ("mssql+pyodbc://h/x", "not installed: run `pip install 'pyodbc'`"),
        ("sqlite:///nowhere.db", "There is no database nowhere.db"),
        ("sqlite+aiosqlite:///x.db", "asynchronous|not installed"),
    ],
)
def test_what_cannot_be_opened(url: str, told: str, tmp_path: Path) -> None:
    """One sentence that says what to do."""
    with pytest.raises(InputError, match=told):
        extract(url, tmp_path)


def test_what_is_the_url_of_a_database() -> None:
    """Neither a path nor an address of the web is one."""
    for text in ("postgresql://h/x", "sqlite:///x.db", "mssql+pyodbc://x"):
        assert is_database_url(text)
    for text in ("sales.csv", "https://a/x", "C:\\x", "s3://b/x", "-", "a b://c"):
        assert not is_database_url(text)


# SQLite, where a column may hold anything.


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A SQLite file with odd columns."""
    path = tmp_path / "a shelf?.db"
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute('CREATE TABLE "odd one" (n, big, word, late, blob, mixed)')
        rows: list[tuple[Any, ...]] = [
            (n, 2**60 + n if n % 2 else None, f"é{n}", None, b"\0\1", n)
            for n in range(300)
        ]
        rows += [
            (0.5, 1, "", 7, None, "seven"),
            (None, None, None, None, None, b"\xff"),
        ]
        file.executemany('INSERT INTO "odd one" VALUES (?, ?, ?, ?, ?, ?)', rows)
    return path


def test_sqlite_is_opened_for_reading_alone(shelf: Path, tmp_path: Path) -> None:
    """All rows come, whatever the columns hold, and the file is not touched."""
    before = shelf.read_bytes()
    url = f"sqlite:///{shelf}".replace("?", "%3F")
    folder = tmp_path / "out"
    (fetched,) = extract(url, folder)
    table = table_of(fetched)
    assert fetched.origin == "sqlite:///a shelf?.db, table odd one"
    assert len(table) == 302
    assert table.n.tolist()[:301] == [*map(float, range(300)), 0.5]
    assert table.big.dropna().tolist() == [
        *(str(2**60 + n) for n in range(1, 300, 2)),
        "1",
    ]
    assert table.word.tolist()[:300] == [f"é{n}" for n in range(300)]
    assert table.late.dropna().tolist() == [7]
    assert table.blob.tolist()[0] == b"\0\1"
    assert table.mixed.tolist() == [*map(str, range(300)), "seven", "ff"]
    for query in ("SELECT load_extension('x')", "WITH a AS (SELECT 1) DELETE FROM a"):
        with pytest.raises(InputError):
            extract(url, folder, query=query)
    with (
        pytest.raises(sqlalchemy.exc.OperationalError, match="readonly"),
        read_only_connection(read_address(url), query_seconds=5) as connection,
    ):
        connection.exec_driver_sql('DELETE FROM "odd one"')
    assert shelf.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [shelf.name]


def test_sqlite_ends_a_query_that_does_not(shelf: Path, tmp_path: Path) -> None:
    """After the seconds that it may take."""
    endless = "SELECT 1 UNION ALL SELECT n + 1 FROM a"
    query = f"WITH RECURSIVE a(n) AS ({endless}) SELECT n FROM a"
    began = time.monotonic()
    with pytest.raises(InputError, match="interrupted"):
        extract(
            f"sqlite:///{shelf}".replace("?", "%3F"),
            tmp_path,
            query=query,
            query_seconds=1,
        )
    assert time.monotonic() - began < 10


# Columns.

ZONE = dt.timezone(dt.timedelta(hours=-3))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8")),
    st.binary(),
    st.datetimes(),
    st.datetimes(timezones=st.just(ZONE), min_value=dt.datetime(2, 1, 1)),  # noqa: DTZ001 - the zone follows
    st.dates(),
    st.times(),
    st.timedeltas(dt.timedelta(days=-9999), dt.timedelta(days=9999)),
    st.uuids(),
    st.lists(st.integers(), max_size=3),
)
COLUMNS = st.one_of(
    st.lists(VALUES, min_size=1, max_size=8),
    *(
        st.lists(st.none() | kind, min_size=1, max_size=8)
        for kind in (
            st.integers(-(2**53), 2**53),
            st.integers(-(2**63), 2**63 - 1),
            st.integers() | st.floats(allow_nan=False),
            st.decimals(places=2, min_value=-(10**6), max_value=10**6),
            st.decimals(allow_nan=False, allow_infinity=False),
            st.integers(-(10**18), 10**18)
            | st.decimals(places=9, min_value=0, max_value=9),
            st.dates() | st.datetimes(),
        )
    ),
)


def same(put: Any, kept: Any) -> bool:
    """Whether a value is the one that was put in, or its text."""
    if put is None or kept is None:
        return put is kept
    if isinstance(put, bytes) and isinstance(kept, str):
        put = put.hex()
    elif isinstance(put, int | float | decimal.Decimal) and not isinstance(put, bool):
        put, kept = decimal.Decimal(str(put)), decimal.Decimal(str(kept))
    elif isinstance(kept, dt.datetime) and type(put) is dt.date:
        put = dt.datetime.combine(put, dt.time())
    elif isinstance(put, dt.date) and isinstance(kept, str):
        # A time with a zone may be told in another one.
        kept = dt.datetime.fromisoformat(kept)
        put = dt.datetime.fromisoformat(str(put))
    elif isinstance(kept, str):
        put = str(put)
    return bool(put == kept)


@given(COLUMNS, st.integers(1, 8))
def test_no_value_is_lost(values: list[Any], at_once: int) -> None:
    """Whatever a column holds and however it is cut into pieces: each value is there,
    equal or as its text, and missing where it was missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.parquet"
        with tempfile.TemporaryFile() as file:
            spool = Spool(file, ["v"])
            for start in range(0, len(values), at_once):
                spool.add([(value,) for value in values[start : start + at_once]])
            spool.write(path)
        column = parquet.read_table(path).column("v").to_pylist()
    for put, kept in zip(values, column, strict=True):
        assert same(put, kept), (put, kept)
