"""How right a table is that was read from a file of which the truth is known.

Cells are compared by value: numbers as floats, dates as moments, text as it is written,
missing with missing. A value that was left as its text is right only where a doubt was
told. What was read is compared by place; a table of another shape loses its cells.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from analyst.data.inside.code.table import table_code
from analyst.data.inside.reading import Reading, Unreadable
from analyst.data.inside.sniffing.route import readings_of

__all__ = [
    "Cell",
    "Either",
    "Expected",
    "Plain",
    "Score",
    "Specimen",
    "frame_of",
    "is_missing",
    "is_right",
    "scored",
]

Plain = int | float | str | bool | dt.datetime | None

_WORDS = {"none", "na", "n/a", "null", "nan", "#n/a", "nil"}
"""Words that may stand for nothing, or may be meant: with a doubt, both are right."""
_TOLERANCE = 1e-14
"""pandas' fast converter of numbers may miss the last bit of a float."""


@dataclass(frozen=True)
class Either:
    """Several values, each of them right: nobody can know which was meant."""

    meant: tuple[Plain, ...]


Cell = Plain | Either


@dataclass(frozen=True)
class Expected:
    """One table as it must come out."""

    names: tuple[str | None, ...]
    """None where any name is right."""
    rows: tuple[tuple[Cell, ...], ...]
    written: tuple[tuple[str, ...], ...] = ()
    """The same cells as they stand in the file; empty where it keeps types."""
    notes: int = 0
    """Lines that are no rows of it. They may be counted among the rows left out."""


@dataclass(frozen=True)
class Specimen:
    """A file, and the tables in it."""

    name: str
    path: Path
    tables: tuple[Expected, ...]
    must_doubt: bool = False
    """Whether something in it cannot be decided, or was lost, and must be said."""


@dataclass
class Score:
    """What came of one file."""

    specimen: Specimen
    right: int = 0
    cells: int = 0
    doubts: tuple[str, ...] = ()
    refusal: str = ""
    fault: str = ""
    """What is wrong besides its cells: rows lost, code that does not run."""
    flaws: list[str] = field(default_factory=list)
    """The first few wrong cells."""

    @property
    def is_right(self) -> bool:
        """Whether all of it is as it must be."""
        return self.right == self.cells and not self.fault

    @property
    def is_said(self) -> bool:
        """Whether a person learns that something may be wrong."""
        return bool(self.doubts or self.refusal)

    def __str__(self) -> str:
        told = self.fault or self.refusal or "; ".join(self.flaws[:3])
        doubts = f" (doubts: {'; '.join(self.doubts)[:160]})" if self.doubts else ""
        return f"{self.specimen.name}: {self.right}/{self.cells} {told}{doubts}"


def frame_of(reading: Reading, path: Path) -> pd.DataFrame:
    """The table that the emitted code of a reading makes."""
    scope: dict[str, Any] = {"DATA": str(path)}
    exec(table_code(reading, name="df", path="DATA").source, scope)
    table: Any = scope["df"]
    if isinstance(table, pd.DataFrame):
        return table
    in_memory: pd.DataFrame = table.df()  # it is queried in place
    return in_memory


def scored(specimen: Specimen) -> Score:
    """Read a file and compare all of its tables."""
    score = Score(specimen)
    score.cells = sum(_cells(table) for table in specimen.tables)
    try:
        readings = readings_of(specimen.path)
    except Unreadable as reason:
        score.refusal = f"unreadable: {reason}"
        return score
    score.doubts = tuple(d.text for reading in readings for d in reading.doubts)
    if len(readings) != len(specimen.tables):
        score.fault = f"{len(readings)} tables, not {len(specimen.tables)}"
    for expected, reading in _paired(specimen.tables, readings):
        try:
            frame = frame_of(reading, specimen.path)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the verdict
            score.fault = f"its code fails: {type(error).__name__}: {error}"[:300]
            continue
        if not score.fault:
            score.fault = _lost(reading, len(frame), expected)
        _compare(frame, expected, score)
    return score


def _paired(
    tables: Sequence[Expected], readings: Sequence[Reading]
) -> list[tuple[Expected, Reading]]:
    """In their order, or by the names of their columns where those are told."""
    if len(tables) < 2 or any(not reading.columns for reading in readings):
        return list(zip(tables, readings, strict=False))
    left = list(readings)
    made = []
    for table in tables:
        if left:
            names = set(table.names)
            best = max(
                left, key=lambda reading: len(names & {c.name for c in reading.columns})
            )
            left.remove(best)
            made.append((table, best))
    return made


def _cells(table: Expected) -> int:
    return len(table.names) * (1 + len(table.rows))


def _lost(reading: Reading, rows: int, expected: Expected) -> str:
    """Rows read and rows reported are the rows that are there."""
    told = rows + sum(doubt.rows_left_out for doubt in reading.doubts)
    there = len(expected.rows)
    if there <= told <= there + expected.notes:
        return ""
    return f"{told} rows read or reported, {there} are there"


def _compare(frame: pd.DataFrame, expected: Expected, score: Score) -> None:
    frame = _of_shape(frame, expected)
    doubted = bool(score.doubts)
    for at, name in enumerate(expected.names):
        found = _column(frame, at, name, len(expected.names))
        if found is None:
            score.flaws.append(f"no column {name!r} among {list(frame.columns)[:9]}")
            continue
        got_name, values = found
        if name is None or str(got_name) == name:
            score.right += 1
        else:
            score.flaws.append(f"column {got_name!r} is not {name!r}")
        for row, cells in enumerate(expected.rows):
            written = expected.written[row][at] if expected.written else ""
            if row < len(values) and is_right(
                values[row], cells[at], written=written, doubted=doubted
            ):
                score.right += 1
            elif len(score.flaws) < 9:
                got = values[row] if row < len(values) else "nothing"
                score.flaws.append(
                    f"[{row}, {name}] is {got!r}, not {cells[at]!r} ({written!r})"
                )


def _of_shape(frame: pd.DataFrame, expected: Expected) -> pd.DataFrame:
    """Without empty columns and rows, where there are more than expected."""
    if frame.shape[1] > len(expected.names):
        frame = frame.loc[:, ~frame.isna().all().to_numpy()]
    if len(frame) > len(expected.rows):
        frame = frame.loc[~frame.isna().all(axis=1).to_numpy()]
    return frame


def _column(
    frame: pd.DataFrame, at: int, name: str | None, count: int
) -> tuple[Any, list[Any]] | None:
    """By place where there are as many columns or any name is right, else by name."""
    names = [str(each) for each in frame.columns]
    if len(names) != count and name is not None:
        if name not in names:
            return None
        at = names.index(name)
    return (names[at], frame.iloc[:, at].tolist()) if at < len(names) else None


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing, in whatever way."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return value == "" or value != value  # noqa: PLR0124 - NaN


def is_right(got: object, expected: Cell, *, written: str, doubted: bool) -> bool:
    """Whether a cell is what it must be, or its own text where a doubt was told."""
    if isinstance(expected, Either):
        return any(
            is_right(got, each, written=written, doubted=doubted)
            for each in expected.meant
        )
    if _is_same(got, expected):
        return True
    if is_missing(got):
        return doubted and written.strip().lower() in _WORDS
    if not doubted or not written:
        return False
    if isinstance(expected, str):
        return isinstance(got, str) and got == expected.replace("\0", "")
    return isinstance(got, str) and got.strip() == written.strip()


def _is_same(got: Any, expected: Plain) -> bool:
    if is_missing(expected) or is_missing(got) or expected is None:
        return is_missing(expected) and is_missing(got)
    is_bool = type(got).__name__ in {"bool", "bool_"}
    if isinstance(expected, bool):
        return is_bool and bool(got) is expected
    if isinstance(expected, str):
        return isinstance(got, str) and got == expected
    if isinstance(expected, dt.datetime):
        return _moment(got) == expected
    if is_bool or not isinstance(got, int | float | Decimal):
        return False
    return _is_near(got, expected)


def _is_near(got: float | Decimal, expected: float) -> bool:
    if isinstance(got, int) and isinstance(expected, int):
        return got == expected
    return math.isclose(float(got), float(expected), rel_tol=_TOLERANCE)


def _moment(value: Any) -> dt.datetime | None:
    """Without a zone: what has one is told in UTC."""
    if isinstance(value, dt.datetime):
        moment = value
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
        return (
            moment.to_pydatetime(warn=False)
            if isinstance(moment, pd.Timestamp)
            else moment
        )
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the files name no zone
    return None


def expected_of(
    names: Sequence[str | None], rows: Sequence[Sequence[Cell]]
) -> Expected:
    """A table of a file that keeps types."""
    return Expected(tuple(names), tuple(tuple(row) for row in rows))
