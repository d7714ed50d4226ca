"""Is the text of a query one statement that reads?

The server decides that too, and better: each is asked to refuse writing. This comes
before it, knows nothing of grammar, and refuses what it would have to guess.
"""

from __future__ import annotations

import re

from analyst.errors import InputError

__all__ = ["one_that_reads"]

_READS = re.compile(r"[\s(]*(?:select|with|values|table)\b", re.IGNORECASE)
_BACKTICKS = {"mysql", "mariadb", "sqlite", "clickhouse", "bigquery", "databricks"}
_BRACKETS = {"mssql", "sqlite"}
_HASH_COMMENTS = {"mysql", "mariadb"}


def one_that_reads(query: str, dialect: str) -> str:
    """The query without the `;` at its end.

    Args:
        query: what a person wrote.
        dialect: as SQLAlchemy names it; it says what can be a quote.

    Raises:
        InputError: it is no SELECT, WITH, VALUES or TABLE, may be several statements,
            or holds what databases read in different ways.

    Example:
        >>> one_that_reads("SELECT ';' AS a;", "sqlite")
        "SELECT ';' AS a"
    """
    statement = query.strip().removesuffix(";").rstrip()
    if not _READS.match(statement):
        raise InputError(
            "Only a query that begins with SELECT, WITH, VALUES or TABLE is sent to a "
            "database: write such a one, or name a table."
        )
    bare = re.sub(_quotes(dialect), " ", statement)
    if ";" in bare:
        raise InputError("The query is several statements: send one, without a `;`.")
    is_comment = r"--|/\*|#" if dialect in _HASH_COMMENTS else r"--|/\*"
    if re.search(is_comment, bare):
        raise InputError("The query holds a comment: take it out.")
    if re.search(r"\$\w*\$", bare):
        raise InputError("The query quotes by dollar signs: quote by ' instead.")
    if re.search(r"""['"`]""", bare) or (dialect in _BRACKETS and "[" in bare):
        raise InputError("A quote in the query is not closed: close it.")
    if re.search(r"""\\['"`]""", statement):
        raise InputError(
            "The query holds a backslash before a quote, which databases read in "
            "different ways: write the quote twice instead."
        )
    return statement


def _quotes(dialect: str) -> str:
    """What stands between quotes, in such a database."""
    kinds = ["'[^']*'", '"[^"]*"']
    if dialect in _BACKTICKS:
        kinds.append("`[^`]*`")
    if dialect in _BRACKETS:
        kinds.append(r"\[[^\]]*\]")
    return "|".join(kinds)
