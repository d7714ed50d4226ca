"""Which rows a question is about: `in France`, `since 1990`, `Adelie and Gentoo`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analyst.events import Column, Table
from analyst.models.offline.roles import time_column
from analyst.models.offline.words import Match, tokens

__all__ = ["Condition", "conditions_in", "values_said"]

_NO_VALUES = frozenset({"yes", "no", "other", "none", "all", "unknown", "any", "total"})
_NO_NAMES = frozenset(
    "January February March April May June July August September October "  # noqa: SIM905 - reads best
    "November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_NAME = re.compile(r"[A-Z][\w'&.-]*\w(?: (?:(?:of|and|the) )?[A-Z][\w'&.-]*\w)*")
_OPEN_ENDS = {
    # The words before a year, and which years they leave: (first, last) beside it.
    re.compile(r"\b(?:since|from|starting)\s+$", re.IGNORECASE): (0, None),
    re.compile(r"\bafter\s+$", re.IGNORECASE): (1, None),
    re.compile(r"\b(?:until|till|to|through)\s+$", re.IGNORECASE): (None, 0),
    re.compile(r"\bbefore\s+$", re.IGNORECASE): (None, -1),
}
_MAX_SEARCHED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A restriction to some of the rows."""

    kind: Literal["values", "mention", "years"]
    columns: tuple[Column, ...]
    """One; of a mention all those that may hold it."""
    values: tuple[str, ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    """The first and the last, None where it is open."""


def conditions_in(
    question: str, table: Table, found: Sequence[Match]
) -> tuple[Condition, ...]:
    """The restrictions that a question makes, `found` being the columns it names."""
    said = {word for one in found for word in one.said}
    values = _values(question, table, said)
    years = _years(question, table)
    mentions = _mentions(question, table, said, values)
    return (*values, *mentions, *years)


def values_said(conditions: Sequence[Condition]) -> Column | None:
    """The column of which several values are named, to be compared."""
    for condition in conditions:
        if condition.kind == "values" and len(condition.values) > 1:
            return condition.columns[0]
    return None


def _values(question: str, table: Table, said: set[str]) -> list[Condition]:
    """The spelled values of categories that the question says."""
    conditions = []
    for column in table.columns:
        if column.kind != "str" or column.text_of:
            continue
        named = tuple(v for v in column.values if _says(question, v, said))
        if named:
            conditions.append(Condition(kind="values", columns=(column,), values=named))
    return conditions


def _says(question: str, value: str, said: set[str]) -> bool:
    if len(value) < len("ab") or value.casefold() in _NO_VALUES:
        return False
    if value.endswith("…") or set(tokens(value)) <= said:
        return False
    pattern = rf"(?<!\w){re.escape(value)}(?!\w)"
    return re.search(pattern, question, re.IGNORECASE) is not None


def _mentions(
    question: str, table: Table, said: set[str], known: Sequence[Condition]
) -> list[Condition]:
    """Names in the question that may be values which the profile does not spell."""
    long = [
        column
        for column in table.columns
        if column.kind == "str"
        and not column.text_of
        and len(column.values) < column.distinct
    ][:_MAX_SEARCHED]
    spelled = {value.casefold() for one in known for value in one.values}
    names = [
        name
        for name in _names(question)
        if name not in _NO_NAMES
        and name.casefold() not in spelled
        and not set(tokens(name)) & said
    ]
    if not long or not names:
        return []
    return [Condition(kind="mention", columns=tuple(long), values=tuple(names))]


def _names(question: str) -> list[str]:
    """Capitalised words, together and apart: `A and B` may be one name or two."""
    names: dict[str, None] = {}
    for found in _NAME.finditer(question):
        name = found[0]
        before = question[: found.start()].rstrip()
        if not before or before[-1] in ".?!:":
            name = name.partition(" ")[2].removeprefix("and ")
        parts = name.split(" and ")
        for part in (*parts, name) if len(parts) > 1 else parts:
            names[part] = None
    return [name for name in names if name]


def _years(question: str, table: Table) -> list[Condition]:
    """The years that the question is limited to."""
    time = time_column(table)
    found = list(_YEAR.finditer(question))
    if time is None or not found:
        return []
    years = [int(one[0]) for one in found]
    first: int | None = min(years)
    last: int | None = max(years)
    if len(found) == 1:
        before = question[: found[0].start()]
        for words, (opens, closes) in _OPEN_ENDS.items():
            if words.search(before):
                first = None if opens is None else years[0] + opens
                last = None if closes is None else years[0] + closes
    return [Condition(kind="years", columns=(time,), years=(first, last))]
