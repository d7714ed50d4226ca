"""HTML: the tables of a page; what only lays the page out is skipped and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..reading import (
    Column,
    Conversion,
    Doubt,
    HtmlTable,
    Kind,
    Reading,
    ToNumber,
    Unreadable,
)
from .check import kind_of
from .files import SourceFile
from .page_source import Drawn, Page, is_markup, page_of
from .values import convert_texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_markup", "sniff"]

_MANY_CELLS_READ = 1_000_000
_MANY_TABLES = 20
_LEAST = 2
"""Rows and columns of a table; fewer are layout."""


def sniff(file: SourceFile) -> list[Reading]:
    """The tables of a page.

    Raises:
        Unreadable: it has none, or is too large.
    """
    page = page_of(file)
    frames, described = page.frames, page.drawn
    tables = [
        number
        for number, (frame, about) in enumerate(zip(frames, described, strict=True))
        if not _is_layout(frame, about)
    ]
    if not tables:
        raise Unreadable("is a web page without a table of several rows and columns")
    # The code of each table reads the whole page, also where it is tried.
    cells = sum(frame.size for frame in frames)
    kept = tables[: max(1, min(_MANY_TABLES, _MANY_CELLS_READ // max(1, cells)))]
    readings = [_reading(page, number, described[number]) for number in kept]
    layout = len(frames) - len(tables)
    return _told_apart(readings, layout=layout, further=len(tables) - len(kept))


def _is_layout(frame: pd.DataFrame, about: Drawn | None) -> bool:
    if about is not None and about.holds_tables:
        return True
    return (
        len(frame) < 1
        or len(frame.columns) < _LEAST
        or (
            len(frame) < _LEAST and all(isinstance(name, int) for name in frame.columns)
        )
    )


def _reading(page: Page, number: int, about: Drawn | None) -> HtmlTable:
    """How one table is read: pandas' own types where they lose nothing."""
    frame, texts = page.frames[number], page.texts[number]
    named_by, doubts = _naming(frame, texts)
    if ("header", 0) in named_by.arguments:
        frame = page.below_first_rows[number]
        texts = texts.iloc[1:]
    as_text: list[Any] = []
    conversions: list[Conversion] = []
    columns: list[Column] = []
    for at, name in enumerate(named_by.names):
        cells = [value if isinstance(value, str) else "" for value in texts.iloc[:, at]]
        made, kind, told = convert_texts(name, cells)
        own = kind_of(frame.iloc[:, at])
        label: Any = frame.columns[at]
        if isinstance(label, int) and at >= page.shared_columns:
            columns.append(Column(name, own))
        elif _is_read_right(made, kind, own):
            columns.append(Column(name, own if not made and own == "str" else kind))
            conversions += made if own == "str" else ()
        else:
            as_text.append(list(label) if isinstance(label, tuple) else label)
            conversions += made
            columns.append(Column(name, kind))
        doubts += [replace(doubt, lines=()) for doubt in told]
    arguments = named_by.arguments
    if as_text:
        arguments = (("text", as_text), *arguments)
    if page.encoding:
        arguments = (("encoding", page.encoding), *arguments)
    file = page.file
    return HtmlTable(
        label=about.caption if about else "",
        compression=file.compression,
        member=file.member or file.only_member,
        arguments=arguments,
        conversions=tuple(conversions),
        rows=len(frame),
        columns=tuple(columns),
        doubts=tuple(doubts),
        number=number,
    )


@dataclass(frozen=True)
class _Naming:
    """What the columns are called, and what pandas must be told for it."""

    names: tuple[str, ...]
    arguments: tuple[tuple[str, Any], ...] = ()


def _naming(frame: pd.DataFrame, texts: pd.DataFrame) -> tuple[_Naming, list[Doubt]]:
    labels: list[Any] = list(frame.columns)
    if all(isinstance(label, str) for label in labels):
        return _Naming(tuple(labels)), []
    if all(isinstance(label, tuple) for label in labels):
        names = _distinct([_joined(tuple(label)) for label in labels])
        return _Naming(names, (("names", list(names)),)), []
    first = [value if isinstance(value, str) else "" for value in texts.iloc[0]]
    if _names_columns(first, texts):
        return _Naming(tuple(first), (("header", 0),)), []
    names = tuple(f"column_{at}" for at in range(1, len(labels) + 1))
    doubt = Doubt(
        "No row of the table is marked as its header, so the columns are numbered."
    )
    return _Naming(names, (("names", list(names)),)), [doubt]


def _joined(label: tuple[object, ...]) -> str:
    """The names of several header rows as one."""
    parts = [str(part) for part in label if not str(part).startswith("Unnamed: ")]
    return " ".join(dict.fromkeys(parts)) or str(label[-1])


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Names as pandas keeps them apart: `a`, `a.1`."""
    used: dict[str, int] = {}
    distinct = []
    for name in names:
        times = used.get(name, 0)
        used[name] = times + 1
        distinct.append(f"{name}.{times}" if times else name)
    return tuple(distinct)


def _names_columns(first: Sequence[str], texts: pd.DataFrame) -> bool:
    """Whether a first row of words stands above a column of something else."""
    if not all(name.strip() for name in first) or len(set(first)) < len(first):
        return False
    if any(convert_texts(name, [name])[1] != "str" for name in first):
        return False
    for at, name in enumerate(first):
        cells = [value for value in texts.iloc[1:, at] if isinstance(value, str)]
        if cells and convert_texts(name, cells)[1] != "str":
            return True
    return False


def _is_read_right(made: Sequence[Conversion], kind: Kind, own: Kind) -> bool:
    """Whether what pandas reads by itself is what the texts say."""
    if own == "str":
        return True
    numbers = {"int", "float"}
    if kind in numbers and own in numbers:
        return all(
            isinstance(each, ToNumber) and each == _plain_number(each) for each in made
        )
    return kind == own and not made


def _plain_number(number: ToNumber) -> ToNumber:
    """What pandas takes for a number in a page, by its own rules."""
    thousands = number.thousands if number.thousands in {"", ","} else ""
    return ToNumber(number.column, thousands=thousands, why=number.why)


def _told_apart(
    kept: Sequence[HtmlTable], *, layout: int, further: int
) -> list[Reading]:
    """Labels where there are several tables; what was left out, on the first."""
    labels = [
        reading.label or f"table {at}" for at, reading in enumerate(kept, start=1)
    ]
    if len(kept) == 1:
        labels = [""]
    elif len(set(labels)) < len(labels):
        labels = [f"table {at}" for at in range(1, len(kept) + 1)]
    doubts: list[Doubt] = []
    if layout:
        what = "1 table" if layout == 1 else f"{layout} tables"
        doubts.append(Doubt(f"Left out: {what} that only lay the page out."))
    if further:
        doubts.append(Doubt(f"Left out: the tables further below ({further})."))
    told: list[Reading] = [
        replace(reading, label=label)
        for reading, label in zip(kept, labels, strict=True)
    ]
    told[0] = replace(told[0], doubts=(*told[0].doubts, *doubts))
    return told
