"""How a table of a SQLite or DuckDB file is read; nothing can be written by it.

Of `arguments`, `immutable` says that the file is complete and may be opened where
nothing may be written, and `as_text` names columns of numbers too long for pandas.
"""

from __future__ import annotations

import re

from ..reading import DatabaseTable
from .expression import PANDAS, Expression
from .literals import call, quoted

__all__ = ["expression", "identifier"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What SQLite or DuckDB keep for themselves.
_RESERVED = frozenset(
    """
    add all alter analyse analyze and any array as asc asymmetric autoincrement between
    both by case cast check collate column commit constraint create cross current
    current_date current_time current_timestamp database default deferrable delete desc
    describe distinct do drop else end escape except exists explain false fetch filter
    for foreign from full glob group having if in index inner insert intersect into is
    isnull join key lambda lateral leading left like limit match natural no not nothing
    notnull null of offset on only or order outer over pivot pivot_longer pivot_wider
    placing plan pragma primary qualify query raise range references regexp reindex
    release rename replace returning right rollback row rows savepoint select semi set
    show similar some summarize symmetric table tablesample temp then to trailing
    transaction trigger true union unique unpivot update using vacuum values variadic
    view virtual when where window with without
    """.split()  # noqa: SIM905 - a hundred words, a line each, would be a page
)


def expression(
    reading: DatabaseTable, path: str, *, indent: int, before: int
) -> Expression:
    """The expression that reads it, within a connection that is closed again."""
    del indent  # It stands within `with`.
    if reading.engine == "duckdb":
        query = quoted(_query(reading, "VARCHAR"))
        ending = ".df()"
        read = call("connection.sql", [query], indent=4, before=before + len(ending))
        return Expression(
            read + ending,
            (PANDAS, "import duckdb"),
            within=f"with duckdb.connect({path}, read_only=True) as connection:",
        )
    told = dict(reading.arguments)
    mode = "immutable=1" if told.get("immutable") else "mode=ro"
    query = quoted(_query(reading, "TEXT"))
    return Expression(
        call("pd.read_sql", [query, "connection"], indent=4, before=before),
        (
            PANDAS,
            "import sqlite3",
            "from contextlib import closing",
            "from pathlib import Path",
        ),
        before=(f'uri = Path({path}).resolve().as_uri() + "?{mode}"',),
        within="with closing(sqlite3.connect(uri, uri=True)) as connection:",
    )


def identifier(name: str) -> str:
    """A name as SQL wants it: in quotes where it is not plain.

    >>> identifier("order")
    '"order"'
    """
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def _query(reading: DatabaseTable, text_type: str) -> str:
    schema = f"{identifier(reading.schema)}." if reading.schema else ""
    place = schema + identifier(reading.table)
    as_text = set(dict(reading.arguments).get("as_text", ()))
    if not as_text:
        return f"SELECT * FROM {place}"  # noqa: S608 - its names are quoted as SQL wants it
    names = [
        f"CAST({column} AS {text_type}) AS {column}" if name in as_text else column
        for name, column in (
            (each.name, identifier(each.name)) for each in reading.columns
        )
    ]
    return f"SELECT {', '.join(names)} FROM {place}"  # noqa: S608 - as above
