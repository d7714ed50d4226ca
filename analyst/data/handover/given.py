"""What may be handed over, and how it becomes a frame of pandas or an Arrow table.

Libraries are known by what their objects speak, the Arrow stream above all, and none
is loaded to find out whether an object is one of its tables.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, TypeGuard

from analyst.errors import InputError

__all__ = ["frame_or_table", "is_frame", "is_live"]

_ALLOWED = (
    "give a DataFrame, an Arrow table, a DuckDB relation, an array, a list of rows, "
    "a dict of columns or the path of a file"
)
_TABLES = {
    "pandas": ("DataFrame", "Series"),
    "numpy": ("ndarray",),
    "polars": ("DataFrame", "LazyFrame", "Series"),
    "narwhals": ("DataFrame", "LazyFrame", "Series"),
    "pyarrow": ("Table", "RecordBatch", "RecordBatchReader", "ChunkedArray", "Array"),
    "pyarrow.dataset": ("Dataset", "Scanner"),
    "duckdb": ("DuckDBPyRelation",),
    "dask.dataframe": ("DataFrame",),
    "ibis": ("Table",),
    "pyspark.sql": ("DataFrame",),
}
_SPEAKS = ("__arrow_c_stream__", "__arrow_c_array__", "__dataframe__")
_EXACT_FLOAT = 2**53


def is_live(given: object) -> bool:
    """Whether it is one table in memory; no library is loaded to find out.

    A list of rows and a dict of columns are one. A dict or list of tables is not.

    Example:
        >>> is_live([{"a": 1}, {"a": 2}]), is_live({"a": [1, 2]}), is_live("t.csv")
        (True, True, False)
    """
    return _is_table(given) or _are_rows(given) or _are_columns(given)


def is_frame(given: object) -> bool:
    """Whether it is a DataFrame of pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(given, pandas.DataFrame)


def _is_table(given: object) -> bool:
    """Whether a library calls it a table or a column, or it speaks Arrow."""
    if any(_is_of(given, module) for module in _TABLES):
        return True
    if isinstance(given, type):
        return False
    return any(hasattr(type(given), spoken) for spoken in _SPEAKS)


def _is_of(given: object, module: str) -> bool:
    """Whether it is a table of a library, which has then been loaded."""
    loaded = sys.modules.get(module)
    if loaded is None:
        return False
    known = (getattr(loaded, name, None) for name in _TABLES[module])
    return isinstance(given, tuple(kind for kind in known if isinstance(kind, type)))


def _are_rows(given: object) -> TypeGuard[Sequence[Any]]:
    """Whether it is a list of dicts, of tuples, of lists or of dataclasses."""
    if not isinstance(given, list | tuple) or hasattr(given, "_fields") or not given:
        return False
    if all(isinstance(row, Mapping) for row in given):
        return not any(map(_is_table, chain(*(row.values() for row in given[:9]))))
    if all(dataclasses.is_dataclass(row) for row in given):
        return not any(isinstance(row, type) for row in given)
    if not all(isinstance(row, list | tuple) and row for row in given):
        return False
    widths = {len(row) for row in given}
    plain = not any(isinstance(row[0], list | tuple | Mapping) for row in given)
    return len(widths) == 1 and plain and not any(map(_is_table, chain(*given[:9])))


def _are_columns(given: object) -> TypeGuard[Mapping[Any, Any]]:
    """Whether it is a dict of columns, all of one length."""
    if not isinstance(given, Mapping) or not given:
        return False
    columns = list(given.values())
    if not all(
        isinstance(one, list | tuple | range) or _is_vector(one) for one in columns
    ):
        return False
    return len(set(map(len, columns))) == 1 and not any(map(_are_rows, columns))


def _is_vector(given: object) -> bool:
    return _is_of(given, "numpy") and getattr(given, "ndim", 0) == 1


def frame_or_table(given: Any) -> Any:  # noqa: ANN401 - anything in, a frame or an Arrow table out
    """What was given as a DataFrame of pandas or an Arrow table.

    Raises:
        InputError: it is no table, or its library cannot make one of it.
    """
    name = type(given).__name__
    if not is_live(given):
        raise InputError(f"Data of type {name} cannot be used: {_ALLOWED}.")
    try:
        return _converted(given)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        told = " ".join(str(error).split())[:100] or type(error).__name__
        raise InputError(
            f"The {name} could not be read as a table ({told}): "
            "make a DataFrame of it and give that."
        ) from None


def _converted(given: Any) -> Any:  # noqa: ANN401 - each kind has its way
    if is_frame(given):
        return given
    if _is_of(given, "pandas"):
        import pandas as pd  # noqa: PLC0415 - it is loaded already

        column = pd.Series(given, copy=False)
        return column.to_frame("value" if column.name is None else column.name)
    if _is_of(given, "numpy"):
        return _of_array(given)
    if _is_of(given, "pyarrow") or _is_of(given, "pyarrow.dataset"):
        return _of_arrow(given)
    if _are_rows(given) or _are_columns(given):
        return _of_lists(given)
    return _of_library(given)


def _of_arrow(given: Any) -> Any:  # noqa: ANN401 - as above
    import pyarrow as pa  # noqa: PLC0415 - it is loaded already

    if isinstance(given, pa.Table):
        return given
    if isinstance(given, pa.RecordBatch):
        return pa.Table.from_batches([given])
    if isinstance(given, pa.RecordBatchReader):
        return given.read_all()
    if isinstance(given, pa.Array | pa.ChunkedArray):
        return pa.table({"value": given})
    return given.to_table()


def _of_library(given: Any) -> Any:  # noqa: ANN401 - as above
    """By narwhals, which knows many; else by the Arrow stream of the object."""
    if _is_of(given, "duckdb"):
        return _of_relation(given)
    import narwhals as nw  # noqa: PLC0415 - only for the tables of other libraries

    known = nw.from_native(given, allow_series=True, pass_through=True)
    if isinstance(known, nw.LazyFrame):
        known = known.collect()
    if isinstance(known, nw.Series):
        known = (known if known.name else known.alias("value")).to_frame()
    if not isinstance(known, nw.DataFrame):
        return _of_stream(given)
    if known.implementation.is_polars() and nw.Object in known.schema.dtypes():
        raise InputError(
            "The table holds columns of Python objects: give them another type."
        )
    native = known.to_native()
    return native if is_frame(native) else known.to_arrow()


def _of_relation(given: Any) -> Any:  # noqa: ANN401 - as above
    """By DuckDB; kinds that Arrow would cut short are cast, or refused if too large."""
    casts = {"UHUGEINT": "VARCHAR", "HUGEINT": "DECIMAL(38, 0)", "BIT": "VARCHAR"}
    kinds = list(map(str, given.types))
    if not casts.keys() & set(kinds):
        return _of_stream(given)
    names = [name.replace('"', '""') for name in given.columns]
    if len(set(map(str.casefold, names))) < len(names):
        raise InputError("The relation has two columns of one name: rename one.")
    chosen = (
        f'"{name}"::{casts[kind]} AS "{name}"' if kind in casts else f'"{name}"'
        for name, kind in zip(names, kinds, strict=True)
    )
    return _of_stream(given.project(", ".join(chosen)))


def _of_stream(given: Any) -> Any:  # noqa: ANN401 - as above
    import pyarrow as pa  # noqa: PLC0415 - slow, and only a live table needs it

    if hasattr(given, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(given).read_all()
    if hasattr(given, "__arrow_c_array__"):
        made = pa.array(given)
        if pa.types.is_struct(made.type):
            return pa.Table.from_batches([pa.RecordBatch.from_struct_array(made)])
        return pa.table({"value": made})
    from pyarrow.interchange import from_dataframe  # noqa: PLC0415 - as above

    return from_dataframe(given)


def _of_array(given: Any) -> Any:  # noqa: ANN401 - as above
    import numpy as np  # noqa: PLC0415 - it is loaded already
    import pandas as pd  # noqa: PLC0415 - slow, and only a live array needs it

    if given.ndim not in {1, 2} or (given.dtype.names and given.ndim != 1):
        raise InputError(
            f"An array of {given.ndim} dimensions is no table: give one of 1 or 2."
        )
    if isinstance(given, np.ma.MaskedArray) and given.dtype.kind in "iu":
        wide = given.reshape(len(given), -1)
        frame = pd.DataFrame(
            {
                at: pd.arrays.IntegerArray(
                    wide.data[:, at].copy(), np.ma.getmaskarray(wide)[:, at].copy()
                )
                for at in range(wide.shape[1])
            }
        )
        return frame if given.ndim > 1 else frame.set_axis(["value"], axis="columns")
    if given.dtype.names or given.ndim > 1:
        return pd.DataFrame(given)
    return pd.DataFrame({"value": given})


def _of_lists(given: Any) -> Any:  # noqa: ANN401 - as above
    """Rows or columns in plain lists; large whole numbers beside gaps stay whole."""
    import pandas as pd  # noqa: PLC0415 - as above

    frame = pd.DataFrame(given)
    rounded = [name for name, dtype in frame.dtypes.items() if dtype == "float64"]
    if not rounded:
        return frame
    exact = pd.DataFrame(given, dtype=object)
    for name in rounded:
        values = exact[name].dropna()
        whole = all(type(value) is int for value in values)
        if whole and any(abs(value) > _EXACT_FLOAT for value in values):
            frame[name] = exact[name].astype("Int64")
    return frame
