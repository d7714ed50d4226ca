"""What a question asks for, as far as rules can tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from analyst.events import Column, Table
from analyst.models.offline.conditions import Condition, conditions_in, values_said
from analyst.models.offline.roles import (
    adds_up,
    groups,
    is_additive,
    is_place,
    measures,
    time_column,
)
from analyst.models.offline.words import Match, asks, match, tokens

__all__ = ["Aggregate", "Intent", "Unmet", "read"]

Aggregate: TypeAlias = Literal["mean", "sum", "median", "min", "max", "count"]

Unmet: TypeAlias = Literal["why", "empty", "numbers", "time", "month"]

_TREND = (
    r"over (?:the )?(?:time|years|months|weeks|days|decades)|trends?|chang\w*|evolv\w*",
    r"(?:by|per|each|every|which|what) (?:year|month|day|date)|develop\w*|history",
    r"since|yearly|monthly|daily|annual\w*|gr[eo]w\w*|increas\w*|decreas\w*|declin\w*",
    r"f[ae]ll\w*|ris(?:e|en|ing)|rose|dropp?\w*|when",
)
_LOWEST = (r"lowest|smallest|least|fewest|bottom|worst|shortest|slowest|minimum",)
_EXTREME = (r"highest|largest|biggest|greatest|most|top|best|longest|fastest", *_LOWEST)
_BY_GROUP = (
    r"where|which|who|rank\w*|compar\w*|by|per|each|every|across|among|between|than",
    r"differ\w*|vary|varies|breakdown|distribution of|most common|top|bottom",
)
_COUNT = (
    r"how many|how often|counts?|number of|common|frequent\w*|often|breakdown",
    r"most|fewest|distribution of",
)
_AGGREGATES: tuple[tuple[Aggregate, str], ...] = (
    ("sum", r"totals?|sum|altogether"),
    ("median", r"medians?|typical|typically"),
    ("mean", r"averages?|mean|avg"),
    ("max", r"maximum|max"),
    ("min", r"minimum|min"),
)
_MONTHS = (
    "January|February|March|April|June|July|August|September|October|November|December"
)
_PHRASES = re.compile(
    r"\bover (?:the )?(?:time|years|months|weeks|days|decades)\b", re.IGNORECASE
)
_CUES = frozenset({"by", "per", "each", "every", "which", "across", "among", "what"})
_PANEL_FILL = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The question, read."""

    kind: Literal["overview", "value", "groups", "trend"]
    table: Table
    measure: Column | None = None
    aggregate: Aggregate = "count"
    group: Column | None = None
    time: Column | None = None
    lowest: bool = False
    """The lowest are asked for rather than the highest."""
    conditions: tuple[Condition, ...] = ()
    not_summed: bool = False
    """A sum was asked for, but means nothing for this measure."""
    panel: bool = False
    """Each group of the table has about one row for each point in time."""
    unmet: tuple[Unmet, ...] = ()
    """What is asked for that these rules do not do, or not with this table."""


def read(question: str, tables: Sequence[Table]) -> Intent:
    """What the question asks for; an overview where nothing is understood."""
    table = max(tables, key=lambda one: _fit(question, one))
    found = match(_PHRASES.sub(" ", question), table.columns)
    conditions = conditions_in(question, table, found)
    aggregate = _said_aggregate(question, found)
    time = time_column(table)
    is_trend = (
        time is not None and asks(question, *_TREND) and not _is_one_year(conditions)
    )
    asked = found or conditions or aggregate or is_trend
    if not (asked or asks(question, *_EXTREME, *_BY_GROUP, *_COUNT)):
        return Intent(kind="overview", table=table)
    measure = _measure(question, table, found)
    group = _group(question, table, found, conditions, measure)
    panel = _is_panel(table, time)
    if group is None and (
        panel if is_trend else _wants_groups(question, measure, aggregate)
    ):
        group = _default_group(question, table, conditions)
    if group is None and measure is None and not is_trend:
        return Intent(kind="overview", table=table)
    how, not_summed = _aggregate(question, aggregate, measure, grouped=bool(group))
    if panel and how == "sum" and aggregate is None and not _is_full(table, time):
        how = "mean"  # a sum over whoever happens to have a row compares nothing
    return Intent(
        kind="trend" if is_trend else "groups" if group is not None else "value",
        table=table,
        measure=measure,
        aggregate=how,
        group=group,
        time=time,
        lowest=asks(question, *_LOWEST),
        conditions=conditions,
        not_summed=not_summed,
        panel=panel,
        unmet=_unmet(question, table, found, aggregate, measure),
    )


def _unmet(
    question: str,
    table: Table,
    found: Sequence[Match],
    aggregate: Aggregate | None,
    measure: Column | None,
) -> tuple[Unmet, ...]:
    """What is left undone, so that the answer can say so."""
    unmet: dict[Unmet, bool] = {
        "why": asks(question, "why"),
        "empty": any(one.column.missing == table.rows for one in found),
        "numbers": aggregate is not None and measure is None,
        "time": asks(question, *_TREND) and time_column(table) is None,
        "month": asks(question, _MONTHS),
    }
    return tuple(name for name, is_so in unmet.items() if is_so)


def _fit(question: str, table: Table) -> float:
    """How much of a question is about a table."""
    named = len(set(tokens(question)) & set(tokens(table.name)))
    return named + sum(one.score for one in match(question, table.columns))


def _said_aggregate(question: str, found: Sequence[Match]) -> Aggregate | None:
    """The calculation that is asked for, unless the word is a column's own."""
    own = {word for one in found for word in one.said}
    for aggregate, pattern in _AGGREGATES:
        if asks(question, pattern) and not (
            own & {part for part in tokens(question) if asks(part, pattern)}
        ):
            return aggregate
    return None


def _is_one_year(conditions: Sequence[Condition]) -> bool:
    return any(
        one.kind == "years" and one.years[0] == one.years[1] for one in conditions
    )


def _measure(question: str, table: Table, found: Sequence[Match]) -> Column | None:
    """The column to be added up or averaged; None where rows are counted."""
    candidates = measures(table)
    named = [one.column for one in found if one.column in candidates]
    named = [column for column in named if not _is_cued(question, column)] or named
    if named:
        return named[0]
    if asks(question, *_COUNT) or not candidates:
        return None
    return candidates[0]


def _is_cued(question: str, column: Column) -> bool:
    """Whether it is named as what to sort by: `by cylinders`, `which country`."""
    words = tokens(question)
    said = {word for one in match(question, [column]) for word in one.said}
    return any(
        word in said and not _CUES.isdisjoint(words[max(0, at - 2) : at])
        for at, word in enumerate(words)
    )


def _group(
    question: str,
    table: Table,
    found: Sequence[Match],
    conditions: Sequence[Condition],
    measure: Column | None,
) -> Column | None:
    """The column whose values are compared, where the question says which."""
    fixed = _fixed(conditions)
    candidates = [c for c in groups(table) if c not in fixed and c is not measure]
    named = [one.column for one in found if one.column in candidates]
    cued = [column for column in named if _is_cued(question, column)]
    texts = [column for column in named if column.kind != "int"]
    if cued or texts:
        return (cued or texts)[0]
    compared = values_said(conditions)
    if compared is not None:
        return compared
    if asks(question, "where", "countr(?:y|ies)", "places?", "cit(?:y|ies)"):
        return next((c for c in candidates if is_place(c)), None)
    return None


def _fixed(conditions: Sequence[Condition]) -> list[Column]:
    """The columns of which only one value is looked at."""
    return [
        column
        for condition in conditions
        if condition.kind != "years" and len(condition.values) == 1
        for column in condition.columns
    ]


def _default_group(
    question: str, table: Table, conditions: Sequence[Condition]
) -> Column | None:
    fixed = _fixed(conditions)
    candidates = [column for column in groups(table) if column not in fixed]
    if asks(question, "where"):
        candidates.sort(key=lambda column: not is_place(column))
    return candidates[0] if candidates else None


def _wants_groups(
    question: str, measure: Column | None, aggregate: Aggregate | None
) -> bool:
    """Whether groups are to be compared although none is named."""
    if measure is None or asks(question, *_BY_GROUP):
        return True
    return aggregate is None and not asks(question, *_EXTREME)


def _is_panel(table: Table, time: Column | None) -> bool:
    """Whether each group has about one row for each point in time."""
    cells = _cells(table, time)
    return cells * _PANEL_FILL <= table.rows <= cells


def _is_full(table: Table, time: Column | None) -> bool:
    return table.rows == _cells(table, time)


def _cells(table: Table, time: Column | None) -> int:
    """How many rows there are if each group has one for each point in time."""
    first = next(iter(groups(table)), None)
    if first is None or first.unique or time is None or time.unique:
        return 0
    return first.distinct * time.distinct


def _aggregate(
    question: str, said: Aggregate | None, measure: Column | None, *, grouped: bool
) -> tuple[Aggregate, bool]:
    """How the measure is summed up, and whether a wish for a sum was declined."""
    if measure is None:
        return "count", False
    if said == "sum" and not adds_up(measure):
        return "mean", True
    if said is not None:
        return said, False
    if not grouped and asks(question, *_EXTREME):
        return ("min" if asks(question, *_LOWEST) else "max"), False
    return ("sum" if is_additive(measure) else "mean"), False
