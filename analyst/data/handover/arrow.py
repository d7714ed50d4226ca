"""An Arrow table as one that pandas reads without loss.

Whole numbers and truth values with gaps stay what they are, days become dates, and
what pandas has no kind for becomes text, with a warning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from analyst.data.handover import objects
from analyst.data.handover.stored import (
    PANDAS,
    StoredTable,
    labels,
    made_again,
    mentioned,
    read_back,
    unique_names,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["stored"]

_NULLABLE = {
    **{f"int{bits}": f"Int{bits}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"UInt{bits}" for bits in (8, 16, 32, 64)},
    "bool": "boolean",
}


def stored(given: pa.Table) -> StoredTable:
    """The table as it is written."""
    import pyarrow as pa  # noqa: PLC0415 - slow, and only a live table needs it

    if _was_of_pandas(given):
        return StoredTable(table=given.unify_dictionaries())
    names = unique_names(given.column_names)
    arrays: list[Any] = []
    recipes: dict[str, str] = {}
    imports: set[str] = set()
    warnings: list[str] = []
    for name, column in zip(names, given.unify_dictionaries().columns, strict=True):
        made = _plain(column)
        if isinstance(made, objects.StoredObjects):
            if made.recipe:
                recipes[name] = made.recipe
            imports |= set(made.imports)
            if made.change:
                warnings.append(f"{mentioned(name)} {made.change}")
            made = made.values
        arrays.append(made)
    restore = list(made_again(recipes))
    if names != given.column_names:
        listed = labels(given.column_names, before=len("df.columns = "))
        restore.append(f"{{name}}.columns = {listed}")
    table = pa.Table.from_arrays(arrays, names=names)
    return StoredTable(
        table=table.replace_schema_metadata(_notes(table)),
        restore=tuple(restore),
        imports=tuple(sorted({PANDAS, *imports})) if restore else (),
        warnings=tuple(warnings),
    )


def _was_of_pandas(table: pa.Table) -> bool:
    """Whether notes of pandas are in it that bring the frame back."""
    notes = (table.schema.metadata or {}).get(b"pandas")
    if notes is None or len(set(table.column_names)) < table.num_columns:
        return False
    read = read_back(table.slice(0, 1))
    if read is None:
        return False
    # Gaps that came after the notes were made would make whole numbers inexact.
    return not any(
        column.null_count and name in read and str(read[name].dtype) in _NULLABLE
        for name, column in zip(table.column_names, table.columns, strict=True)
    )


def _notes(table: pa.Table) -> dict[str, str]:
    """What makes pandas read columns with gaps as what they are."""
    columns = [
        {
            "name": field.name,
            "field_name": field.name,
            "pandas_type": str(field.type),
            "numpy_type": _NULLABLE[str(field.type)],
            "metadata": None,
        }
        for field, column in zip(table.schema, table.columns, strict=True)
        if str(field.type) in _NULLABLE and column.null_count
    ]
    notes = {"columns": columns, "index_columns": [], "column_indexes": []}
    return {"pandas": json.dumps(notes)} if columns else {}


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | objects.StoredObjects:
    """The column in a kind that pandas knows."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.types as kinds  # noqa: PLC0415 - as above

    kind = column.type
    if kinds.is_temporal(kind):
        return _of_time(column)
    if kinds.is_decimal(kind):
        return _whole_numbers(column)
    if kinds.is_run_end_encoded(kind):
        return _plain(pa.chunked_array([pa.compute.run_end_decode(column)]))
    if kinds.is_dictionary(kind) and not _is_read(column):
        return _plain(column.cast(kind.value_type))
    return column if _is_kept(column) else _by_value(column)


def _is_kept(column: pa.ChunkedArray) -> bool:
    """Whether pandas reads all values as they are; only odd kinds are tried."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.types as kinds  # noqa: PLC0415 - as above

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return False
    if kinds.is_primitive(kind) or _is_text(kind):
        return True
    return not (kinds.is_nested(kind) and _has_gaps(column)) and _is_read(column)


def _is_text(kind: pa.DataType) -> bool:
    """Whether pandas is known to read it, without trying all of it."""
    return str(kind) in {"string", "large_string", "binary", "large_binary"}


def _of_time(column: pa.ChunkedArray) -> pa.ChunkedArray | objects.StoredObjects:
    """Days and times in kinds that pandas and Python have."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.types as kinds  # noqa: PLC0415 - as above

    if kinds.is_date(column.type):
        return column.cast(pa.timestamp("ms"))
    if kinds.is_time(column.type):
        try:
            return column.cast(pa.time64("us"))
        except pa.ArrowInvalid:
            return objects.StoredObjects(
                values=column.cast(pa.large_string()),
                dtype="str",
                change="is finer than a microsecond: it became text.",
            )
    if kinds.is_timestamp(column.type) and not _is_read(column.slice(0, 0)):
        return objects.StoredObjects(
            values=column.cast(pa.timestamp(column.type.unit, "UTC")),
            change=f"is in the unknown zone {column.type.tz!r}: it became UTC.",
        )
    return column


def _whole_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals without places as the integers that they are, where they fit."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    if column.type.scale:
        return column
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column


def _is_read(column: pa.ChunkedArray) -> bool:
    """Whether pandas can read all of it."""
    try:
        column.to_pandas()
    except Exception:  # noqa: BLE001 - whatever Arrow says of a kind that pandas has not
        return False
    return True


def _has_gaps(column: Any) -> bool:  # noqa: ANN401 - an array, in chunks or not
    """Whether a missing value in a list would turn its whole numbers to fractions."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    import pyarrow.types as kinds  # noqa: PLC0415 - as above

    if isinstance(column, pa.ChunkedArray):
        return any(map(_has_gaps, column.chunks))
    kind = column.type
    if kinds.is_struct(kind):
        return any(map(_has_gaps, column.flatten()))
    if kinds.is_map(kind):
        return _has_gaps(column.items)
    if kinds.is_union(kind):
        return True  # pandas reads none, with gaps or without
    if kinds.is_nested(kind):
        return _has_gaps(column.flatten())
    return bool(column.null_count) and bool(kinds.is_integer(kind))


def _by_value(column: pa.ChunkedArray) -> objects.StoredObjects:
    """As the objects that Python makes of it."""
    import numpy as np  # noqa: PLC0415 - as above

    values = np.fromiter(column.to_pylist(), dtype=object, count=len(column))
    return objects.stored(values)
