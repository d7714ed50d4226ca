"""What is odd in a table, the most important first. No model is asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from .names import is_key_name
from .noticed import Noticed, Oddity
from .numbers import of_dates, of_numbers
from .seen import NAME_CHARS, VALUE_CHARS, Seen, clip
from .texts import of_mixed, of_texts

__all__ = ["MOST_NOTICED", "odd_in"]

MOST_NOTICED = 24
_MOST_NAMES = 8
_ENOUGH_ROWS = 20
_NEARLY_ALL = 0.98
_MOSTLY = 0.5
_ROOM = 10
"""How many times more rows a table could tell apart than it has, for a row that comes
again to be odd rather than a matter of chance."""
_MOST_REPEATED = 2 / 3
_WORK = 8_000_000
"""Rows times columns that are compared to find rows that come again."""
_TEXT_WORK = 5
"""How much dearer it is to compare texts than numbers."""
_TO_COMPARE = 20_000
_ORDER = {kind: at for at, kind in enumerate(get_args(Oddity))}
_MOST_OF_A_KIND = 3
_GATHERED = {"constant", "empty", "mostly_missing", "text_numbers", "text_dates"}


def odd_in(
    columns: Sequence[Seen],
    facts: Sequence[Mapping[str, Any]],
    frame: Any,  # noqa: ANN401 - a DataFrame
) -> list[Noticed]:
    """What is odd in a table.

    Args:
        columns: the first few hundred of its columns.
        facts: what is known of each of them.
        frame: the whole of it.
    """
    noticed: list[Noticed] = []
    for seen, known in zip(columns, facts, strict=True):
        noticed += _all_of(_of_column, seen, known)
    noticed += _all_of(_equal, columns, facts)
    if not any(seen.is_part for seen in columns):
        noticed += _all_of(_repeated_rows, columns, facts, frame)
    ranked = sorted(_gathered(noticed), key=lambda one: _ORDER[one.kind])
    return _at_most(ranked)[:MOST_NOTICED]


def _all_of(look: Any, *arguments: Any) -> list[Noticed]:  # noqa: ANN401 - one of the functions here
    """What one of them finds, up to where the values are too odd for it."""
    found: list[Noticed] = []
    try:
        found.extend(look(*arguments))
    except Exception:  # noqa: BLE001 - a cell may hold any object
        return found
    return found


def _of_column(seen: Seen, known: Mapping[str, Any]) -> Iterator[Noticed]:
    rows = len(seen.series)
    if not rows:
        return
    if not seen.present:
        yield Noticed("empty", (seen.name,), rows, rows, sampled=seen.is_part)
        return
    if seen.missing > _MOSTLY * rows:
        yield Noticed(
            "mostly_missing", (seen.name,), seen.missing, rows, sampled=seen.is_part
        )
    if len(seen.counts) == 1 and not seen.missing and rows >= _ENOUGH_ROWS:
        if not _varies(known):
            yield Noticed("constant", (seen.name,), rows, rows, sampled=seen.is_sampled)
        return
    if is_key_name(seen.name):
        yield from _of_key(seen)
    if seen.kind in {"int", "float"}:
        yield from of_numbers(seen)
    elif seen.kind == "date":
        yield from of_dates(seen)
    elif seen.kind == "str":
        yield from of_texts(seen)
    yield from of_mixed(seen)


def _varies(known: Mapping[str, Any]) -> bool:
    """Whether the ends of the range, which are those of all rows, differ."""
    return bool(known.get("low") != known.get("high"))


def _of_key(seen: Seen) -> Iterator[Noticed]:
    """Values that should tell rows apart, and do so but for a few."""
    rows = len(seen.series)
    if rows < _ENOUGH_ROWS or len(seen.counts) < _NEARLY_ALL * len(seen.sample):
        return
    if seen.kind not in {"int", "float", "str"} or seen.repeats is None:
        return
    if 0 < seen.repeats <= (1 - _NEARLY_ALL) * seen.present:
        again = seen.counts[seen.counts > 1].index[:3]
        examples = tuple(clip(str(value), VALUE_CHARS) for value in again)
        yield Noticed("nearly_unique", (seen.name,), seen.repeats, rows, examples)
    if seen.missing and not seen.repeats and seen.missing <= _MOSTLY * rows:
        yield Noticed("key_missing", (seen.name,), seen.missing, rows)


def _equal(
    columns: Sequence[Seen], facts: Sequence[Mapping[str, Any]]
) -> Iterator[Noticed]:
    """Columns that hold the same value in each row."""
    alike: dict[Any, list[Seen]] = {}
    for seen, known in zip(columns, facts, strict=True):
        if len(seen.series) < _ENOUGH_ROWS or known.get("distinct", 0) < 3:  # noqa: PLR2004 - two may agree by chance
            continue
        told = [known.get(key) for key in ("missing", "distinct", "low", "high")]
        start = tuple(map(str, seen.series.iloc[:_ENOUGH_ROWS]))
        signature = (seen.kind, str(seen.series.dtype), *told, start)
        alike.setdefault(signature, []).append(seen)
    for group in alike.values():
        first, *others = group
        same = [seen.name for seen in others if first.series.equals(seen.series)]
        if same:
            rows = len(first.series)
            names = (first.name, *same)
            yield Noticed("equal", names, rows, rows, sampled=first.is_part)


def _repeated_rows(
    columns: Sequence[Seen],
    facts: Sequence[Mapping[str, Any]],
    frame: Any,  # noqa: ANN401 - a DataFrame
) -> Iterator[Noticed]:
    """Rows that repeat an earlier one in full, if that is not a matter of chance.

    Rows that one column tells apart are let go, column after column, so that most
    tables are done after the first.
    """
    rows = len(frame)
    known = any(fact.get("unique") for fact in facts)
    if known or rows < _ENOUGH_ROWS or len(columns) < frame.shape[1]:
        return
    room = sum(math.log(max(1, fact.get("distinct", 1))) for fact in facts)
    if room < math.log(_ROOM * rows):
        return
    order = sorted(
        range(len(columns)), key=lambda at: (_cost(columns[at]), -_distinct(facts[at]))
    )
    left, worked = None, 0
    for at in order:
        part = frame if left is None else frame.iloc[left]
        if len(part) <= _TO_COMPARE:
            break
        worked += len(part) * (_TEXT_WORK if _cost(columns[at]) else 1)
        if worked > _WORK:
            return
        left = _not_told_apart(part, at, left)
    part = frame if left is None else frame.iloc[left]
    if len(part) * frame.shape[1] > _WORK:
        return
    count = int(part.duplicated().sum())
    if 0 < count <= _MOST_REPEATED * rows:
        yield Noticed("duplicate_rows", (), count, rows)


def _distinct(known: Mapping[str, Any]) -> int:
    return int(known.get("distinct", 0))


def _cost(seen: Seen) -> int:
    """Numbers and dates before text, and what cannot be hashed last."""
    return {"str": 1, "other": 2}.get(seen.kind, 0)


def _not_told_apart(part: Any, at: int, left: Any) -> Any:  # noqa: ANN401 - a DataFrame and arrays
    """Places of the rows whose value in this column is not theirs alone."""
    import numpy as np  # noqa: PLC0415 - only once there is a table

    try:
        again = part.iloc[:, at].duplicated(keep=False).to_numpy()
    except TypeError:  # it cannot be hashed
        return left
    places = np.flatnonzero(again)
    return places if left is None else left[places]


def _gathered(noticed: Sequence[Noticed]) -> list[Noticed]:
    """One note for several columns of which the same is to be said."""
    found: dict[Any, Noticed] = {}
    for at, one in enumerate(noticed):
        key: Any = (one.kind, one.sampled) if one.kind in _GATHERED else at
        before = found.get(key)
        names = (before.columns if before else ()) + tuple(
            clip(name, NAME_CHARS) for name in one.columns
        )
        found[key] = replace(before or one, columns=names)
    return [
        replace(
            one,
            columns=one.columns[:_MOST_NAMES],
            more_columns=max(0, len(one.columns) - _MOST_NAMES),
        )
        for one in found.values()
    ]


def _at_most(ranked: Sequence[Noticed]) -> list[Noticed]:
    """A few of each kind; the last of them says how many columns more there are."""
    kept: list[Noticed] = []
    for kind in dict.fromkeys(one.kind for one in ranked):
        same = [one for one in ranked if one.kind == kind]
        first, rest = same[:_MOST_OF_A_KIND], same[_MOST_OF_A_KIND:]
        more = sum(len(one.columns) + one.more_columns for one in rest)
        last = replace(first[-1], more_columns=first[-1].more_columns + more)
        kept += [*first[:-1], last]
    return kept
