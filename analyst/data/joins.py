"""How the tables of a session join, told to a person and a model in a sentence each.

The facts come from the kernel (`inside.probing.keys`) and are checked by
`profile.read_joins` before anything is told of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyst.data.look import Join
from analyst.data.quality import FEWEST_ROWS, column_name
from analyst.events import Privacy
from analyst.quoting import quoted

__all__ = ["join_sentence", "join_sentences"]


def join_sentences(joins: Sequence[Join], privacy: Privacy) -> tuple[str, ...]:
    """How tables join, a sentence each, as far as it may be told.

    `aggregates` counts only five rows or more; `schema` tells which columns join, and
    that one side does not repeat its values, and no count.
    """
    if privacy == "schema":
        joins = [join for join in joins if join.relation.endswith("to-one")]
    return tuple(
        join_sentence(join, counts=privacy != "schema" and _may_count(join, privacy))
        for join in joins
    )


def _may_count(join: Join, privacy: Privacy) -> bool:
    few = any(0 < count < FEWEST_ROWS for count in (join.unmatched, join.missing))
    return privacy == "samples" or not few


def join_sentence(join: Join, *, counts: bool = True) -> str:
    """How two tables join, or what would go wrong.

    Args:
        join: the join.
        counts: also say how many rows find a match.

    Example:
        >>> orders = Join(
        ...     left_table="orders", left_columns=("customer_id",),
        ...     right_table="customers", right_columns=("id",),
        ...     relation="many-to-one", rows=6000, unmatched=12,
        ... )
        >>> join_sentence(orders)
        'orders.customer_id joins customers.id (many to one, 99.8% found, \
12 rows without a match).'
    """
    if join.relation == "same-columns":
        return (
            f"{join.left_table} and {join.right_table} have the same columns: "
            "they are to be stacked rather than joined."
        )
    left = _side(join.left_table, join.left_columns)
    right = _side(join.right_table, join.right_columns)
    if join.types:
        return (
            f"{left} holds {join.types[0]} and {right} the same as {join.types[1]}: "
            "make them one type before joining."
        )
    if join.relation == "none":
        return f"{left} and {right} share no value: a join would find nothing."
    if join.relation == "many-to-many":
        grown = ""
        if counts and join.rows_after:
            grown = f" {join.rows:,} to {join.rows_after:,}"
        return (
            f"{left} and {right} both repeat their values: "
            f"a join would multiply the rows{grown}."
        )
    told = [join.relation.replace("-", " ")]
    if counts:
        told += _counts(join)
    return f"{left} joins {right} ({', '.join(told)})."


def _counts(join: Join) -> list[str]:
    told = ["all found" if not join.unmatched else f"{_percent(join)} found"]
    if join.unmatched and not join.sampled:
        told.append(f"{_rows(join.unmatched)} without a match")
    if join.missing and not join.sampled:
        told.append(f"{_rows(join.missing)} without a value")
    if join.sampled:
        told[0] += f" of {join.rows:,} rows looked up"
    return told


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _percent(join: Join) -> str:
    """Percent to a tenth, never rounded to all or none."""
    percent = min(99.9, max(0.1, round(100 * join.overlap, 1)))
    return f"{percent:g}%"


def _side(table: str, columns: tuple[str, ...]) -> str:
    """`orders.customer_id`, or `sales (year, region)` of several columns."""
    if len(columns) == 1:
        return column_name(table, columns[0])
    return f"{table} ({', '.join(map(quoted, columns))})"
