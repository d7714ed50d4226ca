"""SQLite and DuckDB files: their tables and views, opened read-only and in a limit.

A view may be any query, one without an end among them: whatever is asked has a few
seconds, and what takes longer is left out and told.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..reading import DatabaseTable, Doubt, Reading, Unreadable
from .database_contents import Contents, Named, TableUnreadable
from .files import SourceFile
from .loaded import named

__all__ = ["sniff"]

_MANY_TABLES = 20


def sniff(file: SourceFile, kind: str) -> list[Reading]:
    """The tables of a database, the largest first.

    Args:
        file: it is not compressed.
        kind: `sqlite` or `duckdb`.

    Raises:
        Unreadable: it is locked, damaged, encrypted or empty, or not all is written
            to it yet.
    """
    _refuse_unwritten(file.path)
    contents = _opened(file.path, kind)
    try:
        tables, failed = contents.tables()
        filled = sorted(
            (table for table in tables if table.rows != 0),
            key=lambda table: -(1 << 60 if table.rows is None else table.rows),
        )
        readings, unread = _readings(contents, filled[:_MANY_TABLES])
    finally:
        contents.close()
    empty = [table.label for table in tables if table.rows == 0]
    further = [table.label for table in filled[_MANY_TABLES:]]
    if not readings:
        reason = f" ({'; '.join(unread)[:200]})" if unread else ""
        raise Unreadable(
            f"is a database without rows that can be read{reason}: check where it "
            "came from"
        )
    doubts = [Doubt(f"Left out: {reason}.", of_file=True) for reason in unread]
    for labels, why in (
        (failed, "not to be read, or not in time"),
        (empty, "without rows"),
        (further, f"smaller than the {_MANY_TABLES} that are loaded"),
    ):
        if labels:
            told = f"Left out ({why}): {named(labels)}."
            doubts.append(Doubt(told, of_file=True))
    first, *rest = readings
    return [replace(first, doubts=(*first.doubts, *doubts)), *rest]


def _opened(path: Path, kind: str) -> Contents:
    if kind == "sqlite":
        from .sqlite_file import SQLiteFile  # noqa: PLC0415 - the one that is needed

        return SQLiteFile(path)
    from .duckdb_file import DuckDBFile  # noqa: PLC0415 - the one that is needed

    return DuckDBFile(path)


def _readings(
    contents: Contents, tables: list[Named]
) -> tuple[list[DatabaseTable], list[str]]:
    """How each is read, and why some are not."""
    readings = []
    unread = []
    for table in tables:
        try:
            readings.append(contents.reading(table))
        except TableUnreadable as why:
            unread.append(f"{named([table.label])} ({why})")
    return readings, unread


def _refuse_unwritten(path: Path) -> None:
    """Nothing, where all changes are in the file itself.

    Raises:
        Unreadable: the newest ones lie in a file beside it.
    """
    for suffix in ("-wal", ".wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            raise Unreadable(
                "has changes that are not written to it yet (they lie beside it, in a "
                f"file ending in {suffix}): close the program that has it open"
            )
