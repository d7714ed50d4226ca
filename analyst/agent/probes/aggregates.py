"""Tells the last result in numbers of groups. This source runs inside the kernel.

It is sent as text and needs the standard library and pandas alone. Nothing of the
result is printed as it is: each of its numbers is sought among those that can be
computed again for the group it is about (`groups`), what was computed is told, and all
else is withheld. So a number that is told is one of a group, whatever the code did.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any, TypeAlias

import pandas as pd

MARK = "analyst-aggregates: "
MAX_LINES = 12
MAX_HEADS = 8
MAX_KEYS = 4
NAME_CHARS = 300

_MAX_SECONDS = 6.0
_MAX_SETS = 3
_MAX_CELLS = 1_000_000
_OF_ONE = frozenset({"min", "max", "first", "last", "25%", "50%", "75%", "top", "mode"})
"""What columns and rows are called that show single values."""
_COUNTS = frozenset({"count", "nunique"})

Part: TypeAlias = "tuple[pd.DataFrame, list[pd.DataFrame]]"
"""The rows of a group in a frame, and the larger groups that they belong to."""
_HEAD_ROWS = 200


def report(
    space: Mapping[str, Any],
    tables: Mapping[str, int],
    salt: str,
    groups: Any,  # noqa: ANN401 - a module
) -> None:
    """Print one marked line of JSON about the last result.

    Args:
        space: the namespace of the kernel.
        tables: the names of the loaded tables, and how many rows were loaded.
        salt: what the model cannot know, so that it cannot work out the aliases.
        groups: the module of that name.
    """
    facts: dict[str, Any] = {"kind": "other"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = space["_oh"]
            frames = groups.grounds(space, tables)
            facts = Teller(groups, frames, salt).tell(results[max(results)])
    except Exception:  # noqa: BLE001 - a result may be any object
        facts = {"kind": "other"}
    print(MARK + json.dumps(facts))  # noqa: T201 - printing is how it reports


class Reading:
    """A way to take the rows of a result for groups, and what can be told by it."""

    def __init__(self, keys: dict[str, list[Any]], heads: list[int]) -> None:
        self.keys = keys
        """The names by which rows were grouped, and the value in each line."""
        self.heads = heads
        """The places of the other columns."""
        self.lines: list[list[Any]] = []
        self.why: Counter[str] = Counter()
        """How much was withheld for a reason: `few` counts lines, others numbers."""


class Teller:
    """Tells a result in numbers of groups of the rows of `frames`."""

    def __init__(self, groups: Any, frames: list[pd.DataFrame], salt: str) -> None:  # noqa: ANN401 - a module
        self.groups = groups
        self.frames = frames
        self.salt = salt
        self.names = {name for frame in frames for name in frame.columns}
        self.parts: dict[tuple[Any, ...], list[Part]] = {}
        self.known: dict[tuple[int, str], list[Any]] = {}
        self.ranks: dict[tuple[int, str], dict[object, int]] = {}
        self.until = time.monotonic() + _MAX_SECONDS

    def tell(self, result: object) -> dict[str, Any]:
        """What may be told of a result."""
        table, kind = _as_table(result)
        if table is None:
            return {"kind": "other"}
        long = self._as_long(table)
        shown = long.head(MAX_LINES)
        by_label = kind == "numbers" or self._is_by_label(long)
        sets = [{}] if by_label else self._key_sets(long)
        readings = [self._read(shown, keys, by_label=by_label) for keys in sets]
        best = max(readings, key=_told)
        return {
            "kind": kind,
            "rows": len(table),
            "columns": table.shape[1],
            "keys": list(best.keys),
            "heads": [
                {"parts": _parts(long, at), "dtype": str(long.dtypes.iloc[at])[:40]}
                for at in best.heads
            ],
            "left": len(long) - len(shown),
            "lines": [
                {
                    "row": row + 1,
                    "label": str(shown.index[row])[:NAME_CHARS] if by_label else "",
                    "groups": [self._rank(k, v[row]) for k, v in best.keys.items()],
                    "numbers": [n.value if n else None for n in numbers],
                }
                for row, numbers in enumerate(best.lines)
                if any(numbers)
            ],
            "withheld": dict(best.why),
        }

    def _as_long(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with the groups that stand in its columns among its rows."""
        if table.size > _MAX_CELLS:
            return table
        for name in [n for n in table.columns.names if n in self.names]:
            stacked: Any = table.stack(name, future_stack=True)  # noqa: PD013 - a level
            table = stacked.to_frame("value") if stacked.ndim == 1 else stacked
        return table

    def _is_by_label(self, table: pd.DataFrame) -> bool:
        """Whether columns of the tables, or statistics of them, stand in its rows."""
        index = table.index
        if index.nlevels > 1 or index.name in self.names:
            return False
        return all(isinstance(label, str) for label in index[:_HEAD_ROWS])

    def _key_sets(self, table: pd.DataFrame) -> list[dict[str, list[Any]]]:
        """The columns by which its rows may be grouped, a few guesses."""
        index = table.index
        keys = {
            name: index.get_level_values(name).tolist()
            for name in index.names
            if name in self.names
        }
        columns = [c for c in table.columns if c in self.names and c not in keys]
        if not table.columns.is_unique:
            columns = []
        is_number = {c: self.groups.is_number(table[c].dtype) for c in columns}
        columns.sort(key=is_number.__getitem__)
        sets = [dict(keys)] if _are_unique(keys) else []
        for name in columns[:MAX_KEYS]:
            keys = {**keys, name: table[name].tolist()}
            if _are_unique(keys):
                sets.append(keys)
        return [keys for keys in sets if len(keys) <= MAX_KEYS][:_MAX_SETS] or [{}]

    def _read(
        self, table: pd.DataFrame, keys: dict[str, list[Any]], *, by_label: bool
    ) -> Reading:
        """What can be told where rows were grouped by `keys`."""
        heads = [at for at, name in enumerate(table.columns) if name not in keys]
        reading = Reading(keys, heads[:MAX_HEADS])
        is_known = by_label or bool(keys) or len(table) == 1
        for row in range(len(table)):
            group = {name: values[row] for name, values in keys.items()}
            label = str(table.index[row]) if by_label else ""
            parts = self._parts_of(group) if is_known else []
            if not parts and is_known:
                reading.why["few"] += 1
                reading.lines.append([])
                continue
            values = [table.iloc[row, at] for at in reading.heads]
            hints = [[label, *_parts(table, at)] for at in reading.heads]
            reading.lines.append(
                [
                    self._find(value, parts, hint, reading)
                    for value, hint in zip(values, hints, strict=True)
                ]
            )
        self._hide_single_cells(reading)
        return reading

    def _parts_of(self, group: Mapping[str, Any]) -> list[Part]:
        """The rows of a group in each frame, with all that they may be a share of."""
        place = tuple(group.items())
        if place not in self.parts:
            self.parts[place] = self._find_parts(group)
        return self.parts[place]

    def _find_parts(self, group: Mapping[str, Any]) -> list[Part]:
        found = []
        for frame in self.frames:
            if not all(name in frame.columns for name in group):
                continue
            part = self.groups.rows_of(frame, group) if group else frame
            if len(part) < self.groups.LEAST_ROWS:
                continue
            sides = [{name: value} for name, value in group.items()]
            larger = [frame, *(self.groups.rows_of(frame, side) for side in sides)]
            found.append((part, [one for one in larger if len(one) > len(part)]))
        return found

    def _find(
        self,
        value: object,
        parts: list[Part],
        hints: list[str],
        reading: Reading,
    ) -> Any:  # noqa: ANN401 - a Number of another source
        """The number of a group that a value of the result is, or None."""
        if not _is_real(value):
            return None
        for numbers in self._candidates(parts, hints):
            if time.monotonic() > self.until or not _OF_ONE.isdisjoint(hints):
                break
            found = self.groups.match(float(value), numbers)  # type: ignore[arg-type]
            if found is not None:
                return found
        reading.why["other"] += 1
        return None

    def _candidates(self, parts: list[Part], hints: list[str]) -> Iterator[list[Any]]:
        """What can be computed of a group, of the columns that are named first."""
        for part, wholes in parts:
            named = [name for name in hints if name in part.columns]
            if len(named) > 1:
                yield list(self.groups.correlation(part, *named[:2]))
            for name in named:
                yield self._numbers(part, wholes, name)
                yield list(self.groups.counts_of(part[name]))
            if not any(self.groups.holds(part[name], len(part)) for name in named):
                yield list(self.groups.sizes_of(len(part), map(len, wholes)))
            others = [name for name in part.columns if name not in named]
            for name in others[: self.groups.MAX_COLUMNS]:
                yield self._numbers(part, wholes, name)
                if not _COUNTS.isdisjoint(hints):
                    yield list(self.groups.counts_of(part[name]))

    def _numbers(
        self, part: pd.DataFrame, wholes: list[pd.DataFrame], name: str
    ) -> list[Any]:
        """What the values of a column come to, computed once."""
        if (id(part), name) not in self.known:
            columns = [whole[name] for whole in wholes]
            numbers = list(self.groups.sums_of(part[name], columns))
            self.known[id(part), name] = numbers
        return self.known[id(part), name]

    def _hide_single_cells(self, reading: Reading) -> None:
        """Withhold what also stands in one cell, but for the counts of groups."""
        computed = [n.value for line in reading.lines for n in line if n]
        single = self.groups.single_cells(computed, self.frames)
        for line in reading.lines:
            for at, number in enumerate(line):
                is_size = number and number.is_count and reading.keys
                if number and not is_size and number.value in single:
                    line[at] = None
                    reading.why["single"] += 1

    def _rank(self, name: str, value: object) -> int | None:
        """The number of a label; 0 where there is none."""
        if pd.isna(value):  # type: ignore[call-overload]
            return 0
        for at, frame in enumerate(self.frames):
            if name not in frame.columns:
                continue
            if (at, name) not in self.ranks:
                self.ranks[at, name] = self.groups.ranks(frame[name], self.salt)
            if value in self.ranks[at, name]:
                return self.ranks[at, name][value]
        return None


def _as_table(result: object) -> tuple[pd.DataFrame | None, str]:
    if isinstance(result, pd.DataFrame):
        return result, "table"
    if isinstance(result, pd.Series):
        return result.to_frame("value" if result.name is None else result.name), "table"
    if _is_real(result):
        result = [result]
    if isinstance(result, list | tuple):
        result = dict(enumerate(result, start=1))
    if isinstance(result, dict) and result and all(map(_is_real, result.values())):
        labels = list(map(str, result))
        return pd.DataFrame({"value": list(result.values())}, index=labels), "numbers"
    return None, "other"


def _is_real(value: object) -> bool:
    """Whether it is a number; true and false say too much of too little."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return math.isfinite(value)


def _are_unique(keys: Mapping[str, list[Any]]) -> bool:
    """Whether no two rows of the head are of the same group."""
    rows = list(zip(*(values[:_HEAD_ROWS] for values in keys.values()), strict=True))
    return bool(rows) and len(set(rows)) == len(rows)


def _parts(table: pd.DataFrame, at: int) -> list[str]:
    name: Any = table.columns[at]
    parts = name if isinstance(name, tuple) else (name,)
    return [str(part)[:NAME_CHARS] for part in parts[:MAX_KEYS]]


def _told(reading: Reading) -> int:
    return sum(number is not None for line in reading.lines for number in line)
