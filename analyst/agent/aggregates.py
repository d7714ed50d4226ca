"""Results told in numbers of groups: the cell that finds them, and what it printed.

The cell is hidden, computes in the kernel and prints (`probes.aggregates`). What it
prints is untrusted like all that comes out of the kernel: numbers, kinds that are known
and names that the model may know are told, and nothing else.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, TypeVar

from analyst.agent.known_errors import VOCABULARY
from analyst.events import Table
from analyst.quoting import quoted

if TYPE_CHECKING:
    import pydantic

__all__ = ["aggregates_probe", "read_aggregates"]

T = TypeVar("T")

# What the probe keeps to. It is said here again because this side does not trust it.
MARK = "analyst-aggregates: "
MAX_LINES = 12
MAX_HEADS = 8
MAX_KEYS = 4
NAME_CHARS = 300

_MAX_PRINTED_CHARS = 200_000
_MAX_COUNT = 10**12
_EXACT_BELOW = 1e15
_WITHHELD = "—"
_WHY = {
    "few": "groups of fewer than 5 rows",
    "single": "numbers that a single cell shows",
    "other": "numbers not found again from 5 or more rows of a table",
}
_STATISTICS = VOCABULARY | {"25%", "50%", "75%"}

# The sources do not import each other: the kernel may not have this package.
_RUN = """
import types
groups = types.ModuleType("groups")
exec(sources["groups"], groups.__dict__)
scope = {"__name__": "aggregates"}
exec(sources["aggregates"], scope)
scope["report"](space, tables, salt, groups)
"""


def aggregates_probe(tables: Sequence[Table]) -> str:
    """One statement that prints what may be told of the last result.

    It is run hidden after a cell that had one, and leaves no name behind.

    Args:
        tables: what was loaded.
    """
    folder = resources.files("analyst.agent.probes")
    sources = {
        name: (folder / f"{name}.py").read_text(encoding="utf-8")
        for name in ("groups", "aggregates")
    }
    rows = {table.name: table.rows for table in tables}
    # The model does not know the content of the files, so not this either.
    salt = hashlib.sha256("".join(t.sha256 for t in tables).encode()).hexdigest()
    scope = f"'sources': {sources!r}, 'tables': {rows!r}, 'salt': {salt!r}"
    return f"exec({_RUN!r}, {{{scope}, 'space': globals()}})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    parts: tuple[str, ...]
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    row: int
    label: str
    groups: tuple[int | None, ...]
    numbers: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    kind: Literal["table", "numbers", "other"]
    rows: int = 0
    columns: int = 0
    keys: tuple[str, ...] = ()
    heads: tuple[_Head, ...] = ()
    left: int = 0
    lines: tuple[_Line, ...] = ()
    withheld: Mapping[Literal["few", "single", "other"], int] = field(
        default_factory=dict
    )


def read_aggregates(printed: str, *, known: Collection[str]) -> str:
    """What the model is told of a result; empty where it is no report that was printed.

    Args:
        printed: what the probe printed.
        known: names that may be told: of columns, and words that the model wrote.
    """
    lines = [line for line in printed.split("\n") if line.startswith(MARK)]
    if len(printed) > _MAX_PRINTED_CHARS or len(lines) != 1:
        return ""
    try:
        report = _adapter().validate_json(lines[0].removeprefix(MARK))
    except ValueError:
        return ""
    return "\n".join(_words(report, known)) if _is_sane(report) else ""


@cache
def _adapter() -> pydantic.TypeAdapter[_Report]:
    import pydantic  # noqa: PLC0415 - only the border needs it, and it is slow

    return pydantic.TypeAdapter(_Report)


def _is_sane(report: _Report) -> bool:
    """Whether a report keeps to the bounds that the probe keeps to."""
    counts = (report.rows, report.columns, report.left, *report.withheld.values())
    return (
        all(0 <= count <= _MAX_COUNT for count in counts)
        and len(report.keys) <= MAX_KEYS
        and len(report.heads) <= MAX_HEADS
        and len(report.lines) <= MAX_LINES
        and all(
            1 <= line.row <= MAX_LINES
            and len(line.groups) == len(report.keys)
            and len(line.numbers) == len(report.heads)
            and all(g is None or 0 <= g <= _MAX_COUNT for g in line.groups)
            and all(n is None or math.isfinite(n) for n in line.numbers)
            for line in report.lines
        )
    )


def _words(report: _Report, known: Collection[str]) -> Iterator[str]:
    if report.kind == "other":
        yield "the result is withheld, as all but tables, Series and numbers are"
        return
    if report.kind == "table":
        names = [_name([key], known, f"key {at}") for at, key in _from_1(report.keys)]
        heads = [
            f"{_name(head.parts, known, f'column {at}')} {_kind(head.dtype)}"
            for at, head in _from_1(report.heads)
        ]
        shape = f"{report.rows} rows, {report.columns} columns"
        yield f"table of {shape}: {', '.join([*names, *heads])}"
    for line in report.lines:
        groups = [
            f"{_name([key], known, 'key')}#{'?' if group is None else group}"
            for key, group in zip(report.keys, line.groups, strict=True)
        ]
        row = f"row {line.row}" if report.rows > 1 else "all rows"
        about = " ".join(groups) or _name([line.label], known, row)
        numbers = [_WITHHELD if n is None else _short(n) for n in line.numbers]
        yield f"{about}: {', '.join(numbers)}"
    if report.left:
        yield f"… and {report.left} more rows"
    reasons = [f"{n} {_WHY[why]}" for why, n in report.withheld.items() if n]
    if reasons:
        yield f"withheld: {'; '.join(reasons)}"


def _from_1(items: Sequence[T]) -> Iterator[tuple[int, T]]:
    return enumerate(items, start=1)


def _name(parts: Sequence[str], known: Collection[str], otherwise: str) -> str:
    """A name that the model may know, or what is said in its place."""
    if parts and all(part in known or part in _STATISTICS for part in parts):
        return " ".join(map(quoted, parts))
    return otherwise


def _kind(dtype: str) -> str:
    return dtype if dtype in VOCABULARY else "other"


def _short(number: float) -> str:
    """A number to four significant figures.

    >>> _short(1234567.0), _short(0.123456), _short(12.0)
    ('1235000', '0.1235', '12')
    """
    text = f"{number:.4g}"
    is_long = "e+" in text and abs(number) < _EXACT_BELOW
    return f"{float(text):.0f}" if is_long else text
