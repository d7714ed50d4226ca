"""What a column is good for: time, a measure, a group, or none of these."""

from __future__ import annotations

import math

from analyst.events import Column, Table
from analyst.models.offline.words import tokens

__all__ = [
    "adds_up",
    "groups",
    "is_additive",
    "is_place",
    "measures",
    "number",
    "time_column",
]

_IDENTIFIERS = frozenset(
    "id code key index uuid guid zip zipcode postcode phone rank iata isbn ssn".split()  # noqa: SIM905 - reads best
)
_POSITIONS = frozenset("lat lon lng latitude longitude".split())  # noqa: SIM905 - as above
_YEARS = frozenset({"year", "yr"})
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_PLACES = frozenset(
    "country nation state region continent province county city town borough "  # noqa: SIM905 - as above
    "district zone island airport station place location site store".split()
)
_RATES = frozenset(
    "per rate ratio share percent percentage pct proportion age price average avg "  # noqa: SIM905 - as above
    "mean median index score rating temperature temp speed height weight length depth "
    "width mass density expectancy probability gini mpg acceleration horsepower "
    "displacement level grade duration distance wind pressure humidity".split()
)
_AMOUNTS = frozenset(
    "revenue sale amount total cost spending expense quantity unit order count visit "  # noqa: SIM905 - as above
    "incident accident fatality death birth profit volume gross budget population "
    "passenger strike employed unemployed job precipitation rain sold number".split()
)
_FEW_GROUPS, _MANY_GROUPS = 2, 30
_MAX_NAME_CHARS = 250


def number(text: str) -> float:
    """A number that the profile spells; not a number where it spells none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def time_column(table: Table) -> Column | None:
    """The column that says when: dates first, else whole years."""
    usable = [column for column in table.columns if _is_usable(column, table)]
    dates = [c for c in usable if c.kind == "date" and c.low != c.high]
    years = [c for c in usable if _is_year(c) and c.low != c.high]
    return next(iter(dates + years), None)


def _is_year(column: Column) -> bool:
    if column.kind not in {"int", "float"}:
        return False
    low, high = number(column.low), number(column.high)
    in_range = _FIRST_YEAR <= low <= high <= _LAST_YEAR
    whole = low.is_integer() and high.is_integer()
    named = not _YEARS.isdisjoint(tokens(column.name))
    return whole and (named or (in_range and column.kind == "int"))


def measures(table: Table) -> list[Column]:
    """The columns that can be added or averaged, the most sensible first."""
    found = [c for c in table.columns if _is_usable(c, table) and _is_measure(c, table)]
    return sorted(found, key=lambda c: (_is_position(c), c.distinct <= _MANY_GROUPS))


def _is_measure(column: Column, table: Table) -> bool:
    is_number = column.kind in {"int", "float"} or column.text_of == "numbers"
    return is_number and not _is_year(column) and not _is_identifier(column, table)


def _is_position(column: Column) -> bool:
    return not _POSITIONS.isdisjoint(tokens(column.name))


def _is_identifier(column: Column, table: Table) -> bool:
    """Codes and running numbers, which mean nothing when added up."""
    low, high = number(column.low), number(column.high)
    fractions = column.low and not (low.is_integer() and high.is_integer())
    if fractions:
        return False
    if not _IDENTIFIERS.isdisjoint(tokens(column.name)):
        return True
    return column.kind == "int" and column.unique and high - low == table.rows - 1


def groups(table: Table) -> list[Column]:
    """The columns that sort rows into groups, the most sensible first."""
    found = [c for c in table.columns if _is_usable(c, table) and _is_group(c)]
    return sorted(found, key=lambda c: _group_order(c, table))


def _is_group(column: Column) -> bool:
    if column.text_of or column.distinct < _FEW_GROUPS:
        return False
    few = 0 < len(column.values) == column.distinct
    return column.kind in {"str", "bool"} or (column.kind == "int" and few)


def _group_order(column: Column, table: Table) -> tuple[bool, bool, bool, bool]:
    return (
        column.kind == "int",
        column.distinct > table.rows / 2,
        not _IDENTIFIERS.isdisjoint(tokens(column.name)),
        column.distinct > _MANY_GROUPS and not is_place(column),
    )


def is_place(column: Column) -> bool:
    """Whether the values answer to `where`."""
    return not _PLACES.isdisjoint(tokens(column.name))


def is_additive(column: Column) -> bool:
    """Whether its name says that a sum of it means something."""
    return adds_up(column) and not _AMOUNTS.isdisjoint(tokens(column.name))


def adds_up(column: Column) -> bool:
    """False for rates, prices, ages, shares: a sum of them means nothing."""
    return _RATES.isdisjoint(tokens(column.name)) and not (
        column.kind == "float" and number(column.low) >= 0 and number(column.high) <= 1
    )


def _is_usable(column: Column, table: Table) -> bool:
    return column.missing < table.rows and len(column.name) < _MAX_NAME_CHARS
