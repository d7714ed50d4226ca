"""The rows of a statement, so many at a time as memory allows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Rows"]

_numbers = itertools.count(1)


class Rows:
    """What a statement gives, held by the server until it is taken.

    PostgreSQL's own cursors are asked for by name: they serve every driver and every
    kind of query, and refuse one that writes.

    Args:
        connection: in a transaction.
        statement: one that reads.
    """

    def __init__(self, connection: sa.Connection, statement: str) -> None:
        self._connection = connection
        self._cursor = ""
        if connection.dialect.name == "postgresql":
            self._cursor = f"analyst_{next(_numbers)}"
            self._execute(f"DECLARE {self._cursor} NO SCROLL CURSOR FOR {statement}")
            self._result = self._execute(f"FETCH 0 FROM {self._cursor}")
        else:
            self._result = self._execute(statement)
        described = self._result.cursor
        assert described is not None
        self.names = tuple(str(column[0]) for column in described.description)
        """Of the columns; they may be empty or there twice."""

    def take(self, count: int) -> Sequence[Sequence[Any]]:
        """The next rows, fewer only at the end."""
        if self._cursor:
            self._result = self._execute(f"FETCH {count} FROM {self._cursor}")
        return self._result.fetchmany(count)

    def close(self) -> None:
        """Take no more."""
        self._result.close()
        if self._cursor:
            self._execute(f"CLOSE {self._cursor}")

    def _execute(self, statement: str) -> sa.CursorResult[Any]:
        # Without parameters no driver looks for a % to put one in.
        options = {"no_parameters": True, "stream_results": not self._cursor}
        return self._connection.exec_driver_sql(statement, execution_options=options)
