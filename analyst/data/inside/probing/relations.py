"""What is known of a table that stays in its file: a relation of DuckDB.

It is read through once, for what can be counted on the way in bounded memory. All else
is looked at in its first rows, and said to be.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .columns import FEW_VALUES, FREQUENT_VALUES, look
from .seen import Seen, number

__all__ = ["FirstRows", "first_rows", "is_relation", "look_at_relation"]

_FIRST_ROWS = 20_000
_FIRST_CELLS = 400_000
_TEXT_CHARS = 1_000


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a relation, as a frame, and what its columns are."""

    frame: Any
    columns: tuple[Seen, ...]
    kinds: tuple[str, ...]


def is_relation(table: object) -> bool:
    """Whether it is a relation of DuckDB, which is not loaded to find out."""
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(table, duckdb.DuckDBPyRelation)


def first_rows(relation: Any, most_columns: int) -> FirstRows:  # noqa: ANN401 - a relation
    """Its first rows, so many columns and so much of each text."""
    names = [str(name) for name in relation.columns][:most_columns]
    types = [str(type_) for type_ in relation.types][:most_columns]
    start = relation.limit(max(1, min(_FIRST_ROWS, _FIRST_CELLS // len(names))))
    try:
        frame = start.project(_shown(types)).df()
    except Exception:  # noqa: BLE001 - values that pandas cannot hold are read as text
        frame = start.project(_shown(["VARCHAR"] * len(types))).df()
    kinds = tuple(map(_kind, types))
    columns = tuple(
        Seen(name, _typed(frame.iloc[:, at], kinds[at]), is_part=True)
        for at, name in enumerate(names)
    )
    return FirstRows(frame, columns, kinds)


def look_at_relation(
    relation: Any,  # noqa: ANN401 - as above
    part: FirstRows,
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows it has, and what is known of its columns.

    Raises:
        Exception: it cannot be read; whatever DuckDB says then.
    """
    try:
        rows, counted = _counted(relation, part.kinds)
    except Exception:  # noqa: BLE001 - an odd column must not hide the others
        rows = int(relation.aggregate("count(*)").fetchall()[0][0])
        counted = [{} for _ in part.kinds]
    facts = [look(seen) for seen in part.columns]
    for known, kind, exact in zip(facts, part.kinds, counted, strict=True):
        known["kind"] = kind
        _correct(known, exact, rows)
    return rows, facts


def _shown(types: Sequence[str]) -> str:
    """How columns are asked for: numbers, dates and truth values as they are."""
    return ", ".join(
        f"left(CAST(#{at} AS VARCHAR), {_TEXT_CHARS}) AS c{at}"
        if _kind(type_) in {"str", "other"}
        else f"#{at} AS c{at}"
        for at, type_ in enumerate(types, 1)
    )


def _kind(type_: str) -> str:
    """What a type of DuckDB holds."""
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION")):
        return "other"
    if type_ == "BOOLEAN":
        return "bool"
    if type_.endswith(("INT", "INTEGER")):
        return "int"
    if type_ in {"FLOAT", "DOUBLE"} or type_.startswith("DECIMAL"):
        return "float"
    if type_ == "DATE" or type_.startswith("TIMESTAMP"):
        return "date"
    return "str" if type_.startswith(("VARCHAR", "ENUM", "UUID")) else "other"


def _typed(series: Any, kind: str) -> Any:  # noqa: ANN401 - a Series
    """Whole numbers with gaps come out as floats; they are made whole again."""
    if kind != "int":
        return series
    try:
        return series.astype("Int64")
    except (TypeError, ValueError):  # larger than 64 bits
        return series


def _counted(
    relation: Any,  # noqa: ANN401 - a relation
    kinds: Sequence[str],
) -> tuple[int, list[dict[str, Any]]]:
    """All that is counted in one pass."""
    asked = ["count(*)"]
    for at, kind in enumerate(kinds, 1):
        present = f" FILTER (NOT isnan(#{at}::DOUBLE))" if kind == "float" else ""
        asked += [f"count(#{at}){present}", f"approx_count_distinct(#{at}){present}"]
        if kind in {"int", "float", "date"}:
            asked += [f"min(#{at}){present}", f"max(#{at}){present}"]
        if kind in {"int", "float"}:
            asked.append(f"count_if(#{at} = 0)")
    found = iter(relation.aggregate(", ".join(asked)).fetchall()[0])
    rows = int(next(found))
    facts: list[dict[str, Any]] = []
    for kind in kinds:
        facts.append({"missing": rows - next(found), "distinct": int(next(found))})
        if kind in {"int", "float", "date"}:
            facts[-1] |= {"low": next(found), "high": next(found)}
        if kind in {"int", "float"}:
            facts[-1]["zeros"] = int(next(found) or 0)
    return rows, facts


def _correct(known: dict[str, Any], exact: dict[str, Any], rows: int) -> None:
    """What the first rows say of a column, set right by what all of them say."""
    present = rows - exact.get("missing", 0)
    distinct = max(exact.get("distinct", 0), known.get("distinct", 0))
    known |= {
        "missing": exact.get("missing", 0),
        "distinct": min(distinct, present),
        "sampled": True,
        "unique": False,
        "median": "",
        "zeros": exact.get("zeros", 0),
    }
    for end in ("low", "high"):
        known[end] = _told(exact.get(end), known["kind"])
    values = known.get("values", [])
    if known["distinct"] > len(values) and len(values) <= FEW_VALUES:
        is_text = known["kind"] == "str"
        known["values"] = values[:FREQUENT_VALUES] if is_text else []


def _told(value: Any, kind: str) -> str:  # noqa: ANN401 - whatever DuckDB gives
    if value is None:
        return ""
    if kind != "date":
        return number(value)
    text = str(value)[: len("2024-01-31 10:00")]
    return text.removesuffix(" 00:00")
