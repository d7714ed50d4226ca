"""How much of a table is brought into memory: all, fewer columns, or nothing.

A frame takes about 2.8 times the bytes of its delimited text and twice those of the
uncompressed Parquet. Up to a tenth of the memory it is loaded as it is; up to three
tenths without columns of long text; beyond that it stays in its file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..code.in_place import can_stay, types_in_place
from ..code.table import table_code
from ..reading import Column, Delimited, Doubt, FrameFile, Reading, Unreadable
from .check import kind_of
from .files import SourceFile, free_memory_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["are_too_large", "bytes_as_frame", "placed"]

Arguments = tuple[tuple[str, Any], ...]

_PER_TEXT_BYTE = 2.8
_PER_PARQUET_BYTE = 2.0
_SMALL_SHARE = 0.1
_LARGE_SHARE = 0.3
_MANY_ROWS = 20_000_000
_LONG_CHARS = 100
_START_ROWS = 2_000
_TOO_SMALL_TO_CARE = 64 << 20
_QUERY_BYTES = (200_000_000, 1_000_000_000)
"""DuckDB needs so much, takes no more, and writes what does not fit to the disk."""


def placed(
    reading: Reading,
    file: SourceFile,
    *,
    beside_bytes: int = 0,
    free_bytes: int | None = None,
) -> Reading:
    """The reading, its size estimated, and where it is large how it is kept small.

    Args:
        reading: how one table of the file is read.
        file: the file.
        beside_bytes: what other tables take that are loaded with it.
        free_bytes: memory that may be taken; measured where None.

    Raises:
        Unreadable: it neither fits into memory nor can stay in its file.
    """
    own = bytes_as_frame(reading, file)
    size = own + beside_bytes
    if size < _TOO_SMALL_TO_CARE or reading.in_place:
        return reading
    free = free_memory_bytes() if free_bytes is None else free_bytes
    reading = replace(reading, bytes_as_frame=own)
    many = isinstance(reading, FrameFile) and (reading.rows or 0) > _MANY_ROWS
    if size <= _SMALL_SHARE * free and not many:
        return reading
    if size <= _LARGE_SHARE * free and not many:
        return _without_long_texts(reading, file)
    hindrance = can_stay(reading)
    if not hindrance:
        reading = _in_place(reading, query_bytes=_query_bytes(free))
        return _with_others(reading, size) if beside_bytes else reading
    if size <= free / 2:
        return reading
    raise Unreadable(
        f"would take about {size / 1e9:.1f} GB of memory and cannot be queried where "
        f"it lies ({hindrance}): convert it to Parquet, or give a part of it"
    )


def are_too_large(bytes_as_frames: int) -> bool:
    """Whether tables that take so much together do not fit into memory at once."""
    if bytes_as_frames < _TOO_SMALL_TO_CARE:
        return False
    return bytes_as_frames > _LARGE_SHARE * free_memory_bytes()


def _query_bytes(free_bytes: int) -> int:
    least, most = _QUERY_BYTES
    return min(most, max(least, free_bytes // 4))


def bytes_as_frame(reading: Reading, file: SourceFile) -> int:
    """About how much memory the table takes once it is loaded."""
    if isinstance(reading, FrameFile) and reading.reader == "parquet":
        return int(_parquet_bytes(file) * _PER_PARQUET_BYTE)
    if isinstance(reading, FrameFile):
        return file.content_bytes
    return int(file.content_bytes * _PER_TEXT_BYTE)


def _parquet_bytes(file: SourceFile) -> int:
    from pyarrow import parquet  # noqa: PLC0415 - only where it is needed

    metadata = parquet.read_metadata(file.path)
    return sum(
        metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)
    )


def _in_place(reading: Reading, *, query_bytes: int) -> Reading:
    told = (
        f"As a DataFrame it would take about {reading.bytes_as_frame / 1e9:.1f} GB, so "
        "it stays in its file and is queried there by DuckDB."
    )
    kinds = {column.name: column.kind for column in reading.columns}
    if isinstance(reading, Delimited):
        for name, kind in types_in_place(reading).items():
            kinds[name] = "str" if kind == "VARCHAR" else kinds[name]
    texts = [c.name for c in reading.columns if c.kind != kinds[c.name]]
    if texts:
        told += f" There these columns stay text as it is: {', '.join(texts)}."
    return replace(
        reading,
        in_place=True,
        query_bytes=query_bytes,
        columns=tuple(Column(name, kind) for name, kind in kinds.items()),
        doubts=(*reading.doubts, Doubt(told)),
    )


def _with_others(reading: Reading, size: int) -> Reading:
    told = f"With the files beside it, it would take about {size / 1e9:.1f} GB."
    return replace(reading, doubts=(*reading.doubts, Doubt(told)))


def _without_long_texts(reading: Reading, file: SourceFile) -> Reading:
    """Free text is what makes frames large: its columns are left out, and named."""
    long = _long_texts(reading, file)
    kept = tuple(column for column in reading.columns if column.name not in long)
    if not long or not kept:
        return reading
    names = [column.name for column in kept]
    key = "usecols" if isinstance(reading, Delimited) else "columns"
    converted = tuple(
        each
        for each in reading.conversions
        if getattr(each, "column", None) not in long
    )
    doubt = Doubt(
        f"It is large (about {reading.bytes_as_frame / 1e9:.1f} GB as a DataFrame), so "
        f"columns of long text are not loaded: {', '.join(long)}."
    )
    return replace(
        reading,
        arguments=(*_without(reading.arguments, set(long)), (key, names)),
        conversions=converted,
        columns=kept,
        doubts=(*reading.doubts, doubt),
    )


def _without(arguments: Arguments, names: set[str]) -> Arguments:
    """The arguments, where they speak of columns without those of `names`."""
    kept: list[tuple[str, Any]] = []
    for key, value in arguments:
        if isinstance(value, dict):
            value = {name: each for name, each in value.items() if name not in names}  # noqa: PLW2901 - the same, less
        if value != {}:
            kept.append((key, value))
    return tuple(kept)


def _long_texts(reading: Reading, file: SourceFile) -> tuple[str, ...]:
    """The columns whose texts are long on average, at the start of the file."""
    start = _start(reading, file)
    texts = [name for name in start.columns if kind_of(start[name]) == "str"]
    return tuple(
        str(name) for name in texts if start[name].str.len().mean() > _LONG_CHARS
    )


def _start(reading: Reading, file: SourceFile) -> pd.DataFrame:
    """The first rows."""
    import pandas as pd  # noqa: PLC0415 - only where there is a large file

    if isinstance(reading, FrameFile) and reading.reader == "parquet":
        from pyarrow import parquet  # noqa: PLC0415 - as above

        batches = parquet.ParquetFile(file.path).iter_batches(_START_ROWS)
        frame: pd.DataFrame = next(batches).to_pandas()
        return frame
    if not isinstance(reading, Delimited):
        return pd.DataFrame()
    told = dict(reading.arguments) | {"nrows": _START_ROWS}
    few = replace(reading, arguments=tuple(told.items()), conversions=())
    scope: dict[str, Any] = {"DATA": str(file.path), "start": pd.DataFrame()}
    exec(table_code(few, name="start", path="DATA").source, scope)  # noqa: S102 - ours, every value in it a literal
    start: pd.DataFrame = scope["start"]
    return start
