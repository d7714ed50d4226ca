"""A connection by which nothing can be written, as far as the server has a say.

All that is read over it is read in one transaction, which is rolled back: a query that
turns writing on "for the next transaction" finds that there is none.
"""

from __future__ import annotations

import contextlib
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyst.data.fetching.credentials import Address
from analyst.data.fetching.psycopg_values import take_all_values
from analyst.errors import InputError

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["NOT_ENFORCED", "read_only_connection", "warning_of_rights"]

CONNECT_SECONDS = 15
NOT_ENFORCED = (
    "This database was not asked to refuse writing, as it is not known how: only a "
    "query that reads was sent, and nothing was committed. A role that may only read "
    "is safer."
)
_CONNECT_ARGUMENTS = {
    "psycopg": {"connect_timeout": CONNECT_SECONDS, "application_name": "analyst"},
    "psycopg2": {"connect_timeout": CONNECT_SECONDS, "application_name": "analyst"},
    "pg8000": {"timeout": CONNECT_SECONDS, "application_name": "analyst"},
    "pymysql": {"connect_timeout": CONNECT_SECONDS},
    "mysqldb": {"connect_timeout": CONNECT_SECONDS},
    "duckdb_engine": {"read_only": True},
}
_MAY_WRITE = """\
SELECT current_setting('is_superuser') = 'on' OR EXISTS (
  SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))"""


@contextlib.contextmanager
def read_only_connection(
    address: Address, *, query_seconds: int
) -> Iterator[sa.Connection]:
    """Open a database for reading, and roll back and close at the end.

    PostgreSQL, MySQL and MariaDB refuse to write in such a session; SQLite and DuckDB
    files are opened for reading alone. Of others nothing is known (`NOT_ENFORCED`).

    Args:
        address: where it is.
        query_seconds: how long one statement may take, where that can be said.

    Raises:
        InputError: there is no such file, or the server does not promise to refuse.
    """
    import sqlalchemy as sa  # noqa: PLC0415 - an extra, only for databases

    engine = sa.create_engine(
        address.url,
        poolclass=sa.NullPool,
        hide_parameters=True,
        connect_args=_CONNECT_ARGUMENTS.get(address.url.get_driver_name(), {}),
    )
    guard = _GUARDS.get(address.dialect)

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, args: Any, options: Any) -> Any:  # noqa: ANN401 - as each driver likes it
        # Before SQLAlchemy itself sends anything.
        if address.dialect == "sqlite":
            args, options = _sqlite_arguments(address, options)
        connection = dialect.connect(*args, **options)
        if guard is not None:
            guard(connection, query_seconds)
        if dialect.driver == "psycopg":
            take_all_values(connection)
        return connection

    try:
        with engine.connect() as connection:
            if address.dialect == "postgresql":
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                _check_promise(connection)
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def warning_of_rights(connection: sa.Connection) -> str:
    """A sentence where the role could write otherwise, or writing is not refused."""
    dialect = connection.dialect.name
    if dialect not in _GUARDS and dialect != "duckdb":
        return NOT_ENFORCED
    if dialect == "postgresql" and connection.exec_driver_sql(_MAY_WRITE).scalar():
        return (
            "The database was read in a session that may not write, but its role may: "
            "a role that may only read is safer."
        )
    return ""


def _check_promise(connection: sa.Connection) -> None:
    promised = connection.exec_driver_sql("SHOW transaction_read_only").scalar()
    if promised != "on":
        raise InputError(
            "The server does not promise to refuse writing: give the URL of a role and "
            "a server that let `BEGIN READ ONLY` be said."
        )


def _guard_postgresql(connection: Any, query_seconds: int) -> None:  # noqa: ANN401 - of any driver
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    cursor.execute("SET default_transaction_read_only = on")
    cursor.execute(f"SET statement_timeout = {int(query_seconds * 1000)}")
    cursor.execute("SET lock_timeout = 10000")
    # What is read is read to its end: no plan that is quick for the first rows alone.
    cursor.execute("SET cursor_tuple_fraction = 1")
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.close()
    connection.autocommit = False


def _guard_mysql(connection: Any, query_seconds: int) -> None:  # noqa: ANN401 - of any driver
    cursor = connection.cursor()
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    for limit in (
        f"SET SESSION max_execution_time = {int(query_seconds * 1000)}",  # of MySQL
        f"SET SESSION max_statement_time = {int(query_seconds)}",  # of MariaDB
    ):
        with contextlib.suppress(Exception):
            cursor.execute(limit)
    cursor.close()


def _guard_sqlite(connection: Any, query_seconds: int) -> None:  # noqa: ANN401 - of any driver
    connection.execute("PRAGMA query_only = ON")
    ends_at = time.monotonic() + query_seconds
    connection.set_progress_handler(lambda: time.monotonic() > ends_at, 100_000)


_GUARDS: dict[str, Callable[[Any, int], None]] = {
    "postgresql": _guard_postgresql,
    "mysql": _guard_mysql,
    "mariadb": _guard_mysql,
    "sqlite": _guard_sqlite,
}


def _sqlite_arguments(
    address: Address, options: dict[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """What opens the file for reading, and does not make it."""
    file = Path(address.url.database or "")
    if not file.is_file():
        raise InputError(
            f"There is no database {file}: check its path; it is counted from the "
            "current folder after three strokes, from the root after four."
        )
    quoted = urllib.parse.quote(str(file.absolute()))
    return [f"file:{quoted}?mode=ro"], {**options, "uri": True}
