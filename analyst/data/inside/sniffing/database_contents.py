"""What is asked of an open database, whichever engine it is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..reading import DatabaseTable

__all__ = ["Contents", "Named", "TableUnreadable", "rows_to_look_at"]

_MANY_CELLS = 2_000_000


class TableUnreadable(Exception):  # noqa: N818 - it becomes a doubt
    """One table or view cannot be read; the message says why in a few words."""


@dataclass(frozen=True)
class Named:
    """A table or view, and how many rows it has; None where counting takes long."""

    name: str
    schema: str = ""
    rows: int | None = None

    @property
    def label(self) -> str:
        """What it is called in its file."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Contents(Protocol):
    """What is asked of an open database."""

    def tables(self) -> tuple[list[Named], list[str]]:
        """All tables and views, and the labels of those that cannot be counted."""

    def reading(self, table: Named) -> DatabaseTable:
        """How one is read.

        Raises:
            TableUnreadable: it cannot be.
        """

    def close(self) -> None:
        """Let go of the file."""


def rows_to_look_at(rows: int | None, columns: int) -> int:
    """How many rows of a table are looked at."""
    bound = _MANY_CELLS // max(1, columns)
    return bound if rows is None else min(rows, bound)
