"""Days and moments: which format they have, if there is only one.

A format is taken only where every cell fits it and no other. Nobody can say whether
`01/02/2024` is in January or in February unless some other cell of the column does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime

from .cells import FOREIGN_SHARE, Cells, Sorted, sort_cells
from .findings import Dates, Remark, Text, words_told
from .names import may_be_dates
from .sentinels import sentinel_days, sentinels_told
from .stamps import Stamp, stamp_of
from .undecided import Days, likely, undecided
from .words import NO_DATES

__all__ = ["compact_dates", "dates_from", "in_several_formats", "sort_dates"]

_SIXTY = range(60)
_HOURS = {"%H": range(24), "%I": range(1, 13)}
_OLD_PANDAS_YEARS = range(1678, 2262)
"""Moments that every version of pandas can hold."""
_COMPACT = "99999999"
_COMPACT_FORMAT = "%Y%m%d"
_COMPACT_YEARS = range(1900, 2101)
_ENOUGH_DAYS = 10
"""So many numbers of eight digits are not all days by chance."""
_SERIAL = re.compile(r"[2-5][0-9]{4}")
"""A day as sheets count it: 1954 to 2064."""
_SEPARATOR = re.compile(r"[-/.]")
_NUMERIC = {
    each: tuple(each.replace("%", "")[::2].index(code) for code in "Ymd")
    for separator in "-/."
    for each in (f"%Y{separator}%m{separator}%d", f"%d{separator}%m{separator}%Y")
} | {"%m/%d/%Y": (2, 0, 1), "%m-%d-%Y": (2, 0, 1)}
"""Where year, month and day stand in frequent formats: `strptime` is slow."""

Groups = dict[Stamp, list[str]]


def sort_dates(cells: Cells) -> Sorted[Stamp] | None:
    """Which cells are shaped like dates; None where hardly any is."""
    found = sort_cells(cells, stamp_of)
    if found is None:
        return None
    none = tuple(text for text in NO_DATES if text in cells.distinct)
    return replace(found, missing=(*found.missing, *none))


def dates_from(cells: Cells, found: Sorted[Stamp]) -> Dates | Text | None:
    """What the dates of a column are, or why they stay text; None: they are none."""
    groups = _grouped(cells, found)
    if not groups:
        return None
    days = {text[s.day_at] for s, texts in groups.items() for text in texts}
    shared = set.intersection(*(set(stamp.formats) for stamp in groups))
    if not shared:
        said = "stays text, as its dates are written in several formats"
        return _stays_text(said) if _all_parse(groups) else None
    known = {each: _known(days, each) for each in sorted(shared)}
    clocks = {text for s, texts in groups.items() for text in _wrong_clocks(s, texts)}
    fitting = {each: some for each, some in known.items() if len(some) == len(days)}
    if not fitting or clocks:
        most = max(known.values(), key=len)
        return _with_invalid(cells, groups, days - set(most), clocks)
    fitting = likely(fitting)
    reason = undecided(fitting)
    if reason:
        return _stays_text(reason)
    form, values = next(iter(fitting.items()))
    return _in_one_format(cells, groups, form, values, found.missing)


def in_several_formats(cells: Cells, found: Sorted[Stamp]) -> bool:
    """Whether all are dates, though some look like plain numbers: `20240131`, `45322`.

    At least half must be written as dates.
    """
    if not all(_is_day_number(text) for text in found.foreign):
        return False
    groups = _grouped(cells, found)
    dates = [text for texts in groups.values() for text in texts]
    is_most = cells.count(dates) >= cells.count(found.foreign)
    return is_most and _all_parse(groups)


def _is_day_number(text: str) -> bool:
    if len(text) == len(_COMPACT) and text.isdecimal():
        day = _parsed(text, _COMPACT_FORMAT)
        return day is not None and day.year in _COMPACT_YEARS
    return bool(_SERIAL.fullmatch(text))


def _grouped(cells: Cells, found: Sorted[Stamp]) -> Groups:
    """The texts by how they are written, without those that say there is no date."""
    missing = set(found.missing)
    if not missing and len(cells.distinct_shapes) == 1:
        return dict.fromkeys(found.fitting.values(), cells.present)
    groups: Groups = {}
    for text, shape in zip(cells.present, cells.shapes, strict=True):
        stamp = found.fitting.get(shape)
        if stamp is not None and text not in missing:
            groups.setdefault(stamp, []).append(text)
    return groups


def _parsed(day: str, form: str) -> date | None:
    """A day in this format; None where it is none."""
    order = _NUMERIC.get(form)
    try:
        if order is None:
            return datetime.strptime(day, form).date()  # noqa: DTZ007 - only the day counts
        numbers = _SEPARATOR.split(day)
        year, month, number = (int(numbers[at]) for at in order)
        return date(year, month, number)
    except ValueError:
        return None


def _known(days: Iterable[str], form: str) -> Days:
    """Those that are days in this format."""
    return {day: value for day in days if (value := _parsed(day, form))}


def _wrong_clocks(stamp: Stamp, texts: list[str]) -> list[str]:
    """Those whose time of the day or offset there is not."""
    if stamp.clock_at is None:
        return []
    hours = _HOURS[stamp.hour]
    bounds = zip(stamp.numbers_at, (hours, _SIXTY, _SIXTY), strict=False)
    checks: list[tuple[slice, set[str]]] = []
    for at, bound in bounds:
        numbers = {text[at] for text in texts}
        checks.append((at, {each for each in numbers if int(each) not in bound}))
    if stamp.zone_at is not None:
        zones = {text[stamp.zone_at] for text in texts}
        checks.append((stamp.zone_at, {z for z in zones if not _is_offset(z)}))
    checks = [(at, wrong) for at, wrong in checks if wrong]
    if not checks:
        return []
    return [t for t in texts if any(t[at] in wrong for at, wrong in checks)]


def _is_offset(text: str) -> bool:
    digits = re.sub(r"[^0-9]", "", text)
    return not digits or (int(digits[:2]) in range(15) and int(digits[2:] or 0) <= 59)  # noqa: PLR2004 - hours and minutes


def _offset_minutes(zone: str) -> int:
    """How far it is from UTC."""
    digits = re.sub(r"[^0-9]", "", zone)
    minutes = 60 * int(digits[:2] or 0) + int(digits[2:] or 0)
    return -minutes if "-" in zone else minutes


def _with_invalid(
    cells: Cells, groups: Groups, days: set[str], clocks: set[str]
) -> Text | None:
    """A column in which some are no dates: told where they are few."""
    texts = [
        text
        for stamp, group in groups.items()
        for text in group
        if text in clocks or text[stamp.day_at] in days
    ]
    if cells.count(texts) <= FOREIGN_SHARE * len(cells.values):
        said = f"stays text, as {words_told(texts)} is no date in the order of the rest"
        return Text(remarks=(Remark(said, cells.rows(texts)),))
    if days and _all_parse(groups):
        said = "stays text, as only some of its dates can begin with the day"
        return _stays_text(said)
    return None


def _in_one_format(
    cells: Cells, groups: Groups, form: str, days: Days, missing: tuple[str, ...]
) -> Dates | Text:
    """Dates whose days have this format."""
    if len({stamp.zone_at is None for stamp in groups}) > 1:
        return _stays_text("stays text, as only some carry an offset from UTC")
    clocks = {stamp.clock for stamp in groups}
    if len(clocks) == 1:
        (clock,) = clocks
        whole = form + clock
    elif all(stamp.is_iso for stamp in groups):
        whole = "ISO8601"
    else:
        return _stays_text("stays text, as the time of the day is written variously")
    zones = {
        text[stamp.zone_at]
        for stamp, texts in groups.items()
        if stamp.zone_at is not None
        for text in texts
    }
    if not _can_be_held(days.values()):
        return _stays_text("stays text, as some days are too far from now")
    remarks = _sentinels_told(cells, groups, days)
    offsets = {_offset_minutes(zone) for zone in zones}
    if len(offsets) > 1:
        said = (
            "times with different offsets are made UTC; days there may differ from "
            "local days"
        )
        remarks = (Remark(said), *remarks)
    if "%y" in form:
        said = "years of two digits are read as 1969 to 2068"
        remarks = (Remark(said), *remarks)
    return Dates(
        format=whole,
        example=min(min(texts) for texts in groups.values()).strip(),
        utc=len(zones) > 1 or any(stamp.is_utc for stamp in groups),
        strip=any(stamp.is_padded for stamp in groups),
        missing=missing,
        remarks=remarks,
    )


def _sentinels_told(cells: Cells, groups: Groups, days: Days) -> tuple[Remark, ...]:
    odd = sentinel_days(set(days.values()))
    if not odd:
        return ()
    texts = [
        text
        for stamp, group in groups.items()
        for text in group
        if days[text[stamp.day_at]] in odd
    ]
    return sentinels_told(cells, texts)


def _can_be_held(dates: Collection[date]) -> bool:
    """Whether the pandas that is installed can hold them all."""
    low, high = min(dates), max(dates)
    if low.year in _OLD_PANDAS_YEARS and high.year in _OLD_PANDAS_YEARS:
        return True
    import pandas as pd  # noqa: PLC0415 - needed for odd dates alone

    try:
        pd.to_datetime([low.isoformat(), high.isoformat()], format="%Y-%m-%d")
    except ValueError:
        return False
    return True


def compact_dates(
    cells: Cells, name: str, shapes: Collection[str], missing: tuple[str, ...]
) -> Dates | None:
    """Days written as `20240131`; None where they may be numbers."""
    if set(shapes) != {_COMPACT}:
        return None
    texts = cells.shaped(shapes)
    if len(texts) < _ENOUGH_DAYS and not may_be_dates(name):
        return None
    dates = _known(texts, _COMPACT_FORMAT)
    if len(dates) < len(texts) or not all(
        day.year in _COMPACT_YEARS for day in dates.values()
    ):
        return None
    odd = sentinel_days(set(dates.values()))
    return Dates(
        format=_COMPACT_FORMAT,
        example=texts[0],
        looks_typed=True,
        missing=missing,
        remarks=sentinels_told(cells, [t for t in texts if dates[t] in odd]),
    )


def _all_parse(groups: Groups) -> bool:
    """Whether each is a day in some format."""
    return all(
        any(_parsed(text[stamp.day_at], each) for each in stamp.formats)
        for stamp, texts in groups.items()
        for text in texts
    )


def _stays_text(said: str) -> Text:
    return Text(remarks=(Remark(said),))
