"""Tables and queries of a database become Parquet files beside the notebook.

>>> extract("postgresql://ann:$SHOP_PASSWORD@db/shop#orders", folder)  # doctest: +SKIP
[Fetched(path=PosixPath('orders-5e1b7a90.parquet'), name='orders', …)]
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from analyst.data.fetching.credentials import Address, is_database_url, read_address
from analyst.data.fetching.fetched import Fetched, begun_file, kept, megabytes
from analyst.data.fetching.read_only import read_only_connection, warning_of_rights
from analyst.data.fetching.rows import Rows
from analyst.data.fetching.spool import Spool
from analyst.data.fetching.wanted import (
    Wanted,
    chosen_tables,
    is_query,
    wanted_query,
    wanted_table,
)
from analyst.data.inside.code.literals import quoted as literal
from analyst.errors import InputError

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["extract", "is_database_url"]

MAX_ROWS = 1_000_000
MAX_BYTES = 2 << 30
QUERY_SECONDS = 600
_FIRST_ROWS = 20
"""Each may hold much; how much the first take says how many come next."""
_PIECE_ROWS = 50_000
_PIECE_BYTES = 16 << 20


def extract(
    url: str,
    folder: Path,
    *,
    table: str = "",
    query: str = "",
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    query_seconds: int = QUERY_SECONDS,
) -> list[Fetched]:
    """Read tables or a query into `<folder>/<table>-<hash>.parquet`, a file each.

    Nothing can be written meanwhile, as far as the server has a say; see `read_only`.
    All is read in one transaction.

    Args:
        url: of SQLAlchemy; what stands behind its `#` is a table, several with commas
            between them, or a query; see `credentials`.
        folder: where the files go.
        table: instead of what stands behind `#`.
        query: instead of what stands behind `#`.
        max_rows: of a larger table the server takes a sample.
        max_bytes: how much the values of one table may take.
        query_seconds: how long one statement may take, where the server is told.

    Raises:
        InputError: the database cannot be reached or read, there is no such table, or
            no table is named and there are too many to take all. Neither the error nor
            what it remembers holds the password.
    """
    address = read_address(url)
    reading = _Reading(address, folder, max_rows, max_bytes)
    asked = query or table or address.chosen
    outcome = reading.attempt(
        asked, query_seconds, is_query=bool(query) or (not table and is_query(asked))
    )
    if isinstance(outcome, InputError):
        # Raised here, where it does not remember the error of a driver.
        raise outcome
    return outcome


class _Reading:
    """One visit to a database."""

    def __init__(
        self, address: Address, folder: Path, max_rows: int, max_bytes: int
    ) -> None:
        self._address = address
        self._folder = folder
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._is_open = False

    def attempt(
        self, asked: str, query_seconds: int, *, is_query: bool
    ) -> list[Fetched] | InputError:
        """What was fetched; or the sentence that says why nothing could be."""
        import sqlalchemy as sa  # noqa: PLC0415 - an extra, only for databases

        try:
            with read_only_connection(
                self._address, query_seconds=query_seconds
            ) as connection:
                self._is_open = True
                return self._fetched(connection, asked, is_query=is_query)
        except InputError as error:
            # The same sentence, without what it remembers.
            sentence = str(error)
        except (sa.exc.SQLAlchemyError, OSError, UnicodeError) as error:
            sentence = self._sentence(error)
        except Exception as error:
            # What a driver raises for a URL may hold the password.
            if self._is_open:
                raise
            sentence = self._sentence(error)
        return InputError(sentence)

    def _sentence(self, error: Exception) -> str:
        origin, said = self._address.origin, self._address.said(error)
        if self._is_open:
            return f"{origin} cannot be read ({said}): check the query or the rights."
        return (
            f"{origin} cannot be opened ({said}): check the address, the user and the "
            "password, and whether the server runs."
        )

    def _fetched(
        self, connection: sa.Connection, asked: str, *, is_query: bool
    ) -> list[Fetched]:
        rights = warning_of_rights(connection)
        if is_query:
            wanted = [wanted_query(connection, self._address, asked, self._max_rows)]
        else:
            tables = chosen_tables(connection, asked, self._max_rows)
            wanted = [
                wanted_table(connection, self._address, each, self._max_rows)
                for each in tables
            ]
        with_rows = [each for each in wanted if each.rows != 0]
        if not with_rows:
            raise InputError(f"{self._named(wanted[0])} holds no rows: choose another.")
        notes = [rights] if rights else []
        notes += [
            f"{_capital(each.label)} holds no rows: it is left out."
            for each in wanted
            if each.rows == 0
        ]
        fetched = []
        for each in with_rows:
            fetched.append(self._saved(connection, each, notes))
            notes = []
        return fetched

    def _named(self, wanted: Wanted) -> str:
        return f"{self._address.origin}, {wanted.label},"

    def _saved(
        self, connection: sa.Connection, wanted: Wanted, notes: Sequence[str]
    ) -> Fetched:
        with (
            begun_file(self._folder) as temporary,
            tempfile.TemporaryFile(dir=self._folder) as file,
        ):
            spool, has_more = self._spooled(connection, wanted, file)
            changed = spool.write(temporary)
            path, is_new = kept(temporary, self._folder, wanted.name, ".parquet")
        return Fetched(
            path=path,
            name=wanted.name,
            is_new=is_new,
            origin=f"{self._address.origin}, {wanted.label}",
            refresh=_refresh(self._address, wanted.statement),
            notes=(*notes, *_of_rows(wanted, spool.rows, has_more=has_more), *changed),
        )

    def _spooled(
        self, connection: sa.Connection, wanted: Wanted, file: IO[bytes]
    ) -> tuple[Spool, bool]:
        """The rows on disk, and whether there were more than may be."""
        rows = Rows(connection, wanted.statement)
        spool = Spool(file, rows.names)
        count, has_more = _FIRST_ROWS, False
        while not has_more:
            # One more than may be tells whether there are more.
            left = self._max_rows - spool.rows
            taken = rows.take(min(count, left + 1))
            has_more = len(taken) > left
            if not taken[:left]:
                break
            size = spool.add(taken[:left])
            if spool.bytes > self._max_bytes:
                raise InputError(
                    f"{self._named(wanted)} takes more than "
                    f"{megabytes(self._max_bytes)}: name the columns that you need in "
                    "a query behind #."
                )
            count = min(_PIECE_ROWS, max(1, _PIECE_BYTES * len(taken) // max(size, 1)))
        rows.close()
        if not spool.rows:
            raise InputError(f"{self._named(wanted)} holds no rows: choose another.")
        return spool, has_more


def _of_rows(wanted: Wanted, rows: int, *, has_more: bool) -> tuple[str, ...]:
    """A sentence where not all rows are there."""
    about = "about " if wanted.is_estimate else ""
    total = f" of {about}{wanted.rows:,}" if wanted.rows is not None else ""
    table = _capital(wanted.label)
    if wanted.is_sample:
        note = (
            f"{table}: a sample of {rows:,}{total} rows, taken by chance by the server."
        )
        return (note,)
    if has_more:
        note = f"{table}: only the first {rows:,}{total} rows were read."
        return (note,)
    return ()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _refresh(address: Address, statement: str) -> str:
    """Plain code that extracts again, each line a comment."""
    driver = address.url.get_driver_name()
    needs = f"sqlalchemy and {driver}"
    if variable := address.password_variable:
        needs += f", and {variable} in the environment"
    lines = [f"To extract again (needs {needs}):"]
    if address.has_private_options:
        lines.append("The options of the URL are not all here, as they may be secret.")
    lines += [
        "import os, sqlalchemy" if variable else "import sqlalchemy",
        f"url = sqlalchemy.make_url({literal(address.public_url)})",
    ]
    if variable:
        lines.append(f"url = url.set(password=os.environ[{literal(variable)}])")
    lines += [
        f"query = sqlalchemy.text({literal(_as_text_clause(statement))})",
        "engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)",
        "pd.read_sql(query, engine).to_parquet(DATA)",
    ]
    return "".join(f"# {line}\n" for line in lines)


def _as_text_clause(statement: str) -> str:
    """A statement in which `sqlalchemy.text` takes no `:name` for a parameter."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", statement)
