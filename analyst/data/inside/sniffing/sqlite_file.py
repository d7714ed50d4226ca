"""A SQLite file: its tables and views, with what their values are."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..code.databases import identifier
from ..reading import Column, DatabaseTable, Doubt, Unreadable
from .database_contents import Named, TableUnreadable, rows_to_look_at
from .loaded import look_at, named

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SQLiteFile"]

_COUNTING_SECONDS = 3.0
_VIEW_SECONDS = 1.0
_READING_SECONDS = 5.0
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""
_LOCK_SECONDS = 0.5
_WAL_AT, _WAL = 18, 2
_EXACT = 1 << 53
_LIST = (
    "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') "
    "AND name NOT LIKE 'sqlite#_%' ESCAPE '#' ORDER BY name"
)


class SQLiteFile:
    """A database that is open for reading."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            header = stream.read(_WAL_AT + 1)
        # With nothing beside it, a file of the write-ahead kind is complete, and only
        # so it can be opened where nothing may be written.
        self._immutable = header[_WAL_AT] == _WAL
        mode = "immutable=1" if self._immutable else "mode=ro"
        try:
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?{mode}", uri=True, timeout=_LOCK_SECONDS
            )
        except sqlite3.Error as error:
            raise _unreadable(error) from None

    def tables(self) -> tuple[list[Named], list[str]]:
        """All tables and views, and the labels of those that cannot be counted."""
        try:
            listed = self._connection.execute(_LIST).fetchall()
        except sqlite3.Error as error:
            raise _unreadable(error) from None
        ends = time.monotonic() + _COUNTING_SECONDS
        tables: list[Named] = []
        failed: list[str] = []
        for kind, name in sorted(listed):
            seconds = max(0.05, ends - time.monotonic())
            if kind == "view":
                seconds = min(seconds, _VIEW_SECONDS)
            try:
                tables.append(Named(name, rows=self._count(name, seconds)))
            except sqlite3.Error as error:
                if kind == "view" or "interrupted" not in str(error):
                    failed.append(name)
                else:
                    tables.append(Named(name))
        return tables, failed

    def reading(self, table: Named) -> DatabaseTable:
        """How one is read: as text where its numbers would not stay exact."""
        try:
            with self._limited(_READING_SECONDS):
                frame = self._start(table)
                long = self._long_numbers(table, frame)
        except (sqlite3.Error, ValueError) as error:
            if "interrupted" in str(error):
                raise TableUnreadable("reading it takes too long") from None
            raise TableUnreadable(" ".join(str(error).split())[:100]) from None
        looked = look_at(frame.drop(columns=long))
        kinds = {column.name: column for column in looked.columns}
        kinds |= {name: Column(name, "str") for name in long}
        arguments: tuple[tuple[str, Any], ...] = ()
        if self._immutable:
            arguments = (("immutable", True),)
        doubts = looked.doubts
        if long:
            arguments = (*arguments, ("as_text", long))
            doubts = (
                *doubts,
                Doubt(
                    f"The whole numbers in {named(long)} are too long to be exact "
                    "beside missing ones; they are read as text."
                ),
            )
        return DatabaseTable(
            label=table.label,
            arguments=arguments,
            conversions=looked.conversions,
            rows=table.rows,
            columns=tuple(
                kinds.get(name, Column(name, "other"))
                for name in map(str, frame.columns)
            ),
            doubts=doubts,
            engine="sqlite",
            table=table.name,
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _limited(self, seconds: float) -> Iterator[None]:
        """What takes longer within is interrupted, with an error of SQLite."""
        ends = time.monotonic() + seconds
        self._connection.set_progress_handler(
            lambda: int(time.monotonic() > ends), _STEPS
        )
        try:
            yield
        finally:
            self._connection.set_progress_handler(None, 0)

    def _count(self, name: str, seconds: float) -> int:
        with self._limited(seconds):
            query = f"SELECT count(*) FROM {identifier(name)}"  # noqa: S608 - quoted as SQL wants it
            return int(self._connection.execute(query).fetchone()[0])

    def _start(self, table: Named) -> pd.DataFrame:
        import pandas as pd  # noqa: PLC0415 - only once there is a table

        source = f"SELECT * FROM {identifier(table.name)}"  # noqa: S608 - quoted as SQL wants it
        columns = len(self._connection.execute(f"{source} LIMIT 0").description)
        limit = rows_to_look_at(table.rows, columns)
        return pd.read_sql(f"{source} LIMIT {limit}", self._connection)

    def _long_numbers(self, table: Named, frame: pd.DataFrame) -> list[str]:
        """Columns of whole numbers that pandas would round beside missing ones."""
        long = []
        for name in frame.select_dtypes("float").columns:
            column = identifier(str(name))
            query = (
                f"SELECT max({column}), min({column}) FROM {identifier(table.name)} "  # noqa: S608 - as above
                f"WHERE typeof({column}) = 'integer'"
            )
            high, low = self._connection.execute(query).fetchone()
            if high is not None and max(high, -low) > _EXACT:
                long.append(str(name))
        return long


def _unreadable(error: sqlite3.Error) -> Unreadable:
    told = str(error)
    if "locked" in told:
        return Unreadable("is locked by another program: close it, or give a copy")
    if "unable to open" in told:
        return Unreadable("cannot be opened as SQLite: check its permissions")
    return Unreadable(
        "is a damaged or encrypted SQLite file: copy it again, or decrypt it"
    )
