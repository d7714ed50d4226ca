"""Phrases that several recipes share."""

from __future__ import annotations

from analyst.models.offline.analysis import Sentence, wording
from analyst.models.offline.intent import Intent, Unmet
from analyst.models.offline.words import plural, spoken

__all__ = ["calculation", "caveats", "in_scope", "in_title", "several"]

_UNMET: dict[Unmet, str] = {
    "why": "This shows where and when, not why.",
    "empty": "A column that the question names holds no value at all.",
    "numbers": "The table has no column to calculate with, so rows are counted.",
    "time": "The table has no dates or years to follow.",
    "month": "The month that the question names is not looked at by itself.",
}
_SAID = {
    "mean": "mean of",
    "sum": "total of",
    "median": "median of",
    "min": "smallest",
    "max": "largest",
}


def calculation(intent: Intent) -> str:
    """What is computed, in a sentence: `mean of births per woman`."""
    return _calculation(intent, wording(intent).measure)


def in_title(intent: Intent) -> str:
    """The same for a title, which is no template."""
    name = intent.measure.name if intent.measure is not None else ""
    return _calculation(intent, spoken(name))


def _calculation(intent: Intent, measure: str) -> str:
    if intent.aggregate == "count":
        return "number of rows"
    if intent.kind == "groups" and intent.group is not None and intent.group.unique:
        return f"figure for {measure}"
    return f"{_SAID[intent.aggregate]} {measure}"


def several(intent: Intent) -> str:
    """What the groups are called."""
    assert intent.group is not None
    said = wording(intent).group
    if said != spoken(intent.group.name):
        return f"groups by {said}"
    return plural(intent.group.name)


def in_scope(intent: Intent) -> str:
    """The rows that it is about, where the question limits them."""
    return " ({scope})" if intent.conditions else ""


def caveats(intent: Intent) -> list[Sentence]:
    """What limits the result, whatever the data."""
    texts = [_UNMET[unmet] for unmet in intent.unmet]
    if intent.not_summed:
        measure = wording(intent).measure
        texts.append(f"A total of {measure} would mean nothing, so it is averaged.")
    if intent.kind == "trend" and intent.aggregate == "mean" and intent.group:
        groups = several(intent)
        texts.append(f"The mean counts all {groups} alike, whatever their size.")
    if intent.kind == "groups" and intent.panel and not _limits_years(intent):
        texts.append("Each figure is over all points in time that have a value.")
    return [Sentence(text=text, needs=(1,), is_caveat=True) for text in texts]


def _limits_years(intent: Intent) -> bool:
    return any(condition.kind == "years" for condition in intent.conditions)
