"""Computes what may be told of groups of rows. This source runs inside the kernel.

It is sent as text and needs the standard library and pandas alone. A number of a group
is one of five rows or more, not all alike, and no single cell shows it.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

LEAST_ROWS = 5
MAX_FRAMES = 5
MAX_COLUMNS = 60

_FIGURES = 4
_NEAR = 1e-9
_MOST_DIGITS = 6
_DENSE = 4
_WHOLE_FROM = 100
"""A smaller number without decimals is taken as it is, not as a rounded one."""


class Number(NamedTuple):
    """A number that was computed here, from the rows of a group."""

    value: float
    is_count: bool


def grounds(space: Mapping[str, Any], tables: Mapping[str, int]) -> list[pd.DataFrame]:
    """The frames whose rows are rows of what was loaded: the tables, parts of them.

    A frame in which a row may stand for less than a loaded row, as after a `melt`, or
    several times, is not among them.
    """
    loaded = [
        space[name]
        for name, rows in tables.items()
        if _is_ground(space.get(name), rows) and len(space[name]) <= rows
    ]
    found = list(loaded)
    for name in reversed(list(space)):
        frame = space[name]
        if name[:1] == "_" or not _is_ground(frame) or len(found) >= MAX_FRAMES:
            continue
        if any(frame is one for one in found):
            continue
        if any(_is_part(frame, whole) for whole in loaded):
            found.append(frame)
    return found


def _is_ground(frame: object, rows: int | None = None) -> bool:
    return (
        isinstance(frame, pd.DataFrame)
        and len(frame) >= LEAST_ROWS
        and frame.columns.nlevels == 1
        and frame.columns.is_unique
        and (len(frame) == rows or frame.index.is_unique)
    )


def _is_part(frame: pd.DataFrame, whole: pd.DataFrame) -> bool:
    """Whether each row of a frame is a row of `whole`, with columns more or less."""
    shared = [name for name in frame.columns if name in whole.columns][:MAX_COLUMNS]
    if 2 * len(shared) < min(frame.shape[1], MAX_COLUMNS):
        return False
    if not (whole.index.is_unique and frame.index.isin(whole.index).all()):
        return False
    there = whole.loc[frame.index]
    return bool(shared) and all(frame[name].equals(there[name]) for name in shared)


def rows_of(frame: pd.DataFrame, group: Mapping[str, object]) -> pd.DataFrame:
    """The rows that have these values."""
    is_in = np.ones(len(frame), dtype=bool)
    for name, value in group.items():
        column = frame[name]
        same = column.isna() if pd.isna(value) else column == value  # type: ignore[call-overload]
        is_in &= same.fillna(False).to_numpy(dtype=bool)
    return frame[is_in]


def sizes_of(rows: int, wholes: Iterable[int]) -> Iterator[Number]:
    """How many rows a group has, and its shares in larger ones."""
    yield Number(rows, is_count=True)
    for whole in wholes:
        yield from _share(rows, whole, is_count=True)


def counts_of(column: pd.Series) -> Iterator[Number]:
    """How many values, and different ones, a column of a group has.

    A value of the column itself may be as large by chance: then it is no count.
    """
    held = column.dropna()
    counts = {len(held)}
    with contextlib.suppress(TypeError):  # what cannot be hashed is not counted
        counts.add(held.nunique())
    for count in counts:
        if not holds(held, count):
            yield Number(count, is_count=True)


def holds(column: pd.Series, number: int) -> bool:
    """Whether a number stands in a column of numbers."""
    return bool(is_number(column.dtype) and (column == number).any())


def sums_of(column: pd.Series, wholes: Iterable[pd.Series]) -> Iterator[Number]:
    """What the values of a column come to in a group, and its shares in larger ones."""
    if not is_number(column.dtype):
        return
    values = column.dropna().to_numpy(dtype=float)
    if len(values) < LEAST_ROWS:
        return
    low, high = values.min(), values.max()
    if _are_few(values, low, high):
        return
    lone = {_short(low), _short(high)}
    for number in _sums(values, wholes, is_share=column.dtype == bool):
        if np.isfinite(number.value) and _short(number.value) not in lone:
            yield number


def _are_few(values: np.ndarray[Any, Any], low: float, high: float) -> bool:
    """Whether all are alike, or but for a few where there are no more than two."""
    lows, highs = (values == low).sum(), (values == high).sum()
    is_either = lows + highs >= len(values)
    return bool(low == high or (is_either and min(lows, highs) < LEAST_ROWS))


def _sums(
    values: np.ndarray[Any, Any], wholes: Iterable[pd.Series], *, is_share: bool
) -> Iterator[Number]:
    total, mean = values.sum(), values.mean()
    if is_share:
        yield Number(100 * mean, is_count=False)
    for value in (total, mean, np.median(values)):
        yield Number(float(value), is_count=False)
    for ddof in (1, 0):
        yield Number(float(values.std(ddof=ddof)), is_count=False)
        yield Number(float(values.var(ddof=ddof)), is_count=False)
    for whole in wholes:
        yield from _share(total, float(whole.sum()), is_count=False)


def _share(part: float, whole: float, *, is_count: bool) -> Iterator[Number]:
    if whole:
        yield Number(part / whole, is_count)
        yield Number(100 * part / whole, is_count)


def correlation(frame: pd.DataFrame, one: str, other: str) -> Iterator[Number]:
    """How two columns go together."""
    both = frame[[one, other]].dropna()
    if len(both) >= LEAST_ROWS:
        alike = 1.0 if one == other else float(both[one].corr(both[other]))
        yield Number(alike, is_count=False)


def match(value: float, numbers: Iterable[Number]) -> Number | None:
    """The number that a value is, or that it was rounded from."""
    rounded = None
    for number in numbers:
        if abs(number.value - value) <= _NEAR * abs(value):
            return number
        if rounded is None and _rounds_to(number.value, value):
            rounded = number
    return rounded


def _rounds_to(exact: float, value: float) -> bool:
    for digits in range(_MOST_DIGITS + 1):
        if round(value, digits) == value:
            by_chance = digits == 0 and abs(value) < _WHOLE_FROM
            return not by_chance and abs(exact - value) <= 0.5000001 * 10**-digits
    return False


def single_cells(
    numbers: Iterable[float], frames: Iterable[pd.DataFrame]
) -> set[float]:
    """Those numbers that also stand in a single cell."""
    wanted = np.unique(np.array(list(numbers), dtype=float))
    if not len(wanted):
        return set()
    is_there = np.zeros(len(wanted), dtype=bool)
    for frame in frames:
        for at in range(frame.shape[1]):
            column = frame.iloc[:, at]
            if not is_number(column.dtype) or column.dtype == bool:
                continue
            if _is_numbering(column):
                continue
            cells = column.dropna().to_numpy(dtype=float)
            after = np.searchsorted(wanted, cells)
            for places in (after.clip(max=len(wanted) - 1), (after - 1).clip(min=0)):
                near = np.isclose(wanted[places], cells, rtol=_NEAR, atol=0)
                is_there[places[near]] = True
    return set(wanted[is_there].tolist())


def _is_numbering(column: pd.Series) -> bool:
    """Whether it numbers the rows: then nearly every whole number stands in it."""
    if not pd.api.types.is_integer_dtype(column.dtype) or not column.is_unique:
        return False
    return bool(column.max() - column.min() < _DENSE * len(column))


def ranks(column: pd.Series, salt: str) -> dict[object, int]:
    """The number of each value: in order for numbers and dates, in none for others."""
    values = column.dropna().unique().tolist()
    ordered = is_number(column.dtype) and column.dtype != bool
    if ordered or pd.api.types.is_datetime64_any_dtype(column.dtype):
        values.sort()
    else:
        values.sort(key=lambda v: hashlib.sha256(f"{salt}{v}".encode()).digest())
    return {value: number for number, value in enumerate(values, start=1)}


def is_number(dtype: object) -> bool:
    """Whether a column holds numbers that can be added up."""
    types = pd.api.types
    return types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype)  # type: ignore[arg-type]


def _short(value: float) -> str:
    return f"{value:.{_FIGURES}g}"
