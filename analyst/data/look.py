"""What the probe saw of a table, as plain data. All of it comes from the data."""

from __future__ import annotations

from dataclasses import dataclass

from analyst.data.inside.probing.noticed import Join, Noticed, Oddity
from analyst.events import Column

__all__ = ["Join", "Look", "Noticed", "Oddity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the probe saw of one table."""

    name: str
    rows: int
    column_count: int
    """All of them; `columns` holds the first few hundred at most."""
    columns: tuple[Column, ...]
    zeros: tuple[int, ...] = ()
    """How many rows are zero, of each of `columns`; empty where nobody counted."""
    noticed: tuple[Noticed, ...] = ()
    """What is odd, the most important first: see `quality.notes`."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns whose values could tell rows apart."""
        kinds = {"int", "str"}
        return tuple(c.name for c in self.columns if c.unique and c.kind in kinds)

    @property
    def more_columns(self) -> int:
        """How many there are beyond those in `columns`."""
        return self.column_count - len(self.columns)
