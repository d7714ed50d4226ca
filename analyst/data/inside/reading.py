"""What was found out about a file: pure data that crosses the border of the sandbox.

A file holds one table or several; each is a `Reading`: how it is read, which values are
converted and how, and what must come out. Everything that was decided stands here, so
that `code` can write it down for a person to see and to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = [
    "Column",
    "Compression",
    "Conversion",
    "DatabaseTable",
    "Delimited",
    "Doubt",
    "DropEmptyRows",
    "FillDown",
    "FixedWidth",
    "FrameFile",
    "HtmlTable",
    "JsonDocument",
    "Kind",
    "Reading",
    "Sheet",
    "ToBoolean",
    "ToDate",
    "ToNumber",
    "Unreadable",
]

Compression = Literal["", "gzip", "bz2", "xz", "zip", "zstd"]
Kind = Literal["int", "float", "str", "bool", "date", "other"]
"""`str` is also what stays text because nobody can decide it."""


class Unreadable(Exception):  # noqa: N818 - it is told to a person, not handled
    """A file cannot be read as a table; the message is one sentence without its name.

    Example: `is a PNG image: give a table`.
    """


@dataclass(frozen=True)
class Doubt:
    """Something that a person should know before the numbers are believed."""

    text: str
    """One sentence: what was found, and what was done about it. It may quote the file.
    Lines are not repeated in it."""
    lines: tuple[int, ...] = ()
    """The first few lines of the file in question, counted from 1."""
    rows_left_out: int = 0
    """How many rows are therefore not in the table."""
    of_file: bool = False
    """It is about the file, not about this one of its tables."""


@dataclass(frozen=True)
class Column:
    """A column as it must come out."""

    name: str
    kind: Kind


# Conversions: each is one statement after the reading, in their order.


@dataclass(frozen=True)
class ToNumber:
    """Text such as `1.234,50 €`, `(30)` or `12 %` becomes a number."""

    column: str
    remove: str = ""
    """Characters that are taken away, blanks among them: `$€`."""
    decimal: str = "."
    thousands: str = ""
    parentheses: bool = False
    """`(30)` is minus thirty."""
    trailing_minus: bool = False
    """So is `30-`."""
    minus: str = ""
    """A sign that stands for minus besides `-`."""
    percent: bool = False
    """The result is divided by 100; the sign itself stands in `remove`."""
    missing: tuple[str, ...] = ()
    """Words that stand for no number and become missing values."""
    why: str = ""
    """The comment beside the statement; a few words."""
    conversion: Literal["number"] = "number"


@dataclass(frozen=True)
class ToDate:
    """Text becomes dates in one format."""

    column: str
    format: str
    """Of `strptime`; or `ISO8601` where the precision differs between values."""
    utc: bool = False
    """The values carry different offsets: all become UTC."""
    strip: bool = False
    """Blanks around the values are taken away."""
    missing: tuple[str, ...] = ()
    why: str = ""
    conversion: Literal["date"] = "date"


@dataclass(frozen=True)
class ToBoolean:
    """Two words become true and false."""

    column: str
    true: str
    false: str
    missing: tuple[str, ...] = ()
    why: str = ""
    conversion: Literal["boolean"] = "boolean"


@dataclass(frozen=True)
class FillDown:
    """A merged or omitted key is repeated in the rows below."""

    column: str
    why: str = ""
    conversion: Literal["fill"] = "fill"


@dataclass(frozen=True)
class DropEmptyRows:
    """Rows without any value go."""

    rows: int
    conversion: Literal["empty"] = "empty"


Conversion = ToNumber | ToDate | ToBoolean | FillDown | DropEmptyRows


# Readings: one table each.


@dataclass(frozen=True)
class _Common:
    label: str = ""
    """Which of several tables of a file this is: a sheet, a table, a member."""
    compression: Compression = ""
    member: str = ""
    """Of a zip archive with several files."""
    arguments: Any = ()
    """Pairs of a name and a plain value: what the reader of pandas is told, in the
    order in which it is written. Only what differs from its defaults."""
    conversions: tuple[Conversion, ...] = ()
    rows: int | None = None
    """How many must come out; None where the whole was not counted."""
    columns: tuple[Column, ...] = ()
    """Empty where they are not known before reading."""
    doubts: tuple[Doubt, ...] = ()
    in_place: bool = False
    """Too large for memory: it stays in its file and is queried there by DuckDB."""
    query_bytes: int = 0
    """How much memory DuckDB may take to query it in place."""
    bytes_as_frame: int = 0
    """An estimate of the memory that the whole would take; 0 where it is small."""
    many_files: bool = False
    """The path is a pattern such as `sales/*.csv`; its files make one table."""
    source_parts: int = 1
    """Of many files: how many last parts of the path of each tell them apart."""


@dataclass(frozen=True)
class Delimited(_Common):
    """Delimited text, for `pd.read_csv`."""

    rewritten: tuple[tuple[int, str], ...] = ()
    """Damaged lines, by their number from 1, as they were meant."""
    surplus: Literal["", "drop", "join"] = ""
    """What becomes of fields beyond the last column: empty ones are dropped, others
    are joined to the last column."""
    without_nul: bool = False
    """NUL characters, at which pandas would cut a cell off, are taken away first."""
    format: Literal["delimited"] = "delimited"


@dataclass(frozen=True)
class FixedWidth(_Common):
    """Text in columns of fixed width, for `pd.read_fwf`."""

    format: Literal["fixed"] = "fixed"


@dataclass(frozen=True)
class JsonDocument(_Common):
    """JSON, for `pd.read_json` or `pd.json_normalize`."""

    lines: bool = False
    """One object a line."""
    bad_lines: tuple[int, ...] = ()
    """Lines, from 1, that are no JSON and are left out."""
    records: tuple[str, ...] = ()
    """Keys that lead to the list of records; empty where the document is the list."""
    nested: bool = False
    """Records hold objects, which become columns named `outer.inner`."""
    geo: bool = False
    """GeoJSON: a row a feature, its properties and the coordinates of its points."""
    form: Literal["records", "keyed", "numbered", "columns", "rows", "split", "one"] = (
        "records"
    )
    """What stands there: a list of objects; objects by a key, which becomes a column;
    objects by a number; columns by their name; a list of lists; columns and data
    apart; or a single object."""
    format: Literal["json"] = "json"


@dataclass(frozen=True)
class HtmlTable(_Common):
    """A table of a page, for `pd.read_html`."""

    number: int = 0
    """Which of those that `pd.read_html` finds, from 0."""
    format: Literal["html"] = "html"


@dataclass(frozen=True)
class Sheet(_Common):
    """A sheet of a workbook, for `pd.read_excel` with calamine."""

    format: Literal["sheet"] = "sheet"


@dataclass(frozen=True)
class FrameFile(_Common):
    """A file that already holds a typed table."""

    reader: Literal[
        "parquet", "feather", "arrow_stream", "orc", "stata", "sas", "spss"
    ] = "parquet"
    memory_mapped: bool = False
    """A large uncompressed Feather file is mapped into memory: it is there at once."""
    format: Literal["frame"] = "frame"


@dataclass(frozen=True)
class DatabaseTable(_Common):
    """A table or view of a SQLite or DuckDB file, opened read-only."""

    engine: Literal["sqlite", "duckdb"] = "sqlite"
    table: str = ""
    schema: str = ""
    format: Literal["database"] = "database"


Reading = (
    Delimited
    | FixedWidth
    | JsonDocument
    | HtmlTable
    | Sheet
    | FrameFile
    | DatabaseTable
)
