"""A DuckDB file: its tables and views, with what their values are."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..code.databases import identifier
from ..reading import Column, DatabaseTable, Doubt, Unreadable
from .database_contents import Named, TableUnreadable, rows_to_look_at
from .loaded import look_at, named

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DuckDBFile"]

_QUERY_SECONDS = 2.0
_EXACT = 1 << 53
_LONG_TYPES = {"BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT"}
_ALWAYS_ROUNDED = {"HUGEINT", "UHUGEINT"}
_SETTINGS = (
    # A view of the file may ask for other files, or for the network. Told only once it
    # is open: the file itself would else be refused where its name holds a `?`.
    "SET enable_external_access = false",
    "SET memory_limit = '1GB'",
    "SET threads = 2",
)
_LIST = (
    "SELECT schema_name, table_name FROM duckdb_tables() "
    "WHERE database_name = current_database() AND NOT internal "
    "UNION ALL SELECT schema_name, view_name FROM duckdb_views() "
    "WHERE database_name = current_database() AND NOT internal ORDER BY 1, 2"
)


class DuckDBFile:
    """A database that is open for reading."""

    def __init__(self, path: Path) -> None:
        import duckdb  # noqa: PLC0415 - only where it is needed

        self._error = duckdb.Error
        try:
            self._connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            raise _unreadable(str(error)) from None
        for setting in _SETTINGS:
            self._connection.execute(setting)

    def tables(self) -> tuple[list[Named], list[str]]:
        """All tables and views, and the labels of those that cannot be counted."""
        tables: list[Named] = []
        failed: list[str] = []
        try:
            listed = self._connection.execute(_LIST).fetchall()
        except self._error as error:
            raise _unreadable(str(error)) from None
        for schema, name in listed:
            table = Named(name, "" if schema == "main" else schema)
            try:
                query = f"SELECT count(*) FROM {_place(table)}"  # noqa: S608 - quoted as SQL wants it
                [(rows,)] = self._ask(query).fetchall()
                tables.append(Named(table.name, table.schema, rows))
            except self._error:
                failed.append(table.label)
        return tables, failed

    def reading(self, table: Named) -> DatabaseTable:
        """How one is read: as text where its numbers would not stay exact."""
        try:
            frame, types = self._start(table)
            long = self._long_numbers(table, types)
        except self._error as error:
            raise TableUnreadable(" ".join(str(error).split())[:100]) from None
        looked = look_at(frame.drop(columns=long))
        kinds = {column.name: column for column in looked.columns}
        kinds |= {name: Column(name, "str") for name in long}
        doubts = looked.doubts
        if long:
            doubts = (
                *doubts,
                Doubt(
                    f"The whole numbers in {named(long)} are too long to be exact; "
                    "they are read as text."
                ),
            )
        return DatabaseTable(
            label=table.label,
            arguments=(("as_text", long),) if long else (),
            conversions=looked.conversions,
            rows=table.rows,
            columns=tuple(kinds[name] for name in map(str, frame.columns)),
            doubts=doubts,
            engine="duckdb",
            table=table.name,
            schema=table.schema,
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _ask(self, query: str) -> Any:  # noqa: ANN401 - a result of duckdb
        with self._limited():
            return self._connection.execute(query)

    @contextlib.contextmanager
    def _limited(self) -> Iterator[None]:
        """What takes longer within is interrupted, with an error of DuckDB."""
        timer = threading.Timer(_QUERY_SECONDS, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _start(self, table: Named) -> tuple[pd.DataFrame, dict[str, str]]:
        """The first rows, and the types of the columns."""
        source = f"SELECT * FROM {_place(table)}"  # noqa: S608 - quoted as SQL wants it
        described = self._ask(f"DESCRIBE {source}").fetchall()
        types = {str(name): str(kind) for name, kind, *_ in described}
        limit = rows_to_look_at(table.rows, len(types))
        with self._limited():
            frame = self._connection.execute(f"{source} LIMIT {limit}").df()
        return frame, types

    def _long_numbers(self, table: Named, types: dict[str, str]) -> list[str]:
        """Columns of whole numbers that pandas would round."""
        long = []
        for name, kind in types.items():
            if kind not in _LONG_TYPES:
                continue
            column = identifier(name)
            query = (
                f"SELECT count(*) - count({column}), max({column}), min({column}) "  # noqa: S608 - as above
                f"FROM {_place(table)}"
            )
            [(missing, high, low)] = self._ask(query).fetchall()
            is_rounded = missing or kind in _ALWAYS_ROUNDED
            if is_rounded and high is not None and max(high, -low) > _EXACT:
                long.append(name)
        return long


def _place(table: Named) -> str:
    schema = f"{identifier(table.schema)}." if table.schema else ""
    return schema + identifier(table.name)


def _unreadable(told: str) -> Unreadable:
    if "Could not set lock" in told:
        return Unreadable("is locked by another program: close it, or give a copy")
    if "ncrypt" in told:
        return Unreadable("is an encrypted DuckDB file: write it without encryption")
    if "version" in told:
        return Unreadable(
            "is a DuckDB file of another version: export its tables as Parquet"
        )
    return Unreadable("is a damaged DuckDB file: copy or download it again")
