"""What tables are called in the notebook."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

__all__ = ["parameter_name", "variable_names"]

_MODULES = {"pd", "np", "plt", "pa", "duckdb", "json", "sqlite3", "io", "glob"}
_MODULES |= {"bz2", "gzip", "lzma", "os", "re", "pyreadstat", "sqlalchemy", "zipfile"}
_MODULES |= {"zstandard", "uuid", "decimal", "datetime", "pathlib", "math", "analyst"}
_OF_LOAD_CELLS = {
    *("archive", "closing", "connection", "content", "document", "engine", "feature"),
    *("file", "line", "lines", "number", "query", "raw", "record", "row", "rows"),
    *("stream", "text", "uri", "url", "word", "fields", "key", "value"),
}
"""Names that statements which read a table may use on their way."""
_TAKEN = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *_MODULES, *_OF_LOAD_CELLS}
    | {"display", "markdown", "random", "seed", "data", "path", "document", "df"}
)


def variable_names(stems: Iterable[str]) -> tuple[str, ...]:
    """A variable for each of several tables: valid, unique, nothing shadowed.

    >>> variable_names(["Sales 2024", "class", "sales-2024"])
    ('sales_2024', 'class_table', 'sales_2024_2')
    """
    names: list[str] = []
    for stem in stems:
        plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
        base = re.sub(r"\W+", "_", plain.lower()).strip("_")[:40] or "table"
        base = f"table_{base}" if base[0].isdigit() else base
        base = f"{base}_table" if base in _TAKEN else base
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base}_{count}"
        names.append(name)
    return tuple(names)


def parameter_name(variable: str) -> str:
    """The variable of the path of a table: `DATA` of the only one."""
    return "DATA" if variable == "df" else variable.upper()
