"""Why the days of a column may be other ones than they seem."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

__all__ = ["Days", "likely", "undecided"]

_YEAR_FIRST = "%y/%m/%d"
_SOON = timedelta(days=366)
"""Days of the next year are planned; later ones may be of another century."""
_MAX_DAY = 31
_MONTHS = frozenset({"%Y-%m", "%b-%y", "%B-%y", "%b %y", "%B %y"})
"""Formats of months that end in two digits."""

Days = dict[str, date]
"""The days of a column, as they are written and as they are."""


def likely(fitting: dict[str, Days]) -> dict[str, Days]:
    """The formats that fit, without one that hardly anybody uses.

    `24/03/14` is thought to be in 2024 only where no other format fits, or where the
    last part differs more than the first.
    """
    if len(fitting) == 1 or _YEAR_FIRST not in fitting:
        return fitting
    if _may_begin_with_year(fitting[_YEAR_FIRST]):
        return fitting
    return {form: days for form, days in fitting.items() if form != _YEAR_FIRST}


def undecided(fitting: dict[str, Days]) -> str:
    """Why it is open what the days are, by all formats that fit; empty: it is not."""
    form, days = next(iter(fitting.items()))
    return (
        _several_days(fitting) or _may_be_no_month(form, days) or _century(form, days)
    )


def _several_days(fitting: dict[str, Days]) -> str:
    """Why days may be other ones; empty: all formats that fit say the same."""
    first, *others = fitting.values()
    apart = [day for each in others for day in each if each[day] != first[day]]
    if not apart:
        return ""
    day = min(apart)
    readings = dict.fromkeys(each[day] for each in fitting.values())
    told = " or ".join(f"{each.day} {each:%B %Y}" for each in readings)
    return f'stays text, as "{day}" may be {told}'


def _may_begin_with_year(days: Collection[str]) -> bool:
    """Whether the first parts are years, which differ less than days do."""
    parts = [day.split("/") for day in days]
    first, *_, last = (len(set(each)) for each in zip(*parts, strict=True))
    return first < last


def _century(form: str, days: Days) -> str:
    """Why it is open in which century days are; empty: all are on one side of now.

    Where some would be in the future and others are in the past, as dates of birth
    are, those in the future may be a hundred years older.
    """
    if "%y" not in form:
        return ""
    today = date.today()  # noqa: DTZ011 - a day more or less does not matter
    future = [day for day, each in days.items() if each > today + _SOON]
    if not future or min(days.values()) > today:
        return ""
    example = max(future, key=lambda day: (days[day], day))
    year = days[example].year
    return f'stays text, as "{example}" may be in {year - 100} or {year}'


def _may_be_no_month(form: str, days: Days) -> str:
    """Why what looks like months may be something else; empty: it cannot."""
    example = min(days)
    ends = [int(day[-2:]) for day in days] if form in _MONTHS else []
    if form == "%Y-%m":
        starts = [int(day[2:4]) for day in days]
        if ends == [(start + 1) % 100 for start in starts]:
            return f'stays text, as "{example}" may be a month or a pair of years'
    elif ends and max(ends) <= _MAX_DAY:
        return f'stays text, as "{example}" may be a day or a month'
    return ""
