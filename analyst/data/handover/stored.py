"""A table on its way to a file, and the statements that make it what it was.

Every value that is written into a statement is a literal without braces, so that the
statements are templates for `str.format`: only `{name}` and `{path}` stand in them.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyst.data.inside.code.literals import literal, quoted
from analyst.quoting import quoted as told

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "PANDAS",
    "StoredTable",
    "label",
    "labels",
    "made_again",
    "mentioned",
    "read_back",
    "unique_names",
]

PANDAS = "import pandas as pd"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """What is written, and what must be done after reading it."""

    table: pa.Table
    restore: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    """For `pd.read_feather`."""
    warnings: tuple[str, ...] = ()


def label(text: str) -> str:
    r"""A text as a literal in which no brace stands.

    >>> label("a{b}")
    '"a\\x7bb\\x7d"'
    """
    return quoted(text).replace("{", "\\x7b").replace("}", "\\x7d")


def labels(texts: Sequence[str], *, before: int) -> str:
    """A list of texts as a literal in which no brace stands."""
    written = literal(list(texts), before=before)
    return written.replace("{", "\\x7b").replace("}", "\\x7d")


def made_again(recipes: Mapping[str, str]) -> tuple[str, ...]:
    """A statement for each column, or one for all that are made in the same way.

    Args:
        recipes: for each column an expression in which `{name}[{label}]` is the column.
    """
    alike: dict[str, list[str]] = {}
    for column, recipe in recipes.items():
        alike.setdefault(recipe, []).append(column)
    statements = []
    for recipe, columns in alike.items():
        statement = f"{{name}}[{{label}}] = {recipe}"
        if len(columns) == 1:
            statements.append(_filled(statement, label(columns[0])))
        else:
            head = f"for _column in {labels(columns, before=len('for _column in :'))}:"
            statements.append(f"{head}\n    {_filled(statement, '_column')}")
    return tuple(statements)


def _filled(statement: str, written: str) -> str:
    return statement.replace("{label}", written)


def mentioned(name: object) -> str:
    """A label as a warning names it: clipped, and nothing of the caller's is run."""
    is_plain = type(name) in {str, int, float, bool, tuple}
    text = str(name) if is_plain else f"of type {type(name).__name__}"
    return f"Column '{told(text)}'"


def unique_names(names: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """The names, the second of a kind with a number behind it.

    >>> unique_names(["x", "x", "x_2"])
    ['x', 'x_3', 'x_2']
    """
    reserved = {*names, *taken}
    used = set(taken)
    counts: dict[str, int] = {}
    unique = []
    for name in names:
        candidate, count = name, counts.get(name, 1)
        while candidate in used or (count > 1 and candidate in reserved):
            count += 1
            candidate = f"{name}_{count}"
        counts[name] = count
        used.add(candidate)
        unique.append(candidate)
    return unique


def read_back(table: pa.Table, **arguments: str) -> pd.DataFrame | None:
    """What pandas reads of a small table that was written; None where it cannot."""
    import pandas as pd  # noqa: PLC0415 - slow, and only a live table needs it
    import pyarrow as pa  # noqa: PLC0415 - as above

    sink = io.BytesIO()
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("error")
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        read: pd.DataFrame = pd.read_feather(io.BytesIO(sink.getvalue()), **arguments)  # type: ignore[arg-type] # plain options
        return read
    return None
