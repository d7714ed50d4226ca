"""Which statements are sent: the tables or the query that were asked for.

Rows are counted first. Where there are more than wanted, the server takes a sample.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analyst.data.fetching.credentials import Address
from analyst.data.fetching.statements import one_that_reads
from analyst.errors import InputError
from analyst.quoting import quoted

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = [
    "Table",
    "Wanted",
    "chosen_tables",
    "is_query",
    "wanted_query",
    "wanted_table",
]

MAX_TABLES = 8
"""So many are taken without being named."""
_LISTED = 30
_SEED = 1
_COUNTED_BYTES = 1 << 30
"""The rows of a larger table are estimated by PostgreSQL's own statistics."""
_TABLESAMPLE_ROWS = 1000
"""Of a smaller sample, rows taken one by one by chance could be far off in number."""
_RANDOM = {
    "postgresql": "random()",
    "sqlite": "random()",
    "duckdb": "random()",
    "mysql": "rand()",
    "mariadb": "rand()",
}
"""Where a query can be put in another one and be sampled."""
_SYSTEM_SCHEMAS = {"information_schema", "pg_catalog", "pg_toast", "sys", "mysql"}
_SYSTEM_SCHEMAS |= {"performance_schema"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table or view, and its schema where it is not the usual one."""

    name: str
    schema: str | None = None

    @property
    def label(self) -> str:
        """As a person writes it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A statement whose rows become a file."""

    name: str
    """From which the file is named."""
    label: str
    """Such as `table orders`."""
    statement: str
    rows: int | None
    """How many there are; None where that was not counted."""
    is_estimate: bool = False
    is_sample: bool = False


def is_query(chosen: str) -> bool:
    """Whether what was asked for is no list of tables."""
    return re.match(r"\s*\(*\s*[A-Za-z]+\s+\S", chosen) is not None


def chosen_tables(connection: sa.Connection, named: str, max_rows: int) -> list[Table]:
    """The tables that are named, or all where they are few and small.

    Args:
        connection: to the database.
        named: names with commas between them; empty for all.
        max_rows: how many all together may have where none is named.

    Raises:
        InputError: there is no such table, none at all, or too many to take them all.
    """
    tables = _tables(connection)
    if named:
        return [_named(connection, tables, each) for each in _names(tables, named)]
    if not tables:
        raise InputError(
            "The database shows no table to this role: check the name of the database "
            "and the rights of the role."
        )
    if len(tables) == 1:
        return tables
    if len(tables) <= MAX_TABLES:
        counts = [_counted(connection, table)[0] for table in tables]
        if sum(counts) <= max_rows:
            return tables
    listed = ", ".join(_with_rows(connection, table) for table in tables[:_LISTED])
    more = f" and {len(tables) - _LISTED} more" if len(tables) > _LISTED else ""
    raise InputError(
        f"The database holds {len(tables)} tables: {listed}{more}; name those that you "
        f"want behind #, as in #{quoted(tables[0].label)}, or write a query there."
    )


def wanted_table(
    connection: sa.Connection, address: Address, table: Table, max_rows: int
) -> Wanted:
    """The statement that reads a table, or a sample of it."""
    rows, is_estimate = _counted(connection, table)
    is_sample = rows > max_rows
    source = _source(connection, table)
    statement = f"SELECT * FROM {source}"  # noqa: S608 - quoted by the dialect
    if is_sample:
        statement = _sample_of_table(connection, address, table, rows, max_rows)
    return Wanted(
        name=table.name,
        label=f"table {quoted(table.label)}",
        statement=statement,
        rows=rows,
        is_estimate=is_estimate,
        is_sample=is_sample,
    )


def wanted_query(
    connection: sa.Connection, address: Address, query: str, max_rows: int
) -> Wanted:
    """A query, or the statement that samples what it gives.

    Raises:
        InputError: it is more than one statement that reads.
    """
    statement = one_that_reads(query, address.dialect)
    rows = _counted_query(connection, address, statement)
    random = _RANDOM.get(address.dialect)
    is_sample = rows is not None and rows > max_rows
    if is_sample:
        statement = (
            f"SELECT * FROM ({statement}) AS q ORDER BY {random} LIMIT {max_rows}"  # noqa: S608 - the person's own query
        )
    return Wanted(
        name="query",
        label="a query",
        statement=statement,
        rows=rows,
        is_sample=is_sample,
    )


def _tables(connection: sa.Connection) -> list[Table]:
    """The tables of the usual schema; else its views; else those of other schemas."""
    import sqlalchemy as sa  # noqa: PLC0415 - an extra, only for databases

    inspector = sa.inspect(connection)
    for names in (inspector.get_table_names, inspector.get_view_names):
        if found := names():
            return [Table(name=name) for name in sorted(found)]
    return [
        Table(name=name, schema=schema)
        for schema in inspector.get_schema_names()
        if schema not in _SYSTEM_SCHEMAS and schema != inspector.default_schema_name
        for name in sorted(inspector.get_table_names(schema=schema))
    ]


def _names(tables: Sequence[Table], named: str) -> list[str]:
    """The single names; a name may itself hold a comma."""
    if any(named.strip() in {table.name, table.label} for table in tables):
        return [named.strip()]
    return list(dict.fromkeys(filter(None, map(str.strip, named.split(",")))))


def _named(connection: sa.Connection, tables: Sequence[Table], name: str) -> Table:
    """One table by its name, which may be that of a view or begin with its schema."""
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    inspector = sa.inspect(connection)
    for table in tables:
        if name in {table.name, table.label}:
            return table
    if name in inspector.get_view_names():
        return Table(name=name)
    schema, dot, inner = name.partition(".")
    if dot and schema in inspector.get_schema_names():
        names = inspector.get_table_names(schema=schema)
        if inner in [*names, *inspector.get_view_names(schema=schema)]:
            return Table(name=inner, schema=schema)
    folded = {table.label.casefold(): table.label for table in tables}
    close = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    meant = " or ".join(quoted(folded[each]) for each in close)
    advice = f"did you mean {meant}?" if close else "leave the name out to see which."
    raise InputError(f"The database shows no table {quoted(name)}: {advice}")


def _source(connection: sa.Connection, table: Table) -> str:
    """A table as it is written in a statement."""
    preparer = connection.dialect.identifier_preparer
    name = preparer.quote(table.name)
    return f"{preparer.quote(table.schema)}.{name}" if table.schema else name


def _scalar(connection: sa.Connection, statement: str) -> Any:  # noqa: ANN401 - of any kind
    # Without parameters no driver looks for a % to put one in.
    options = {"no_parameters": True}
    return connection.exec_driver_sql(statement, execution_options=options).scalar()


def _counted(connection: sa.Connection, table: Table) -> tuple[int, bool]:
    """How many rows a table has, and whether that is an estimate."""
    source = _source(connection, table)
    if connection.dialect.name == "postgresql":
        literal = "'" + source.replace("'", "''") + "'"
        estimate = _scalar(
            connection,
            "SELECT reltuples::bigint FROM pg_class "  # noqa: S608 - quoted above
            f"WHERE oid = {literal}::regclass AND reltuples > 0 "
            f"AND relpages::bigint * 8192 > {_COUNTED_BYTES}",
        )
        if estimate is not None:
            return int(estimate), True
    return int(_scalar(connection, f"SELECT count(*) FROM {source}")), False  # noqa: S608 - quoted by the dialect


def _with_rows(connection: sa.Connection, table: Table) -> str:
    rows, is_estimate = _counted(connection, table)
    about = "about " if is_estimate else ""
    return f"{quoted(table.label)} ({about}{rows:,} rows)"


def _counted_query(
    connection: sa.Connection, address: Address, statement: str
) -> int | None:
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    if address.dialect not in _RANDOM:
        return None
    try:
        return int(_scalar(connection, f"SELECT count(*) FROM ({statement}) AS q"))  # noqa: S608 - the person's own query
    except sa.exc.DBAPIError:
        if address.dialect in {"mysql", "mariadb"}:
            # Two columns of one name cannot be in an inner query there.
            return None
        raise


def _sample_of_table(
    connection: sa.Connection, address: Address, table: Table, rows: int, max_rows: int
) -> str:
    """The statement by which the server takes rows by chance, at most `max_rows`."""
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    source = _source(connection, table)
    if address.dialect == "postgresql" and max_rows >= _TABLESAMPLE_ROWS:
        literal = "'" + source.replace("'", "''") + "'"
        kind = _scalar(
            connection,
            f"SELECT relkind FROM pg_class WHERE oid = {literal}::regclass",  # noqa: S608 - quoted above
        )
        if kind in {"r", "m", "p"}:
            # So few that the limit, which would favour the start, is not reached.
            percent = 100 * (max_rows - 4 * max_rows**0.5) / rows
            return (
                f"SELECT * FROM {source} TABLESAMPLE BERNOULLI ({percent:.6f}) "  # noqa: S608 - quoted by the dialect
                f"REPEATABLE ({_SEED}) LIMIT {max_rows}"
            )
    by_chance = sa.func.newid() if address.dialect == "mssql" else sa.func.random()
    named = sa.table(table.name, schema=table.schema)
    chosen = sa.select(sa.text("*")).select_from(named).order_by(by_chance)
    compiled = chosen.limit(max_rows).compile(
        connection.engine, compile_kwargs={"literal_binds": True}
    )
    return re.sub(" *\n *", " ", str(compiled))
