"""What is printed of the tables for the other side of the border to read."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict
from typing import Any

from .candidates import Kept
from .columns import look
from .keys import found_joins
from .quality import odd_in
from .relations import first_rows, is_relation, look_at_relation
from .seen import Seen

__all__ = ["JOINS_MARK", "MARK", "MAX_COLUMNS", "report"]

MARK = "analyst-probe: "
JOINS_MARK = "analyst-joins: "
MAX_COLUMNS = 200


def report(tables: dict[str, Any]) -> None:
    """Print a marked line of JSON for each table, then one for how they join.

    Args:
        tables: DataFrames and relations of DuckDB, by their names. None is changed.

    Raises:
        Exception: a relation cannot be read; whatever DuckDB says then.
    """
    kept: list[Kept] = []
    for name, table in tables.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told, one = (
                _relation(name, table) if is_relation(table) else _frame(name, table)
            )
        kept.append(one)
        print(MARK + json.dumps(told))  # noqa: T201 - printing is how it reports
    if len(kept) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            joins = [asdict(join) for join in found_joins(kept)]
        print(JOINS_MARK + json.dumps(joins))  # noqa: T201 - as above


def _frame(name: str, frame: Any) -> tuple[dict[str, Any], Kept]:  # noqa: ANN401 - a DataFrame
    columns = [
        Seen(str(frame.columns[at]), frame.iloc[:, at])
        for at in range(min(frame.shape[1], MAX_COLUMNS))
    ]
    kept = Kept(name, columns, [look(seen) for seen in columns])
    return _told(kept, frame, rows=len(frame), column_count=frame.shape[1]), kept


def _relation(name: str, relation: Any) -> tuple[dict[str, Any], Kept]:  # noqa: ANN401 - a relation
    part = first_rows(relation, MAX_COLUMNS)
    rows, facts = look_at_relation(relation, part)
    kept = Kept(name, part.columns, facts)
    count = len(relation.columns)
    return _told(kept, part.frame, rows=rows, column_count=count), kept


def _told(kept: Kept, frame: Any, *, rows: int, column_count: int) -> dict[str, Any]:  # noqa: ANN401 - a DataFrame
    return {
        "name": kept.name,
        "rows": rows,
        "column_count": column_count,
        "columns": [
            {key: fact for key, fact in known.items() if key != "zeros"}
            for known in kept.facts
        ],
        "zeros": [known.get("zeros", 0) for known in kept.facts],
        "noticed": [asdict(one) for one in odd_in(kept.columns, kept.facts, frame)],
    }
