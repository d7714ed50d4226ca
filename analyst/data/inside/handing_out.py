"""Tables as files that the other side can read: for `analyst.source(…).read()`."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["MARK", "report"]

MARK = "analyst-out: "


def report(tables: dict[str, Any]) -> None:
    """Write each table to `<name>.feather` in the working folder.

    A column that Arrow cannot hold, of numbers and words for example, is written as
    JSON; one marked line says which columns of each table those are, by their place.
    """
    as_json = {name: _written(name, table) for name, table in tables.items()}
    print(MARK + json.dumps(as_json))  # noqa: T201 - printing is how it reports


def _written(name: str, table: Any) -> list[int]:  # noqa: ANN401 - a DataFrame or a relation of DuckDB
    import pyarrow as pa  # noqa: PLC0415 - only once there is a table
    from pyarrow import feather  # noqa: PLC0415 - as above

    frame = table if hasattr(table, "iloc") else table.df()
    odd = [at for at in range(frame.shape[1]) if not _arrow_holds(frame.iloc[:, at])]
    if odd:
        frame = frame.copy()
        for at in odd:
            texts = frame.iloc[:, at].map(_as_json, na_action="ignore")
            frame.isetitem(at, texts.astype("string"))
    made = pa.Table.from_pandas(frame)
    feather.write_feather(made, f"{name}.feather", compression="uncompressed")
    return odd


def _arrow_holds(column: Any) -> bool:  # noqa: ANN401 - a Series
    import pyarrow as pa  # noqa: PLC0415 - as above

    try:
        pa.Array.from_pandas(column)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return True


def _as_json(value: object) -> str:
    return json.dumps(value, default=str)
